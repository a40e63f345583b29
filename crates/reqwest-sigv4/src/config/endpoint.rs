//! What a host name tells: the service, the Region and the API behind it.

use reqwest::Url;

use crate::config::region::is_region;

/// DNS suffixes of AWS's partitions, IPv4 and dual-stack
/// (`partitions.json` of the AWS SDKs: `dnsSuffix` and `dualStackDnsSuffix`).
const SUFFIXES: &[&str] = &[
    "amazonaws.com",
    "api.aws",
    "amazonaws.com.cn",
    "api.amazonwebservices.com.cn",
    "amazonaws.eu",
    "api.amazonwebservices.eu",
    "c2s.ic.gov",
    "api.aws.ic.gov",
    "sc2s.sgov.gov",
    "api.aws.scloud",
    "cloud.adc-e.uk",
    "api.cloud-aws.adc-e.uk",
    "csp.hci.ic.gov",
    "api.aws.hci.ic.gov",
];

/// Where a request goes, read from its host name.
///
/// ```
/// use reqwest_sigv4::Endpoint;
///
/// let endpoint = Endpoint::from_host("abc123.execute-api.eu-west-2.amazonaws.com").unwrap();
/// assert_eq!(endpoint.service(), "execute-api");
/// assert_eq!(endpoint.region(), "eu-west-2");
/// assert_eq!(endpoint.api_id(), Some("abc123"));
///
/// assert_eq!(Endpoint::from_host("api.example.com"), None); // a custom domain does not tell
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    service: &'static str,
    region: String,
    api_id: Option<String>,
}

impl Endpoint {
    /// Reads a host name, with or without a port, in any case.
    ///
    /// Known are API Gateway (`{id}.execute-api.{region}`, private alias, VPC endpoint, FIPS), its control plane, Lambda function URLs,
    /// AppSync, OpenSearch and OpenSearch Serverless, VPC Lattice, Bedrock and STS, in every partition. Anything else, and any custom domain, gives `None`.
    pub fn from_host(host: &str) -> Option<Self> {
        Told::by(&host.to_ascii_lowercase()).map(|told| Self {
            service: told.service,
            region: told.region.to_owned(),
            api_id: told.api_id.map(str::to_owned),
        })
    }

    /// Reads the host of a URL.
    pub fn from_url(url: &Url) -> Option<Self> {
        Self::from_host(url.host_str()?)
    }

    /// The name of the service in the credential scope, for example `execute-api`.
    pub fn service(&self) -> &str {
        self.service
    }

    /// The Region in the credential scope, for example `eu-west-2`.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The id of the API, where the host of an API Gateway names it; a VPC endpoint's own name does not.
    pub fn api_id(&self) -> Option<&str> {
        self.api_id.as_deref()
    }
}

/// What a host name in lower case tells; nothing is copied, because every request asks.
#[derive(Debug)]
pub(crate) struct Told<'a> {
    pub(crate) service: &'static str,
    pub(crate) region: &'a str,
    api_id: Option<&'a str>,
}

impl<'a> Told<'a> {
    pub(crate) fn by(host: &'a str) -> Option<Self> {
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
        let name = SUFFIXES
            .iter()
            .find_map(|suffix| host.strip_suffix(suffix)?.strip_suffix('.'))?;
        match Labels::of(name)?.as_slice() {
            [_, "execute-api", region, "vpce"] => Self::new("execute-api", region),
            [api, "execute-api" | "execute-api-fips", region] => {
                // a private API's alias: `{api-id}-vpce-{id}`
                let id = api.split_once("-vpce-").map_or(*api, |(id, _)| id);
                let told = Self::new("execute-api", region)?;
                Some(Self {
                    api_id: (!id.starts_with("vpce-")).then_some(id),
                    ..told
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

/// The labels of a host name; no known host has more than these.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(host: &str, service: &str, region: &str, api_id: Option<&str>) {
        let endpoint = Endpoint::from_host(host).unwrap_or_else(|| panic!("{host} not recognised"));
        assert_eq!(
            (endpoint.service(), endpoint.region(), endpoint.api_id()),
            (service, region, api_id),
            "{host}"
        );
    }

    #[test]
    fn api_gateway_in_every_partition() {
        for (suffix, region) in [
            ("amazonaws.com", "eu-west-2"),
            ("amazonaws.com", "us-gov-west-1"),
            ("amazonaws.com.cn", "cn-north-1"),
            ("amazonaws.eu", "eusc-de-east-1"),
            ("api.aws", "us-east-1"),
            ("c2s.ic.gov", "us-iso-east-1"),
            ("sc2s.sgov.gov", "us-isob-east-1"),
            ("cloud.adc-e.uk", "eu-isoe-west-1"),
            ("csp.hci.ic.gov", "us-isof-south-1"),
        ] {
            let host = format!("abc123.execute-api.{region}.{suffix}");
            reads(&host, "execute-api", region, Some("abc123"));
        }
    }

    #[test]
    fn api_gateway_in_every_form() {
        reads(
            "abc123.execute-api-fips.us-east-1.amazonaws.com",
            "execute-api",
            "us-east-1",
            Some("abc123"),
        );
        reads(
            "01234567ab-vpce-01234567abcdef012.execute-api.us-west-2.amazonaws.com",
            "execute-api",
            "us-west-2",
            Some("01234567ab"),
        );
        reads(
            "vpce-0123456789abcdef0-abcd1234.execute-api.eu-west-1.vpce.amazonaws.com",
            "execute-api",
            "eu-west-1",
            None,
        );
        reads(
            "ABC123.Execute-API.EU-West-1.AmazonAWS.com.:8443",
            "execute-api",
            "eu-west-1",
            Some("abc123"),
        );
    }

    #[test]
    fn other_services_under_their_signing_names() {
        reads(
            "xyz.lambda-url.eu-west-1.on.aws",
            "lambda",
            "eu-west-1",
            None,
        );
        reads(
            "svc-0d6f.7d67968.vpc-lattice-svcs.us-west-2.on.aws",
            "vpc-lattice-svcs",
            "us-west-2",
            None,
        );
        reads(
            "abc.appsync-api.eu-west-1.amazonaws.com",
            "appsync",
            "eu-west-1",
            None,
        );
        reads(
            "search-x-abc.eu-west-1.es.amazonaws.com",
            "es",
            "eu-west-1",
            None,
        );
        reads(
            "abc.eu-west-1.aoss.amazonaws.com",
            "aoss",
            "eu-west-1",
            None,
        );
        reads(
            "bedrock-runtime.us-east-1.amazonaws.com",
            "bedrock",
            "us-east-1",
            None,
        );
        reads(
            "apigateway.eu-west-1.amazonaws.com",
            "apigateway",
            "eu-west-1",
            None,
        );
        reads("sts.eu-west-1.amazonaws.com", "sts", "eu-west-1", None);
    }

    #[test]
    fn a_host_that_does_not_tell_gives_nothing() {
        for host in [
            "",
            "localhost",
            "127.0.0.1:8080",
            "[::1]:8080",
            "api.example.com",
            "abc123.execute-api.eu-west-1.example.com",
            "abc123.execute-api.nowhere.amazonaws.com",
            "abc123.execute-api.eu-west-1.amazonaws.com.evil.example",
            "abc123.execute-api.eu-west-1.notamazonaws.com",
            "execute-api.eu-west-1.amazonaws.com",
            "d111.cloudfront.net",
        ] {
            assert_eq!(Endpoint::from_host(host), None, "{host}");
        }
    }
}
