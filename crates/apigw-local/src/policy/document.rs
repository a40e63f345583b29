//! Reads policies.

use std::path::Path;

use serde_json::{Map, Value};

use super::condition::Condition;
use super::wildcard::Pattern;
use super::{INVOKE, Question};
use crate::error::Error;

/// An identity-based IAM policy, for [`Builder::policy`](crate::Builder::policy).
///
/// Supported are `Action`, `NotAction`, `Resource` and `NotResource` with the wildcards `*` and `?`, and conditions on
/// `aws:SourceIp` (`IpAddress`, `NotIpAddress`) and `aws:PrincipalArn` (`StringEquals`, `StringLike`, `ArnLike` …, and
/// their negations). Everything else is an error, such as policy variables and the `Principal` of resource policies.
///
/// ```
/// use apigw_local::Policy;
///
/// let policy = r#"{ "Version": "2012-10-17", "Statement": {
///     "Effect": "Allow", "Action": "execute-api:Invoke",
///     "Resource": "arn:aws:execute-api:eu-west-1:*:a1b2c3d4e5/prod/GET/orders/*" } }"#;
/// assert!(Policy::parse(policy).is_ok());
///
/// let error = Policy::parse(&policy.replace("GET", "${aws:username}")).unwrap_err();
/// assert!(error.to_string().contains("policy variables are not supported"));
/// ```
#[derive(Debug)]
pub struct Policy {
    pub(super) statements: Vec<Statement>,
}

/// A policy that can't be evaluated. The message names the statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PolicyError(String);

#[derive(Debug)]
pub(super) struct Statement {
    /// `statement 1`, with the `Sid` if it has one.
    pub(super) name: String,
    pub(super) is_deny: bool,
    actions: Scope,
    resources: Scope,
    conditions: Vec<Condition>,
}

/// The names that a statement applies to.
#[derive(Debug)]
struct Scope {
    patterns: Vec<Pattern>,
    /// Whether it applies to all others: `NotAction` and `NotResource`.
    is_negated: bool,
}

impl Policy {
    /// Reads a policy from a JSON file.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Policy`] if the file can't be read, or the policy can't be evaluated.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| Error::Policy {
            path: path.to_owned(),
            source,
        };
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.into()))?;
        Self::parse(&text).map_err(|error| failed(error.into()))
    }

    /// Parses a policy from JSON.
    ///
    /// The output of `cargo xtask policy` for a caller in another account contains three policies; `permissions` is used.
    ///
    /// # Errors
    ///
    /// Returns an error if `text` is not a policy, or has an element that is not supported.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let policy: Value = serde_json::from_str(text)
            .map_err(|error| PolicyError(format!("not valid JSON: {error}")))?;
        let policy = match policy.get("permissions") {
            Some(permissions) if policy.get("Statement").is_none() => permissions,
            _ => &policy,
        };
        let statements = match policy.get("Statement") {
            Some(Value::Array(several)) => several.iter().collect(),
            Some(one @ Value::Object(_)) => vec![one],
            _ => {
                let problem = "not a policy: it has no `Statement`";
                return Err(PolicyError(problem.to_owned()));
            }
        };
        let statements = statements.into_iter().enumerate().map(|(index, found)| {
            let name = match found.get("Sid").and_then(Value::as_str) {
                Some(sid) => format!("statement {} ({sid:?})", index + 1),
                None => format!("statement {}", index + 1),
            };
            let problem = |problem| PolicyError(format!("{name}: {problem}"));
            Statement::read(name.clone(), found).map_err(problem)
        });
        Ok(Self {
            statements: statements.collect::<Result<_, _>>()?,
        })
    }
}

