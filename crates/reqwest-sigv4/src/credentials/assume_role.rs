//! Assumed roles.

use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_types::SdkConfig;
use aws_types::region::Region;
use tokio::sync::OnceCell;

/// A role to assume with AWS STS.
///
/// ```
/// use std::time::Duration;
/// use reqwest_sigv4::{AssumeRole, Signer};
///
/// let builder = Signer::builder().assume_role(
///     AssumeRole::new("arn:aws:iam::111122223333:role/orders-caller")
///         .session_name("orders-batch")
///         .external_id("from-the-role's-owner")
///         .duration(Duration::from_secs(3600)),
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumeRole {
    arn: String,
    session_name: Option<String>,
    external_id: Option<String>,
    duration: Option<Duration>,
    region: Option<String>,
}

impl AssumeRole {
    /// Creates a role from its ARN.
    pub fn new(arn: impl Into<String>) -> Self {
        Self {
            arn: arn.into(),
            session_name: None,
            external_id: None,
            duration: None,
            region: None,
        }
    }

    /// Sets the session name, which is shown in the logs of the account. The default is derived from the time.
    #[must_use]
    pub fn session_name(mut self, name: impl Into<String>) -> Self {
        self.session_name = Some(name.into());
        self
    }

    /// Sets the external id that the role's trust policy requires.
    #[must_use]
    pub fn external_id(mut self, id: impl Into<String>) -> Self {
        self.external_id = Some(id.into());
        self
    }

    /// Sets the lifetime of the credentials. STS's default is one hour, which is also the maximum for chained roles.
    #[must_use]
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// Sets the Region of the STS endpoint. The default is the Region of the environment or the SDK's configuration.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }
}

impl<T: Into<String>> From<T> for AssumeRole {
    fn from(arn: T) -> Self {
        Self::new(arn)
    }
}

/// A provider that assumes a role. The STS client is created on first use, so that [`SignerBuilder::build`](crate::SignerBuilder::build) is not async.
#[derive(Debug)]
pub(crate) struct AssumedRole {
    role: AssumeRole,
    base: SharedCredentialsProvider,
    config: Option<SdkConfig>,
    provider: OnceCell<AssumeRoleProvider>,
}

impl AssumedRole {
    /// Creates a provider that assumes the role with the credentials of `base`.
    pub(crate) fn new(
        role: AssumeRole,
        base: SharedCredentialsProvider,
        config: Option<SdkConfig>,
    ) -> Self {
        Self {
            role,
            base,
            config,
            provider: OnceCell::new(),
        }
    }

    async fn connect(&self) -> Result<AssumeRoleProvider, CredentialsError> {
        let role = self.role.clone();
        let config = match &self.config {
            Some(config) => completed(config).await,
            None => crate::load_sdk_config(None, None)
                .await
                .map_err(CredentialsError::invalid_configuration)?,
        };
        let mut builder = AssumeRoleProvider::builder(role.arn).configure(&config);
        if let Some(name) = role.session_name {
            builder = builder.session_name(name);
        }
        if let Some(id) = role.external_id {
            builder = builder.external_id(id);
        }
        if let Some(duration) = role.duration {
            builder = builder.session_length(duration);
        }
        if let Some(region) = role.region {
            builder = builder.region(Region::new(region));
        }
        Ok(builder.build_from_provider(self.base.clone()).await)
    }
}

/// Adds the parts that the STS client requires. A configuration built by hand may lack some, and the client would panic.
async fn completed(config: &SdkConfig) -> SdkConfig {
    if config.behavior_version().is_some()
        && config.sleep_impl().is_some()
        && config.time_source().is_some()
    {
        return config.clone();
    }
    // an explicit retry config, so that invalid retry settings of the environment are not read, which would panic
    let defaults = aws_config::defaults(BehaviorVersion::latest())
        .retry_config(RetryConfig::standard())
        .region(config.region().cloned());
    let defaults = defaults.load().await;
    let mut builder = config.to_builder();
    builder.set_behavior_version(config.behavior_version().or(defaults.behavior_version()));
    builder.set_sleep_impl(config.sleep_impl().or(defaults.sleep_impl()));
    builder.set_time_source(config.time_source().or(defaults.time_source()));
    builder.build()
}

impl ProvideCredentials for AssumedRole {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            let has_region = self.role.region.is_some()
                || self
                    .config
                    .as_ref()
                    .is_none_or(|config| config.region().is_some());
            if !has_region {
                return Err(CredentialsError::invalid_configuration(
                    "no Region for STS: set AWS_REGION or AssumeRole::region",
                ));
            }
            let provider = self.provider.get_or_try_init(|| self.connect()).await?;
            provider.provide_credentials().await
        })
    }
}
