//! The AWS configuration of the environment.

use std::borrow::Cow;

use aws_config::retry::RetryMode;
use aws_config::{BehaviorVersion, Region};
use aws_types::SdkConfig;

use crate::Error;

/// Loads the AWS configuration as the AWS SDKs do: variables, the profile of `~/.aws/config` and `~/.aws/credentials`, and the rest of their chain.
///
/// `profile` goes before `AWS_PROFILE`. With a `region` given nothing else is asked for one, which saves the seconds that a search for
/// instance metadata takes where there is none.
///
/// It is `aws_config::load_defaults`, except that a retry setting that means nothing is an error: there it ends the program by a panic.
///
/// # Errors
///
/// [`Error::InvalidRetrySetting`].
///
/// ```no_run
/// # async fn run() -> Result<(), reqwest_sigv4::Error> {
/// use reqwest_sigv4::Signer;
///
/// let config = reqwest_sigv4::load_sdk_config(Some("orders-dev"), None).await?;
/// let signer = Signer::new(&config)?;
/// # Ok(())
/// # }
/// ```
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
    Ok(loader.load().await)
}

/// Reads what `aws-config` will read, and panic on.
async fn check_retry_settings(profile: Option<&str>) -> Result<(), Error> {
    let profile = profile.map(|name| Cow::Owned(name.to_owned()));
    let files = (Default::default(), Default::default(), Default::default());
    let loaded = aws_config::profile::load(&files.0, &files.1, &files.2, profile).await;
    let profile = loaded.ok(); // files that cannot be read are passed over here, as by the SDKs
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
            expected: "a whole number from 1 on",
        });
    }
    if let Some((name, value)) = setting("AWS_RETRY_MODE", "retry_mode")
        && value.parse::<RetryMode>().is_err()
    {
        return Err(Error::InvalidRetrySetting {
            name,
            expected: "standard or adaptive",
        });
    }
    Ok(())
}
