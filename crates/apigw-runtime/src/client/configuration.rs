//! The AWS configuration of the environment.

use reqwest_sigv4::{Signer, SignerBuilder};

use crate::RetryPolicy;

pub(crate) use source::Configuration;

#[cfg(feature = "aws-config")]
mod source {
    use aws_config::SdkConfig;
    use aws_config::retry::RetryMode;

    use super::*;
    use crate::BuildError;

    /// The configuration that the AWS SDKs read, or `None` if it is not needed.
    #[derive(Debug, Default)]
    pub(crate) struct Configuration(Option<SdkConfig>);

    impl Configuration {
        pub(crate) async fn load(
            profile: Option<&str>,
            region: Option<&str>,
        ) -> Result<Self, BuildError> {
            let config = reqwest_sigv4::load_sdk_config(profile, region).await;
            config
                .map(|config| Self(Some(config)))
                .map_err(BuildError::Configuration)
        }

        pub(crate) fn region(&self) -> Option<String> {
            let region = self.0.as_ref()?.region()?;
            Some(region.to_string())
        }

        /// Returns a signer builder with the credentials of the configuration.
        pub(crate) fn signer(&self) -> SignerBuilder {
            match &self.0 {
                Some(config) => Signer::builder().sdk_config(config),
                None => Signer::builder(),
            }
        }

        /// Returns the retry policy set by `retry_mode` and `max_attempts` of the profile.
        pub(crate) fn retry(&self) -> RetryPolicy {
            let Some(config) = self.0.as_ref().and_then(SdkConfig::retry_config) else {
                return RetryPolicy::standard();
            };
            let policy = match config.mode() {
                RetryMode::Adaptive => RetryPolicy::adaptive(),
                _ => RetryPolicy::standard(),
            };
            policy.max_attempts(config.max_attempts())
        }
    }
}

#[cfg(not(feature = "aws-config"))]
mod source {
    use super::*;
    use crate::client::environment::Environment;

    /// The Region from the environment variables.
    #[derive(Debug, Default)]
    pub(crate) struct Configuration(Option<String>);

    impl Configuration {
        pub(crate) fn of(environment: &Environment) -> Self {
            let variable = |name| environment.get(name);
            Self(variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")))
        }

        pub(crate) fn region(&self) -> Option<String> {
            self.0.clone()
        }

        pub(crate) fn signer(&self) -> SignerBuilder {
            Signer::builder()
        }

        pub(crate) fn retry(&self) -> RetryPolicy {
            RetryPolicy::standard()
        }
    }
}
