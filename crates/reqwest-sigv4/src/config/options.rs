//! What one request may choose for itself.

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};

use crate::{Payload, ServiceProfile};

/// What one request chooses differently from its [`Signer`](crate::Signer).
///
/// Put it into the request's extensions:
///
/// ```
/// use reqwest_sigv4::SignOptions;
///
/// # async fn call(http: reqwest_middleware::ClientWithMiddleware) -> Result<(), reqwest_middleware::Error> {
/// // a health check that nobody signs
/// http.get("https://api.example.com/ping")
///     .with_extension(SignOptions::skip())
///     .send()
///     .await?;
///
/// // the same client, another Region
/// http.get("https://api.example.com/orders")
///     .with_extension(SignOptions::new().region("us-east-1"))
///     .send()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct SignOptions {
    pub(crate) skip: bool,
    pub(crate) region: Option<String>,
    pub(crate) service: Option<ServiceProfile>,
    pub(crate) signing_host: Option<String>,
    pub(crate) payload: Option<Payload>,
    pub(crate) credentials: Option<SharedCredentialsProvider>,
}

impl SignOptions {
    /// Nothing chosen: as the signer is set up.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends the request unsigned.
    pub fn skip() -> Self {
        Self {
            skip: true,
            ..Self::default()
        }
    }

    /// Signs for this Region.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Signs for this service, by its signing name, for example `execute-api`.
    #[must_use]
    pub fn service(mut self, service: impl Into<ServiceProfile>) -> Self {
        self.service = Some(service.into());
        self
    }

    /// Signs for this host, where the one on the wire is changed on the way, for example by a CDN.
    #[must_use]
    pub fn signing_host(mut self, host: impl Into<String>) -> Self {
        self.signing_host = Some(host.into());
        self
    }

    /// Signs the payload in this way.
    #[must_use]
    pub fn payload(mut self, payload: Payload) -> Self {
        self.payload = Some(payload);
        self
    }

    /// Signs with credentials of this provider, which is asked for every request: give fixed
    /// [`Credentials`](aws_credential_types::Credentials), or [`CachedCredentials`](crate::CachedCredentials).
    #[must_use]
    pub fn credentials(mut self, provider: impl ProvideCredentials + 'static) -> Self {
        self.credentials = Some(SharedCredentialsProvider::new(provider));
        self
    }
}
