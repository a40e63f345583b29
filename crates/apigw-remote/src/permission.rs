//! What `pull` must be allowed to read.
//!
//! The control plane's actions are HTTP methods on resources that are paths, without an account:
//! API Gateway Developer Guide, "How API Gateway works with IAM" and "Amazon API Gateway ARN
//! reference".

use serde_json::json;

/// A separate set of regions with a suffix of its own for host names (`partitions.json` of the
/// AWS SDKs).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Partition {
    prefix: &'static str,
    name: &'static str,
    pub(crate) dns_suffix: &'static str,
}

const PARTITIONS: [Partition; 7] = [
    Partition::new("cn-", "aws-cn", "amazonaws.com.cn"),
    Partition::new("us-gov-", "aws-us-gov", "amazonaws.com"),
    Partition::new("us-iso-", "aws-iso", "c2s.ic.gov"),
    Partition::new("us-isob-", "aws-iso-b", "sc2s.sgov.gov"),
    Partition::new("eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"),
    Partition::new("us-isof-", "aws-iso-f", "csp.hci.ic.gov"),
    Partition::new("eusc-", "aws-eusc", "amazonaws.eu"),
];

const COMMERCIAL: Partition = Partition::new("", "aws", "amazonaws.com");

impl Partition {
    const fn new(prefix: &'static str, name: &'static str, dns_suffix: &'static str) -> Self {
        Self {
            prefix,
            name,
            dns_suffix,
        }
    }
}

/// The partition that a region belongs to.
pub(crate) fn partition(region: &str) -> Partition {
    PARTITIONS
        .into_iter()
        .find(|partition| region.starts_with(partition.prefix))
        .unwrap_or(COMMERCIAL)
}

/// The ARN of what is at a path of the control plane.
/// HTTP APIs are there without the `/v2` of their URLs.
pub(crate) fn resource(region: &str, path: &[&str]) -> String {
    let partition = partition(region).name;
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
        let name = |region| partition(region).name;
        assert_eq!(name("us-east-1"), "aws");
        assert_eq!(name("us-gov-west-1"), "aws-us-gov");
        assert_eq!(name("us-isob-east-1"), "aws-iso-b");
        assert_eq!(partition("eusc-de-east-1").dns_suffix, "amazonaws.eu");
    }
}
