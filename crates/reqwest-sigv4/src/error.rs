//! Errors.

use std::time::Duration;

use http::HeaderName;

use crate::CredentialsFailure;

/// An error from building a signer or signing a request. The message says how to fix it.
///
/// A [`reqwest_middleware`] client returns it as [`reqwest_middleware::Error::Middleware`]; use [`Error::find`] to get it.
/// Errors never contain secrets.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Neither the builder nor the SDK's configuration has a credentials provider.
    #[error(
        "no credentials provider: set `credentials` on the builder, or load the signer from the environment"
    )]
    NoCredentials,

    /// The credentials provider failed.
    ///
    /// The source is the provider's error.
    #[error(
        "the credentials provider failed: check AWS_PROFILE, the AWS_* variables, or the role of this machine"
    )]
    Credentials(#[source] CredentialsFailure),

    /// The host name does not contain a Region, and none is configured.
    #[error("no Region for host {host}: set `region` on the builder, or AWS_REGION")]
    NoRegion {
        /// The host of the request.
        host: String,
    },

    /// The host is one of AWS, but of a service whose signing name is not known, and none is configured.
    #[error("no service for host {host}: set `service{}` on the builder{}", proposed(.proposal), meant(.proposal))]
    NoService {
        /// The host of the request.
        host: String,
        /// The part of the host name that is probably the signing name of the service.
        proposal: Option<String>,
    },

    /// The Region name is invalid.
    #[error(
        "{region:?} is not a Region name: use a name like \"eu-west-2\" for `region` or AWS_REGION"
    )]
    InvalidRegion {
        /// The invalid name.
        region: String,
    },

    /// A retry setting of the AWS configuration is invalid. The AWS crates would panic on it.
    #[cfg(feature = "aws-config")]
    #[error("the AWS setting {name} must be {expected}: correct or remove it")]
    InvalidRetrySetting {
        /// The environment variable, or the key in the profile.
        name: &'static str,
        /// The valid values.
        expected: &'static str,
    },

    /// The service name contains characters that are not allowed in a credential scope.
    #[error(
        "{service:?} is not the signing name of a service: use a name like \"execute-api\" for `service`"
    )]
    InvalidService {
        /// The invalid name.
        service: String,
    },

    /// The URL has no host.
    #[error("the URL has no host: use an absolute http or https URL")]
    NoHost,

    /// The URL contains a user name or password.
    ///
    /// Signed requests cannot use basic authentication as well.
    #[error(
        "the URL of host {host} contains a user name or password: remove them, the signature replaces them"
    )]
    Userinfo {
        /// The host of the request.
        host: String,
    },

    /// The query contains a `%` without two hexadecimal digits after it.
    #[error("the query contains an invalid escape at {part:?}: write a literal % as %25")]
    QueryEscape {
        /// The first characters, from the invalid `%` on.
        part: String,
    },

    /// The escapes in a query parameter are not UTF-8, which services decode in different ways.
    #[error(
        "the query contains escapes that are not UTF-8 in {part:?}: send such bytes in the body, or as base64"
    )]
    QueryNotUtf8 {
        /// The first characters of the key or value.
        part: String,
    },

    /// The value of a signed header contains a TAB or non-ASCII bytes, which services read in different ways.
    #[error(
        "header {name} contains a TAB or non-ASCII bytes and cannot be signed: change its value, or exclude it in the HeaderPolicy"
    )]
    HeaderValue {
        /// The name of the header.
        name: HeaderName,
    },

    /// The request has several `Host` headers, which HTTP/1.1 servers reject (RFC 9112, section 3.2).
    #[error("the request has more than one Host header: remove all but one")]
    HostRepeated,

    /// The request already has an `Authorization` header.
    #[error(
        "the request already has an Authorization header: remove it, send the request unsigned, or set `existing_authorization` on the signer"
    )]
    AuthorizationPresent,

    /// The body is a stream that is longer than the buffer limit.
    #[error(
        "the body is a stream of more than {limit} bytes: raise the signer's `body_limit`, or use another Payload"
    )]
    BodyTooLarge {
        /// The limit, in bytes.
        limit: usize,
    },

    /// The body is a stream, and [`Payload::BytesOnly`](crate::Payload::BytesOnly) does not buffer it.
    #[error(
        "the body is a stream without a known hash: send bytes, or use Payload::Buffered, Unsigned or Precomputed"
    )]
    BodyIsStream,

    /// Reading the body to hash it failed.
    #[error(
        "reading the request body failed, and nothing was sent: check the stream that provides it"
    )]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),

    /// The access key id or the session token contains characters that are not allowed in a header.
    #[error(
        "the access key id or the session token cannot be sent in a header: check the credentials for line breaks and other invalid characters"
    )]
    UnsendableCredentials(#[source] http::header::InvalidHeaderValue),

    /// The signing host, the private API id or the Region set contains characters that are not allowed in a header.
    #[error("{setting} cannot be sent in a header: remove whitespace and non-ASCII characters")]
    InvalidSetting {
        /// The method that sets it.
        setting: &'static str,
    },

    /// The URI with its rewritten query is longer than 65,534 bytes.
    #[error("the URI with its query is too long: move parameters into the body")]
    Uri(#[source] http::Error),

    /// The lifetime of a presigned URL is out of range.
    #[error("a presigned URL cannot be valid for {expires_in:?}: use one second to seven days")]
    InvalidExpiry {
        /// The requested lifetime.
        expires_in: Duration,
    },

    /// The credentials have expired, so a presigned URL would be rejected.
    #[error(
        "the credentials have expired, so a presigned URL would be rejected: get new credentials"
    )]
    CredentialsEnded,

    /// The HTTP client followed a redirect to another origin and sent the signed headers there.
    #[error(
        "the HTTP client followed a redirect from {from} to {to} and sent the signed headers there: build the client with reqwest_sigv4::client_builder, and treat the session token as exposed to {to}"
    )]
    RedirectFollowed {
        /// The host that the request was signed for.
        from: String,
        /// The host that received it.
        to: String,
    },

    /// The request was changed after signing. Returned by [`SignatureGuard`](crate::SignatureGuard).
    #[error(
        "{part} was changed after signing: add the signer after all middleware that changes requests"
    )]
    ChangedAfterSigning {
        /// The first part of the canonical request that differs.
        part: crate::CanonicalPart,
    },

    /// One signature was sent twice. Returned by [`SignatureGuard`](crate::SignatureGuard).
    #[error(
        "one signature was sent twice: add retries before the signer, so that every attempt gets a new signature"
    )]
    SentTwice,

    /// The service refused the request. Returned only with [`SignerBuilder::explain_refusals`](crate::SignerBuilder::explain_refusals).
    #[error("the request was refused: {0}")]
    Refused(Box<crate::Refusal>),

    /// Building the HTTP client failed.
    #[error("building the HTTP client failed: check the TLS configuration of this machine")]
    HttpClient(#[source] reqwest::Error),
}

