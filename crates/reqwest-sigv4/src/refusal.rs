//! Why the service refused a request.

use std::fmt;

use http::{HeaderMap, StatusCode};

use crate::{Difference, Signed};

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

/// What was wrong with a refused request.
///
/// One variant for each answer that API Gateway is known to give; see the "gateway response types" of its developer guide.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefusalReason {
    /// The service computed another signature: something changed between signing and arriving, or the secret key is wrong.
    SignatureMismatch,
    /// The signature is too old: this machine's clock is behind, or the request was held up.
    SignatureExpired {
        /// The service's own time, as it wrote it (`YYYYMMDDTHHMMSSZ`).
        server_time: Option<String>,
    },
    /// The signature is from the future: this machine's clock is ahead.
    SignatureNotYetCurrent {
        /// The service's own time, as it wrote it (`YYYYMMDDTHHMMSSZ`).
        server_time: Option<String>,
    },
    /// The request is signed for another Region or service than the API's.
    WrongScope {
        /// The Region that the service does not accept.
        rejected_region: Option<String>,
        /// The service that it expects.
        expected_service: Option<String>,
    },
    /// The access key id or the session token is not one that AWS knows.
    UnknownToken,
    /// The session token has expired.
    ExpiredToken,
    /// The signature is right, and the policies do not allow the call.
    AccessDenied {
        /// Who called, an ARN, or `anonymous`.
        principal: Option<String>,
        /// What was called, usually `execute-api:Invoke`.
        action: Option<String>,
        /// The ARN of the method; the service masks the account.
        resource: Option<String>,
    },
    /// The request arrived unsigned at a method that needs a signature, or the path and method do not exist: API Gateway says the same for both.
    MissingAuthenticationToken,
    /// The `Authorization` header is not one of Signature Version 4.
    IncompleteSignature,
    /// Refused without a reason: API key, web application firewall, private API, disabled default endpoint or wrong stage; from an HTTP API any
    /// problem with the signature as well.
    Forbidden,
    /// An authorizer other than IAM refused the request.
    Unauthorized,
    /// Too many requests in this moment.
    Throttled,
    /// The quota of the usage plan is used up.
    QuotaExceeded,
    /// The request does not pass the API's validation.
    InvalidRequest {
        /// What the service said about it.
        message: Option<String>,
    },
    /// No route of this HTTP API has this path, or the stage is wrong.
    RouteNotFound,
    /// The body is larger than API Gateway takes.
    PayloadTooLarge,
    /// The method does not take this content type or encoding.
    UnsupportedMediaType,
    /// The service behind the gateway failed, or answered in a form that the gateway does not understand.
    IntegrationFailure,
    /// The service behind the gateway did not answer in time.
    IntegrationTimeout,
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
        let message = message(body);
        let text = message.as_deref().unwrap_or_default();
        let reason = match &error_type {
            Some(name) => by_error_type(name, text).or_else(|| by_status(status, text)),
            None => by_status(status, text),
        }?;
        Some(Self {
            status,
            error_type,
            request_id: REQUEST_ID_HEADERS
                .into_iter()
                .find_map(|name| header(headers, name)),
            arrived: canonical_request(text).map(Arrived),
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

    /// What to change: a builder method, a variable, or a setting of the API.
    pub fn hint(&self) -> &'static str {
        match self.comparison {
            Some(Comparison::Same) => {
                "the request arrived as it was signed, so the secret key is wrong: check AWS_SECRET_ACCESS_KEY"
            }
            Some(Comparison::Differs(_)) => {
                "add the signer to the client after every middleware that changes requests, and look for a proxy that changes this part"
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

impl RefusalReason {
    fn hint(&self) -> &'static str {
        match self {
            Self::SignatureMismatch => {
                "check AWS_SECRET_ACCESS_KEY, and that no middleware after the signer and no proxy changes the request"
            }
            Self::SignatureExpired { .. } | Self::SignatureNotYetCurrent { .. } => {
                "set this machine's clock, or unset AWS_DISABLE_CLOCK_SKEW_CORRECTION"
            }
            Self::WrongScope { .. } => {
                "set SignerBuilder::region to the API's own region, and leave SignerBuilder::service at its default"
            }
            Self::UnknownToken => {
                "check AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN: temporary keys need their own token"
            }
            Self::ExpiredToken => "get new credentials, for example with `aws sso login`",
            Self::AccessDenied { .. } => {
                "allow execute-api:Invoke on this resource, or choose another role with SignerBuilder::assume_role"
            }
            Self::MissingAuthenticationToken => {
                "check path, method and stage, then that SignOptions::skip is not set for it"
            }
            Self::IncompleteSignature => {
                "remove the other authorization header, see SignerBuilder::existing_authorization"
            }
            Self::Forbidden => {
                "check x-api-key, stage and host; behind an HTTP API also credentials, SignerBuilder::region and the caller's policy"
            }
            Self::Unauthorized => "send the token that the API's authorizer asks for",
            Self::Throttled => "retry later, with backoff",
            Self::QuotaExceeded => {
                "wait for the usage plan's next period, or ask for a larger quota"
            }
            Self::InvalidRequest { .. } => "send what the API's model asks for",
            Self::RouteNotFound => "check path, method and stage",
            Self::PayloadTooLarge => "send at most 10 MB, for example through a presigned upload",
            Self::UnsupportedMediaType => "send a content-type that the method declares",
            Self::IntegrationFailure => "look into the logs of the service behind the API",
            Self::IntegrationTimeout => {
                "retry if the call is idempotent; the service may still have run"
            }
        }
    }
}

impl fmt::Display for RefusalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignatureMismatch => f.write_str("the signature does not match"),
            Self::SignatureExpired { server_time } => {
                f.write_str("the signature has expired")?;
                write_server_time(f, server_time)
            }
            Self::SignatureNotYetCurrent { server_time } => {
                f.write_str("the signature is not yet valid")?;
                write_server_time(f, server_time)
            }
            Self::WrongScope {
                rejected_region,
                expected_service,
            } => {
                f.write_str("the request is signed for the wrong region or service")?;
                if let Some(region) = rejected_region {
                    write!(f, ", region {region} is not accepted")?;
                }
                if let Some(service) = expected_service {
                    write!(f, ", service {service} is expected")?;
                }
                Ok(())
            }
            Self::UnknownToken => f.write_str("the access key or session token is not known"),
            Self::ExpiredToken => f.write_str("the session token has expired"),
            Self::AccessDenied {
                principal,
                action,
                resource,
            } => {
                write!(
                    f,
                    "{} may not",
                    principal.as_deref().unwrap_or("the caller")
                )?;
                write!(f, " {}", action.as_deref().unwrap_or("make this call"))?;
                match resource {
                    Some(resource) => write!(f, " on {resource}"),
                    None => Ok(()),
                }
            }
            Self::MissingAuthenticationToken => {
                f.write_str("no signature arrived, or there is no such path and method")
            }
            Self::IncompleteSignature => f.write_str("the authorization header is not a signature"),
            Self::Forbidden => f.write_str("the api refused the request without a reason"),
            Self::Unauthorized => f.write_str("the api's authorizer refused the request"),
            Self::Throttled => f.write_str("too many requests"),
            Self::QuotaExceeded => f.write_str("the quota of the usage plan is used up"),
            Self::InvalidRequest { message } => match message {
                Some(message) => write!(f, "the api's validation refused the request ({message})"),
                None => f.write_str("the api's validation refused the request"),
            },
            Self::RouteNotFound => f.write_str("the api has no such route"),
            Self::PayloadTooLarge => f.write_str("the body is too large"),
            Self::UnsupportedMediaType => f.write_str("the api does not take this content type"),
            Self::IntegrationFailure => f.write_str("the service behind the api failed"),
            Self::IntegrationTimeout => {
                f.write_str("the service behind the api did not answer in time")
            }
        }
    }
}

