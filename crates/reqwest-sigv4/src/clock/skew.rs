//! Clock skew: the difference between this machine's clock and the service's.
//!
//! Measured as in the AWS SDKs: the `Date` of every response is compared with the middle of the round trip (RFC 5905, section 8).

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use http::header::{AGE, DATE};
use http::{HeaderMap, StatusCode};

use crate::error_type;

/// A smaller skew does not explain a refusal: API Gateway accepts five minutes.
const SIGNIFICANT: Duration = Duration::from_secs(4 * 60);

/// A longer round trip is not measured.
const LONGEST_ROUND_TRIP: Duration = Duration::from_secs(15 * 60);

/// Exceptions that clock skew can cause.
const CLOCK_ERRORS: [&str; 5] = [
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "AuthFailure",
    "RequestTimeTooSkewed",
    "AccessDeniedException",
];

/// How far the service's clock is ahead of this machine's, in milliseconds; negative if it is behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Skew(i64);

impl Skew {
    /// Converts this machine's time to the service's.
    pub(crate) fn apply(self, time: SystemTime) -> SystemTime {
        let distance = Duration::from_millis(self.0.unsigned_abs());
        let shifted = if self.0 < 0 {
            time.checked_sub(distance)
        } else {
            time.checked_add(distance)
        };
        shifted.unwrap_or(time)
    }

    /// Measures the skew from a response. Returns `None` if it came from a cache, has no `Date`, or took too long.
    pub(crate) fn measure(
        headers: &HeaderMap,
        sent: SystemTime,
        received: SystemTime,
    ) -> Option<Self> {
        if headers.contains_key(AGE) {
            return None;
        }
        let date = headers.get(DATE)?.to_str().ok()?;
        let server = httpdate::parse_http_date(date).ok()?;
        let round_trip = received.duration_since(sent).unwrap_or_default();
        if round_trip > LONGEST_ROUND_TRIP {
            return None;
        }
        Some(Self::between(sent + round_trip / 2, server))
    }

    /// Returns whether this skew explains why a request signed with the skew `used` was refused.
    ///
    /// Compares with the skew of *this* attempt, not the shared one: if many requests are refused at once, the first corrects the shared skew, and the others must still be sent again.
    pub(crate) fn explains(self, status: StatusCode, headers: &HeaderMap, used: Self) -> bool {
        let off = Duration::from_millis(self.0.abs_diff(used.0)) > SIGNIFICANT;
        let refused = match error_type(headers) {
            Some(name) => CLOCK_ERRORS.contains(&name),
            None => status == StatusCode::FORBIDDEN, // HTTP APIs do not send an error type
        };
        off && refused && status.is_client_error()
    }

    fn between(local: SystemTime, server: SystemTime) -> Self {
        let millis = |distance: Duration| i64::try_from(distance.as_millis()).unwrap_or(i64::MAX);
        match server.duration_since(local) {
            Ok(ahead) => Self(millis(ahead)),
            Err(behind) => Self(-millis(behind.duration())),
        }
    }
}

/// The skew that the requests of one signer share.
#[derive(Debug, Default)]
pub(crate) struct SharedSkew(AtomicI64);

impl SharedSkew {
    pub(crate) fn get(&self) -> Skew {
        Skew(self.0.load(Ordering::Relaxed))
    }

    pub(crate) fn set(&self, skew: Skew) {
        self.0.store(skew.0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const NOON: &str = "Sun, 22 Nov 2026 12:00:00 GMT";

    fn noon() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_348_800)
    }

    fn dated(date: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(DATE, HeaderValue::from_static(date))])
    }

    #[test]
    fn the_middle_of_the_round_trip_is_compared() {
        let sent = noon() - Duration::from_secs(62);
        let received = noon() - Duration::from_secs(58);
        let skew = Skew::measure(&dated(NOON), sent, received).unwrap();
        assert_eq!(skew, Skew(60_000));
        assert_eq!(skew.apply(noon() - Duration::from_secs(60)), noon());
    }

    #[test]
    fn a_clock_that_is_ahead_gives_a_negative_skew() {
        let late = noon() + Duration::from_secs(600);
        let skew = Skew::measure(&dated(NOON), late, late).unwrap();
        assert_eq!(skew.apply(late), noon());
    }

    #[test]
    fn unreliable_responses_are_not_measured() {
        let mut cached = dated(NOON);
        cached.insert(AGE, HeaderValue::from_static("1"));
        assert_eq!(Skew::measure(&cached, noon(), noon()), None);
        assert_eq!(Skew::measure(&HeaderMap::new(), noon(), noon()), None);
        assert_eq!(Skew::measure(&dated("yesterday"), noon(), noon()), None);
        let late = noon() + LONGEST_ROUND_TRIP + Duration::from_secs(1);
        assert_eq!(Skew::measure(&dated(NOON), noon(), late), None);
    }

    #[test]
    fn skew_explains_a_refusal_only_if_this_attempt_was_far_off() {
        let mut headers = HeaderMap::new();
        let off = Skew(5 * 60_000);
        let explains =
            |headers: &HeaderMap, used| off.explains(StatusCode::FORBIDDEN, headers, used);
        assert!(explains(&headers, Skew(0)));
        assert!(!explains(&headers, Skew(4 * 60_000)));
        headers.insert(
            "x-amzn-errortype",
            HeaderValue::from_static("InvalidSignatureException:http://x"),
        );
        assert!(explains(&headers, Skew(0)));
        headers.insert(
            "x-amzn-errortype",
            HeaderValue::from_static("ForbiddenException"),
        );
        assert!(!explains(&headers, Skew(0)));
        assert!(!off.explains(StatusCode::OK, &HeaderMap::new(), Skew(0)));
    }
}
