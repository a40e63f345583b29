//! AWS host names: service, Region and API id.

use reqwest::Url;

mod host;
mod partitions;

pub(crate) use host::{HostParts, UnknownHost};

/// An AWS endpoint, parsed from its host name.
///
/// ```
/// use reqwest_sigv4::Endpoint;
///
/// let endpoint = Endpoint::from_host("abc123.execute-api.eu-west-2.amazonaws.com").unwrap();
/// assert_eq!(endpoint.service(), "execute-api");
/// assert_eq!(endpoint.region(), "eu-west-2");
/// assert_eq!(endpoint.api_id(), Some("abc123"));
///
/// assert_eq!(Endpoint::from_host("api.example.com"), None); // a custom domain
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    service: &'static str,
    region: String,
    api_id: Option<String>,
}

impl Endpoint {
    /// Parses a host name, with or without a port, in any case.
    ///
    /// Supports API Gateway (`{id}.execute-api.{region}`, private alias, VPC endpoint, FIPS), its control plane, Lambda function URLs,
    /// AppSync, OpenSearch and OpenSearch Serverless, VPC Lattice, Bedrock with Mantle and AgentCore, Neptune, IoT data, Managed Prometheus and
    /// STS, in every partition. Returns `None` for other hosts, including custom domains.
    pub fn from_host(host: &str) -> Option<Self> {
        HostParts::parse(&host.to_ascii_lowercase()).map(|parts| Self {
            service: parts.service,
            region: parts.region.to_owned(),
            api_id: parts.api_id.map(str::to_owned),
        })
    }

    /// Parses the host name of a URL.
    pub fn from_url(url: &Url) -> Option<Self> {
        Self::from_host(url.host_str()?)
    }

    /// Returns the signing name of the service, for example `execute-api`.
    pub fn service(&self) -> &str {
        self.service
    }

    /// Returns the Region, for example `eu-west-2`.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Returns the id of the API, if the host name contains it. The host name of a VPC endpoint does not.
    pub fn api_id(&self) -> Option<&str> {
        self.api_id.as_deref()
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
    fn other_services_have_their_signing_names() {
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
        for (host, service) in [
            ("bedrock-mantle.eu-west-1.api.aws", "bedrock-mantle"),
            (
                "bedrock-agentcore.eu-west-1.amazonaws.com",
                "bedrock-agentcore",
            ),
            (
                "tools-1a2b.gateway.bedrock-agentcore.eu-west-1.amazonaws.com",
                "bedrock-agentcore",
            ),
            ("bedrock-runtime.eu-west-1.api.aws", "bedrock"),
            ("bedrock-runtime-fips.eu-west-1.amazonaws.com", "bedrock"),
            (
                "vpce-01-ab.bedrock-runtime.eu-west-1.vpce.amazonaws.com",
                "bedrock",
            ),
            ("aps-workspaces.eu-west-1.amazonaws.com", "aps"),
            ("abc-ats.iot.eu-west-1.amazonaws.com", "iotdata"),
            (
                "db.cluster-abc.eu-west-1.neptune.amazonaws.com",
                "neptune-db",
            ),
            ("abc.aos.eu-west-1.on.aws", "es"),
            ("sts.eu-west-1.amazonaws.com", "sts"),
        ] {
            reads(host, service, "eu-west-1", None);
        }
    }

    #[test]
    fn an_unknown_host_of_aws_proposes_a_service() {
        for (host, region, service) in [
            (
                "kafkaconnect.eu-west-1.amazonaws.com",
                "eu-west-1",
                "kafkaconnect",
            ),
            (
                "abc.kafkaconnect-fips.eu-west-1.api.aws:443",
                "eu-west-1",
                "kafkaconnect",
            ),
            (
                "abc.eu-west-1.new-search.amazonaws.com.",
                "eu-west-1",
                "new-search",
            ),
            (
                "vpce-01.logs.eu-west-1.vpce.amazonaws.com",
                "eu-west-1",
                "logs",
            ),
            ("abc.new-url.eu-west-1.on.aws", "eu-west-1", "new-url"),
            ("iam.amazonaws.com", "", "iam"),
            ("bucket.s3.eu-west-1.amazonaws.com", "eu-west-1", ""),
            ("s3-accesspoint.eu-west-1.amazonaws.com", "eu-west-1", ""),
            ("lb-1.eu-west-1.elb.amazonaws.com", "eu-west-1", ""),
            ("ec2-1.eu-west-1.compute.amazonaws.com", "eu-west-1", ""),
            ("eu-west-1.amazonaws.com", "eu-west-1", ""),
        ] {
            assert_eq!(Endpoint::from_host(host), None, "{host}");
            let unknown = UnknownHost::parse(host).unwrap();
            let found = (
                unknown.region.unwrap_or_default(),
                unknown.service.unwrap_or_default(),
            );
            assert_eq!(found, (region, service), "{host}");
        }
        for host in [
            "",
            "localhost",
            "api.example.com",
            "amazonaws.com",
            "notamazonaws.com",
        ] {
            assert_eq!(UnknownHost::parse(host), None, "{host}");
        }
    }

    #[test]
    fn other_hosts_are_not_parsed() {
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
