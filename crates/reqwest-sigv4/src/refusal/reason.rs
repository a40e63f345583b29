//! The reasons, in words.

use std::fmt;

/// What was wrong with a refused request.
///
/// One variant for each answer that API Gateway is known to give; see the
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

impl RefusalReason {
    /// Returns what to change. No API of this crate is named: command lines print it, too.
    pub(super) fn hint(&self) -> &'static str {
        match self {
            Self::SignatureMismatch => {
                "check AWS_SECRET_ACCESS_KEY, and make sure that no middleware after the signer and no proxy changes the request"
            }
            Self::SignatureExpired { .. } | Self::SignatureNotYetCurrent { .. } => {
                "set the clock of this machine, or unset AWS_DISABLE_CLOCK_SKEW_CORRECTION"
            }
            Self::WrongScope { .. } => {
                "sign for the Region of the API, and for the service execute-api"
            }
            Self::UnknownToken => {
                "check AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN; temporary keys need the token they were issued with"
            }
            Self::ExpiredToken => "get new credentials, for example with `aws sso login`",
            Self::AccessDenied { .. } => {
                "allow execute-api:Invoke on this resource, or assume a role that may invoke it"
            }
            Self::MissingAuthenticationToken => {
                "check the path, method and stage, and make sure that the request is signed"
            }
            Self::IncompleteSignature => "remove the authorization header that is not the signer's",
            Self::Forbidden => {
                "check x-api-key, stage and host; for an HTTP API also the credentials, the Region and the caller's policy"
            }
            Self::Unauthorized => "send the token that the authorizer of the API expects",
            Self::Throttled => "retry later, with backoff",
            Self::QuotaExceeded => {
                "wait for the next period of the usage plan, or request a larger quota"
            }
            Self::InvalidRequest { .. } => "send a request that matches the model of the API",
            Self::RouteNotFound => "check the path, method and stage",
            Self::PayloadTooLarge => "send at most 10 MB, for example through a presigned upload",
            Self::UnsupportedMediaType => "send a content-type that the method accepts",
            Self::IntegrationFailure => "check the logs of the service behind the API",
            Self::IntegrationTimeout => {
                "retry if the operation is idempotent; the service may still have run"
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
