//! IAM policies for callers of an API: exactly the operations they call, and nothing else.
//!
//! An operation's resource is `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH`
//! (API Gateway Developer Guide, "Control access for invoking an API"). A path parameter is
//! written as `*`; IAM lets it stand for slashes too and has no narrower word.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use apigw_spec::api::{Api, Method, Operation};
use apigw_spec::aws::{ExecuteApiHost, Partition};

/// What the route `$default` of an HTTP API is read as.
const DEFAULT_ROUTE: &str = "/{path+}";

/// Characters, blanks not counted, that a managed policy may have (IAM User Guide, "IAM and
/// AWS STS quotas").
pub const MANAGED_POLICY_LIMIT: usize = 6144;

/// Where an API is deployed, as the resources of its operations name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// For example `eu-west-1`.
    pub region: String,
    /// The account that owns the API; `*` for any, since the id of an API tells already.
    pub account: String,
    /// For example `a1b2c3d4e5`.
    pub api_id: String,
    /// For example `prod`, or `$default`.
    pub stage: String,
}

impl Deployment {
    /// What the URL of an API's default endpoint tells: id, region, and stage. A custom
    /// domain tells nothing.
    ///
    /// ```
    /// use xtask::policy::document::Deployment;
    ///
    /// let url = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod";
    /// let deployment = Deployment::of(url).unwrap();
    /// assert_eq!((deployment.api_id.as_str(), deployment.stage.as_str()), ("a1b2c3d4e5", "prod"));
    /// assert_eq!(Deployment::of("https://orders.example.com"), None);
    /// ```
    #[must_use]
    pub fn of(endpoint: &str) -> Option<Self> {
        let (_, rest) = endpoint.split_once("://")?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = ExecuteApiHost::parse(host)?;
        let api_id = host.api_id?;
        let stage = path.split('/').next().filter(|stage| !stage.is_empty());
        Some(Self {
            region: host.region.to_owned(),
            account: "*".to_owned(),
            api_id: api_id.to_owned(),
            stage: stage.unwrap_or("$default").to_owned(),
        })
    }

    /// The resources of an operation: one, and for an HTTP API's `$default` route the name
    /// of the route as well.
    #[must_use]
    pub fn resources(&self, operation: &Operation) -> Vec<String> {
        let Self {
            region,
            account,
            api_id,
            stage,
        } = self;
        let partition = Partition::of(region).name();
        let method = match &operation.method {
            Method::One(method) => method,
            Method::Any => "*",
        };
        let path = wildcards(&operation.path);
        let api = format!("arn:{partition}:execute-api:{region}:{account}:{api_id}");
        let mut resources = vec![format!("{api}/{stage}/{method}{path}")];
        if operation.method == Method::Any && operation.path == DEFAULT_ROUTE {
            resources.push(format!("{api}/*/$default"));
        }
        resources
    }
}

/// The operations that IAM protects; the others need no policy.
pub fn protected(api: &Api) -> impl Iterator<Item = &Operation> {
    api.operations.iter().filter(|operation| operation.auth.iam)
}

/// A policy that lets its holder call these operations.
#[must_use]
pub fn invoke<'a>(
    deployment: &Deployment,
    operations: impl IntoIterator<Item = &'a Operation>,
) -> Value {
    let resources: BTreeSet<String> = operations
        .into_iter()
        .flat_map(|operation| deployment.resources(operation))
        .collect();
    document(json!({
        "Effect": "Allow",
        "Action": "execute-api:Invoke",
        "Resource": resources,
    }))
}

/// Two roles for a caller in another account: its own, and one in the API's account that it
/// assumes, which needs no resource policy on the API.
#[derive(Debug, Clone)]
pub struct RolePair<'a> {
    /// The ARN of the role that the caller runs as.
    pub caller: &'a str,
    /// The ARN of the role in the API's account.
    pub role: &'a str,
    /// What the caller must say when it assumes the role (IAM User Guide, "The confused
    /// deputy problem").
    pub external_id: Option<&'a str>,
}

impl RolePair<'_> {
    /// The policy that the caller's own role needs.
    #[must_use]
    pub fn caller_policy(&self) -> Value {
        document(json!({
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Resource": self.role,
        }))
    }

    /// The trust policy of the role in the API's account.
    #[must_use]
    pub fn trust_policy(&self) -> Value {
        let mut statement = json!({
            "Effect": "Allow",
            "Principal": { "AWS": self.caller },
            "Action": "sts:AssumeRole",
        });
        if let Some(external_id) = self.external_id {
            statement["Condition"] = json!({ "StringEquals": { "sts:ExternalId": external_id } });
        }
        document(statement)
    }
}

