//! The parser of AWS host names.

use super::partitions;
use crate::config::region::is_region;
use crate::config::service::is_signing_name;

/// The parts of an AWS host name, borrowed from it because every request is parsed.
#[derive(Debug)]
pub(crate) struct HostParts<'a> {
    pub(crate) service: &'static str,
    pub(crate) region: &'a str,
    pub(super) api_id: Option<&'a str>,
}

impl<'a> HostParts<'a> {
    pub(crate) fn parse(host: &'a str) -> Option<Self> {
        let host = without_port(host);
        Self::on_aws(host).or_else(|| Self::in_partition(host))
    }

    /// Hosts under `on.aws`: Lambda function URLs, VPC Lattice, dual-stack OpenSearch domains.
    fn on_aws(host: &'a str) -> Option<Self> {
        let name = host.strip_suffix(".on.aws")?;
        match Labels::of(name)?.as_slice() {
            [_, "lambda-url", region] => Self::new("lambda", region),
            [.., "vpc-lattice-svcs", region] => Self::new("vpc-lattice-svcs", region),
            [_, "aos", region] => Self::new("es", region),
            _ => None,
        }
    }

    /// Hosts under the DNS suffix of a partition.
    fn in_partition(host: &'a str) -> Option<Self> {
        let name = partitions::without_suffix(host)?;
        match Labels::of(name)?.as_slice() {
            [_, "execute-api", region, "vpce"] => Self::new("execute-api", region),
            [api, "execute-api" | "execute-api-fips", region] => {
                // a private API's alias: `{api-id}-vpce-{id}`
                let id = api.split_once("-vpce-").map_or(*api, |(id, _)| id);
                let parts = Self::new("execute-api", region)?;
                Some(Self {
                    api_id: (!id.starts_with("vpce-")).then_some(id),
                    ..parts
                })
            }
            [_, "appsync-api", region] => Self::new("appsync", region),
            [_, region, "es"] => Self::new("es", region),
            [_, region, "aoss"] => Self::new("aoss", region),
            [.., region, "neptune"] => Self::new("neptune-db", region),
            [_, "iot", region] => Self::new("iotdata", region),
            [_, "gateway", "bedrock-agentcore", region] => Self::new("bedrock-agentcore", region),
            [label, region] | [_, label, region, "vpce"] => Self::new(signing_name(label)?, region),
            _ => None,
        }
    }

    fn new(service: &'static str, region: &'a str) -> Option<Self> {
        is_region(region).then_some(Self {
            service,
            region,
            api_id: None,
        })
    }
}

/// The signing names of services with one host per Region.
fn signing_name(label: &str) -> Option<&'static str> {
    Some(match label.strip_suffix("-fips").unwrap_or(label) {
        "apigateway" => "apigateway",
        "aps-workspaces" => "aps",
        "bedrock" | "bedrock-runtime" | "bedrock-agent" | "bedrock-agent-runtime" => "bedrock",
        "bedrock-agentcore" => "bedrock-agentcore",
        "bedrock-mantle" => "bedrock-mantle",
        "sts" => "sts",
        _ => return None,
    })
}

/// A host of AWS whose signing name is not known.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UnknownHost<'a> {
    pub(crate) region: Option<&'a str>,
    /// The label that probably is the signing name.
    pub(crate) service: Option<&'a str>,
}

impl<'a> UnknownHost<'a> {
    /// Returns `None` for a host outside of AWS. Only for hosts that [`HostParts`] does not know.
    pub(crate) fn parse(host: &'a str) -> Option<Self> {
        let host = without_port(host);
        let name = host
            .strip_suffix(".on.aws")
            .or_else(|| partitions::without_suffix(host))?;
        let labels = name.strip_suffix(".vpce").unwrap_or(name);
        let labels: Vec<&str> = labels.split('.').collect();
        let region = labels.iter().rposition(|label| is_region(label));
        // `service.region`, `x.service.region`, `x.region.service` or `service`
        let service = match region {
            Some(at) => labels
                .get(at + 1)
                .or_else(|| labels.get(at.checked_sub(1)?)),
            None => labels.last(),
        };
        let service = service.map(|label| label.strip_suffix("-fips").unwrap_or(label));
        Some(Self {
            region: region.and_then(|at| labels.get(at).copied()),
            service: service.filter(|label| is_service(label)),
        })
    }
}

/// Returns whether a label can be the signing name of a service that this crate can sign for: not S3, load balancers or EC2 instances.
fn is_service(label: &str) -> bool {
    let is_other = label.starts_with("s3") || matches!(label, "elb" | "compute" | "execute-api");
    !is_other && label.starts_with(|c: char| c.is_ascii_lowercase()) && is_signing_name(label)
}

fn without_port(host: &str) -> &str {
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    host.strip_suffix('.').unwrap_or(host)
}

/// The labels of a host name, at most eight: known hosts do not have more.
struct Labels<'a> {
    labels: [&'a str; 8],
    count: usize,
}

impl<'a> Labels<'a> {
    fn of(name: &'a str) -> Option<Self> {
        let mut labels = [""; 8];
        let mut count = 0;
        for label in name.split('.') {
            *labels.get_mut(count)? = label;
            count += 1;
        }
        Some(Self { labels, count })
    }

    fn as_slice(&self) -> &[&'a str] {
        self.labels.get(..self.count).unwrap_or_default()
    }
}