fn write_server_time(f: &mut fmt::Formatter<'_>, time: &Option<String>) -> fmt::Result {
    match time {
        Some(time) => write!(f, ", the service's time is {time}"),
        None => Ok(()),
    }
}

/// Where API Gateway puts a request's id: REST API, HTTP API, extended id.
const REQUEST_ID_HEADERS: [&str; 3] = ["x-amzn-requestid", "apigw-requestid", "x-amz-apigw-id"];

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    (!value.is_empty()).then(|| value.to_owned())
}

/// The text in the body; IAM writes its name with a capital letter.
fn message(body: &[u8]) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    let text = body.get("message").or_else(|| body.get("Message"))?;
    Some(text.as_str()?.to_owned())
}

fn by_error_type(name: &str, message: &str) -> Option<RefusalReason> {
    Some(match name {
        "InvalidSignatureException" | "SignatureDoesNotMatch" => signature(message),
        "MissingAuthenticationTokenException" => RefusalReason::MissingAuthenticationToken,
        "UnrecognizedClientException" | "InvalidClientTokenId" => RefusalReason::UnknownToken,
        "ExpiredTokenException" | "ExpiredToken" => RefusalReason::ExpiredToken,
        "AccessDeniedException" => access_denied(message),
        "IncompleteSignatureException" => RefusalReason::IncompleteSignature,
        "ForbiddenException" => RefusalReason::Forbidden,
        "UnauthorizedException" => RefusalReason::Unauthorized,
        "TooManyRequestsException" | "ThrottlingException" => RefusalReason::Throttled,
        "LimitExceededException" => RefusalReason::QuotaExceeded,
        // clock errors have been seen under this name too
        "BadRequestException" if message.starts_with("Signature ") => signature(message),
        "BadRequestException" => invalid_request(message),
        _ => return None,
    })
}

