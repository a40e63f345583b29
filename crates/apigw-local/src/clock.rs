//! The clock.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// The last second of the year 9999, since HTTP dates have four-digit years.
const LAST_SECOND: Duration = Duration::from_secs(253_402_300_799);

/// The clock of a gateway. It sets the `Date` of responses and decides whether a signature has expired.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use apigw_local::Clock;
///
/// let noon = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_348_800);
/// assert_eq!(Clock::fixed(noon).now(), noon);
/// ```
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl Clock {
    /// Returns the system clock, which is the default.
    #[must_use]
    pub fn system() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "all other code gets the time from this clock"
        )]
        Self::from_fn(SystemTime::now)
    }

    /// Returns a clock that never advances.
    #[must_use]
    pub fn fixed(now: SystemTime) -> Self {
        Self::from_fn(move || now)
    }

    /// Returns a clock that gets the time from a function.
    pub fn from_fn(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Returns this clock with a clock skew.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use apigw_local::{Clock, Skew};
    ///
    /// let noon = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_348_800);
    /// let behind = Clock::fixed(noon).skewed(Skew::Behind(Duration::from_secs(600)));
    /// assert_eq!(behind.now(), noon - Duration::from_secs(600));
    /// ```
    #[must_use]
    pub fn skewed(self, skew: Skew) -> Self {
        Self::from_fn(move || skew.apply(self.now()))
    }

    /// Returns the current time, limited to the years 1970 to 9999 that an HTTP date can express.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        clamp((self.0)())
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl From<SystemTime> for Clock {
    fn from(now: SystemTime) -> Self {
        Self::fixed(now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock")
            .field(&httpdate::fmt_http_date(self.now()))
            .finish()
    }
}

/// A clock skew, of a [`Clock`] or a [`Fault::ClockSkew`](crate::Fault::ClockSkew).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skew {
    /// The gateway is ahead of the caller, so new signatures appear old.
    Ahead(Duration),
    /// The gateway is behind the caller, so new signatures are not yet valid.
    Behind(Duration),
}

impl Skew {
    pub(crate) fn apply(self, now: SystemTime) -> SystemTime {
        clamp(match self {
            Self::Ahead(by) => now
                .checked_add(by)
                .unwrap_or(SystemTime::UNIX_EPOCH + LAST_SECOND),
            Self::Behind(by) => now.checked_sub(by).unwrap_or(SystemTime::UNIX_EPOCH),
        })
    }
}

pub(crate) fn clamp(time: SystemTime) -> SystemTime {
    time.clamp(SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH + LAST_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_limited_to_the_years_of_http_dates() {
        let before = Clock::from_fn(|| SystemTime::UNIX_EPOCH - Duration::from_secs(1));
        assert_eq!(before.now(), SystemTime::UNIX_EPOCH);
        let after = Skew::Ahead(Duration::MAX).apply(SystemTime::UNIX_EPOCH);
        assert_eq!(
            httpdate::fmt_http_date(after),
            "Fri, 31 Dec 9999 23:59:59 GMT"
        );
    }
}
