//! Limits the rate of requests to the control plane.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;

/// The control plane accepts ten requests per second and account, for all actions together
/// (API Gateway Developer Guide, "Quotas for creating, deploying and managing an API").
const INTERVAL: Duration = Duration::from_millis(100);

/// A source of time. Tests can replace it.
#[async_trait]
pub trait Timer: fmt::Debug + Send + Sync + 'static {
    /// Returns the current time.
    fn now(&self) -> Instant;
    /// Waits for a duration.
    async fn sleep(&self, pause: Duration);
}

/// The system timer.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemTimer;

#[async_trait]
impl Timer for SystemTimer {
    fn now(&self) -> Instant {
        Instant::now()
    }

    async fn sleep(&self, pause: Duration) {
        tokio::time::sleep(pause).await;
    }
}

/// A limit of ten requests per second, shared by all clones.
#[derive(Debug, Clone)]
pub struct Pace {
    timer: Arc<dyn Timer>,
    /// The earliest time of the next request.
    next: Arc<Mutex<Option<Instant>>>,
}

impl Default for Pace {
    fn default() -> Self {
        Self::new(SystemTimer)
    }
}

impl Pace {
    /// Creates a pace with a timer.
    #[must_use]
    pub fn new(timer: impl Timer) -> Self {
        Self {
            timer: Arc::new(timer),
            next: Arc::default(),
        }
    }

    /// Waits until a request may be sent.
    pub(crate) async fn wait(&self) {
        let pause = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let now = self.timer.now();
            let turn = next.map_or(now, |next| next.max(now));
            *next = Some(turn + INTERVAL);
            turn - now
        };
        if !pause.is_zero() {
            self.timer.sleep(pause).await;
        }
    }

    /// Delays the next request of all clones by at least `pause`.
    pub(crate) fn delay(&self, pause: Duration) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let end = self.timer.now() + pause;
        *next = Some(next.map_or(end, |next| next.max(end)));
    }
}
