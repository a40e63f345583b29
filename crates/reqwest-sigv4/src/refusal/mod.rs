//! Why API Gateway refused a request.

use std::fmt;

use http::{HeaderMap, Method, StatusCode};

use crate::{Signed, error_type, request_id};

mod body;
mod causes;
pub(crate) mod difference;
mod log;
mod read;
mod reason;
mod response;

pub use difference::{CanonicalPart, Difference};
pub use reason::RefusalReason;
pub use response::Explain;

pub(crate) use log::RefusalLog;

use causes::{Front, Sent};

/// Returns whether an exception says that the credentials are unknown or have expired, so that others may be accepted.
pub(crate) fn refuses_credentials(error_type: &str) -> bool {
    matches!(
        read::by_error_type(error_type, ""),
        Some(RefusalReason::UnknownToken | RefusalReason::ExpiredToken)
    )
}

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
    /// Whether a policy denies the request explicitly.
    is_explicit_deny: bool,
    front: Front,
    sent: Option<Sent>,
    method: Option<Method>,
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
    /// The `x-amzn-errortype` header decides. Without it, status and message must be those of API Gateway, and the message must be the
    /// whole body (for 413, whose message is not documented, the status alone decides). REST APIs always send the header with a 401, 403
    /// or 429 of their own.
    pub fn from_parts(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        if !(status.is_client_error() || status.is_server_error()) {
            return None;
        }
        let error_type = error_type(headers);
        let front = Front::of(headers, error_type);
        let message = read::message(body);
        let text = message.as_ref().map_or("", |message| &message.text);
        let reason = match error_type {
            Some(name) => read::by_error_type(name, text).or_else(|| read::by_status(status, text)),
            // the application's own
            None if message.as_ref().is_some_and(|message| !message.is_alone) => None,
            None if front == Front::Rest && matches!(status.as_u16(), 401 | 403 | 429) => None,
            None => read::by_status(status, text),
        }?;
        Some(Self {
            status,
            error_type: error_type.map(str::to_owned),
            request_id: request_id(headers).map(str::to_owned),
            arrived: read::canonical_request(text).map(Arrived),
            comparison: None,
            reason,
            is_explicit_deny: text.contains("explicit deny"),
            front,
            sent: None,
            method: None,
        })
    }

    /// Compares the request that arrived with the one that was signed, if the service repeats it. Also narrows down the
    /// [possible causes](Self::possible_causes).
    #[must_use]
    pub fn compared_with(mut self, signed: &Signed) -> Self {
        self.sent = Some(Sent::of(signed));
        self.method = Some(signed.method().clone());
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

    /// Returns what may have caused a refusal that API Gateway sends for several reasons, most likely first.
    ///
    /// Only [`Forbidden`](RefusalReason::Forbidden) and [`MissingAuthenticationToken`](RefusalReason::MissingAuthenticationToken) are
    /// ambiguous; the list is empty for other reasons, and for services other than API Gateway. It depends on the kind of API and, if the
    /// request was signed by a [`Signer`](crate::Signer), on its host and headers.
    pub fn possible_causes(&self) -> Vec<&'static str> {
        match self.reason {
            RefusalReason::Forbidden => causes::of_forbidden(self.front, self.sent),
            RefusalReason::MissingAuthenticationToken => causes::of_missing_token(self.sent),
            _ => Vec::new(),
        }
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
            None => match (&self.reason, self.front) {
                (RefusalReason::Forbidden, Front::Rest) => {
                    "check the x-api-key header, then the stage and the host of the URL"
                }
                (RefusalReason::Forbidden, Front::Http) => {
                    "check the caller's policy for execute-api:Invoke, then the credentials and the Region"
                }
                (RefusalReason::AccessDenied { .. }, _) if self.is_explicit_deny => {
                    "remove the explicit Deny, which overrides every Allow: look in the caller's policies, in the API's resource policy and in the policy of the VPC endpoint"
                }
                (reason, _) => reason.hint(),
            },
        }
    }

    /// Returns whether the request may be sent twice, if it is known.
    #[cfg(feature = "retry")]
    pub(crate) fn is_idempotent(&self) -> bool {
        self.method.as_ref().is_some_and(Method::is_idempotent)
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
        let causes = self.possible_causes();
        match causes.as_slice() {
            [] => write!(f, ": {}", self.hint())?,
            [only] => write!(f, ": {only}")?,
            causes => {
                f.write_str(". Possible causes, most likely first:")?;
                for (index, cause) in causes.iter().enumerate() {
                    let separator = if index == 0 { "" } else { ";" };
                    write!(f, "{separator} ({}) {cause}", index + 1)?;
                }
            }
        }
        if let Some(id) = &self.request_id {
            write!(f, " (request id {id})")?;
        }
        Ok(())
    }
}
