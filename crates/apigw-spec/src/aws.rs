//! Where on AWS an API is deployed.

use serde::Deserialize;

/// Where on AWS an API is deployed: `aws = { id = "a1b2c3d4e5", stage = "prod", region = "eu-west-1" }`.
///
/// It has either `id` or `name`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The API's id, the first part of its default host name.
    pub id: Option<String>,
    /// The API's name, where only one API of the account and region has it.
    pub name: Option<String>,
    /// Whether it is a REST API or an HTTP API; looked up if left out.
    pub kind: Option<OriginKind>,
    /// The stage; may be left out where there is only one.
    pub stage: Option<String>,
    /// The region; the profile's or the environment's if left out.
    pub region: Option<String>,
    /// The profile of `~/.aws/config`; the environment's credentials if left out.
    pub profile: Option<String>,
    /// The ARN of a role to assume, for an API in another account.
    pub role: Option<String>,
}

/// The product of API Gateway that an API belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OriginKind {
    /// A REST API.
    Rest,
    /// An HTTP API.
    Http,
}

impl OriginKind {
    /// As AWS writes it: `REST API`, `HTTP API`.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Rest => "REST API",
            Self::Http => "HTTP API",
        }
    }
}
