//! AWS deployments of APIs, partitions, and host names of `execute-api`.

use serde::Deserialize;

/// The AWS deployment of an API, in `apis.toml`:
/// `aws = { id = "a1b2c3d4e5", stage = "prod", region = "eu-west-1" }`.
///
/// Either `id` or `name` is set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The id of the API, the first label of its default host name.
    pub id: Option<String>,
    /// The name of the API, if it is unique in the account and Region.
    pub name: Option<String>,
    /// Whether it is a REST API or an HTTP API. Looked up by default.
    pub kind: Option<OriginKind>,
    /// The stage. Optional if there is only one.
    pub stage: Option<String>,
    /// The Region. Defaults to that of the profile or the environment.
    pub region: Option<String>,
    /// The profile in `~/.aws/config`. Defaults to the credentials of the environment.
    pub profile: Option<String>,
    /// The ARN of a role to assume, for an API in another account.
    pub role: Option<String>,
}

/// The type of an API Gateway API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OriginKind {
    /// A REST API.
    Rest,
    /// An HTTP API.
    Http,
}

impl OriginKind {
    /// Returns the name that AWS uses: `REST API` or `HTTP API`.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Rest => "REST API",
            Self::Http => "HTTP API",
        }
    }
}

/// A group of Regions with its own ARNs and host names (`partitions.json` of the AWS SDKs).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partition {
    region_prefix: &'static str,
    name: &'static str,
    dns_suffix: &'static str,
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
    const fn new(
        region_prefix: &'static str,
        name: &'static str,
        dns_suffix: &'static str,
    ) -> Self {
        Self {
            region_prefix,
            name,
            dns_suffix,
        }
    }

    /// Returns the partition of a Region, by the prefix of its name. Defaults to `aws`.
    ///
    /// ```
    /// use apigw_spec::aws::Partition;
    ///
    /// assert_eq!(Partition::of("eu-west-1").name(), "aws");
    /// assert_eq!(Partition::of("eusc-de-east-1").name(), "aws-eusc");
    /// assert_eq!(Partition::of("cn-north-1").dns_suffix(), "amazonaws.com.cn");
    /// ```
    #[must_use]
    pub fn of(region: &str) -> Self {
        PARTITIONS
            .into_iter()
            .find(|partition| region.starts_with(partition.region_prefix))
            .unwrap_or(COMMERCIAL)
    }

    /// Returns the second field of its ARNs, for example `aws-cn`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Returns the suffix of its host names, for example `amazonaws.com.cn`.
    #[must_use]
    pub fn dns_suffix(self) -> &'static str {
        self.dns_suffix
    }
}

/// Returns the ARN of an API, which the ARNs of its methods start with.
///
/// See "Actions, resources, and condition keys for Amazon API Gateway" in the Service Authorization
/// Reference.
///
/// ```
/// let arn = apigw_spec::aws::execute_api_arn("cn-north-1", "123456789012", "a1b2c3d4e5");
/// assert_eq!(arn, "arn:aws-cn:execute-api:cn-north-1:123456789012:a1b2c3d4e5");
/// ```
#[must_use]
pub fn execute_api_arn(region: &str, account: &str, api_id: &str) -> String {
    let partition = Partition::of(region).name();
    format!("arn:{partition}:execute-api:{region}:{account}:{api_id}")
}

/// The parts of the host name of a default API Gateway endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExecuteApiHost<'a> {
    /// The Region.
    pub region: &'a str,
    /// The id of the API. The host name of a VPC endpoint does not contain one.
    pub api_id: Option<&'a str>,
}

impl<'a> ExecuteApiHost<'a> {
    /// Parses a host name, with or without a port. Returns `None` for custom domains.
    ///
    /// ```
    /// use apigw_spec::aws::ExecuteApiHost;
    ///
    /// let host = ExecuteApiHost::parse("a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com").unwrap();
    /// assert_eq!((host.region, host.api_id), ("eu-west-1", Some("a1b2c3d4e5")));
    ///
    /// let host = ExecuteApiHost::parse("a1-vpce-0a1b.execute-api.eu-west-1.amazonaws.com").unwrap();
    /// assert_eq!(host.api_id, Some("a1")); // alias of a private API
    ///
    /// assert_eq!(ExecuteApiHost::parse("orders.example.com"), None);
    /// ```
    #[must_use]
    pub fn parse(host: &'a str) -> Option<Self> {
        let host = host.split(':').next()?;
        let mut labels = host.split('.');
        let is_service = |label: &&str| matches!(*label, "execute-api" | "execute-api-fips");
        let mut before = labels.by_ref().take_while(|label| !is_service(label));
        let first = before.next();
        // only the API id may precede the service
        let is_default = before.next().is_none();
        let region = labels.next().filter(|region| !region.is_empty())?;
        let id = first.filter(|_| is_default)?;
        let id = id.split('-').next().unwrap_or_default();
        let is_id = !id.is_empty() && id != "vpce" && id.bytes().all(|b| b.is_ascii_alphanumeric());
        Some(Self {
            region,
            api_id: is_id.then_some(id),
        })
    }
}
