//! Why an operation was not called, or did not answer.

/// Why an operation was not called, or did not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The document has no such operation.
    #[error("there is no operation {name:?}: {remedy}")]
    UnknownOperation {
        /// As it was given.
        name: String,
        /// The nearest one, or where to look.
        remedy: String,
    },

    /// The operation takes any method, and none was given; or another than its own was.
    #[error("{problem}: {remedy}")]
    Method {
        /// What does not fit.
        problem: String,
        /// What to give.
        remedy: String,
    },

    /// The operation has no such parameter.
    #[error("there is no parameter `{name}`: {remedy}")]
    UnknownParameter {
        /// As it was given.
        name: String,
        /// The nearest one, or those that there are.
        remedy: String,
    },

    /// A parameter that the document requires is not there.
    #[error("`{name}` is missing: add --param {name}=…")]
    Missing {
        /// The parameter.
        name: String,
    },

    /// A value is not of its type.
    #[error("{name} must be {wanted}, but got {found}")]
    Mismatch {
        /// The parameter or the place in the body, in quotes, or the whole body.
        name: String,
        /// What the document wants.
        wanted: String,
        /// What was given.
        found: String,
    },

    /// A value was given more than once, and the parameter is no list.
    #[error("`{name}` takes one value: give it once")]
    Repeated {
        /// The parameter.
        name: String,
    },

    /// An empty segment or one of dots leads to another path.
    #[error("`{name}` would lead to another path: give a value that is not empty, `.` or `..`")]
    OtherPath {
        /// The path parameter.
        name: String,
    },

    /// The value cannot be sent in a header.
    #[error("header {name} cannot be sent: remove line ends and control characters")]
    NotHeader {
        /// The header.
        name: String,
    },

    /// A body that the document requires is not there.
    #[error("the body is missing: add --body @file, --body - or --body '…'{media_types}")]
    NoBody {
        /// The media types that the document declares, in brackets.
        media_types: String,
    },

    /// The method has no body.
    #[error("{route} takes no body: leave --body out")]
    Bodiless {
        /// The operation.
        route: String,
    },

    /// The body is no JSON, and the operation takes nothing else.
    #[error(
        "the body is not json: correct it, or give another type with --header 'content-type: …'"
    )]
    NotJson(#[source] serde_json::Error),

    /// The operation wants a key, and there is none.
    #[error("the operation wants an API key: set {variable} or give --header 'x-api-key: …'")]
    NoApiKey {
        /// The variable that it is taken from.
        variable: String,
    },

    /// There are no credentials to sign with.
    #[error(
        "there are no credentials: run `aws sso login`, set AWS_PROFILE or AWS_ACCESS_KEY_ID, or give --profile"
    )]
    NoCredentials(#[source] reqwest_sigv4::Error),

    /// Nothing tells for which region to sign.
    #[error("no region is known for {host}: give --region or set AWS_REGION")]
    NoRegion {
        /// The host that is called.
        host: String,
    },

    /// The request cannot be signed.
    #[error(transparent)]
    Signing(reqwest_sigv4::Error),

    /// There was no answer.
    #[error("{host} did not answer: check the endpoint and the network")]
    NoAnswer {
        /// The host that was called.
        host: String,
        /// What the HTTP client says.
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
