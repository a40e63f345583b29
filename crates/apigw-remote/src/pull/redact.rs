//! Removes the parts of an export that should not be in a repository.
//!
//! An export with extensions contains details of the implementation: account IDs, roles, functions,
//! internal addresses and policies. A client needs none of them. The rest stays, for example
//! authorization types, streaming and mock integrations.

use std::collections::BTreeSet;

use apigw_spec::Spec;
use apigw_spec::pointer::child;
use serde_json::{Map, Value};

use super::error::Error;
use super::text::{self, Edits};

/// The members of an integration that the generator uses: mocks are CORS preflights, streams have a
/// separate method in the client, and the timeout limits how long a client waits.
const KEPT_IN_INTEGRATION: [&str; 4] = ["$ref", "type", "responseTransferMode", "timeoutInMillis"];

/// The members to remove from an authorizer: its function, the role to invoke it, and its user pools.
const REMOVED_FROM_AUTHORIZER: [&str; 3] =
    ["authorizerUri", "authorizerCredentials", "providerARNs"];

/// The replacement for account IDs, as in the AWS documentation.
const EXAMPLE_ACCOUNT: &str = "111122223333";

/// The replacement for a version that is a deployment time.
const VERSION: &str = "as deployed";

/// An export without the parts that should not be in a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    /// The text. Apart from the removed parts, it is identical to the export.
    pub text: String,
    /// The JSON pointers of the removed parts.
    pub cut: Vec<String>,
}

/// Removes the deployment time from an export and, unless `keep_integrations` is set, the details of
/// the implementation.
///
/// The text is edited in place: order, number formats, indentation and line ends stay the same.
///
/// - `info.version` is replaced by `as deployed` if it is a time. API Gateway sets it to the time of
///   the deployment, unless the documentation of the API has a version (API Gateway Developer Guide,
///   "Get started with documenting a REST API").
/// - Everything except `type`, `responseTransferMode` and `timeoutInMillis` is removed from
///   integrations.
/// - The function, role and user pools are removed from authorizers.
/// - Resource policies are removed, and remaining account IDs are replaced by `111122223333`.
///
/// # Errors
///
/// Returns [`Error::Document`] if the export is not a valid spec, and [`Error::Uncuttable`] if a part
/// can't be removed.
///
/// ```
/// let export = br#"{
///   "openapi" : "3.0.1",
///   "info" : { "title" : "orders", "version" : "2025-03-14T09:26:53Z" },
///   "paths" : { },
///   "x-amazon-apigateway-policy" : { "Version" : "2012-10-17" }
/// }"#;
/// let redacted = apigw_remote::pull::redact("orders.json", export, false)?;
/// assert_eq!(redacted.text, r#"{
///   "openapi" : "3.0.1",
///   "info" : { "title" : "orders", "version" : "as deployed" },
///   "paths" : { }
/// }"#);
/// # Ok::<(), apigw_remote::pull::Error>(())
/// ```
pub fn redact(name: &str, export: &[u8], keep_integrations: bool) -> Result<Redacted, Error> {
    let spec = Spec::parse(name, export)?;
    let mut edits = Edits::default();
    if let Some(version) = spec
        .value()
        .pointer("/info/version")
        .and_then(Value::as_str)
        && is_time(version)
    {
        edits.replace("/info/version", VERSION);
    }
    let mut accounts = BTreeSet::new();
    if !keep_integrations {
        find_accounts(spec.value(), false, &mut accounts);
        find_cuts(spec.value(), "", &mut edits);
    }
    let text = text::apply(&spec, &edits)?;
    let text = mask(&text, &accounts);
    Ok(Redacted {
        text,
        cut: edits.cuts().map(str::to_owned).collect(),
    })
}

/// Returns whether a version is a time in the format of API Gateway: `2025-03-14T09:26:53Z` for REST APIs,
/// `2025-02-20 11:07:42UTC` for HTTP APIs.
fn is_time(version: &str) -> bool {
    let shape: String = version
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    matches!(
        shape.as_str(),
        "0000-00-00T00:00:00Z" | "0000-00-00 00:00:00UTC"
    )
}

fn find_cuts(value: &Value, at: &str, edits: &mut Edits) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let here = child(at, key);
                match (key.as_str(), value) {
                    ("x-amazon-apigateway-policy", _) => edits.cut(here),
                    ("x-amazon-apigateway-integration", Value::Object(integration)) => {
                        find_cuts_in_integration(integration, &here, edits);
                    }
                    ("x-amazon-apigateway-integrations", Value::Object(integrations)) => {
                        for (key, integration) in integrations {
                            if let Value::Object(integration) = integration {
                                find_cuts_in_integration(integration, &child(&here, key), edits);
                            }
                        }
                    }
                    ("x-amazon-apigateway-authorizer", Value::Object(authorizer)) => {
                        for key in REMOVED_FROM_AUTHORIZER {
                            if authorizer.contains_key(key) {
                                edits.cut(child(&here, key));
                            }
                        }
                    }
                    _ => find_cuts(value, &here, edits),
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                find_cuts(item, &format!("{at}/{index}"), edits);
            }
        }
        _ => {}
    }
}

fn find_cuts_in_integration(integration: &Map<String, Value>, at: &str, edits: &mut Edits) {
    for key in integration.keys() {
        if !KEPT_IN_INTEGRATION.contains(&key.as_str()) {
            edits.cut(child(at, key));
        }
    }
}

/// Collects account IDs from ARNs, and from policies, which also contain them outside ARNs.
fn find_accounts(value: &Value, in_policy: bool, accounts: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            for arn in text.split("arn:").skip(1) {
                // arn:partition:service:region:account:resource
                let account = arn.split(':').nth(3).filter(|id| is_account(id));
                accounts.extend(account.map(str::to_owned));
            }
            if in_policy && is_account(text) {
                accounts.insert(text.clone());
            }
        }
        Value::Array(items) => {
            for item in items {
                find_accounts(item, in_policy, accounts);
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                let in_policy = in_policy || key == "x-amazon-apigateway-policy";
                find_accounts(value, in_policy, accounts);
            }
        }
        _ => {}
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Replaces account IDs by the example ID, but not as part of longer numbers.
fn mask(text: &str, accounts: &BTreeSet<String>) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let end = from
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(from.len());
        let (number, after) = from.split_at(end);
        masked.push_str(before);
        masked.push_str(match accounts.contains(number) {
            true => EXAMPLE_ACCOUNT,
            false => number,
        });
        rest = after;
    }
    masked.push_str(rest);
    masked
}
