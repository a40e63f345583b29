//! Why AWS gave no answer, or not the one that was asked for.

use reqwest_sigv4::Refusal;

use super::permission;

/// Why AWS could not be asked, or did not answer as wanted, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Neither `apis.toml`, the profile nor the environment names a region.
    #[error("no region is known: add `region` to `aws` in apis.toml, or set AWS_REGION")]
    NoRegion,

    /// The endpoint is no URL.
    #[error("{url:?} cannot be the endpoint of API Gateway: give an http or https url")]
    Endpoint {
        /// As it was given.
        url: String,
    },

    /// There are no credentials to sign with.
    #[error(
        "there are no credentials: run `aws sso login`, set AWS_PROFILE or AWS_ACCESS_KEY_ID, or add `profile` to `aws` in apis.toml"
    )]
    NoCredentials(#[source] reqwest_sigv4::Error),

    /// The request cannot be signed.
    #[error(transparent)]
    Signing(reqwest_sigv4::Error),

    /// The HTTP client failed before anything was sent.
    #[error("the request cannot be sent")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),

    /// No connection, or one that broke off.
    #[error("{host} cannot be reached: check the network, the region and AWS_ENDPOINT_URL")]
    Unreachable {
        /// The host that was called.
        host: String,
        /// What the HTTP client says.
        source: reqwest::Error,
    },

    /// API Gateway throttled or failed, however often it was asked.
    #[error("API Gateway answered {status} to {attempts} attempts: try again in a minute")]
    Busy {
        /// The status of the last answer.
        status: u16,
        /// How often it was asked.
        attempts: u32,
    },

    /// The caller's policies do not allow it.
    #[error(
        "these credentials may not read what `pull` needs; add this statement to a policy of theirs:\n{}",
        permission::statement(resources)
    )]
    Denied {
        /// What has to be allowed, as ARNs.
        resources: Vec<String>,
    },

    /// The signature or the credentials were not accepted.
    #[error("{0}")]
    Refused(Box<Refusal>),

    /// What was asked for is not there.
    #[error("API Gateway has no such thing: {message}")]
    NotFound {
        /// What it says.
        message: String,
    },

    /// There is no such API or stage; the text tells what there is.
    #[error("{problem}: {remedy}")]
    Unknown {
        /// What is not there, or there more than once.
        problem: String,
        /// What to write instead.
        remedy: String,
    },

    /// API Gateway refuses for another reason.
    #[error("API Gateway answered {status}: {message}")]
    Failed {
        /// The status.
        status: u16,
        /// What it says.
        message: String,
    },

    /// The answer is not what API Gateway sends.
    #[error("the answer cannot be read: check that the endpoint is API Gateway's control plane")]
    Unreadable(#[source] serde_json::Error),

    /// The list of APIs goes in circles.
    #[error(
        "the list of {what} repeats itself: check that the endpoint is API Gateway's control plane"
    )]
    Endless {
        /// What is listed.
        what: &'static str,
    },

    /// The export cannot be used.
    #[error(transparent)]
    Document(#[from] apigw_spec::Diagnostic),

    /// What must not be in a repository cannot be cut out of the export's text.
    #[error(
        "{what} cannot be cut out of the export: pull it with --keep-integrations into a place that is not shared, and report this"
    )]
    Uncuttable {
        /// Where it stands, as a JSON pointer.
        what: String,
    },

    /// The file cannot be written, or the one that is there cannot be read.
    #[error("the file of the export cannot be read or written: check its folder")]
    File(#[from] std::io::Error),

    /// `apis.toml` cannot be extended.
    #[error("apis.toml cannot be read as TOML: correct it, nothing was written")]
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

    /// Whether the policies of the caller are to blame.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        matches!(self, Self::Denied { .. })
    }

    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }
}
