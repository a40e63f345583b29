//! Errors of `pull`.

use reqwest_sigv4::Refusal;

use super::permission;

/// An error from exporting APIs. The message says how to fix it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Neither `apis.toml`, the profile nor the environment sets a Region.
    #[error("no Region configured: add `region` to `aws` in apis.toml, or set AWS_REGION")]
    NoRegion,

    /// The endpoint is not a valid URL.
    #[error("{url:?} is not a valid endpoint of API Gateway: use an http or https URL")]
    Endpoint {
        /// The invalid endpoint.
        url: String,
    },

    /// No credentials were found to sign the request.
    #[error(
        "no credentials found: run `aws sso login`, set AWS_PROFILE or AWS_ACCESS_KEY_ID, or add `profile` to `aws` in apis.toml"
    )]
    NoCredentials(#[source] reqwest_sigv4::Error),

    /// Signing the request failed.
    #[error(transparent)]
    Signing(reqwest_sigv4::Error),

    /// The HTTP client failed before the request was sent.
    #[error("failed to send the request")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),

    /// The connection failed or was closed early.
    #[error("connection to {host} failed: check the network, the Region and AWS_ENDPOINT_URL")]
    Unreachable {
        /// The host of the request.
        host: String,
        /// The error of the HTTP client.
        source: reqwest::Error,
    },

    /// API Gateway throttled all attempts, or returned a transient error.
    #[error("API Gateway returned {status} for all {attempts} attempts: try again in a minute")]
    Busy {
        /// The status of the last response.
        status: u16,
        /// The number of attempts.
        attempts: u32,
    },

    /// The credentials lack permission to export the API.
    #[error(
        "the credentials lack permission to export the API; add this statement to their IAM policy:\n{}",
        permission::statement(resources)
    )]
    Denied {
        /// The ARNs of the required resources.
        resources: Vec<String>,
    },

    /// The signature or the credentials were refused.
    #[error("{0}")]
    Refused(Box<Refusal>),

    /// The resource does not exist.
    #[error("not found in API Gateway: {message}")]
    NotFound {
        /// The message from API Gateway.
        message: String,
    },

    /// The API or stage does not exist or is ambiguous.
    #[error("{problem}: {remedy}")]
    Unknown {
        /// What is missing or ambiguous.
        problem: String,
        /// How to fix it.
        remedy: String,
    },

    /// API Gateway returned another error.
    #[error("API Gateway returned {status}: {message}")]
    Failed {
        /// The status.
        status: u16,
        /// The message from API Gateway.
        message: String,
    },

    /// The response is not from API Gateway, or has an unexpected format.
    #[error("unexpected response: check that the endpoint is API Gateway's control plane")]
    Unreadable(#[source] serde_json::Error),

    /// A page token was returned twice, so a list would never end.
    #[error(
        "the list of {what} does not end: check that the endpoint is API Gateway's control plane"
    )]
    Endless {
        /// The kind of items.
        what: &'static str,
    },

    /// The export is not a valid spec.
    #[error(transparent)]
    Document(#[from] apigw_spec::Diagnostic),

    /// A part that should not be in a repository could not be removed from the export.
    #[error(
        "failed to remove {what} from the export: pull it with --keep-integrations into a private folder, and report this as a bug"
    )]
    Uncuttable {
        /// The JSON pointer of the part.
        what: String,
    },

    /// The spec file can't be read or written.
    #[error("failed to read or write the spec file: check its folder")]
    File(#[from] std::io::Error),

    /// `apis.toml` is not valid TOML.
    #[error("apis.toml is not valid TOML: correct it; nothing was written")]
    List(#[from] toml_edit::TomlError),
}

impl From<reqwest_sigv4::Error> for Error {
    fn from(error: reqwest_sigv4::Error) -> Self {
        use reqwest_sigv4::Error::{Credentials, NoCredentials};
        match error {
            Credentials(_) | NoCredentials => Self::NoCredentials(error),
            _ => Self::Signing(error),
        }
    }
}

impl Error {
    pub(crate) fn denied(resource: String) -> Self {
        Self::Denied {
            resources: vec![resource],
        }
    }

    /// Returns whether the credentials lack permission.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        matches!(self, Self::Denied { .. })
    }

    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }
}
