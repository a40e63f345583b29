//! Which failures are transient, and which requests may be repeated.

use http::{Method, StatusCode};

use crate::error::Error;
use crate::refusal::{Refusal, RefusalReason};

/// Why the same request may succeed a little later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transience {
    /// The service rejected it because there were too many requests.
    Throttled,
    /// Nothing reached the service: there was no connection, or there were no credentials at the
    /// moment.
    NotSent,
    /// The connection broke, or the service failed: the operation may have run.
    Unclear,
}

impl Transience {
    /// Classifies an error response; `refusal` is what [`Refusal::from_parts`] reads in it.
    ///
    /// | status | transient |
    /// | --- | --- |
    /// | 429 | [`Throttled`](Self::Throttled), unless the quota of the usage plan is used up |
    /// | 408, 500, 502, 503, 504 | [`Unclear`](Self::Unclear) |
    /// | any other | no |
    pub fn of_response(status: StatusCode, refusal: Option<&Refusal>) -> Option<Self> {
        match (refusal.map(Refusal::reason), status.as_u16()) {
            (Some(RefusalReason::QuotaExceeded), _) => None,
            (Some(RefusalReason::Throttled), _) | (_, 429) => Some(Self::Throttled),
            (Some(RefusalReason::IntegrationTimeout), _) | (_, 408 | 500 | 502 | 503 | 504) => {
                Some(Self::Unclear)
            }
            _ => None,
        }
    }

    /// Classifies a signing error: only credentials that could not be had at the moment are
    /// transient.
    pub fn of_signing(error: &Error) -> Option<Self> {
        error.is_transient().then_some(Self::NotSent)
    }

    /// Classifies an error of the HTTP client. Redirects and invalid requests are permanent.
    pub fn of_http(error: &reqwest::Error) -> Option<Self> {
        if error.is_connect() {
            Some(Self::NotSent)
        } else if error.is_redirect() || error.is_builder() {
            None
        } else {
            Some(Self::Unclear)
        }
    }

    /// Returns whether a request may be repeated: always if nothing has run, else if running twice
    /// does no harm.
    pub fn allows_repeating(self, is_repeatable: bool) -> bool {
        match self {
            Self::Throttled | Self::NotSent => true,
            Self::Unclear => is_repeatable,
        }
    }
}

/// Returns whether a method is idempotent (RFC 9110, section 9.2.2): `GET`, `HEAD`, `PUT`,
/// `DELETE`, `OPTIONS` and `TRACE`.
pub fn is_idempotent(method: &Method) -> bool {
    method.is_safe() || [Method::PUT, Method::DELETE].contains(method)
}