impl Statement {
    fn read(name: String, statement: &Value) -> Result<Self, String> {
        let statement = statement.as_object().ok_or("not an object")?;
        for element in statement.keys() {
            match element.as_str() {
                "Sid" | "Effect" | "Action" | "NotAction" | "Resource" | "NotResource"
                | "Condition" => {}
                "Principal" | "NotPrincipal" => {
                    return Err(format!(
                        "{element} is not supported: only policies of callers are evaluated, not resource policies"
                    ));
                }
                _ => return Err(format!("{element} is not an element of a statement")),
            }
        }
        let is_deny = match statement.get("Effect").and_then(Value::as_str) {
            Some("Allow") => false,
            Some("Deny") => true,
            _ => return Err("Effect must be Allow or Deny".to_owned()),
        };
        let conditions = match statement.get("Condition") {
            None => Vec::new(),
            Some(condition) => Condition::read(condition)?,
        };
        Ok(Self {
            name,
            is_deny,
            // actions are not case-sensitive (IAM User Guide, "IAM JSON policy elements: Action")
            actions: Scope::read(statement, "Action", "NotAction", str::to_ascii_lowercase)?,
            resources: Scope::read(statement, "Resource", "NotResource", str::to_owned)?,
            conditions,
        })
    }

    pub(super) fn applies(&self, question: &Question<'_>) -> bool {
        self.actions.contains(&INVOKE.to_ascii_lowercase())
            && self.resources.contains(question.resource)
            && self
                .conditions
                .iter()
                .all(|condition| condition.is_met(question))
    }
}

impl Scope {
    fn read(
        statement: &Map<String, Value>,
        element: &str,
        negated: &str,
        spelling: fn(&str) -> String,
    ) -> Result<Self, String> {
        let (name, value, is_negated) = match (statement.get(element), statement.get(negated)) {
            (Some(value), None) => (element, value, false),
            (None, Some(value)) => (negated, value, true),
            (None, None) => return Err(format!("neither {element} nor {negated} is set")),
            (Some(_), Some(_)) => return Err(format!("both {element} and {negated} are set")),
        };
        let values = strings(value).ok_or_else(|| format!("{name} must be a string or a list"))?;
        if let Some(variable) = values.iter().find(|value| value.contains("${")) {
            return Err(format!(
                "policy variables are not supported, as in the {name} {variable:?}"
            ));
        }
        Ok(Self {
            patterns: values
                .iter()
                .map(|value| Pattern::new(&spelling(value)))
                .collect(),
            is_negated,
        })
    }

    fn contains(&self, name: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(name)) != self.is_negated
    }
}

