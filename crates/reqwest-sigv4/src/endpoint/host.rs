//! The parser of AWS host names.

use super::partitions;
use crate::config::region::is_region;

/// The parts of an AWS host name, borrowed from it because every request is parsed.
#[derive(Debug)]
pub(crate) struct HostParts<'a> {
    pub(crate) service: &'static str,
    pub(crate) region: &'a str,
    pub(super) api_id: Option<&'a str>,
}

impl<'a> HostParts<'a> {
    pub(crate) fn parse(host: &'a str) -> Option<Self> {
        let host = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
            _ => host,
        };
        let host = host.strip_suffix('.').unwrap_or(host);
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
            ["apigateway" | "apigateway-fips", region] => Self::new("apigateway", region),
            [_, "appsync-api", region] => Self::new("appsync", region),
            [_, region, "es"] => Self::new("es", region),
            [_, region, "aoss"] => Self::new("aoss", region),
            [
                "bedrock"
                | "bedrock-fips"
                | "bedrock-runtime"
                | "bedrock-runtime-fips"
                | "bedrock-agent"
                | "bedrock-agent-runtime",
                region,
            ] => Self::new("bedrock", region),
            ["sts" | "sts-fips", region] => Self::new("sts", region),
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
