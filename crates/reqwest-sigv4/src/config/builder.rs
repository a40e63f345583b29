//! The signer's builder.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_types::SdkConfig;

use super::region;
use super::settings::{Settings, header_setting};
use crate::clock::skew::SharedSkew;
use crate::credentials::CachedCredentials;
use crate::refusal::RefusalLog;
use crate::sign::State;
use crate::{
    Clock, Error, ExistingAuthorization, HeaderPolicy, Payload, ServiceProfile, Signer, SystemClock,
};

/// Disables clock skew correction in every AWS SDK, and here.
const DISABLE_SKEW: &str = "AWS_DISABLE_CLOCK_SKEW_CORRECTION";

/// Builds a [`Signer`].
///
/// ```
/// use reqwest_sigv4::{Credentials, Signer};
///
/// # fn main() -> Result<(), reqwest_sigv4::Error> {
/// let signer = Signer::builder()
///     .credentials(Credentials::new("AKIDEXAMPLE", "a secret", None, None, "example"))
///     .region("eu-west-2") // for a custom domain; an API Gateway host names its Region
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
    correct_clock_skew: Option<bool>,
    private_api_id: Option<String>,
    #[cfg(feature = "aws-config")]
    roles: Vec<crate::AssumeRole>,
    #[cfg(feature = "aws-config")]
    profile: Option<String>,
}

/// A credentials provider, or one that is already cached.
#[derive(Clone)]
enum Source {
    Provider(SharedCredentialsProvider),
    Cache(CachedCredentials),
}

impl SignerBuilder {
    /// Sets the credentials provider. Overrides the provider of the SDK's configuration.
    ///
    /// The signer caches the credentials. To share one cache between signers, pass a clone of the same [`CachedCredentials`] to each.
    #[must_use]
    pub fn credentials(mut self, provider: impl ProvideCredentials + 'static) -> Self {
        let cache = (&provider as &dyn Any).downcast_ref::<CachedCredentials>();
        self.credentials = Some(match cache {
            Some(cache) => Source::Cache(cache.clone()),
            None => Source::Provider(SharedCredentialsProvider::new(provider)),
        });
        self
    }

    /// Assumes a role with the credentials. If called again, assumes the next role with the credentials of the previous one.
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

    /// Uses the credentials and the Region of the SDK's configuration, unless they are set here. The Region is used for hosts that do not name one.
    #[must_use]
    pub fn sdk_config(mut self, config: &SdkConfig) -> Self {
        self.sdk_config = Some(config.clone());
        self
    }

    /// Sets the profile of `~/.aws/config` and `~/.aws/credentials` that [`load`](Self::load) reads. The default is `AWS_PROFILE`, then `default`.
    #[cfg(feature = "aws-config")]
    #[must_use]
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// Sets the Region to sign for, for example `eu-west-2`. Overrides the Region in the host name; custom domains have none.
    #[must_use]
    pub fn region(mut self, region: impl AsRef<str>) -> Self {
        self.settings.region = Some(region.as_ref().to_owned());
        self
    }

    /// Signs with SigV4a for these Regions, joined by commas, or `*` for all. For an API that runs under one host name in several Regions.
    #[cfg(feature = "sigv4a")]
    #[must_use]
    pub fn region_set(mut self, regions: impl Into<String>) -> Self {
        self.settings.region_set = Some(regions.into());
        self
    }

    /// Sets the service to sign for, by its signing name or as a [`ServiceProfile`]. Overrides the service in the host name. The default
    /// is `execute-api` for a custom domain; for a host of AWS without a known signing name, signing returns [`Error::NoService`].
    #[must_use]
    pub fn service(mut self, service: impl Into<ServiceProfile>) -> Self {
        self.settings.service = Some(service.into());
        self
    }

    /// Sets the host to sign for, if it is rewritten in transit. Behind your own CDN, this is the host of the API, with the port unless it is
    /// the scheme's default.
    #[must_use]
    pub fn signing_host(mut self, host: impl Into<String>) -> Self {
        self.settings.signing_host = Some(host.into());
        self
    }

    /// Sets the id of a private API that is called through its VPC endpoint's host name. It is sent and signed as `x-apigw-api-id`.
    #[must_use]
    pub fn private_api_id(mut self, id: impl Into<String>) -> Self {
        self.private_api_id = Some(id.into());
        self
    }

