//! Errors of requests to operations.

/// An error from creating or sending a request. The message says how to fix it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// A text from the command line has the wrong form.
    #[error("{problem}: {remedy}")]
    Input {
        /// What is wrong.
        problem: String,
        /// How to fix it.
        remedy: String,
    },

    /// The API has no such operation.
    #[error("unknown operation {name:?}: {remedy}")]
    UnknownOperation {
        /// The unknown name.
        name: String,
        /// A suggestion, or how to list the operations.
        remedy: String,
    },

    /// The method is missing, invalid, or not accepted by the operation.
    #[error("{problem}: {remedy}")]
    Method {
        /// What is wrong.
        problem: String,
        /// How to fix it.
        remedy: String,
    },

    /// The operation has no such parameter.
    #[error("unknown parameter `{name}`: {remedy}")]
    UnknownParameter {
        /// The unknown name.
        name: String,
        /// A suggestion, and the parameters of the operation.
        remedy: String,
    },

    /// A required parameter is missing.
    #[error("`{name}` is required: add --param {name}=…")]
    Missing {
        /// The name of the parameter.
        name: String,
    },

    /// A value does not conform to its schema.
    #[error("{name} must be {wanted}, but got {found}")]
    Mismatch {
        /// The parameter or the place in the body in backticks, or `the body`.
        name: String,
        /// The expected value.
        wanted: String,
        /// The actual value.
        found: String,
    },

    /// A parameter that is not an array has more than one value.
    #[error("`{name}` accepts only one value: specify it once")]
    Repeated {
        /// The name of the parameter.
        name: String,
    },

    /// The value of a path parameter has an empty segment, or one that is `.` or `..`.
    #[error("`{name}` would change the path: use a value that is not empty, `.` or `..`")]
    OtherPath {
        /// The name of the path parameter.
        name: String,
    },

    /// The name or value of a header is invalid.
    #[error("the header {name} is invalid: remove line breaks and control characters")]
    NotHeader {
        /// The name of the header.
        name: String,
    },

    /// The required body is missing.
    #[error("a body is required: add --body @file, --body - or --body '…'{media_types}")]
    NoBody {
        /// The declared media types, in parentheses.
        media_types: String,
    },

    /// The operation has no body, but the arguments do.
    #[error("{route} does not accept a body: omit --body")]
    Bodiless {
        /// The method and path of the operation.
        route: String,
    },

    /// The body must be JSON, but is not.
    #[error(
        "the body is not valid JSON: correct it, or set another type with --header 'content-type: …'"
    )]
    NotJson(#[source] serde_json::Error),

    /// The operation requires an API key, but there is none.
    #[error("an API key is required: set {variable} or add --header 'x-api-key: …'")]
    NoApiKey {
        /// The name of the environment variable.
        variable: String,
    },

    /// No credentials were found to sign the request.
    #[error(
        "no credentials found: run `aws sso login`, set AWS_PROFILE or AWS_ACCESS_KEY_ID, or use --profile"
    )]
    NoCredentials(#[source] reqwest_sigv4::Error),

    /// The host name does not contain a Region, and none is configured.
    #[error("no Region for {host}: use --region or set AWS_REGION")]
    NoRegion {
        /// The host of the request.
        host: String,
    },

    /// Signing the request failed.
    #[error(transparent)]
    Signing(reqwest_sigv4::Error),

    /// There was no complete response.
    #[error("no response from {host}: check the endpoint and the network")]
    NoAnswer {
        /// The host of the request.
        host: String,
        /// The error of the HTTP client.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl From<reqwest_sigv4::Error> for CallError {
    fn from(error: reqwest_sigv4::Error) -> Self {
        use reqwest_sigv4::Error::{Credentials, NoCredentials, NoRegion};
        match error {
            NoRegion { host } => Self::NoRegion { host },
            Credentials(_) | NoCredentials => Self::NoCredentials(error),
            _ => Self::Signing(error),
        }
    }
}
