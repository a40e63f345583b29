//! The IAM permissions for `pull`.
//!
//! In the control plane, actions are HTTP methods, and the ARNs of resources contain a path but no
//! account: see API Gateway Developer Guide, "How API Gateway works with IAM" and "Amazon API Gateway ARN
//! reference".

use apigw_spec::aws::Partition;
use serde_json::json;

/// Returns the ARN for a path of the control plane, without the `/v2` in the URLs of HTTP APIs.
pub(crate) fn resource(region: &str, path: &[&str]) -> String {
    let partition = Partition::of(region).name();
    let mut path = path.to_vec();
    // one permission for all export formats
    if let [.., "exports", form] = path.as_mut_slice() {
        *form = "*";
    }
    let path = path.join("/");
    format!("arn:{partition}:apigateway:{region}::/{path}")
}

/// Returns an IAM statement that allows reading the resources.
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
    fn an_arn_has_a_partition_a_region_and_a_path_but_no_account() {
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
    fn the_partition_depends_on_the_prefix_of_the_region() {
        let name = |region| Partition::of(region).name();
        assert_eq!(name("us-east-1"), "aws");
        assert_eq!(name("us-gov-west-1"), "aws-us-gov");
        assert_eq!(name("us-isob-east-1"), "aws-iso-b");
        assert_eq!(Partition::of("eusc-de-east-1").dns_suffix(), "amazonaws.eu");
    }
}
