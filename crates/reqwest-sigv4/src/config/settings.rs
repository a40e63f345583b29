//! The settings of a signer.

use http::HeaderValue;

use super::allowed_hosts::AllowedHosts;
use crate::{Error, ExistingAuthorization, HeaderPolicy, Payload, ServiceProfile};

/// API Gateway's own limit for a request body, in bytes.
const DEFAULT_BODY_LIMIT: usize = 10 * 1024 * 1024;

/// What the builder sets and the signer follows.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) region: Option<String>,
    /// The Region of the SDK's configuration, for hosts without one.
    pub(crate) fallback_region: Option<String>,
    #[cfg(feature = "sigv4a")]
    pub(crate) region_set: Option<String>,
    pub(crate) service: Option<ServiceProfile>,
    pub(crate) signing_host: Option<String>,
    pub(crate) private_api_id: Option<HeaderValue>,
    pub(crate) allowed_hosts: AllowedHosts,
    pub(crate) header_policy: HeaderPolicy,
    pub(crate) existing_authorization: ExistingAuthorization,
    pub(crate) payload: Payload,
    pub(crate) body_limit: usize,
    /// Whether a refusal becomes an error.
    pub(crate) explain_refusals: bool,
}

impl Settings {
    /// Returns whether signatures are for a set of Regions instead of a single one.
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
            private_api_id: None,
            allowed_hosts: AllowedHosts::default(),
            header_policy: HeaderPolicy::default(),
            existing_authorization: ExistingAuthorization::default(),
            payload: Payload::default(),
            body_limit: DEFAULT_BODY_LIMIT,
            explain_refusals: false,
        }
    }
}

/// Returns a setting as a header's value. The error names the `method` that set it.
pub(crate) fn header_setting(method: &'static str, text: &str) -> Result<HeaderValue, Error> {
    let is_visible = !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
    HeaderValue::from_str(text)
        .ok()
        .filter(|_| is_visible)
        .ok_or(Error::InvalidSetting { setting: method })
}
