//! Applies policies to requests.

use std::net::IpAddr;

use apigw_spec::aws::execute_api_arn;

use super::{Decision, INVOKE, Policy, Question, decide};
use crate::refusal::Refusal;

/// Where an API is deployed: the parts of the ARNs of its methods.
#[derive(Debug, Clone)]
pub(crate) struct Deployment {
    pub(crate) region: String,
    pub(crate) account: String,
    pub(crate) api_id: String,
    pub(crate) stage: String,
}

impl Deployment {
    /// Returns the ARN of a method: `arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/GET/orders`.
    fn arn(&self, account: &str, method_and_path: &str) -> String {
        let api = execute_api_arn(&self.region, account, &self.api_id);
        format!("{api}/{}/{method_and_path}", self.stage)
    }

    /// Returns the account as API Gateway shows it in errors: only the last four digits.
    fn masked_account(&self) -> String {
        let shown = self.account.chars().count().saturating_sub(4);
        let masked = self.account.chars().enumerate();
        masked
            .map(|(index, c)| if index < shown { '*' } else { c })
            .collect()
    }
}

/// The policies of callers.
#[derive(Debug)]
pub(crate) struct AccessControl {
    pub(crate) policies: Vec<Policy>,
    pub(crate) deployment: Deployment,
    pub(crate) source_ip: IpAddr,
}

impl AccessControl {
    /// Checks that the policies allow a caller to send this request. `path` is without the stage, as sent.
    ///
    /// For the `$default` route of an HTTP API, `default_route` is true: its ARN may name the route instead of the path.
    pub(crate) fn check(
        &self,
        principal: &str,
        method: &str,
        path: &str,
        default_route: bool,
    ) -> Result<(), Refusal> {
        if self.policies.is_empty() {
            return Ok(());
        }
        let principal_arn = principal_arn(principal);
        let path = if path.is_empty() { "/" } else { path };
        let method_and_path = format!("{method}{path}");
        let route = default_route.then(|| "$default".to_owned());
        let mut decision = Decision::NotAllowed;
        for name in [method_and_path.clone()].into_iter().chain(route) {
            let question = Question {
                principal_arn: &principal_arn,
                resource: &self.deployment.arn(&self.deployment.account, &name),
                source_ip: self.source_ip,
            };
            match decide(&self.policies, &question) {
                Decision::NotAllowed => {}
                denied @ Decision::Denied(_) => {
                    decision = denied;
                    break;
                }
                allowed => decision = allowed,
            }
        }
        let shown = self
            .deployment
            .arn(&self.deployment.masked_account(), &method_and_path);
        let message = format!(
            "User: {principal} is not authorized to perform: {INVOKE} on resource: {shown}"
        );
        match decision {
            Decision::Allowed => Ok(()),
            Decision::Denied(statement) => Err(Refusal::access_denied(
                format!("{message} with an explicit deny"),
                format!("{statement} of the policy denies {method_and_path} to {principal}"),
            )),
            Decision::NotAllowed => Err(Refusal::access_denied(
                format!("{message} because no identity-based policy allows the {INVOKE} action"),
                format!("no statement of the policy allows {method_and_path} to {principal}"),
            )),
        }
    }
}

/// Returns the value of `aws:PrincipalArn`. For the session of a role, it is the ARN of the role (IAM User Guide, "AWS
/// global condition context keys").
fn principal_arn(principal: &str) -> String {
    let role = || {
        let (start, session) = principal.split_once(":assumed-role/")?;
        let start = start.replacen(":sts:", ":iam:", 1);
        let (role, _) = session.split_once('/')?;
        Some(format!("{start}:role/{role}"))
    };
    role().unwrap_or_else(|| principal.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(policies: &[&str]) -> AccessControl {
        AccessControl {
            policies: policies
                .iter()
                .map(|resource| {
                    Policy::parse(&format!(
                        r#"{{ "Statement": {{ "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "{resource}" }} }}"#
                    ))
                    .unwrap()
                })
                .collect(),
            deployment: Deployment {
                region: "cn-north-1".into(),
                account: "123456789012".into(),
                api_id: "a1".into(),
                stage: "$default".into(),
            },
            source_ip: IpAddr::from([127, 0, 0, 1]),
        }
    }

    #[test]
    fn without_policies_everything_is_allowed() {
        assert_eq!(access(&[]).check("u", "GET", "/", false), Ok(()));
    }

    #[test]
    fn several_policies_are_one() {
        let access = access(&["*/POST/*", "*:a1/$default/GET/orders"]);
        assert_eq!(access.check("u", "GET", "/orders", false), Ok(()));
        assert!(access.check("u", "GET", "/orders/1", false).is_err());
    }

    #[test]
    fn the_default_route_can_be_allowed_by_its_name() {
        let access = access(&["*:a1/*/$default"]);
        assert_eq!(access.check("u", "GET", "/x", true), Ok(()));
        assert!(access.check("u", "GET", "/x", false).is_err());
    }

    #[test]
    fn the_message_names_the_caller_and_the_method_and_masks_the_account() {
        let refusal = access(&["other"]).check("arn:aws-cn:iam::1:user/u", "GET", "", false);
        assert_eq!(
            refusal.unwrap_err().message(),
            "User: arn:aws-cn:iam::1:user/u is not authorized to perform: execute-api:Invoke on resource: \
             arn:aws-cn:execute-api:cn-north-1:********9012:a1/$default/GET/ \
             because no identity-based policy allows the execute-api:Invoke action"
        );
    }

    #[test]
    fn the_principal_of_a_session_is_its_role() {
        for (principal, arn) in [
            (
                "arn:aws:sts::1:assumed-role/shop/session",
                "arn:aws:iam::1:role/shop",
            ),
            ("arn:aws:iam::1:user/u", "arn:aws:iam::1:user/u"),
        ] {
            assert_eq!(principal_arn(principal), arn);
        }
    }
}
