//! Errors of [`ClientBuilder::build`](crate::ClientBuilder::build).

use std::fmt;

use crate::error::fmt_with_sources;

/// An error from [`ClientBuilder::build`](crate::ClientBuilder::build). The message says how to fix it.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The endpoint is not set by the builder, the environment or the spec.
    #[error(
        "no endpoint in the spec; set `ClientBuilder::endpoint` or the environment variable {variable} \
         to the invoke URL including the stage, for example https://abc123.execute-api.eu-west-2.amazonaws.com/prod"
    )]
    #[non_exhaustive]
    MissingEndpoint {
        /// The environment variable that sets the endpoint.
        variable: String,
    },
    /// The endpoint is not an absolute `http` or `https` URL without user name, query and fragment.
    ///
    /// The error does not contain the endpoint, because it may contain a password.
    #[error(
        "the endpoint from {origin} {problem}; \
         use the invoke URL including the stage, for example https://abc123.execute-api.eu-west-2.amazonaws.com/prod"
    )]
    #[non_exhaustive]
    InvalidEndpoint {
        /// The source of the endpoint: a builder method, an environment variable or the spec.
        origin: String,
        /// The problem with the endpoint.
        problem: &'static str,
    },
    /// The Region is not set by the builder, the endpoint's host name, the spec or the AWS configuration.
    #[error(
        "no Region to sign for: the endpoint is a custom domain and the spec contains no Region; \
         set `ClientBuilder::region` or AWS_REGION"
    )]
    MissingRegion,
    /// An operation requires IAM authorization, but no credentials are set and the feature `aws-config` is disabled.
    #[error(
        "no credentials to sign with; set `ClientBuilder::credentials` or enable the feature `aws-config` of apigw-runtime"
    )]
    MissingCredentials,
    /// A setting of the AWS configuration is invalid. The source names the setting.
    #[cfg(feature = "aws-config")]
    #[error("invalid AWS configuration; fix the setting named in the source of this error")]
    Configuration(#[source] reqwest_sigv4::Error),
    /// The signer rejected its configuration.
    #[error(
        "building the signer failed; check the Region and credentials passed to `ClientBuilder`"
    )]
    Signer(#[source] reqwest_sigv4::Error),
    /// Building the HTTP client failed, usually because TLS could not be initialized.
    #[error("building the HTTP client failed; pass your own with `ClientBuilder::http_client`")]
    HttpClient(#[source] reqwest::Error),
    /// A setting conflicts with another one that overrides it.
    #[error("`{setting}` has no effect with `{beside}`; set it on the value passed to `{beside}`")]
    #[non_exhaustive]
    UnusedSetting {
        /// The builder method that has no effect.
        setting: &'static str,
        /// The builder method that overrides it.
        beside: &'static str,
    },
    /// An environment variable has an invalid value. The error does not contain the value.
    #[error(
        "the environment variable {variable} must be {expected}; fix it, or unset it to use the default"
    )]
    #[non_exhaustive]
    InvalidVariable {
        /// The name of the variable.
        variable: &'static str,
        /// The valid values.
        expected: &'static str,
    },
    /// The API key contains characters that are not allowed in a header.
    #[error(
        "the API key contains characters that are not allowed in a header; check it for line breaks and other control characters"
    )]
    InvalidApiKey,
    /// The private API id contains characters that are not allowed in a header.
    #[error(
        "the private API id contains characters that are not allowed in a header; use only the id, for example abc123"
    )]
    InvalidApiId,
    /// The user agent contains characters that are not allowed in a header.
    #[error(
        "{origin} contains characters that are not allowed in `User-Agent`; use visible ASCII characters, without spaces in an app id"
    )]
    #[non_exhaustive]
    InvalidUserAgent {
        /// The source of the value: a builder method, an environment variable or the generated client.
        origin: &'static str,
    },
}

impl fmt::Debug for BuildError {
    /// Formats the message and its sources on one line, for programs that return the error from `main`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_with_sources(self, f)
    }
}
