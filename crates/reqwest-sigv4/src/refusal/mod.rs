//! Why API Gateway refused a request.

use std::fmt;

use http::{HeaderMap, StatusCode};

use crate::{Signed, error_type, request_id};

pub(crate) mod difference;
mod read;
mod reason;
mod response;

pub use difference::{CanonicalPart, Difference};
pub use reason::RefusalReason;
pub use response::Explain;

/// An error response of API Gateway itself, as opposed to the backend: what was wrong, and how to fix it.
///
/// ```
/// use http::{HeaderMap, HeaderValue, StatusCode};
/// use reqwest_sigv4::{Refusal, RefusalReason};
///
/// let mut headers = HeaderMap::new();
/// headers.insert("x-amzn-errortype", HeaderValue::from_static("TooManyRequestsException"));
/// let body = br#"{"message":"Too Many Requests"}"#;
///
/// let refusal = Refusal::from_parts(StatusCode::TOO_MANY_REQUESTS, &headers, body).unwrap();
/// assert_eq!(*refusal.reason(), RefusalReason::Throttled);
/// ```
///
/// `Display` writes one line with the reason and a hint. A refusal never shows a secret, even if the service repeats the request in its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    status: StatusCode,
    error_type: Option<String>,
    request_id: Option<String>,
    reason: RefusalReason,
    /// The canonical request as the service received it.
    arrived: Option<Arrived>,
    comparison: Option<Comparison>,
}

/// Kept for the comparison only. It contains the secrets of the request.
#[derive(Clone, PartialEq, Eq)]
struct Arrived(String);

impl fmt::Debug for Arrived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

/// The result of comparing the request that arrived with the one that was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Comparison {
    Same,
    Differs(Difference),
}

impl Refusal {
    /// Reads a refusal from the parts of a response. Returns `None` if the response is a success, or comes from the backend.
    ///
    /// The `x-amzn-errortype` header decides. Without it, status and message must be those of API Gateway (for 413, whose message is not
    /// documented, the status alone).
    pub fn from_parts(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        if !(status.is_client_error() || status.is_server_error()) {
            return None;
        }
        let error_type = error_type(headers);
        let message = read::message(body);
        let text = message.as_deref().unwrap_or_default();
        let reason = match error_type {
            Some(name) => read::by_error_type(name, text).or_else(|| read::by_status(status, text)),
            None => read::by_status(status, text),
        }?;
        Some(Self {
            status,
            error_type: error_type.map(str::to_owned),
            request_id: request_id(headers).map(str::to_owned),
            arrived: read::canonical_request(text).map(Arrived),
            comparison: None,
            reason,
        })
    }

    /// Compares the request that arrived with the one that was signed, if the service repeats it.
    #[must_use]
    pub fn compared_with(mut self, signed: &Signed) -> Self {
        self.comparison = self.arrived.as_ref().map(|Arrived(arrived)| {
            match Difference::first(signed.canonical().as_str(), arrived) {
                Some(difference) => Comparison::Differs(difference),
                None => Comparison::Same,
            }
        });
        self
    }

    /// Returns the first difference between the request that arrived and the one that was signed.
    ///
    /// Returns `None` if they do not differ, if the service does not repeat the request (HTTP APIs do not), or if they were not
    /// [compared](Self::compared_with).
    pub fn difference(&self) -> Option<&Difference> {
        match &self.comparison {
            Some(Comparison::Differs(difference)) => Some(difference),
            _ => None,
        }
    }

    /// Returns what was wrong.
    pub fn reason(&self) -> &RefusalReason {
        &self.reason
    }

    /// Returns the status of the response.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the name of the exception in `x-amzn-errortype`; HTTP APIs send none.
    pub fn error_type(&self) -> Option<&str> {
        self.error_type.as_deref()
    }

    /// Returns the request id, for AWS support and for the API's logs.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Returns how to fix the problem: what to check or change in the request, the environment or the API.
    pub fn hint(&self) -> &'static str {
        match self.comparison {
            Some(Comparison::Same) => {
                "the request arrived as it was signed, so the secret key is wrong; check AWS_SECRET_ACCESS_KEY"
            }
            Some(Comparison::Differs(_)) => {
                "check for a middleware after the signer or a proxy that changes this part after signing"
            }
            None => self.reason.hint(),
        }
    }

    /// Returns whether clock skew is the reason, so that the same request signed with the service's time would be accepted.
    pub fn is_clock(&self) -> bool {
        matches!(
            self.reason,
            RefusalReason::SignatureExpired { .. } | RefusalReason::SignatureNotYetCurrent { .. }
        )
    }

    /// Returns whether authentication failed (a bad signature or token), as opposed to authorization.
    pub fn is_authentication(&self) -> bool {
        matches!(
            self.reason,
            RefusalReason::SignatureMismatch
                | RefusalReason::SignatureExpired { .. }
                | RefusalReason::SignatureNotYetCurrent { .. }
                | RefusalReason::WrongScope { .. }
                | RefusalReason::UnknownToken
                | RefusalReason::ExpiredToken
                | RefusalReason::MissingAuthenticationToken
                | RefusalReason::IncompleteSignature
        )
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status.as_u16())?;
        if let Some(error_type) = &self.error_type {
            write!(f, " {error_type}")?;
        }
        write!(f, ": {}", self.reason)?;
        if let Some(difference) = self.difference() {
            write!(f, ", {difference}")?;
        }
        write!(f, ": {}", self.hint())?;
        if let Some(id) = &self.request_id {
            write!(f, " (request id {id})")?;
        }
        Ok(())
    }
}