    /// Signs requests to this host only; call it again to allow more hosts. `*.example.com` allows every host below `example.com`.
    ///
    /// Requests to other hosts are sent unsigned. By default, requests to every host are signed.
    #[must_use]
    pub fn allow_host(mut self, host: impl AsRef<str>) -> Self {
        self.settings.allowed_hosts.allow(host.as_ref());
        self
    }

    /// Sets which headers are signed. The default is [`HeaderPolicy::minimal`].
    #[must_use]
    pub fn header_policy(mut self, policy: HeaderPolicy) -> Self {
        self.settings.header_policy = policy;
        self
    }

    /// Sets what to do with a request that already has an `Authorization` header. The default is to return an error.
    #[must_use]
    pub fn existing_authorization(mut self, policy: ExistingAuthorization) -> Self {
        self.settings.existing_authorization = policy;
        self
    }

    /// Sets how bodies are signed. The default is [`Payload::Buffered`].
    #[must_use]
    pub fn payload(mut self, payload: Payload) -> Self {
        self.settings.payload = payload;
        self
    }

    /// Sets how many bytes of a streaming body may be buffered to hash it. The default is 10 MiB, API Gateway's own limit.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.settings.body_limit = bytes;
        self
    }

    /// Returns a refusal of API Gateway as an [`Error::Refused`], so that `?` shows the cause and the remedy.
    ///
    /// Without it, a refusal is a response, as for any HTTP client, with a [`Refusal`](crate::Refusal) in its extensions. Applies to the
    /// signer as middleware. Error responses of the application itself remain responses.
    ///
    /// ```
    /// # async fn run(builder: reqwest_sigv4::SignerBuilder) -> Result<(), Box<dyn std::error::Error>> {
    /// let http = reqwest_middleware::ClientBuilder::new(reqwest_sigv4::http_client()?)
    ///     .with(builder.explain_refusals().build()?)
    ///     .build();
    /// // an error that says which policy to change, instead of a response with status 403
    /// http.get("https://abc123.execute-api.eu-west-2.amazonaws.com/prod/orders").send().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn explain_refusals(mut self) -> Self {
        self.settings.explain_refusals = true;
        self
    }

    /// Sets the clock. The default is [`SystemClock`].
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Sets whether signatures use the service's time if this machine's clock differs. Enabled by default, unless the SDK's configuration or
    /// `AWS_DISABLE_CLOCK_SKEW_CORRECTION=true` disables it.
    #[must_use]
    pub fn clock_skew_correction(mut self, correct: bool) -> Self {
        self.correct_clock_skew = Some(correct);
        self
    }

    /// Builds the signer from these settings alone, without reading the environment.
    ///
    /// # Errors
    ///
    /// Returns [`Error::NoCredentials`] if no credentials provider is set, or [`Error::InvalidRegion`], [`Error::InvalidService`] or
    /// [`Error::InvalidSetting`] if a setting is invalid.
    pub fn build(self) -> Result<Signer, Error> {
        let clock = self.clock.clone().unwrap_or_else(|| Arc::new(SystemClock));
        let correct_clock_skew = self.corrects_clock_skew();
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
            header_setting("SignerBuilder::signing_host", host)?;
        }
        #[cfg(feature = "sigv4a")]
        if let Some(regions) = &settings.region_set {
            header_setting("SignerBuilder::region_set", regions)?;
        }
        let api_id = self.private_api_id.as_deref();
        settings.private_api_id = api_id
            .map(|id| header_setting("SignerBuilder::private_api_id", id))
            .transpose()?;

        Ok(Signer {
            state: Arc::new(State {
                settings,
                credentials,
                clock,
                skew: correct_clock_skew.then(SharedSkew::default),
                refusals: RefusalLog::default(),
            }),
        })
    }

    /// Builds the signer, with the credentials and Region of the environment unless they are set here.
    ///
    /// # Errors
    ///
    /// See [`build`](Self::build). Also returns [`Error::InvalidRetrySetting`] if a retry setting of the environment is invalid. Credentials
    /// are not loaded before the first request.
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

    fn corrects_clock_skew(&self) -> bool {
        let disabled = || {
            let configured = self
                .sdk_config
                .as_ref()
                .and_then(SdkConfig::disable_clock_skew_correction);
            configured.unwrap_or_else(|| {
                std::env::var(DISABLE_SKEW).is_ok_and(|value| value.eq_ignore_ascii_case("true"))
            })
        };
        self.correct_clock_skew.unwrap_or_else(|| !disabled())
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
