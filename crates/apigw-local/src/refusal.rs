//! Why a request was refused, in API Gateway's own words.

use std::fmt;

use http::StatusCode;
use serde_json::json;

use crate::deployment::kind::ApiKind;
use crate::server::response::Response;
use crate::signature::canonical::CanonicalRequest;

/// The reasons for a refusal.
///
/// Statuses follow the list "Gateway response types for API Gateway" in the developer guide; names and texts follow
/// answers of REST APIs in public reports. For [`ExpiredToken`](Self::ExpiredToken) and
/// [`RequestTooLarge`](Self::RequestTooLarge) no such report was found: name and text are this crate's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefusalKind {
    /// No signature on an operation that needs one.
    MissingAuthenticationToken,
    /// `Authorization` or the query cannot be read as a signature.
    IncompleteSignature,
    /// The signature is wrong, for another scope, or outside its five minutes.
    InvalidSignature,
    /// The access key id or the session token is not known.
    UnrecognizedClient,
    /// The session token is no longer valid.
    ExpiredToken,
    /// No such path or method.
    NoRoute,
    /// No such stage.
    NoStage,
    /// An API key is needed, and none or an unknown one came.
    ApiKey,
    /// Too many requests in a short time.
    Throttled,
    /// The usage plan's quota is used up.
    QuotaExceeded,
    /// The body is larger than the 10 MiB that API Gateway takes.
    RequestTooLarge,
}

impl RefusalKind {
    /// The status that a REST API answers with unless its gateway responses are customised.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::Throttled | Self::QuotaExceeded => StatusCode::TOO_MANY_REQUESTS,
            Self::RequestTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::FORBIDDEN,
        }
    }

    /// The value of `x-amzn-errortype`; `None` where the service's value is not known.
    #[must_use]
    pub fn error_type(self) -> Option<&'static str> {
        Some(match self {
            Self::MissingAuthenticationToken | Self::NoRoute => {
                "MissingAuthenticationTokenException"
            }
            Self::IncompleteSignature => "IncompleteSignatureException",
            Self::InvalidSignature => "InvalidSignatureException",
            Self::UnrecognizedClient => "UnrecognizedClientException",
            Self::ExpiredToken => "ExpiredTokenException",
            Self::NoStage | Self::ApiKey => "ForbiddenException",
            Self::Throttled => "TooManyRequestsException",
            Self::QuotaExceeded => "LimitExceededException",
            Self::RequestTooLarge => return None,
        })
    }
}

/// A refused request: what API Gateway would say, and what only a local gateway can tell.
///
/// `Debug` and `Display` show the local reason, which holds no secret; the message may quote what the caller sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Refusal {
    kind: RefusalKind,
    message: String,
    reason: String,
}

impl Refusal {
    pub(crate) fn new(
        kind: RefusalKind,
        message: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            message: message.into(),
            reason: reason.into(),
        }
    }

    pub(crate) fn missing_token(reason: impl Into<String>) -> Self {
        Self::new(
            RefusalKind::MissingAuthenticationToken,
            "Missing Authentication Token",
            reason,
        )
    }

    pub(crate) fn unrecognized_client(reason: impl Into<String>) -> Self {
        Self::new(
            RefusalKind::UnrecognizedClient,
            "The security token included in the request is invalid.",
            reason,
        )
    }

    pub(crate) fn expired_token() -> Self {
        Self::new(
            RefusalKind::ExpiredToken,
            "The security token included in the request is expired",
            "the session token has expired: get new credentials",
        )
    }

    pub(crate) fn mismatch(
        canonical_request: &CanonicalRequest,
        string_to_sign: &str,
        reason: impl Into<String>,
    ) -> Self {
        Self::new(
            RefusalKind::InvalidSignature,
            format!(
                "The request signature we calculated does not match the signature you provided. \
                 Check your AWS Secret Access Key and signing method. \
                 Consult the service documentation for details.\n\n\
                 The Canonical String for this request should have been\n'{canonical_request}'\n\n\
                 The String-to-Sign should have been\n'{string_to_sign}'\n"
            ),
            reason,
        )
    }

    /// A REST API gives an unknown path or method the same answer as a request without a signature.
    pub(crate) fn no_route(reason: impl Into<String>) -> Self {
        Self::new(RefusalKind::NoRoute, "Missing Authentication Token", reason)
    }

    pub(crate) fn no_stage(reason: impl Into<String>) -> Self {
        Self::new(RefusalKind::NoStage, "Forbidden", reason)
    }

    pub(crate) fn api_key(reason: impl Into<String>) -> Self {
        Self::new(RefusalKind::ApiKey, "Forbidden", reason)
    }

    pub(crate) fn throttled() -> Self {
        Self::new(
            RefusalKind::Throttled,
            "Too Many Requests",
            "throttled by a fault that was asked for",
        )
    }

    pub(crate) fn quota_exceeded() -> Self {
        Self::new(
            RefusalKind::QuotaExceeded,
            "Limit Exceeded",
            "over the quota by a fault that was asked for",
        )
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        Self::new(
            RefusalKind::RequestTooLarge,
            "Request Too Long",
            format!("the body is larger than {limit} bytes, all that API Gateway takes"),
        )
    }

    /// Which kind of refusal.
    #[must_use]
    pub fn kind(&self) -> RefusalKind {
        self.kind
    }

    /// The text that a REST API sends; for a signature mismatch it holds the canonical string and the string to sign.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What exactly is wrong, in one line and without secrets. API Gateway does not send it; the local gateway
    /// puts it in the header `x-apigw-local-reason`.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The response as the given kind of API sends it.
    pub(crate) fn response(&self, api: ApiKind) -> Response {
        let (status, message) = match api {
            ApiKind::Rest => (self.kind.status(), self.message.as_str()),
            ApiKind::Http => match self.kind {
                RefusalKind::NoRoute | RefusalKind::NoStage => (StatusCode::NOT_FOUND, "Not Found"),
                RefusalKind::Throttled | RefusalKind::QuotaExceeded => {
                    (StatusCode::TOO_MANY_REQUESTS, "Too Many Requests")
                }
                RefusalKind::RequestTooLarge => (self.kind.status(), self.message.as_str()),
                _ => (StatusCode::FORBIDDEN, "Forbidden"),
            },
        };
        let response = Response::json(status, json!({ "message": message }))
            .header("x-apigw-local-reason", &self.reason);
        match (api, self.kind.error_type()) {
            (ApiKind::Rest, Some(error_type)) => response.header("x-amzn-errortype", error_type),
            _ => response,
        }
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal")
            .field("kind", &self.kind)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}