impl Error {
    /// Finds the signing error inside an error of a [`reqwest_middleware`] client. Returns `None` if something else failed.
    ///
    /// Also searches the sources of other middleware errors. Those of `reqwest-retry` need the feature `retry`.
    ///
    /// ```
    /// # async fn call(http: reqwest_middleware::ClientWithMiddleware) {
    /// if let Err(error) = http.get("https://api.example.com/orders").send().await {
    ///     match reqwest_sigv4::Error::find(&error) {
    ///         Some(signing) => eprintln!("not sent: {signing}"),
    ///         None => eprintln!("{error}"),
    ///     }
    /// }
    /// # }
    /// ```
    pub fn find(error: &reqwest_middleware::Error) -> Option<&Self> {
        let reqwest_middleware::Error::Middleware(error) = error else {
            return None;
        };
        error.chain().find_map(|cause| {
            cause
                .downcast_ref::<Self>()
                .or_else(|| Self::find(cause.downcast_ref::<reqwest_middleware::Error>()?))
                .or_else(|| Self::find(in_retry_error(cause)?))
        })
    }

    /// Returns whether a retry may succeed: the credentials provider timed out or its backend failed.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Credentials(failure) if failure.is_transient())
    }

    /// Returns whether credentials are missing or could not be loaded.
    pub fn is_credentials(&self) -> bool {
        matches!(self, Self::NoCredentials | Self::Credentials(_))
    }
}

fn proposed(proposal: &Option<String>) -> String {
    proposal
        .as_ref()
        .map(|name| format!("({name:?})"))
        .unwrap_or_default()
}

fn meant(proposal: &Option<String>) -> &'static str {
    match proposal {
        Some(_) => ", or the service's own signing name if it has another",
        None => {
            " to the signing name, for example \"execute-api\" in front of API Gateway (Amazon S3 is not supported)"
        }
    }
}

/// Returns the error of the last attempt: an error without a retry is not among the sources of reqwest-retry's error.
fn in_retry_error<'a>(
    cause: &'a (dyn std::error::Error + 'static),
) -> Option<&'a reqwest_middleware::Error> {
    #[cfg(feature = "retry")]
    return match cause.downcast_ref()? {
        reqwest_retry::RetryError::WithRetries { err, .. } => Some(err),
        reqwest_retry::RetryError::Error(err) => Some(err),
    };
    #[cfg(not(feature = "retry"))]
    {
        let _ = cause;
        None
    }
}

impl From<Error> for reqwest_middleware::Error {
    fn from(error: Error) -> Self {
        Self::middleware(error)
    }
}
