//! What `pull` must be allowed to read.
//!
//! The control plane's actions are HTTP methods on resources that are paths, without an account:
//! API Gateway Developer Guide, "How API Gateway works with IAM" and "Amazon API Gateway ARN
//! reference".

use apigw_spec::aws::Partition;
use serde_json::json;

/// The ARN of what is at a path of the control plane.
/// HTTP APIs are there without the `/v2` of their URLs.
pub(crate) fn resource(region: &str, path: &[&str]) -> String {
    let partition = Partition::of(region).name();
    let mut path = path.to_vec();
    // one permission for every form of export
    if let [.., "exports", form] = path.as_mut_slice() {
        *form = "*";
    }
    let path = path.join("/");
    format!("arn:{partition}:apigateway:{region}::/{path}")
}

/// The statement that allows reading them.
pub(crate) fn statement(resources: &[String]) -> String {
    let statement = json!({
        "Effect": "Allow",
        "Action": "apigateway:GET",
        "Resource": resources,
    });
    format!("{statement:#}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_names_partition_region_and_path_but_no_account() {
        let path = [
            "restapis",
            "a1b2c3d4e5",
            "stages",
            "prod",
            "exports",
            "oas30",
        ];
        assert_eq!(
            resource("eu-west-1", &path),
            "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3d4e5/stages/prod/exports/*"
        );
        assert_eq!(
            resource("cn-north-1", &["apis"]),
            "arn:aws-cn:apigateway:cn-north-1::/apis"
        );
    }

    #[test]
    fn regions_belong_to_the_partition_of_their_prefix() {
        let name = |region| Partition::of(region).name();
        assert_eq!(name("us-east-1"), "aws");
        assert_eq!(name("us-gov-west-1"), "aws-us-gov");
        assert_eq!(name("us-isob-east-1"), "aws-iso-b");
        assert_eq!(Partition::of("eusc-de-east-1").dns_suffix(), "amazonaws.eu");
    }
}