fn document(statement: Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

/// `/orders/{orderId}` as `/orders/*`.
fn wildcards(template: &str) -> String {
    let mut path = String::new();
    let mut rest = template;
    while let Some((before, parameter)) = rest.split_once('{') {
        path.push_str(before);
        path.push('*');
        rest = parameter.split_once('}').map_or("", |(_, after)| after);
    }
    path.push_str(rest);
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use apigw_spec::Report;
    use apigw_spec::Spec;

    const DOCUMENT: &str = r##"
openapi: 3.0.1
info: { title: t, version: "1" }
servers: [{ url: "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod" }]
components:
  securitySchemes:
    sigv4: { type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: awsSigv4 }
security: [{ sigv4: [] }]
paths:
  /: { get: { responses: {} } }
  /orders/{id}/lines/{line}: { delete: { responses: {} } }
  /files/{proxy+}: { x-amazon-apigateway-any-method: { responses: {} } }
  $default: { x-amazon-apigateway-any-method: { responses: {} } }
  /health: { get: { security: [], responses: {} } }
"##;

    fn api() -> Api {
        let document = Spec::parse("a.yaml", DOCUMENT.as_bytes()).unwrap();
        Api::read(&document, &mut Report::new())
    }

    #[test]
    fn a_policy_names_each_protected_operation_and_no_other() {
        let api = api();
        let deployment = Deployment::of(api.endpoint.as_deref().unwrap()).unwrap();
        assert_eq!(
            invoke(&deployment, protected(&api)),
            json!({
                "Version": "2012-10-17",
                "Statement": [{
                    "Effect": "Allow",
                    "Action": "execute-api:Invoke",
                    "Resource": [
                        "arn:aws:execute-api:eu-west-1:*:a1b2c3d4e5/*/$default",
                        "arn:aws:execute-api:eu-west-1:*:a1b2c3d4e5/prod/*/*",
                        "arn:aws:execute-api:eu-west-1:*:a1b2c3d4e5/prod/*/files/*",
                        "arn:aws:execute-api:eu-west-1:*:a1b2c3d4e5/prod/DELETE/orders/*/lines/*",
                        "arn:aws:execute-api:eu-west-1:*:a1b2c3d4e5/prod/GET/",
                    ],
                }],
            })
        );
    }

    #[test]
    fn the_partition_follows_the_region() {
        for (host, start) in [
            (
                "a1.execute-api.cn-north-1.amazonaws.com.cn",
                "arn:aws-cn:execute-api:cn-north-1:",
            ),
            (
                "a1.execute-api.us-gov-west-1.amazonaws.com",
                "arn:aws-us-gov:execute-api:us-gov-west-1:",
            ),
            (
                "a1.execute-api.us-iso-east-1.c2s.ic.gov",
                "arn:aws-iso:execute-api:us-iso-east-1:",
            ),
            (
                "a1.execute-api.us-isob-east-1.sc2s.sgov.gov",
                "arn:aws-iso-b:execute-api:us-isob-east-1:",
            ),
            (
                "a1.execute-api.eu-isoe-west-1.cloud.adc-e.uk",
                "arn:aws-iso-e:execute-api:eu-isoe-west-1:",
            ),
            (
                "a1.execute-api.us-isof-south-1.csp.hci.ic.gov",
                "arn:aws-iso-f:execute-api:us-isof-south-1:",
            ),
            (
                "a1.execute-api.eusc-de-east-1.amazonaws.eu",
                "arn:aws-eusc:execute-api:eusc-de-east-1:",
            ),
            (
                "a1-vpce-0a1b.execute-api.eu-west-1.amazonaws.com",
                "arn:aws:execute-api:eu-west-1:",
            ),
            (
                "a1.execute-api.us-east-1.amazonaws.com",
                "arn:aws:execute-api:us-east-1:",
            ),
        ] {
            let deployment = Deployment::of(&format!("https://{host}")).unwrap();
            assert_eq!(deployment.api_id, "a1", "{host}");
            assert_eq!(deployment.stage, "$default", "{host}");
            let resources = deployment.resources(&api().operations[0]);
            assert!(resources[0].starts_with(start), "{resources:?}");
        }
    }

    #[test]
    fn a_host_that_names_no_api_tells_nothing() {
        for url in [
            "https://orders.example.com/prod",
            "https://vpce-0a1b.execute-api.eu-west-1.vpce.amazonaws.com/prod",
            "https://execute-api.eu-west-1.amazonaws.com",
            "https://localhost",
            "",
        ] {
            assert_eq!(Deployment::of(url), None, "{url}");
        }
    }

    #[test]
    fn a_pair_of_roles_trusts_the_caller_and_nobody_else() {
        let pair = RolePair {
            caller: "arn:aws:iam::111111111111:role/shop",
            role: "arn:aws:iam::222222222222:role/orders-caller",
            external_id: Some("shop"),
        };
        assert_eq!(
            pair.caller_policy()["Statement"][0],
            json!({
                "Effect": "Allow", "Action": "sts:AssumeRole",
                "Resource": "arn:aws:iam::222222222222:role/orders-caller",
            })
        );
        assert_eq!(
            pair.trust_policy()["Statement"][0],
            json!({
                "Effect": "Allow", "Action": "sts:AssumeRole",
                "Principal": { "AWS": "arn:aws:iam::111111111111:role/shop" },
                "Condition": { "StringEquals": { "sts:ExternalId": "shop" } },
            })
        );
    }
}
