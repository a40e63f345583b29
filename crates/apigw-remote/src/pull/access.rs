//! Which account and region, and as whom.

use apigw_spec::aws::Origin;
use aws_config::{BehaviorVersion, Region};
use aws_types::SdkConfig;

/// Whose control plane is asked: APIs with the same access share one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Access {
    /// The region; the profile's or the environment's if `None`.
    pub region: Option<String>,
    /// The profile of `~/.aws/config`; `AWS_PROFILE` or `default` if `None`.
    pub profile: Option<String>,
    /// The ARN of a role to assume with the profile's credentials.
    pub role: Option<String>,
}

impl Access {
    /// What `apis.toml` says about an API.
    #[must_use]
    pub fn of(origin: &Origin) -> Self {
        Self {
            region: origin.region.clone(),
            profile: origin.profile.clone(),
            role: origin.role.clone(),
        }
    }

    /// The environment's configuration with these choices made, as every AWS SDK reads it:
    /// credentials, region, and `endpoint` in place of the variables `AWS_ENDPOINT_URL_API_GATEWAY`,
    /// `AWS_ENDPOINT_URL_APIGATEWAYV2` and `AWS_ENDPOINT_URL` (AWS SDKs and Tools Reference Guide,
    /// "Service-specific endpoints").
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
