//! Why a client could not be built.

use std::fmt;

use crate::error::told;

/// Why [`ClientBuilder::build`](crate::ClientBuilder::build) failed, and what to change.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Neither an argument nor the environment nor the export names an endpoint.
    #[error(
        "no endpoint: the export names none; pass `ClientBuilder::endpoint` or set {variable} \
         to the invoke URL with its stage, like https://abc123.execute-api.eu-west-2.amazonaws.com/prod"
    )]
    #[non_exhaustive]
    MissingEndpoint {
        /// The environment variable that is read for the endpoint.
        variable: String,
    },
    /// The endpoint is not an absolute `http` or `https` URL without user name, query and fragment.
    ///
    /// The endpoint itself is not repeated: it may hold a password.
    #[error(
        "the endpoint from {origin} {problem}; \
         give the invoke URL with its stage, like https://abc123.execute-api.eu-west-2.amazonaws.com/prod"
    )]
    #[non_exhaustive]
    InvalidEndpoint {
        /// Where the endpoint was given.
        origin: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Nothing tells the Region: not the builder, the endpoint's host, the export or the AWS configuration.
    #[error(
        "no Region to sign for: the endpoint is a custom domain and the export names none; \
         pass `ClientBuilder::region` or set AWS_REGION"
    )]
    MissingRegion,
    /// An operation is protected by IAM and nothing gives credentials (feature `aws-config` is off).
    #[error(
        "no credentials to sign with; pass `ClientBuilder::credentials` or enable the feature `aws-config` of apigw-runtime"
    )]
    MissingCredentials,
    /// A setting of the AWS configuration means nothing; the source names it.
    #[cfg(feature = "aws-config")]
    #[error(
        "the AWS configuration cannot be used; correct the setting that the source of this error names"
    )]
    Configuration(#[source] reqwest_sigv4::Error),
    /// The signer refused its configuration.
    #[error("the signer cannot be set up; check region and credentials given to the builder")]
    Signer(#[source] reqwest_sigv4::Error),
    /// The HTTP client could not be made, most often because TLS could not be set up.
    #[error(
        "the HTTP client cannot be set up; pass one of your own with `ClientBuilder::http_client`"
    )]
    HttpClient(#[source] reqwest::Error),
    /// A setting was given together with a ready-made part that has its own.
    #[error("`{setting}` has no effect beside `{beside}`; set it on what is given there instead")]
    #[non_exhaustive]
    UnusedSetting {
        /// The builder method without effect.
        setting: &'static str,
        /// The builder method that excludes it.
        beside: &'static str,
    },
    /// A variable of the environment has a value that means nothing. The value is not repeated.
    #[error("the variable {variable} is not {expected}; correct it, or unset it for the default")]
    #[non_exhaustive]
    InvalidVariable {
        /// The variable.
        variable: &'static str,
        /// What it may be.
        expected: &'static str,
    },
    /// The API key cannot be sent as a header.
    #[error(
        "the API key has characters that a header cannot carry; check it for line breaks and blanks"
    )]
    InvalidApiKey,
    /// The id of the private API cannot be sent as a header.
    #[error(
        "the id of the private API has characters that a header cannot carry; give the id alone, like abc123"
    )]
    InvalidApiId,
    /// The user agent cannot be sent as a header.
    #[error(
        "{origin} has characters that a user agent cannot carry; use visible ASCII, and no blank in an app id"
    )]
    #[non_exhaustive]
    InvalidUserAgent {
        /// Where the text was given.
        origin: &'static str,
    },
}

impl fmt::Debug for BuildError {
    /// The text with its causes, for whoever returns it from `main`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        told(self, f)
    }
}
