//! The error of a credentials provider.

use std::fmt;
use std::sync::Arc;

use aws_credential_types::provider::error::CredentialsError;

/// The error of a credentials provider.
///
/// All requests that waited for the same call to the provider share it.
///
/// ```
/// use reqwest_sigv4::Error;
///
/// /// Returns whether the user has to log in.
/// fn needs_login(error: &Error) -> bool {
///     matches!(error, Error::Credentials(failure) if !failure.is_transient())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct CredentialsFailure(Arc<CredentialsError>);

impl CredentialsFailure {
    pub(crate) fn new(error: CredentialsError) -> Self {
        Self(Arc::new(error))
    }

    /// Returns the provider's error.
    pub fn get(&self) -> &CredentialsError {
        &self.0
    }

    /// Returns whether a retry may succeed: the provider timed out or its backend failed.
    pub fn is_transient(&self) -> bool {
        !matches!(
            *self.0,
            CredentialsError::CredentialsNotLoaded(_) | CredentialsError::InvalidConfiguration(_)
        )
    }
}

impl fmt::Display for CredentialsFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for CredentialsFailure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}
