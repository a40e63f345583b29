//! The AWS configuration from the environment.

use std::borrow::Cow;

use aws_config::retry::RetryMode;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;

use crate::Error;
use crate::credentials::CredentialsChain;

/// Loads the AWS configuration from environment variables, the profile of `~/.aws/config` and `~/.aws/credentials`, and the rest of the SDKs' chain.
///
/// `profile` overrides `AWS_PROFILE`. Passing `region` skips the Region lookup, including the slow instance metadata probe.
///
/// Like `aws_config::load_defaults`, with two differences: an invalid retry setting is an error, not a panic, and the credentials provider reads
/// the profile files again if they have changed when it is asked.
///
/// # Errors
///
/// Returns [`Error::InvalidRetrySetting`] if a retry setting is invalid.
pub async fn load_sdk_config(
    profile: Option<&str>,
    region: Option<&str>,
) -> Result<SdkConfig, Error> {
    check_retry_settings(profile).await?;
    let mut loader = aws_config::defaults(BehaviorVersion::latest());
    if let Some(profile) = profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = region {
        loader = loader.region(Region::new(region.to_owned()));
    }
    let config = loader.no_credentials().load().await;
    let chain = CredentialsChain::new(profile, config.region().cloned());
    let chain = SharedCredentialsProvider::new(chain);
    Ok(config.into_builder().credentials_provider(chain).build())
}

/// Checks the retry settings that make `aws-config` panic if they are invalid.
async fn check_retry_settings(profile: Option<&str>) -> Result<(), Error> {
    let profile = profile.map(|name| Cow::Owned(name.to_owned()));
    let files = (Default::default(), Default::default(), Default::default());
    let loaded = aws_config::profile::load(&files.0, &files.1, &files.2, profile).await;
    let profile = loaded.ok(); // the SDKs ignore unreadable files too
    let setting = |variable, key| match std::env::var(variable) {
        Ok(value) => Some((variable, value)),
        Err(_) => {
            let value = profile.as_ref()?.get(key)?;
            Some((key, value.to_owned()))
        }
    };
    if let Some((name, value)) = setting("AWS_MAX_ATTEMPTS", "max_attempts")
        && value.parse::<u32>().unwrap_or(0) == 0
    {
        return Err(Error::InvalidRetrySetting {
            name,
            expected: "a whole number of at least 1",
        });
    }
    if let Some((name, value)) = setting("AWS_RETRY_MODE", "retry_mode")
        && value.parse::<RetryMode>().is_err()
    {
        return Err(Error::InvalidRetrySetting {
            name,
            expected: "`standard` or `adaptive`",
        });
    }
    Ok(())
}
