//! Setting up a signer.

use std::fmt;
use std::sync::Arc;

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_types::SdkConfig;

use crate::clock::skew::SharedSkew;
use crate::config::region;
use crate::config::service::ServiceProfile;
use crate::config::settings::Settings;
use crate::credentials::CachedCredentials;
use crate::sign::Shared;
use crate::sign::headers::{ExistingAuthorization, HeaderPolicy, setting};
use crate::signer::Signer;
use crate::{Clock, Error, Payload, SystemClock};

/// Switches the correction of the clock off in every AWS SDK, and here.
const DISABLE_SKEW: &str = "AWS_DISABLE_CLOCK_SKEW_CORRECTION";

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
    settings: Settings,
    credentials: Option<Source>,
    sdk_config: Option<SdkConfig>,
    clock: Option<Arc<dyn Clock>>,
    correct_clock: Option<bool>,
    api_id: Option<String>,
    #[cfg(feature = "aws-config")]
    roles: Vec<crate::AssumeRole>,
    #[cfg(feature = "aws-config")]
    profile: Option<String>,
}

/// Where credentials come from, with or without a cache of its own.
#[derive(Clone)]
enum Source {
    Provider(SharedCredentialsProvider),
    Cache(CachedCredentials),
}

impl SignerBuilder {
    /// Where credentials come from; goes before the SDK's configuration. The signer remembers them, see [`CachedCredentials`].
    #[must_use]
    pub fn credentials(mut self, provider: impl ProvideCredentials + 'static) -> Self {
        self.credentials = Some(Source::Provider(SharedCredentialsProvider::new(provider)));
        self
    }

    /// Credentials that several signers share.
    #[must_use]
    pub fn credentials_cache(mut self, credentials: CachedCredentials) -> Self {
        self.credentials = Some(Source::Cache(credentials));
        self
    }

    /// A role to assume with the credentials; called again, the next role is assumed with those of the one before.
    ///
    /// ```
    /// use reqwest_sigv4::{AssumeRole, Signer};
    ///
    /// let builder = Signer::builder()
    ///     .assume_role("arn:aws:iam::111122223333:role/hub")
    ///     .assume_role(AssumeRole::new("arn:aws:iam::444455556666:role/orders-caller").external_id("orders"));
    /// ```
    #[cfg(feature = "aws-config")]
    #[must_use]
    pub fn assume_role(mut self, role: impl Into<crate::AssumeRole>) -> Self {
        self.roles.push(role.into());
        self
    }

    /// Takes credentials and Region from the SDK's configuration, where they are not set here. The Region is used for hosts that tell none.
    #[must_use]
    pub fn sdk_config(mut self, config: &SdkConfig) -> Self {
        self.sdk_config = Some(config.clone());
        self
    }

    /// The profile of `~/.aws/config` and `~/.aws/credentials` that [`load`](Self::load) reads; the default is `AWS_PROFILE`, then `default`.
    #[cfg(feature = "aws-config")]
    #[must_use]
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// The Region to sign for, for example `eu-west-2`. Goes before what the host tells; a custom domain tells nothing.
    #[must_use]
    pub fn region(mut self, region: impl AsRef<str>) -> Self {
        self.settings.region = Some(region.as_ref().to_owned());
        self
    }

    /// The Regions to sign for with SigV4a, joined by commas, or `*` for all: for an API that answers under one name in several Regions.
    #[cfg(feature = "sigv4a")]
    #[must_use]
    pub fn region_set(mut self, regions: impl Into<String>) -> Self {
        self.settings.region_set = Some(regions.into());
        self
    }

    /// The service to sign for, by its signing name or as a [`ServiceProfile`]. Goes before what the host tells; the default is `execute-api`.
    #[must_use]
    pub fn service(mut self, service: impl Into<ServiceProfile>) -> Self {
        self.settings.service = Some(service.into());
        self
    }

    /// The host to sign for, where the one on the wire is changed on the way: behind a CDN of one's own, the host of the API, with the port unless it is the scheme's own.
    #[must_use]
    pub fn signing_host(mut self, host: impl Into<String>) -> Self {
        self.settings.signing_host = Some(host.into());
        self
    }

    /// The id of a private API that is called by the name of its VPC endpoint: sent and signed as `x-apigw-api-id`.
    #[must_use]
    pub fn private_api_id(mut self, api_id: impl Into<String>) -> Self {
        self.api_id = Some(api_id.into());
        self
    }

    /// Signs requests to this host; called again, to that one too. `*.example.com` is every host below `example.com`.
    ///
    /// Requests to other hosts are sent unsigned. Without any call every host is signed for.
    #[must_use]
    pub fn allow_host(mut self, host: impl AsRef<str>) -> Self {
        self.settings.allowed_hosts.allow(host.as_ref());
        self
    }