fn by_status(status: StatusCode, message: &str) -> Option<RefusalReason> {
    Some(match (status.as_u16(), message) {
        (400, "Invalid request body") => invalid_request(message),
        (400, _) if message.starts_with("Missing required request parameters") => {
            invalid_request(message)
        }
        (401, "Unauthorized") => RefusalReason::Unauthorized,
        (403, "Forbidden") => RefusalReason::Forbidden,
        (403, "Missing Authentication Token") => RefusalReason::MissingAuthenticationToken,
        (403, _) if is_about_signature(message) => signature(message),
        (403, _) if message.starts_with("User: ") || is_unknown_token(message) => {
            access_denied(message)
        }
        (404, "Not Found") => RefusalReason::RouteNotFound,
        (413, _) => RefusalReason::PayloadTooLarge,
        (415, "Unsupported Media Type") => RefusalReason::UnsupportedMediaType,
        (429, "Limit Exceeded") => RefusalReason::QuotaExceeded,
        (429, "Too Many Requests") => RefusalReason::Throttled,
        (500 | 502, "Internal server error" | "Internal Server Error") => {
            RefusalReason::IntegrationFailure
        }
        (503, "Service Unavailable") => RefusalReason::IntegrationFailure,
        (504, "Endpoint request timed out") => RefusalReason::IntegrationTimeout,
        _ => return None,
    })
}

fn is_about_signature(message: &str) -> bool {
    message.starts_with("Signature ")
        || message.starts_with("The request signature we calculated")
        || message.contains("Credential should be scoped to")
}

/// Mismatch, clock or scope: one exception name for all three.
fn signature(message: &str) -> RefusalReason {
    if message.starts_with("Signature expired") {
        let server_time = server_time(message);
        RefusalReason::SignatureExpired { server_time }
    } else if message.starts_with("Signature not yet current") {
        let server_time = server_time(message);
        RefusalReason::SignatureNotYetCurrent { server_time }
    } else if message.contains("Credential should be scoped to") {
        RefusalReason::WrongScope {
            rejected_region: between(message, "valid region, not '", "'"),
            expected_service: between(message, "correct service: '", "'"),
        }
    } else {
        RefusalReason::SignatureMismatch
    }
}

/// The time before the ` - 5 min.` or ` + 5 min.` at the end of a clock error.
fn server_time(message: &str) -> Option<String> {
    let time = message.rsplit_once('(')?.1.split(' ').next()?;
    let is_date = time.len() == 16
        && time
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'T' | b'Z'));
    is_date.then(|| time.to_owned())
}

fn is_unknown_token(message: &str) -> bool {
    message.starts_with("The security token included in the request is invalid")
}

fn access_denied(message: &str) -> RefusalReason {
    if is_unknown_token(message) {
        return RefusalReason::UnknownToken;
    }
    RefusalReason::AccessDenied {
        principal: between(message, "User: ", " is not authorized"),
        action: between(message, "to perform: ", " "),
        resource: message
            .split_once("on resource: ")
            .and_then(|(_, rest)| rest.split(' ').next())
            .map(str::to_owned),
    }
}

fn invalid_request(message: &str) -> RefusalReason {
    RefusalReason::InvalidRequest {
        message: (!message.is_empty())
            .then(|| message.lines().next().unwrap_or_default().to_owned()),
    }
}

/// The canonical request in a text of the form `… should have been\n'…'\n\nThe String-to-Sign …`.
fn canonical_request(message: &str) -> Option<String> {
    let (_, rest) =
        message.split_once("The Canonical String for this request should have been\n'")?;
    Some(rest.split_once("'\n\nThe String-to-Sign")?.0.to_owned())
}

fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0.to_owned())
}
