//! IAM policies that allow a caller exactly the operations it needs.
//!
//! An operation's resource is `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH`
//! (API Gateway Developer Guide, "Control access for invoking an API"). A path parameter is
//! written as `*`, which in IAM also matches slashes; there is no narrower wildcard.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use apigw_spec::api::{Api, Method, Operation};
use apigw_spec::aws::{ExecuteApiHost, execute_api_arn};

use super::overlap::Pattern;

/// The path that the route `$default` of an HTTP API is read as.
const DEFAULT_ROUTE: &str = "/{path+}";

/// The maximum size of a managed policy in characters, whitespace not counted (IAM User Guide,
/// "IAM and AWS STS quotas").
pub const MANAGED_POLICY_LIMIT: usize = 6144;

/// Where an API is deployed: the parts of the ARNs of its operations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// The Region, for example `eu-west-1`.
    pub region: String,
    /// The account that owns the API, or `*`: the id of an API is already unique.
    pub account: String,
    /// The id of the API, for example `a1b2c3d4e5`.
    pub api_id: String,
    /// The stage, for example `prod` or `$default`.
    pub stage: String,
}

impl Deployment {
    /// Reads id, Region and stage from the URL of a default endpoint; `None` for a custom
    /// domain.
    ///
    /// ```
    /// use apigw_xtask::policy::document::Deployment;
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

    /// Returns what the ARNs of all operations of the stage start with.
    fn start(&self) -> String {
        format!("{}/{}/", self.arn(), self.stage)
    }

    /// Returns the ARN of the API.
    fn arn(&self) -> String {
        execute_api_arn(&self.region, &self.account, &self.api_id)
    }

    /// Returns the ARNs of an operation: one, and for the `$default` route of an HTTP API a
    /// second one with the name of the route.
    #[must_use]
    pub fn resources(&self, operation: &Operation) -> Vec<String> {
        let method = match &operation.method {
            Method::One(method) => method,
            Method::Any => "*",
        };
        let path = wildcards(&operation.path);
        let mut resources = vec![format!("{}{method}{path}", self.start())];
        if operation.method == Method::Any && operation.path == DEFAULT_ROUTE {
            resources.push(format!("{}/*/$default", self.arn()));
        }
        resources
    }
}

/// Returns the operations that IAM protects.
pub fn protected(api: &Api) -> impl Iterator<Item = &Operation> {
    api.operations.iter().filter(|operation| operation.auth.iam)
}

/// Returns a policy that allows these operations.
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

/// Returns the other operations that a policy for these operations allows, each with the end of the
/// resource that matches it: `GET/orders/*` also allows `GET /orders/{orderId}/invoice`.
///
/// Operations that IAM does not protect need no policy, and are not included.
#[must_use]
pub fn also_allowed<'a>(
    deployment: &Deployment,
    selected: &[&Operation],
    api: &'a Api,
) -> Vec<(&'a Operation, String)> {
    let start = deployment.start();
    let ends: BTreeSet<String> = selected
        .iter()
        .flat_map(|operation| deployment.resources(operation))
        .filter_map(|resource| Some(resource.strip_prefix(&start)?.to_owned()))
        .collect();
    let others = protected(api).filter(|other| !selected.iter().any(|own| own == other));
    let covered = others.filter_map(|other| {
        let pattern = Pattern::of_operation(other);
        let covering = ends
            .iter()
            .find(|end| Pattern::of_resource(end).overlaps(&pattern))?;
        Some((other, covering.clone()))
    });
    covered.collect()
}

/// Two roles for a caller in another account: its own role, and a role in the API's account
/// that it assumes. The API then needs no resource policy.
#[derive(Debug, Clone)]
pub struct RolePair<'a> {
    /// The ARN of the role that the caller runs as.
    pub caller: &'a str,
    /// The ARN of the role in the API's account.
    pub role: &'a str,
    /// The external id that the caller passes when it assumes the role (IAM User Guide, "The
    /// confused deputy problem").
    pub external_id: Option<&'a str>,
}

impl RolePair<'_> {
    /// Returns the policy for the caller's own role.
    #[must_use]
    pub fn caller_policy(&self) -> Value {
        document(json!({
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Resource": self.role,
        }))
    }

    /// Returns the trust policy for the role in the API's account.
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

/// Replaces parameters with wildcards: `/orders/{orderId}` becomes `/orders/*`.
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

    const SPEC: &str = r##"
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
        let spec = Spec::parse("a.yaml", SPEC.as_bytes()).unwrap();
        Api::read(&spec, &mut Report::new())
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
    fn a_policy_also_allows_what_its_wildcards_match() {
        let spec = r##"
openapi: 3.0.1
info: { title: t, version: "1" }
servers: [{ url: "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod" }]
components:
  securitySchemes:
    sigv4: { type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: awsSigv4 }
security: [{ sigv4: [] }]
paths:
  /orders: { get: { responses: {} }, post: { responses: {} } }
  /orders/search: { get: { responses: {} } }
  /orders/open: { get: { security: [], responses: {} } }
  /orders/{id}: { get: { responses: {} }, delete: { responses: {} } }
  /orders/{id}/invoice: { get: { responses: {} } }
  /orders/{id}/lines/{line}: { get: { responses: {} } }
  /orders/{id}.pdf: { get: { responses: {} } }
  /files/{proxy+}: { x-amazon-apigateway-any-method: { responses: {} } }
"##;
        let spec = Spec::parse("a.yaml", spec.as_bytes()).unwrap();
        let api = Api::read(&spec, &mut Report::new());
        let deployment = Deployment::of(api.endpoint.as_deref().unwrap()).unwrap();
        for (selected, expected) in [
            ("GET /orders", vec![]),
            ("POST /orders", vec![]),
            // the line `invoice` of an order
            (
                "GET /orders/{id}/invoice",
                vec!["GET /orders/{id}/lines/{line} GET/orders/*/invoice"],
            ),
            ("DELETE /orders/{id}", vec![]),
            (
                "GET /orders/{id}",
                vec![
                    "GET /orders/search GET/orders/*",
                    "GET /orders/{id}/invoice GET/orders/*",
                    "GET /orders/{id}/lines/{line} GET/orders/*",
                    "GET /orders/{id}.pdf GET/orders/*",
                ],
            ),
            ("GET /orders/{id}/lines/{line}", vec![]),
            // the order `files`: the star for the method matches `GET/orders`
            (
                "ANY /files/{proxy+}",
                vec![
                    "GET /orders/{id}/invoice */files/*",
                    "GET /orders/{id}/lines/{line} */files/*",
                ],
            ),
        ] {
            let mut all = api.operations.iter();
            let operation = all.find(|operation| operation.route() == selected).unwrap();
            let also = also_allowed(&deployment, &[operation], &api);
            let also: Vec<String> = also
                .iter()
                .map(|(other, covering)| format!("{} {covering}", other.route()))
                .collect();
            assert_eq!(also, expected, "{selected}");
        }
        let all: Vec<&Operation> = protected(&api).collect();
        assert_eq!(also_allowed(&deployment, &all, &api), []);
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
    fn a_host_without_an_api_id_is_no_deployment() {
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
    fn the_trust_policy_names_only_the_caller() {
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
