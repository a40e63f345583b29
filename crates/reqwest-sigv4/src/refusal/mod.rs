//! Why the service refused a request.

use std::fmt;

use http::{HeaderMap, StatusCode};

use crate::{Difference, Signed};

pub(crate) mod difference;
pub(crate) mod explain;
mod read;
mod reason;

pub use reason::RefusalReason;

/// A request that API Gateway itself refused, or could not answer: what was wrong, and what to change.
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
/// `Display` gives one line with the reason and a hint. No part of a refusal holds a secret: of texts in which the service repeats the request, only the harmless
/// part is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    status: StatusCode,
    error_type: Option<String>,
    request_id: Option<String>,
    reason: RefusalReason,
    /// The canonical request as the service wrote it.
    arrived: Option<Arrived>,
    comparison: Option<Comparison>,
}

/// Kept for the comparison only: it repeats the request, secrets included.
#[derive(Clone, PartialEq, Eq)]
struct Arrived(String);

impl fmt::Debug for Arrived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

/// The request that arrived against the one that was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Comparison {
    Same,
    Differs(Difference),
}

impl Refusal {
    /// Reads a response; `None` if it is a success, or an answer of the service behind the gateway.
    ///
    /// The `x-amzn-errortype` header decides; without it, status and text must be what API Gateway sends (for 413, whose text is not documented, the status alone).
    pub fn from_parts(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        if !(status.is_client_error() || status.is_server_error()) {
            return None;
        }
        let error_type = header(headers, "x-amzn-errortype").map(|value| {
            // other AWS services append the address of the exception's definition
            value.split(':').next().unwrap_or_default().to_owned()
        });
        let message = read::message(body);
        let text = message.as_deref().unwrap_or_default();
        let reason = match &error_type {
            Some(name) => read::by_error_type(name, text).or_else(|| read::by_status(status, text)),
            None => read::by_status(status, text),
        }?;
        Some(Self {
            status,
            error_type,
            request_id: request_id(headers).map(str::to_owned),
            arrived: read::canonical_request(text).map(Arrived),
            comparison: None,
            reason,
        })
    }

    /// Compares the request that the service read, if it repeats it, with the one that was signed.
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

    /// The first line in which the request that arrived differs from the one that was signed.
    ///
    /// `None` if it does not differ, if the service does not repeat it (HTTP APIs do not), or if it was not [compared](Self::compared_with).
    pub fn difference(&self) -> Option<&Difference> {
        match &self.comparison {
            Some(Comparison::Differs(difference)) => Some(difference),
            _ => None,
        }
    }

    /// What was wrong.
    pub fn reason(&self) -> &RefusalReason {
        &self.reason
    }

    /// The status of the response.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The exception's name from `x-amzn-errortype`; HTTP APIs send none.
    pub fn error_type(&self) -> Option<&str> {
        self.error_type.as_deref()
    }

    /// The request's id, for AWS support and for the API's logs.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// What to change: a setting of the builder (a name in backticks), a variable, or a setting of the API.
    pub fn hint(&self) -> &'static str {
        match self.comparison {
            Some(Comparison::Same) => {
                "the request arrived as it was signed, so the secret key is wrong: check AWS_SECRET_ACCESS_KEY"
            }
            Some(Comparison::Differs(_)) => {
                "look for what changes this part after signing: a middleware that was added after the signer, or a proxy"
            }
            None => self.reason.hint(),
        }
    }

    /// Whether the clocks disagree, so that the same request signed with the service's time would pass.
    pub fn is_clock(&self) -> bool {
        matches!(
            self.reason,
            RefusalReason::SignatureExpired { .. } | RefusalReason::SignatureNotYetCurrent { .. }
        )
    }

    /// Whether the request was not accepted for want of a valid signature or token, rather than for want of permission.
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

/// Returns the id of a request from its response's headers, for the API's logs and AWS support:
/// `x-amzn-requestid` of a REST API, `apigw-requestid` of an HTTP API, or the extended id
/// `x-amz-apigw-id`.
pub fn request_id(headers: &HeaderMap) -> Option<&str> {
    ["x-amzn-requestid", "apigw-requestid", "x-amz-apigw-id"]
        .iter()
        .filter_map(|name| headers.get(*name)?.to_str().ok())
        .find(|id| !id.is_empty())
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    (!value.is_empty()).then(|| value.to_owned())
}