/// Returns one string, or a list of them.
pub(super) fn strings(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(one) => Some(vec![one]),
        Value::Array(several) => several.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::policy::{Decision, decide};

    const ORDER: &str = "arn:aws:execute-api:eu-west-1:123456789012:a1/prod/GET/orders/7";
    const ROLE: &str = "arn:aws:iam::123456789012:role/shop";

    fn policy(statements: Value) -> Policy {
        let policy = json!({ "Version": "2012-10-17", "Statement": statements });
        Policy::parse(&policy.to_string()).unwrap()
    }

    fn decision(statements: Value) -> Decision {
        let question = Question {
            principal_arn: ROLE,
            resource: ORDER,
            source_ip: "192.0.2.7".parse().unwrap(),
        };
        decide(&[policy(statements)], &question)
    }

    fn allow(change: impl FnOnce(&mut Value)) -> Value {
        let mut statement =
            json!({ "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*" });
        change(&mut statement);
        statement
    }

    #[test]
    fn an_explicit_deny_wins_over_an_allow_and_everything_else_is_denied() {
        let deny = json!({ "Sid": "No", "Effect": "Deny", "Action": "*", "Resource": ORDER });
        let other = allow(|it| it["Resource"] = json!("arn:aws:execute-api:*:*:a1/prod/POST/*"));
        let all = allow(|_| {});
        assert_eq!(decision(json!([other, all])), Decision::Allowed);
        assert_eq!(decision(json!([other])), Decision::NotAllowed);
        assert_eq!(decision(json!([])), Decision::NotAllowed);
        assert_eq!(
            decision(json!([all, deny])),
            Decision::Denied("statement 2 (\"No\")".to_owned())
        );
        assert_eq!(decision(all), Decision::Allowed, "one statement, no list");
    }

    #[test]
    fn actions_and_resources_can_have_wildcards_and_be_negated() {
        for (element, value, is_allowed) in [
            ("Action", json!("*"), true),
            ("Action", json!("execute-api:*"), true),
            ("Action", json!("Execute-API:invok?"), true),
            ("Action", json!(["s3:*", "execute-api:Invoke"]), true),
            ("Action", json!("execute-api:ManageConnections"), false),
            ("NotAction", json!("execute-api:ManageConnections"), true),
            ("NotAction", json!("execute-api:*"), false),
            ("Resource", json!(ORDER), true),
            ("Resource", json!(ORDER.to_uppercase()), false),
            ("Resource", json!("arn:aws:execute-api:*:*:a1/*"), true),
            ("Resource", json!("arn:*:a1/????/GET/orders/?"), true),
            ("Resource", json!("arn:aws:execute-api:*:*:a1/dev/*"), false),
            ("NotResource", json!("*/DELETE/*"), true),
            ("NotResource", json!(["*/DELETE/*", "*/orders/*"]), false),
        ] {
            let statement = allow(|it| {
                let it = it.as_object_mut().unwrap();
                it.shift_remove(element.trim_start_matches("Not"));
                it.insert(element.to_owned(), value.clone());
            });
            let is = decision(json!([statement])) == Decision::Allowed;
            assert_eq!(is, is_allowed, "{element} {value}");
        }
    }

    #[test]
    fn every_condition_must_be_met_by_one_of_its_values() {
        for (condition, is_allowed) in [
            (
                json!({ "IpAddress": { "aws:SourceIp": "192.0.2.0/24" } }),
                true,
            ),
            (
                json!({ "IpAddress": { "aws:sourceip": ["10.0.0.0/8", "192.0.2.7"] } }),
                true,
            ),
            (
                json!({ "IpAddress": { "aws:SourceIp": "2001:db8::/32" } }),
                false,
            ),
            (
                json!({ "NotIpAddress": { "aws:SourceIp": ["10.0.0.0/8", "192.0.2.0/24"] } }),
                false,
            ),
            (
                json!({ "NotIpAddressIfExists": { "aws:SourceIp": "10.0.0.0/8" } }),
                true,
            ),
            (
                json!({ "StringEquals": { "aws:PrincipalArn": ROLE } }),
                true,
            ),
            (
                json!({ "StringEquals": { "aws:PrincipalArn": "arn:aws:iam::*:role/shop" } }),
                false,
            ),
            (
                json!({ "StringNotEquals": { "aws:PrincipalArn": ROLE } }),
                false,
            ),
            (
                json!({ "StringEqualsIgnoreCase": { "aws:PrincipalArn": ROLE.to_uppercase() } }),
                true,
            ),
            (
                json!({ "StringLike": { "aws:PrincipalArn": "*:role/*" } }),
                true,
            ),
            (
                json!({ "StringNotLike": { "aws:PrincipalArn": "*:user/*" } }),
                true,
            ),
            (
                json!({ "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/*" } }),
                true,
            ),
            // in an ARN, a wildcard stays in its part
            (
                json!({ "ArnLike": { "aws:PrincipalArn": "arn:*:::*:role/shop" } }),
                false,
            ),
            (
                json!({ "ArnNotEquals": { "aws:PrincipalArn": "arn:aws:iam::*:role/admin" } }),
                true,
            ),
            (
                json!({
                    "StringEquals": { "aws:PrincipalArn": ROLE },
                    "IpAddress": { "aws:SourceIp": "10.0.0.0/8" },
                }),
                false,
            ),
        ] {
            let statement = allow(|it| it["Condition"] = condition.clone());
            let is = decision(json!([statement])) == Decision::Allowed;
            assert_eq!(is, is_allowed, "{condition}");
        }
    }

    #[test]
    fn what_is_not_supported_is_an_error_that_names_the_statement() {
        let with = |element: &str, value: Value| allow(|it| it[element] = value);
        for (statement, problem) in [
            (with("Principal", json!("*")), "Principal is not supported"),
            (
                with("Resorce", json!("*")),
                "Resorce is not an element of a statement",
            ),
            (
                with("Effect", json!("Maybe")),
                "Effect must be Allow or Deny",
            ),
            (
                with("NotResource", json!("*")),
                "both Resource and NotResource are set",
            ),
            (
                with("Action", json!(1)),
                "Action must be a string or a list",
            ),
            (
                with("Resource", json!("a/${aws:username}")),
                "policy variables are not supported, as in the Resource \"a/${aws:username}\"",
            ),
            (
                with(
                    "Condition",
                    json!({ "DateLessThan": { "aws:CurrentTime": "2026-01-01" } }),
                ),
                "the condition DateLessThan on aws:CurrentTime is not supported; supported are",
            ),
            (
                with(
                    "Condition",
                    json!({ "NumericEquals": { "aws:PrincipalArn": "a" } }),
                ),
                "the condition NumericEquals on aws:PrincipalArn is not supported",
            ),
            (
                with(
                    "Condition",
                    json!({ "StringEquals": { "aws:SourceIp": "192.0.2.7" } }),
                ),
                "the condition StringEquals on aws:SourceIp is not supported",
            ),
            (
                with(
                    "Condition",
                    json!({ "ForAnyValue:StringLike": { "aws:PrincipalArn": "*" } }),
                ),
                "the condition ForAnyValue:StringLike on aws:PrincipalArn is not supported",
            ),
            (
                with(
                    "Condition",
                    json!({ "IpAddress": { "aws:SourceIp": "everywhere" } }),
                ),
                "\"everywhere\" is not an IP address or a CIDR block",
            ),
            (
                with(
                    "Condition",
                    json!({ "ArnLike": { "aws:PrincipalArn": "shop" } }),
                ),
                "\"shop\" is not an ARN",
            ),
        ] {
            let mut named = statement;
            named["Sid"] = json!("Orders");
            let policy = json!({ "Statement": [allow(|_| {}), named] });
            let error = Policy::parse(&policy.to_string()).unwrap_err().to_string();
            let expected = format!("statement 2 (\"Orders\"): {problem}");
            assert!(error.starts_with(&expected), "{error}");
        }
    }

    #[test]
    fn a_text_that_is_no_policy_is_an_error() {
        for text in ["", "{", "[]", "{}", r#"{ "Statement": 1 }"#] {
            assert!(Policy::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn of_three_policies_for_two_roles_the_permissions_are_used() {
        let three =
            json!({ "caller": {}, "trust": {}, "permissions": { "Statement": [allow(|_| {})] } });
        assert_eq!(
            Policy::parse(&three.to_string()).unwrap().statements.len(),
            1
        );
    }

    proptest! {
        #[test]
        fn any_text_is_a_policy_or_an_error(text in any::<String>(), sid in any::<String>(), element in "(Not)?(Action|Resource|Effect|Condition)") {
            let _ = Policy::parse(&text);
            let _ = Policy::parse(&json!({ "Statement": [{ "Sid": sid, element: text }] }).to_string());
        }

        /// More allows never take access away, and more denies never give it.
        #[test]
        fn an_allow_only_adds_and_a_deny_only_removes(resource in "[a-z*?/]{0,8}") {
            let statement = |effect: &str| json!({ "Effect": effect, "Action": "*", "Resource": format!("*{resource}*") });
            let all = allow(|_| {});
            prop_assert_eq!(decision(json!([all, statement("Allow")])), Decision::Allowed);
            prop_assert_ne!(decision(json!([statement("Deny")])), Decision::Allowed);
        }
    }
}
