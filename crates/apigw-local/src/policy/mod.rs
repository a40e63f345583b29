//! IAM policies: whether a caller may invoke a method.
//!
//! Evaluates identity-based policies for `execute-api:Invoke` (IAM User Guide, "Policy evaluation logic"): an explicit
//! deny wins, then an allow, and everything else is denied. What the evaluator does not know is an error when the policy
//! is read, so that no statement is skipped silently.

mod condition;
mod document;
mod invocation;
mod wildcard;

pub use document::{Policy, PolicyError};
pub(crate) use invocation::{AccessControl, Deployment};

use std::net::IpAddr;

/// The action of a request to an API.
pub(crate) const INVOKE: &str = "execute-api:Invoke";

/// What a policy is asked about.
#[derive(Debug)]
pub(crate) struct Question<'a> {
    /// The value of `aws:PrincipalArn`.
    pub(crate) principal_arn: &'a str,
    /// The ARN of the method.
    pub(crate) resource: &'a str,
    /// The value of `aws:SourceIp`.
    pub(crate) source_ip: IpAddr,
}

/// The answer of one or more policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    Allowed,
    /// The statement that denies it.
    Denied(String),
    /// No statement allows it.
    NotAllowed,
}

/// Returns the decision of several policies together.
pub(crate) fn decide(policies: &[Policy], question: &Question<'_>) -> Decision {
    let statements = || {
        let all = policies.iter().flat_map(|policy| &policy.statements);
        all.filter(|statement| statement.applies(question))
    };
    match statements().find(|statement| statement.is_deny) {
        Some(deny) => Decision::Denied(deny.name.clone()),
        None if statements().next().is_some() => Decision::Allowed,
        None => Decision::NotAllowed,
    }
}
