//! The one place that asks for the time.

pub(crate) mod skew;

use std::time::SystemTime;

/// Where the signer gets the time from; the default is the system's clock.
///
/// Any `Fn() -> SystemTime` is a clock, so a test can set the time:
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
    /// The current time.
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

/// The system's clock, which a [`Signer`](crate::Signer) asks unless it is given another.
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
        reason = "this is the clock that everything else asks"
    )]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}
