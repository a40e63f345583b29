//! Whether a failure is transient.

use http::StatusCode;

use crate::{Error, Refusal, RefusalReason};

/// Why a retry of the same request may succeed.
///
/// ```
/// use http::StatusCode;
/// use reqwest_sigv4::Transience;
///
/// assert_eq!(Transience::of_response(StatusCode::SERVICE_UNAVAILABLE, None), Some(Transience::Unclear));
/// assert_eq!(Transience::of_response(StatusCode::FORBIDDEN, None), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transience {
    /// The service throttled the request and did not run it.
    Throttled,
    /// The request was not sent: the connection failed, or no credentials were available.
    NotSent,
    /// The service failed or the connection broke: the operation may have run.
    Unclear,
}

impl Transience {
    /// Classifies a response by its status and, if API Gateway itself refused the request, by the [`Refusal`].
    ///
    /// Returns `None` if a retry would fail in the same way.
    pub fn of_response(status: StatusCode, refusal: Option<&Refusal>) -> Option<Self> {
        match refusal.map(Refusal::reason) {
            Some(RefusalReason::Throttled) => Some(Self::Throttled),
            None if status == StatusCode::TOO_MANY_REQUESTS => Some(Self::Throttled),
            Some(RefusalReason::IntegrationTimeout) => Some(Self::Unclear),
            _ => matches!(status.as_u16(), 408 | 500 | 502 | 503 | 504).then_some(Self::Unclear),
        }
    }

    /// Classifies an error of this crate: credentials that are not available at the moment are transient, and so are some
    /// [refusals](Error::Refused).
    pub fn of_signing(error: &Error) -> Option<Self> {
        match error {
            Error::Refused(refusal) => Self::of_response(refusal.status(), Some(refusal)),
            _ => error.is_transient().then_some(Self::NotSent),
        }
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

    /// Returns whether a request may be repeated: always if the operation did not run, otherwise if running it twice does no
    /// harm, as with an idempotent method (RFC 9110, section 9.2.2).
    pub fn allows_repeating(self, is_repeatable: bool) -> bool {
        match self {
            Self::Throttled | Self::NotSent => true,
            Self::Unclear => is_repeatable,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::*;

    fn of(status: u16, error_type: Option<&'static str>) -> Option<Transience> {
        let status = StatusCode::from_u16(status).unwrap();
        let headers = error_type.map(|name| {
            let name = HeaderValue::from_static(name);
            ("x-amzn-errortype".parse().unwrap(), name)
        });
        let headers: HeaderMap = headers.into_iter().collect();
        let refusal = Refusal::from_parts(status, &headers, b"");
        Transience::of_response(status, refusal.as_ref())
    }

    #[test]
    fn server_errors_are_unclear() {
        for status in [408, 500, 502, 503, 504] {
            assert_eq!(of(status, None), Some(Transience::Unclear), "{status}");
        }
        for status in [200, 301, 400, 403, 501] {
            assert_eq!(of(status, None), None, "{status}");
        }
    }

    #[test]
    fn throttling_is_transient_and_an_exhausted_quota_is_not() {
        assert_eq!(of(429, None), Some(Transience::Throttled));
        let throttled = Some("TooManyRequestsException");
        assert_eq!(of(429, throttled), Some(Transience::Throttled));
        assert_eq!(of(429, Some("LimitExceededException")), None);
    }
}
