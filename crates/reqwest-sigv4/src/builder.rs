//! Setting up a signer.

use std::fmt;
use std::sync::Arc;

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_types::SdkConfig;

use crate::headers::{ExistingAuthorization, HeaderPolicy};
use crate::signer::{Inner, Signer};
use crate::{Clock, Error, SystemClock, body, region};

/// Sets up a [`Signer`].
///
/// ```
/// use reqwest_sigv4::{Credentials, Signer};
///
/// # fn main() -> Result<(), reqwest_sigv4::Error> {
/// let signer = Signer::builder()
///     .credentials(Credentials::new("AKIDEXAMPLE", "a secret", None, None, "example"))
///     .region("eu-west-2") // for a custom domain; an API Gateway host tells its own
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct SignerBuilder {
    credentials: Option<SharedCredentialsProvider>,
    region: Option<String>,
    fallback_region: Option<String>,
    service: Option<String>,
    header_policy: HeaderPolicy,
    existing_authorization: ExistingAuthorization,
    body_limit: Option<usize>,
    clock: Option<Arc<dyn Clock>>,
    #[cfg(feature = "aws-config")]
    profile: Option<String>,
}

impl SignerBuilder {
    /// Where credentials come from. Goes before the SDK's configuration.
    #[must_use]
    pub fn credentials(mut self, provider: impl ProvideCredentials + 'static) -> Self {
        self.credentials = Some(SharedCredentialsProvider::new(provider));
        self
    }

    /// The Region to sign for. Goes before what the host tells; a custom domain tells nothing.
    #[must_use]
    pub fn region(mut self, region: impl AsRef<str>) -> Self {
        self.region = Some(region.as_ref().to_owned());
        self
    }

    /// The service to sign for, by its signing name. Goes before what the host tells; the default is `execute-api`.
    #[must_use]
    pub fn service(mut self, service: impl Into<String>) -> Self {
        self.service = Some(service.into());
        self
    }

    /// Takes credentials and Region from the SDK's configuration, where they are not set here. The Region is used for hosts that tell none.
    #[must_use]
    pub fn sdk_config(mut self, config: &SdkConfig) -> Self {
        self.credentials = self.credentials.or_else(|| config.credentials_provider());
        self.fallback_region = config.region().map(|region| region.to_string());
        self
    }

    /// The profile of `~/.aws/config` and `~/.aws/credentials` that [`load`](Self::load) reads; the default is `AWS_PROFILE`, then `default`.
    #[cfg(feature = "aws-config")]
    #[must_use]
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// Which headers are signed; the default is [`HeaderPolicy::minimal`].
    #[must_use]
    pub fn header_policy(mut self, policy: HeaderPolicy) -> Self {
        self.header_policy = policy;
        self
    }

    /// What to do with a request that already has an `Authorization` header; the default is to refuse it.
    #[must_use]
    pub fn existing_authorization(mut self, policy: ExistingAuthorization) -> Self {
        self.existing_authorization = policy;
        self
    }

    /// How many bytes of a streaming body may be buffered to hash them; the default is 10 MiB, API Gateway's own limit.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = Some(bytes);
        self
    }

    /// Where the time comes from; the default is [`SystemClock`].
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// The signer, from what is set here alone.
    ///
    /// # Errors
    ///
    /// [`Error::NoCredentials`] without a source of credentials; [`Error::InvalidRegion`] or [`Error::InvalidService`] for a misspelt name.
    pub fn build(self) -> Result<Signer, Error> {
        let normalised =
            |region: Option<String>| region.as_deref().map(region::normalise).transpose();
        Ok(Signer {
            inner: Arc::new(Inner {
                credentials: self.credentials.ok_or(Error::NoCredentials)?,
                region: normalised(self.region)?,
                fallback_region: normalised(self.fallback_region)?,
                service: self.service.map(check_service).transpose()?,
                header_policy: self.header_policy,
                existing_authorization: self.existing_authorization,
                body_limit: self.body_limit.unwrap_or(body::DEFAULT_BODY_LIMIT),
                clock: self.clock.unwrap_or_else(|| Arc::new(SystemClock)),
            }),
        })
    }

    /// The signer, with credentials and Region from the environment where they are not set here.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidRegion`] or [`Error::InvalidService`] for a misspelt name.
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), reqwest_sigv4::Error> {
    /// let signer = reqwest_sigv4::Signer::builder().profile("orders-dev").load().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "aws-config")]
    pub async fn load(self) -> Result<Signer, Error> {
        let mut loader = aws_config::defaults(aws_config::BehaviorVersion::latest());
        if let Some(profile) = &self.profile {
            loader = loader.profile_name(profile);
        }
        let config = loader.load().await;
        self.sdk_config(&config).build()
    }
}

/// A signing name is what a credential scope can hold: lower-case letters, digits and dashes.
fn check_service(service: String) -> Result<String, Error> {
    let valid = !service.is_empty()
        && service
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if valid {
        Ok(service)
    } else {
        Err(Error::InvalidService { service })
    }
}

impl fmt::Debug for SignerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignerBuilder")
            .field("region", &self.region)
            .field("fallback_region", &self.fallback_region)
            .field("service", &self.service)
            .field("header_policy", &self.header_policy)
            .finish_non_exhaustive()
    }
}
