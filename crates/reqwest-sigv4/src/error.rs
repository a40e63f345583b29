//! Why a request could not be signed.

use std::time::Duration;

use http::HeaderName;

use crate::CredentialsFailure;

/// Why a request could not be signed, and what to do about it.
///
/// Through [`reqwest_middleware`] it arrives as [`reqwest_middleware::Error::Middleware`]; [`Error::find`] gets it back.
/// No variant, and no text of one, holds a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Neither the builder nor the SDK's configuration names a source of credentials.
    #[error(
        "no source of credentials: give the builder `credentials`, or build from the environment"
    )]
    NoCredentials,

    /// The provider gave no credentials.
    ///
    /// The source is the provider's own error.
    #[error(
        "the credentials provider failed: check AWS_PROFILE, the AWS_* variables, or the role of this machine"
    )]
    Credentials(#[source] CredentialsFailure),

    /// The host tells no Region and none is configured.
    #[error("no region known for host {host}: give the builder a `region` or set AWS_REGION")]
    NoRegion {
        /// The host of the request.
        host: String,
    },

    /// The name is not spelt like a Region's.
    #[error(
        "{region:?} is not the name of a region: use a form like \"eu-west-2\" for `region` or AWS_REGION"
    )]
    InvalidRegion {
        /// The name as it was given.
        region: String,
    },

    /// A retry setting of the AWS configuration means nothing. The AWS crates would panic on it.
    #[cfg(feature = "aws-config")]
    #[error("{name} of the aws configuration is not {expected}: correct it, or remove it")]
    InvalidRetrySetting {
        /// The variable, or the key of the profile; its value is not repeated.
        name: &'static str,
        /// What it may be.
        expected: &'static str,
    },

    /// The name of the service has characters that no credential scope can hold.
    #[error(
        "{service:?} is not the signing name of a service: use a form like \"execute-api\" for `service`"
    )]
    InvalidService {
        /// The name as it was given.
        service: String,
    },

    /// The URL has no host to sign for.
    #[error("the url has no host: give an absolute http or https url")]
    NoHost,

    /// The URL holds a user name or password.
    ///
    /// An HTTP client does not send them as part of the host, so a signature over them would not match, and they would be written into it.
    #[error(
        "the url of host {host} holds a user name or password: remove them, the signature replaces them"
    )]
    Userinfo {
        /// The host of the request.
        host: String,
    },

    /// A `%` in the query that two hexadecimal digits do not follow.
    #[error("the query holds a bad escape at {part:?}: write a literal % as %25")]
    QueryEscape {
        /// The first characters from the bad `%` on.
        part: String,
    },

    /// The escapes in a query parameter do not spell UTF-8, which services read in different ways.
    #[error(
        "the query holds escapes that are not utf-8 in {part:?}: send such bytes in the body, or as base64"
    )]
    QueryNotUtf8 {
        /// The first characters of the key or value.
        part: String,
    },

    /// The value of a header to be signed holds a TAB or bytes outside ASCII, which services read in different ways.
    #[error(
        "header {name} holds a tab or non-ascii bytes and cannot be signed: change its value, or leave it out of HeaderPolicy"
    )]
    HeaderValue {
        /// The name of the header; its value is never shown.
        name: HeaderName,
    },

    /// The request has several `Host` headers, which every HTTP/1.1 server refuses (RFC 9112, section 3.2).
    #[error("the request has more than one host header: keep the one to sign, or none")]
    HostRepeated,

    /// The request already has an `Authorization` header.
    #[error(
        "the request already has an authorization header: remove it, send the request unsigned, or choose another ExistingAuthorization for the signer"
    )]
    AuthorizationPresent,

    /// The body is a stream longer than may be buffered.
    #[error(
        "the body is a stream of more than {limit} bytes: raise the signer's `body_limit`, or choose another Payload"
    )]
    BodyTooLarge {
        /// The limit, in bytes.
        limit: usize,
    },

    /// The body is a stream, and the policy is not to buffer.
    #[error(
        "the body is a stream and its hash is not known: send bytes, or choose Payload::Buffered, Unsigned or Precomputed"
    )]
    BodyIsStream,

    /// Reading the body in order to hash it failed.
    #[error("reading the request body failed before anything was sent: check the stream behind it")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),

    /// The access key id or the session token holds characters that no header can.
    #[error(
        "the access key id or the session token cannot be sent in a header: check the credentials for line ends and other stray characters"
    )]
    UnsendableCredentials(#[source] http::header::InvalidHeaderValue),

    /// The host to sign, the id of a private API or the set of Regions holds characters that no header can.
    #[error("{setting} cannot be sent in a header: remove blanks and everything outside ascii")]
    InvalidSetting {
        /// The builder's method.
        setting: &'static str,
    },

    /// The URI with its new query is none; only possible if it is longer than 65,534 bytes.
    #[error("the uri with its query is too long to be sent: move parameters into the body")]
    Uri(#[source] http::Error),

    /// The life of a presigned URL is out of range.
    #[error("a presigned url cannot last {expires_in:?}: give between one second and seven days")]
    InvalidExpiry {
        /// What was given.
        expires_in: Duration,
    },

    /// The credentials end before a presigned URL could be used.
    #[error("the credentials have ended, so a presigned url would be refused: get new ones")]
    CredentialsEnded,

    /// The HTTP client followed a redirect to another origin, with the signature's headers on board.
    #[error(
        "the http client followed a redirect from {from} to {to} with signed headers: build it with reqwest_sigv4::client_builder, and consider the session token known to {to}"
    )]
    RedirectFollowed {
        /// The host that the request was signed for.
        from: String,
        /// The host that got it.
        to: String,
    },

    /// Something after the signer changed what was signed; reported by [`SignatureGuard`](crate::SignatureGuard).
    #[error(
        "{part} was changed after signing: add the signer to the client after every middleware that changes requests"
    )]
    ChangedAfterSigning {
        /// The first part of the canonical request that differs.
        part: crate::CanonicalPart,
    },

    /// Something after the signer sent one signature twice; reported by [`SignatureGuard`](crate::SignatureGuard).
    #[error(
        "one signature was sent twice: add retries to the client before the signer, so that every attempt is signed anew"
    )]
    SentTwice,

    /// The HTTP client could not be built.
    #[error("building the http client failed: check the TLS configuration of this machine")]
    HttpClient(#[source] reqwest::Error),
}

impl Error {
    /// The signing error inside an error of a [`reqwest_middleware`] client, if that is what went wrong.
    ///
    /// It is found below other middleware too, for example below the wrapper of `reqwest-retry`.
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
        })
    }

    /// Whether the same request may succeed a little later: the credentials provider timed out or its backend failed.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Credentials(failure) if failure.is_transient())
    }

    /// Whether no credentials could be had, for whatever reason.
    pub fn is_credentials(&self) -> bool {
        matches!(self, Self::NoCredentials | Self::Credentials(_))
    }
}

impl From<Error> for reqwest_middleware::Error {
    fn from(error: Error) -> Self {
        Self::middleware(error)
    }
}
