//! Refusals: the errors that API Gateway returns for a request.

use std::fmt;

use http::StatusCode;
use serde_json::json;

use crate::deployment::kind::ApiKind;
use crate::server::response::Response;
use crate::signature::canonical::CanonicalRequest;

/// The kind of a refusal.
///
/// Statuses follow "Gateway response types for API Gateway" in the API Gateway Developer Guide. Error types and messages
/// follow responses of REST APIs in public reports. No report was found for [`ExpiredToken`](Self::ExpiredToken) and
/// [`RequestTooLarge`](Self::RequestTooLarge), so their error type and message may differ from those of API Gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefusalKind {
    /// The request is not signed, but the operation requires a signature.
    MissingAuthenticationToken,
    /// The `Authorization` header or the query is not a valid signature.
    IncompleteSignature,
    /// The signature does not match, has the wrong scope, or has expired.
    InvalidSignature,
    /// The access key ID or the session token is unknown.
    UnrecognizedClient,
    /// The session token has expired.
    ExpiredToken,
    /// The signature is valid, but the caller's policies do not allow the request.
    AccessDenied,
    /// The API has no such path or method.
    NoRoute,
    /// The API has no such stage.
    NoStage,
    /// The API key is missing or unknown.
    ApiKey,
    /// The request rate is too high.
    Throttled,
    /// The quota of the usage plan is used up.
    QuotaExceeded,
    /// The body is larger than 10 MiB, the limit of API Gateway.
    RequestTooLarge,
}

impl RefusalKind {
    /// Returns the status of a REST API without customized gateway responses.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::Throttled | Self::QuotaExceeded => StatusCode::TOO_MANY_REQUESTS,
            Self::RequestTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::FORBIDDEN,
        }
    }

    /// Returns the value of `x-amzn-errortype`, or `None` if the value that API Gateway sends is unknown.
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
            Self::AccessDenied => "AccessDeniedException",
            Self::NoStage | Self::ApiKey => "ForbiddenException",
            Self::Throttled => "TooManyRequestsException",
            Self::QuotaExceeded => "LimitExceededException",
            Self::RequestTooLarge => return None,
        })
    }
}

/// A refused request: the error that API Gateway returns, and the exact reason.
///
/// `Debug` and `Display` show the reason, which never contains a secret. The message may quote parts of the request.
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

    pub(crate) fn access_denied(message: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::new(RefusalKind::AccessDenied, message, reason)
    }

    /// A REST API returns the same error for an unknown path or method as for an unsigned request.
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
            "throttled by an injected fault",
        )
    }

    pub(crate) fn quota_exceeded() -> Self {
        Self::new(
            RefusalKind::QuotaExceeded,
            "Limit Exceeded",
            "quota exceeded by an injected fault",
        )
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        Self::new(
            RefusalKind::RequestTooLarge,
            "Request Too Long",
            format!("the body is larger than {limit} bytes, the limit of API Gateway"),
        )
    }

    /// Returns the kind of refusal.
    #[must_use]
    pub fn kind(&self) -> RefusalKind {
        self.kind
    }

    /// Returns the message of a REST API. For a signature mismatch, it contains the canonical request and the string
    /// to sign.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns the exact reason, in one line and without secrets.
    ///
    /// API Gateway does not send it. The local gateway sends it in the `x-apigw-local-reason` header.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Returns the response that this kind of API sends.
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
        // this error alone is in a `Message`, as public reports show
        let key = match (api, self.kind) {
            (ApiKind::Rest, RefusalKind::AccessDenied) => "Message",
            _ => "message",
        };
        let response = Response::json(status, json!({ key: message }))
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
