//! The reasons of refusals.

use std::fmt;

/// Why a request was refused.
///
/// One variant for each known error of API Gateway; see the
/// [gateway response types](https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html) of its developer guide.
///
/// ```
/// use reqwest_sigv4::{Refusal, RefusalReason};
///
/// fn advice(refusal: &Refusal) -> String {
///     match refusal.reason() {
///         RefusalReason::AccessDenied { resource: Some(arn), .. } => format!("ask for access to {arn}"),
///         RefusalReason::ExpiredToken => "log in again".to_owned(),
///         _ => refusal.hint().to_owned(),
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefusalReason {
    /// The service computed a different signature: the request was changed after signing, or the secret key is wrong.
    SignatureMismatch,
    /// The signature is too old: this machine's clock is behind, or the request was delayed.
    SignatureExpired {
        /// The service's time, as sent (`YYYYMMDDTHHMMSSZ`).
        server_time: Option<String>,
    },
    /// The signature is in the future: this machine's clock is ahead.
    SignatureNotYetCurrent {
        /// The service's time, as sent (`YYYYMMDDTHHMMSSZ`).
        server_time: Option<String>,
    },
    /// The request was signed for the wrong Region or service.
    WrongScope {
        /// The rejected Region.
        rejected_region: Option<String>,
        /// The expected service.
        expected_service: Option<String>,
    },
    /// AWS does not know the access key id or the session token.
    UnknownToken,
    /// The session token has expired.
    ExpiredToken,
    /// The signature is valid, but a policy does not allow the request.
    AccessDenied {
        /// The ARN of the caller, or `anonymous`.
        principal: Option<String>,
        /// The denied action, usually `execute-api:Invoke`.
        action: Option<String>,
        /// The ARN of the method. The service masks the account id.
        resource: Option<String>,
    },
    /// The request was unsigned but the method requires a signature, or the path and method do not exist. API Gateway returns the same error for both.
    MissingAuthenticationToken,
    /// The `Authorization` header is not a Signature Version 4 header.
    IncompleteSignature,
    /// Refused without a reason: API key, web application firewall, private API, disabled default endpoint or wrong stage. For an HTTP API, also
    /// any problem with the signature.
    Forbidden,
    /// An authorizer other than IAM refused the request.
    Unauthorized,
    /// The rate limit is exceeded.
    Throttled,
    /// The quota of the usage plan is exhausted.
    QuotaExceeded,
    /// The API's request validation failed.
    InvalidRequest {
        /// The service's message.
        message: Option<String>,
    },
    /// The HTTP API has no route with this path, or the stage is wrong.
    RouteNotFound,
    /// The body is larger than API Gateway accepts.
    PayloadTooLarge,
    /// The method does not accept this content type or encoding.
    UnsupportedMediaType,
    /// The backend failed, or API Gateway could not read its response.
    IntegrationFailure,
    /// The backend did not respond in time.
    IntegrationTimeout,
}

impl RefusalReason {
    /// Returns how to fix the problem.
    pub(super) fn hint(&self) -> &'static str {
        match self {
            Self::SignatureMismatch => {
                "check AWS_SECRET_ACCESS_KEY, and that no middleware or proxy changes the request after signing"
            }
            Self::SignatureExpired { .. } | Self::SignatureNotYetCurrent { .. } => {
                "correct this machine's clock, or unset AWS_DISABLE_CLOCK_SKEW_CORRECTION"
            }
            Self::WrongScope { .. } => {
                "sign for the API's own Region, and for its service (`execute-api` for API Gateway)"
            }
            Self::UnknownToken => {
                "check AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN; temporary keys require their session token"
            }
            Self::ExpiredToken => "get new credentials, for example with `aws sso login`",
            Self::AccessDenied {
                principal: Some(principal),
                ..
            } if principal == "anonymous" => {
                "sign the request, or allow anonymous callers in the API's resource policy"
            }
            Self::AccessDenied {
                action: Some(action),
                ..
            } if !action.starts_with("execute-api:") => {
                "allow this action on this resource, or use a role that is allowed to call it"
            }
            Self::AccessDenied { .. } => {
                "allow execute-api:Invoke on this resource, or use a role that is allowed to call it"
            }
            Self::MissingAuthenticationToken => {
                "check the path, method and stage, and whether the request was sent unsigned"
            }
            Self::IncompleteSignature => {
                "remove any authorization header that the signer did not add"
            }
            Self::Forbidden => {
                "check the x-api-key header, stage and host; for an HTTP API also the credentials, Region and the caller's policy"
            }
            Self::Unauthorized => "send the token that the API's authorizer requires",
            Self::Throttled => "retry later, with backoff",
            Self::QuotaExceeded => {
                "wait for the usage plan's next period, or request a higher quota"
            }
            Self::InvalidRequest { .. } => {
                "send the parameters and the body that the API's model requires"
            }
            Self::RouteNotFound => "check the path, method and stage",
            Self::PayloadTooLarge => {
                "send at most 10 MB, or upload large files to S3 with a presigned URL"
            }
            Self::UnsupportedMediaType => "send a content type that the method accepts",
            Self::IntegrationFailure => "check the logs of the backend",
            Self::IntegrationTimeout => {
                "retry if the operation is idempotent; it may still have run"
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
                f.write_str("the request is signed for the wrong Region or service")?;
                if let Some(region) = rejected_region {
                    write!(f, " (Region {region} is not accepted)")?;
                }
                if let Some(service) = expected_service {
                    write!(f, " (expected service {service})")?;
                }
                Ok(())
            }
            Self::UnknownToken => f.write_str("unknown access key or session token"),
            Self::ExpiredToken => f.write_str("the session token has expired"),
            Self::AccessDenied {
                principal,
                action,
                resource,
            } => {
                write!(
                    f,
                    "{} is not authorized to perform",
                    principal.as_deref().unwrap_or("the caller")
                )?;
                write!(f, " {}", action.as_deref().unwrap_or("this operation"))?;
                match resource {
                    Some(resource) => write!(f, " on {resource}"),
                    None => Ok(()),
                }
            }
            Self::MissingAuthenticationToken => {
                f.write_str("the request has no signature, or the path and method do not exist")
            }
            Self::IncompleteSignature => f.write_str("the authorization header is not a signature"),
            Self::Forbidden => f.write_str("API Gateway refused the request without a reason"),
            Self::Unauthorized => f.write_str("the API's authorizer refused the request"),
            Self::Throttled => f.write_str("too many requests"),
            Self::QuotaExceeded => f.write_str("the quota of the usage plan is exhausted"),
            Self::InvalidRequest { message } => match message {
                Some(message) => write!(f, "the API's request validation failed ({message})"),
                None => f.write_str("the API's request validation failed"),
            },
            Self::RouteNotFound => f.write_str("the API has no such route"),
            Self::PayloadTooLarge => f.write_str("the body is too large"),
            Self::UnsupportedMediaType => f.write_str("the API does not accept this content type"),
            Self::IntegrationFailure => f.write_str("the backend failed"),
            Self::IntegrationTimeout => f.write_str("the backend did not respond in time"),
        }
    }
}

fn write_server_time(f: &mut fmt::Formatter<'_>, time: &Option<String>) -> fmt::Result {
    match time {
        Some(time) => write!(f, " (the service's time is {time})"),
        None => Ok(()),
    }
}
