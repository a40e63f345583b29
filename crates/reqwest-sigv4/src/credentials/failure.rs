//! A provider's error, shared by all requests that waited for it.

use std::fmt;
use std::sync::Arc;

use aws_credential_types::provider::error::CredentialsError;

/// Why a credentials provider gave no credentials.
///
/// All requests that waited for one answer of the provider share its error.
///
/// ```
/// use reqwest_sigv4::Error;
///
/// /// Whether to tell the user to log in.
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

    /// The provider's own error.
    pub fn get(&self) -> &CredentialsError {
        &self.0
    }

    /// Whether asking again a little later may help: a time-out, or a backend that failed.
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
