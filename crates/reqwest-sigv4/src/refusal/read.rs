//! Reads the reason of a refusal from a response.

use http::StatusCode;

use super::RefusalReason;

/// The message of a refusal.
pub(super) struct Message {
    pub(super) text: String,
    /// Whether the body contains nothing else, as API Gateway's own errors without customized templates.
    pub(super) is_alone: bool,
}

/// Returns the message in the body. IAM capitalises the key.
pub(super) fn message(body: &[u8]) -> Option<Message> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    let fields = body.as_object()?;
    let text = fields.get("message").or_else(|| fields.get("Message"))?;
    Some(Message {
        text: text.as_str()?.to_owned(),
        is_alone: fields.len() == 1,
    })
}

/// Finds the reason by the name of the exception, which is sent even if status and body are customised.
pub(super) fn by_error_type(name: &str, message: &str) -> Option<RefusalReason> {
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
        // some clock errors have this name too
        "BadRequestException" if message.starts_with("Signature ") => signature(message),
        "BadRequestException" => invalid_request(message),
        _ => return None,
    })
}

/// Finds the reason by status and message. HTTP APIs send nothing else.
pub(super) fn by_status(status: StatusCode, message: &str) -> Option<RefusalReason> {
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

/// Distinguishes mismatch, clock and scope, which share one exception name.
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

/// Returns the time before the ` - 5 min.` or ` + 5 min.` at the end of a clock error.
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
            .map(printable),
    }
}

fn invalid_request(message: &str) -> RefusalReason {
    RefusalReason::InvalidRequest {
        message: (!message.is_empty())
            .then(|| printable(message.lines().next().unwrap_or_default())),
    }
}

/// Returns the canonical request in a message of the form `… should have been\n'…'\n\nThe String-to-Sign …`.
pub(super) fn canonical_request(message: &str) -> Option<String> {
    let (_, rest) =
        message.split_once("The Canonical String for this request should have been\n'")?;
    Some(rest.split_once("'\n\nThe String-to-Sign")?.0.to_owned())
}

fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let (_, rest) = text.split_once(before)?;
    Some(printable(rest.split_once(after)?.0))
}

/// Returns text of the service without control characters, so that it cannot forge lines of a log.
pub(super) fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}
