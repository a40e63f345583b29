//! What one request can override.

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};

use crate::{Payload, ServiceProfile};

/// Options of one request, which override the settings of its [`Signer`](crate::Signer).
///
/// Put them into the request's extensions:
///
/// ```
/// use reqwest_sigv4::SignOptions;
///
/// # async fn call(http: reqwest_middleware::ClientWithMiddleware) -> Result<(), reqwest_middleware::Error> {
/// // a health check without a signature
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
    /// Creates options that override nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates options that send the request unsigned.
    pub fn skip() -> Self {
        Self {
            skip: true,
            ..Self::default()
        }
    }

    /// Sets the Region to sign for.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Sets the service to sign for, by its signing name, for example `execute-api`, or as a [`ServiceProfile`].
    #[must_use]
    pub fn service(mut self, service: impl Into<ServiceProfile>) -> Self {
        self.service = Some(service.into());
        self
    }

    /// Sets the host to sign for, if it is rewritten in transit, for example by a CDN.
    #[must_use]
    pub fn signing_host(mut self, host: impl Into<String>) -> Self {
        self.signing_host = Some(host.into());
        self
    }

    /// Sets how the body is signed.
    #[must_use]
    pub fn payload(mut self, payload: Payload) -> Self {
        self.payload = Some(payload);
        self
    }

    /// Sets the credentials provider. It is called for every request, so pass fixed
    /// [`Credentials`](aws_credential_types::Credentials) or [`CachedCredentials`](crate::CachedCredentials).
    #[must_use]
    pub fn credentials(mut self, provider: impl ProvideCredentials + 'static) -> Self {
        self.credentials = Some(SharedCredentialsProvider::new(provider));
        self
    }
}
