//! How fast the control plane may be asked.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;

/// API Gateway takes ten requests a second for all its control plane actions, per account
/// (API Gateway Developer Guide, "Quotas for creating, deploying and managing an API").
const INTERVAL: Duration = Duration::from_millis(100);

/// The passing of time: the machine's, or a test's.
#[async_trait]
pub trait Timer: fmt::Debug + Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Instant;
    /// Waits.
    async fn sleep(&self, pause: Duration);
}

/// The machine's timer.
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

/// Ten requests a second, whoever makes them: clones share the count.
#[derive(Debug, Clone)]
pub struct Pace {
    timer: Arc<dyn Timer>,
    /// When the next request may go out.
    next: Arc<Mutex<Option<Instant>>>,
}

impl Default for Pace {
    fn default() -> Self {
        Self::new(SystemTimer)
    }
}

impl Pace {
    /// A pace that goes by this timer.
    #[must_use]
    pub fn new(timer: impl Timer) -> Self {
        Self {
            timer: Arc::new(timer),
            next: Arc::default(),
        }
    }

    /// Waits until a request may go out.
    pub(crate) async fn turn(&self) {
        let pause = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let now = self.timer.now();
            let mine = next.map_or(now, |next| next.max(now));
            *next = Some(mine + INTERVAL);
            mine - now
        };
        if !pause.is_zero() {
            self.timer.sleep(pause).await;
        }
    }

    /// Nobody's next request goes out before this pause is over.
    pub(crate) fn hold(&self, pause: Duration) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let end = self.timer.now() + pause;
        *next = Some(next.map_or(end, |next| next.max(end)));
    }
}
