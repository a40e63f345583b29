//! What a signer is set up with.

use http::HeaderValue;

use crate::config::allowed_hosts::AllowedHosts;
use crate::config::service::ServiceProfile;
use crate::sign::headers::{ExistingAuthorization, HeaderPolicy};
use crate::sign::payload::{DEFAULT_BODY_LIMIT, Payload};

/// The choices that the builder collects and the signer follows.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) region: Option<String>,
    /// The Region of the SDK's configuration, for hosts that tell none.
    pub(crate) fallback_region: Option<String>,
    #[cfg(feature = "sigv4a")]
    pub(crate) region_set: Option<String>,
    pub(crate) service: Option<ServiceProfile>,
    pub(crate) signing_host: Option<String>,
    pub(crate) api_id: Option<HeaderValue>,
    pub(crate) allowed_hosts: AllowedHosts,
    pub(crate) header_policy: HeaderPolicy,
    pub(crate) existing_authorization: ExistingAuthorization,
    pub(crate) payload: Payload,
    pub(crate) body_limit: usize,
}

impl Settings {
    /// Whether signatures name a set of Regions, and so no Region of their own.
    pub(crate) fn is_multi_region(&self) -> bool {
        #[cfg(feature = "sigv4a")]
        return self.region_set.is_some();
        #[cfg(not(feature = "sigv4a"))]
        false
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            region: None,
            fallback_region: None,
            #[cfg(feature = "sigv4a")]
            region_set: None,
            service: None,
            signing_host: None,
            api_id: None,
            allowed_hosts: AllowedHosts::default(),
            header_policy: HeaderPolicy::default(),
            existing_authorization: ExistingAuthorization::default(),
            payload: Payload::default(),
            body_limit: DEFAULT_BODY_LIMIT,
        }
    }
}
