//! The identity that signs requests.

use reqwest_sigv4::Signer;

use super::CallError;

/// The settings of a signer. Settings that are `None` come from the environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// The Region to sign for.
    pub region: Option<String>,
    /// The service to sign for. The default depends on the host; see [`reqwest_sigv4`].
    pub service: Option<String>,
    /// The profile in `~/.aws/config`.
    pub profile: Option<String>,
    /// The ARN of a role to assume.
    pub role: Option<String>,
}

impl Identity {
    /// Creates a signer. Credentials are not loaded before the first request.
    ///
    /// # Errors
    ///
    /// Returns an error if a setting is invalid, here or in the environment.
    pub async fn signer(&self) -> Result<Signer, CallError> {
        let mut signer = Signer::builder();
        if let Some(region) = &self.region {
            signer = signer.region(region.as_str());
        }
        if let Some(service) = &self.service {
            signer = signer.service(service.as_str());
        }
        if let Some(profile) = &self.profile {
            signer = signer.profile(profile);
        }
        if let Some(role) = &self.role {
            signer = signer.assume_role(role.as_str());
        }
        Ok(signer.load().await?)
    }
}
