//! The time the gateway goes by, and how Signature Version 4 writes it.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::signature::timestamp::amz_date;

/// The last second that an HTTP date (four-digit year) can name.
const END_OF_TIME: Duration = Duration::from_secs(253_402_300_799);

/// The gateway's clock: the `Date` of its responses and the middle of the window that signatures must fall in.
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
    /// The machine's clock, the default.
    #[must_use]
    pub fn system() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the clock that everything else asks"
        )]
        Self::from_fn(SystemTime::now)
    }

    /// A clock that stands still.
    #[must_use]
    pub fn fixed(now: SystemTime) -> Self {
        Self::from_fn(move || now)
    }

    /// A clock that a test moves as it likes.
    pub fn from_fn(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time now, kept within the years 1970 to 9999, the ones that an HTTP date can name.
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
        f.debug_tuple("Clock").field(&amz_date(self.now())).finish()
    }
}

/// How far a clock is off: what a [`Fault::ClockSkew`](crate::Fault::ClockSkew) adds to the gateway's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skew {
    /// The gateway is ahead of the caller, so fresh signatures look old.
    Ahead(Duration),
    /// The gateway is behind the caller, so fresh signatures are not yet valid.
    Behind(Duration),
}

impl Skew {
    pub(crate) fn apply(self, now: SystemTime) -> SystemTime {
        clamp(match self {
            Self::Ahead(by) => now
                .checked_add(by)
                .unwrap_or(SystemTime::UNIX_EPOCH + END_OF_TIME),
            Self::Behind(by) => now.checked_sub(by).unwrap_or(SystemTime::UNIX_EPOCH),
        })
    }
}

pub(crate) fn clamp(time: SystemTime) -> SystemTime {
    time.clamp(SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH + END_OF_TIME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_outside_the_years_of_http_dates_are_moved_inside() {
        let before = Clock::from_fn(|| SystemTime::UNIX_EPOCH - Duration::from_secs(1));
        assert_eq!(before.now(), SystemTime::UNIX_EPOCH);
        let after = Skew::Ahead(Duration::MAX).apply(SystemTime::UNIX_EPOCH);
        assert_eq!(amz_date(after), "99991231T235959Z");
    }
}