    /// Which headers are signed; the default is [`HeaderPolicy::minimal`].
    #[must_use]
    pub fn header_policy(mut self, policy: HeaderPolicy) -> Self {
        self.settings.header_policy = policy;
        self
    }

    /// What to do with a request that already has an `Authorization` header; the default is to refuse it.
    #[must_use]
    pub fn existing_authorization(mut self, policy: ExistingAuthorization) -> Self {
        self.settings.existing_authorization = policy;
        self
    }

    /// How streaming bodies are signed; the default is [`Payload::Buffered`].
    #[must_use]
    pub fn payload(mut self, policy: Payload) -> Self {
        self.settings.payload = policy;
        self
    }

    /// How many bytes of a streaming body may be buffered to hash them; the default is 10 MiB, API Gateway's own limit.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.settings.body_limit = bytes;
        self
    }

    /// Where the time comes from; the default is [`SystemClock`].
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Whether signatures follow the service's clock where this machine's differs. The default is yes, unless the SDK's configuration or
    /// `AWS_DISABLE_CLOCK_SKEW_CORRECTION=true` says no.
    #[must_use]
    pub fn clock_skew_correction(mut self, correct: bool) -> Self {
        self.correct_clock = Some(correct);
        self
    }

    /// The signer, from what is set here alone.
    ///
    /// # Errors
    ///
    /// [`Error::NoCredentials`] without a source of credentials; [`Error::InvalidRegion`], [`Error::InvalidService`] or [`Error::InvalidSetting`] for a value
    /// that cannot be.
    pub fn build(self) -> Result<Signer, Error> {
        let clock = self.clock.clone().unwrap_or_else(|| Arc::new(SystemClock));
        let correct_clock = self.corrects_clock();
        let credentials = self.cached_credentials(&clock)?;

        let mut settings = self.settings;
        let configured = self.sdk_config.as_ref().and_then(SdkConfig::region);
        settings.fallback_region = configured
            .map(|region| region::normalise(region.as_ref()))
            .transpose()?;
        settings.region = settings
            .region
            .as_deref()
            .map(region::normalise)
            .transpose()?;
        settings.service = settings.service.map(ServiceProfile::checked).transpose()?;
        if let Some(host) = &settings.signing_host {
            setting("SignerBuilder::signing_host", host)?;
        }
        #[cfg(feature = "sigv4a")]
        if let Some(regions) = &settings.region_set {
            setting("SignerBuilder::region_set", regions)?;
        }
        let api_id = self.api_id.as_deref();
        settings.api_id = api_id
            .map(|id| setting("SignerBuilder::private_api_id", id))
            .transpose()?;

        Ok(Signer {
            shared: Arc::new(Shared {
                settings,
                credentials,
                clock,
                skew: correct_clock.then(SharedSkew::default),
            }),
        })
    }

    /// The signer, with credentials and Region from the environment where they are not set here.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build), and [`Error::InvalidRetrySetting`]. Credentials are not asked for before the first request.
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), reqwest_sigv4::Error> {
    /// let signer = reqwest_sigv4::Signer::builder().profile("orders-dev").load().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "aws-config")]
    pub async fn load(self) -> Result<Signer, Error> {
        let config = crate::load_sdk_config(self.profile.as_deref(), None).await?;
        self.sdk_config(&config).build()
    }

    fn corrects_clock(&self) -> bool {
        let disabled = || {
            let configured = self
                .sdk_config
                .as_ref()
                .and_then(SdkConfig::disable_clock_skew_correction);
            configured.unwrap_or_else(|| {
                std::env::var(DISABLE_SKEW).is_ok_and(|value| value.eq_ignore_ascii_case("true"))
            })
        };
        self.correct_clock.unwrap_or_else(|| !disabled())
    }

    fn cached_credentials(&self, clock: &Arc<dyn Clock>) -> Result<CachedCredentials, Error> {
        let configured = || {
            self.sdk_config
                .as_ref()?
                .credentials_provider()
                .map(Source::Provider)
        };
        let source = self
            .credentials
            .clone()
            .or_else(configured)
            .ok_or(Error::NoCredentials)?;
        #[cfg(feature = "aws-config")]
        let source = self.roles.iter().fold(source, |source, role| {
            let base = match source {
                Source::Provider(provider) => provider,
                Source::Cache(cache) => SharedCredentialsProvider::new(cache),
            };
            let role =
                crate::credentials::AssumedRole::new(role.clone(), base, self.sdk_config.clone());
            Source::Provider(SharedCredentialsProvider::new(role))
        });
        Ok(match source {
            Source::Provider(provider) => {
                CachedCredentials::with_clock(provider, Arc::clone(clock))
            }
            Source::Cache(cache) => cache,
        })
    }
}

impl fmt::Debug for SignerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignerBuilder")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
