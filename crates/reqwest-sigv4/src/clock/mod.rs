//! The clock.

use std::time::SystemTime;

pub(crate) mod skew;

/// The clock of a [`Signer`](crate::Signer). The default is [`SystemClock`].
///
/// Every `Fn() -> SystemTime` is a clock, so tests can set the time:
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use reqwest_sigv4::Clock;
///
/// let noon = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_348_800);
/// let clock = move || noon;
/// assert_eq!(clock.now(), noon);
/// ```
pub trait Clock: Send + Sync + 'static {
    /// Returns the current time.
    fn now(&self) -> SystemTime;
}

impl<F> Clock for F
where
    F: Fn() -> SystemTime + Send + Sync + 'static,
{
    fn now(&self) -> SystemTime {
        self()
    }
}

/// The system clock.
///
/// ```
/// use std::time::SystemTime;
/// use reqwest_sigv4::{Clock, SystemClock};
///
/// assert!(SystemClock.now() > SystemTime::UNIX_EPOCH);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(
        clippy::disallowed_methods,
        reason = "all other code gets the time from this clock"
    )]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}
