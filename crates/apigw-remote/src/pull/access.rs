//! The Region, profile and role for access to an account.

use apigw_spec::aws::Origin;
use aws_config::{BehaviorVersion, Region};
use aws_types::SdkConfig;

/// The Region, profile and role to use. APIs with the same access share a [`ControlPlane`](super::ControlPlane).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Access {
    /// The Region. The default is that of the environment or the profile.
    pub region: Option<String>,
    /// The profile in `~/.aws/config`. The default is `AWS_PROFILE`, or `default`.
    pub profile: Option<String>,
    /// The ARN of a role to assume with the credentials of the profile.
    pub role: Option<String>,
}

impl Access {
    /// Returns the access of an origin in `apis.toml`.
    #[must_use]
    pub fn of(origin: &Origin) -> Self {
        Self {
            region: origin.region.clone(),
            profile: origin.profile.clone(),
            role: origin.role.clone(),
        }
    }

    /// Loads the SDK configuration from the environment, with the Region and profile of this access.
    ///
    /// `endpoint` overrides `AWS_ENDPOINT_URL_API_GATEWAY`, `AWS_ENDPOINT_URL_APIGATEWAYV2` and
    /// `AWS_ENDPOINT_URL` (AWS SDKs and Tools Reference Guide, "Service-specific endpoints"). The role
    /// is not assumed here, but in [`ControlPlane::new`](super::ControlPlane::new).
    pub async fn load(&self, endpoint: Option<&str>) -> SdkConfig {
        let mut loader = aws_config::defaults(BehaviorVersion::latest());
        if let Some(region) = &self.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(profile) = &self.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(endpoint) = endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        loader.load().await
    }
}
