//! What of an export belongs into a repository.
//!
//! An export with extensions tells how the API is built: account ids, roles, functions, internal
//! addresses, policies. A client needs none of it. What it does need stays: who may call, what
//! streams, which methods are mocks.

use std::collections::BTreeSet;

use apigw_spec::Spec;
use apigw_spec::pointer::child;
use serde_json::{Map, Value};

use super::error::Error;
use super::text::{self, Edits};

/// What stays of an integration: mocks answer CORS preflights, streams have their own method in
/// the client, and the time-out is the longest that a caller waits.
const KEPT_OF_INTEGRATION: [&str; 4] = ["$ref", "type", "responseTransferMode", "timeoutInMillis"];

/// What goes of an authorizer: the function that it calls, the role that it calls it with, and the
/// user pools behind it.
const CUT_OF_AUTHORIZER: [&str; 3] = ["authorizerUri", "authorizerCredentials", "providerARNs"];

/// What every account id becomes: the one that AWS's documentation uses.
const EXAMPLE_ACCOUNT: &str = "111122223333";

/// What a version that is only the time of the deployment becomes.
const VERSION: &str = "as deployed";

/// An export as it goes into a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    /// The text: the export's own, byte for byte, but for what was taken out.
    pub text: String,
    /// What was taken out, as JSON pointers.
    pub cut: Vec<String>,
}

/// Takes out of an export what changes without the API changing, and, unless it is to be kept,
/// what tells how the API is built.
///
/// The text is edited, not written anew: order, spelling of numbers, indentation and line ends stay.
///
/// - `info.version` becomes `as deployed` where it is a time: API Gateway writes the time of the
///   deployment there unless the API's documentation has a version of its own (API Gateway
///   Developer Guide, "Get started with documenting a REST API").
/// - Integrations keep their `type`, `responseTransferMode` and `timeoutInMillis`, authorizers lose
///   function, role and user pools, and resource policies go. Account ids that are left in texts
///   become `111122223333`.
///
/// # Errors
///
/// [`Error::Document`] for what is no OpenAPI document; [`Error::Uncuttable`] rather than a text
/// that says anything else than it should.
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
    let document = Spec::parse(name, export)?;
    let mut edits = Edits::default();
    if let Some(version) = document
        .value()
        .pointer("/info/version")
        .and_then(Value::as_str)
        && is_time(version)
    {
        edits.replace("/info/version", VERSION);
    }
    let mut accounts = BTreeSet::new();
    if !keep_integrations {
        find_accounts(document.value(), false, &mut accounts);
        find_cuts(document.value(), "", &mut edits);
    }
    let text = text::apply(&document, &edits)?;
    let text = mask(&text, &accounts);
    Ok(Redacted {
        text,
        cut: edits.cuts().map(str::to_owned).collect(),
    })
}

/// Whether a version is a time as API Gateway writes it: `2025-03-14T09:26:53Z` for REST APIs,
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
                        find_cuts_of_integration(integration, &here, edits);
                    }
                    ("x-amazon-apigateway-integrations", Value::Object(integrations)) => {
                        for (key, integration) in integrations {
                            if let Value::Object(integration) = integration {
                                find_cuts_of_integration(integration, &child(&here, key), edits);
                            }
                        }
                    }
                    ("x-amazon-apigateway-authorizer", Value::Object(authorizer)) => {
                        for key in CUT_OF_AUTHORIZER {
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

fn find_cuts_of_integration(integration: &Map<String, Value>, at: &str, edits: &mut Edits) {
    for key in integration.keys() {
        if !KEPT_OF_INTEGRATION.contains(&key.as_str()) {
            edits.cut(child(at, key));
        }
    }
}

/// Collects account ids: from ARNs, and in policies, where they also stand alone.
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

/// Puts the example account in place of others, wherever they stand as a number of their own.
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
