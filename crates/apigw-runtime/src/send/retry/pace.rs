//! The client-side rate limiter of the adaptive mode.
//!
//! The algorithm and constants are those of the AWS SDKs: a token bucket whose rate follows CUBIC (RFC 9438), like TCP's congestion
//! window.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// In requests per second.
const MIN_RATE: f64 = 0.5;
const MIN_CAPACITY: f64 = 1.0;
/// The weight of the last half second in the measured rate.
const SMOOTH: f64 = 0.8;
/// The factor by which throttling reduces the rate.
const BETA: f64 = 0.7;
/// How quickly the rate increases again.
const SCALE: f64 = 0.4;

#[derive(Debug)]
pub(super) struct Pace {
    start: Instant,
    state: Mutex<State>,
}

/// Times are in seconds since the start.
#[derive(Debug, Default)]
struct State {
    /// Whether the limiter is active. It starts with the first throttled request.
    active: bool,
    /// The available tokens.
    tokens: f64,
    capacity: f64,
    /// Tokens per second.
    rate: f64,
    filled: f64,
    /// The rate of requests, measured every half second.
    measured: f64,
    half_second: f64,
    requests: f64,
    /// The rate and the time of the last throttling.
    last_max: f64,
    throttled: f64,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self {
            start: Instant::now(),
            state: Mutex::default(),
        }
    }

    /// Waits until a request may be sent.
    pub(super) async fn wait(&self) {
        while let Some(delay) = self.with(State::take) {
            sleep(delay).await;
        }
    }

    /// Updates the rate after a response.
    pub(super) fn update(&self, throttled: bool) {
        self.with(|state, now| state.update(now, throttled));
    }

    fn with<T>(&self, f: impl FnOnce(&mut State, f64) -> T) -> T {
        let now = self.start.elapsed().as_secs_f64();
        f(
            &mut self.state.lock().unwrap_or_else(PoisonError::into_inner),
            now,
        )
    }
}

impl State {
    /// Takes a token, or returns the time until one is available.
    fn take(&mut self, now: f64) -> Option<Duration> {
        if !self.active {
            return None;
        }
        self.fill(now);
        let missing = 1.0 - self.tokens;
        let delay = Duration::from_secs_f64((missing / self.rate).max(0.0));
        if delay.is_zero() {
            self.tokens = (self.tokens - 1.0).max(0.0);
            return None;
        }
        // timers have a resolution of a millisecond; shorter delays would be a busy loop
        Some(delay.max(Duration::from_millis(1)))
    }

    fn update(&mut self, now: f64, throttled: bool) {
        self.measure(now);
        let rate = if throttled {
            let rate = match self.active {
                true => self.measured.min(self.rate),
                false => self.measured,
            };
            self.last_max = rate;
            self.throttled = now;
            self.active = true;
            rate * BETA
        } else {
            let since = now - self.throttled - self.time_to_recover();
            SCALE * since.powi(3) + self.last_max
        };
        self.set_rate(now, rate.min(2.0 * self.measured));
    }

    fn fill(&mut self, now: f64) {
        let added = (now - self.filled) * self.rate;
        self.tokens = (self.tokens + added).min(self.capacity);
        self.filled = now;
    }

    fn set_rate(&mut self, now: f64, rate: f64) {
        self.fill(now);
        self.rate = rate.max(MIN_RATE);
        self.capacity = rate.max(MIN_CAPACITY);
        self.tokens = self.tokens.min(self.capacity);
    }

    fn measure(&mut self, now: f64) {
        let half_second = (now * 2.0).floor() / 2.0;
        self.requests += 1.0;
        if half_second > self.half_second {
            let rate = self.requests / (half_second - self.half_second);
            self.measured = rate * SMOOTH + self.measured * (1.0 - SMOOTH);
            self.requests = 0.0;
            self.half_second = half_second;
        }
    }

    /// Returns the time in seconds until the rate recovers after throttling.
    fn time_to_recover(&self) -> f64 {
        (self.last_max * (1.0 - BETA) / SCALE).cbrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends requests sequentially for this many seconds, at most 100 per second, to a service that accepts `limit` per second. Returns
    /// the rate in the last third.
    async fn rate_with_limit(limit: f64, seconds: u64) -> f64 {
        let pace = Pace::new();
        let (mut accepted, mut counted) = (0.0, 0.0);
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(seconds) {
            pace.wait().await;
            sleep(Duration::from_millis(10)).await;
            let elapsed = start.elapsed().as_secs_f64();
            accepted += 1.0;
            let throttled = accepted > elapsed * limit;
            if throttled {
                accepted -= 1.0;
            }
            pace.update(throttled);
            if elapsed > seconds as f64 * 2.0 / 3.0 {
                counted += 1.0;
            }
        }
        counted / (seconds as f64 / 3.0)
    }

    #[tokio::test(start_paused = true)]
    async fn requests_are_not_delayed_before_the_first_throttling() {
        assert!(rate_with_limit(f64::INFINITY, 30).await > 80.0);
    }

    #[tokio::test(start_paused = true)]
    async fn the_rate_converges_to_the_limit_of_the_service() {
        let rate = rate_with_limit(20.0, 300).await;
        assert!((10.0..40.0).contains(&rate), "{rate}");
    }

    #[test]
    fn throttling_reduces_the_rate_to_70_percent_until_the_recovery_time() {
        let mut state = State::default();
        for request in 0..100 {
            state.update(f64::from(request) / 10.0, false); // ten per second
        }
        state.update(10.0, true);
        let before = state.last_max;
        assert!((9.0..11.5).contains(&before), "{before}");
        assert!(
            (state.rate - before * 0.7).abs() < 1e-9,
            "{} after {before}",
            state.rate
        );

        let recovery = (before * 0.3 / 0.4).powf(1.0 / 3.0);
        state.measured = 100.0; // the measured rate must not limit the result
        state.requests = 0.0;
        state.half_second = 10.0 + recovery; // skips the measurement
        state.update(10.0 + recovery, false);
        assert!(
            (state.rate - before).abs() < 1e-9,
            "{} after {before}",
            state.rate
        );
    }

    #[test]
    fn the_minimum_rate_is_one_request_every_two_seconds() {
        let mut state = State::default();
        state.update(0.0, true);
        assert_eq!(state.take(0.0), Some(Duration::from_secs(2)));
        assert_eq!(state.take(2.0), None);
        assert_eq!(state.take(3.0), Some(Duration::from_secs(1)));
    }
}
