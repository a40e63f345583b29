//! The rate limit that a client in adaptive mode sets itself.
//!
//! The algorithm is that of the AWS SDKs, with their constants: a token bucket whose rate follows CUBIC (RFC 9438), as TCP's congestion window does.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// In requests per second.
const MIN_RATE: f64 = 0.5;
const MIN_CAPACITY: f64 = 1.0;
/// The weight of the last half second in the measured rate.
const SMOOTH: f64 = 0.8;
/// What is left of the rate after throttling.
const BETA: f64 = 0.7;
/// How steeply the rate rises again.
const SCALE: f64 = 0.4;

#[derive(Debug)]
pub(super) struct Pace {
    start: Instant,
    state: Mutex<State>,
}

/// Times are in seconds since the start.
#[derive(Debug, Default)]
struct State {
    /// Since the first throttling; before, nobody waits.
    limits: bool,
    /// Tokens that are there, and at most are.
    tokens: f64,
    capacity: f64,
    /// Tokens that come each second.
    rate: f64,
    filled: f64,
    /// The rate of requests, as measured in half seconds.
    measured: f64,
    half_second: f64,
    requests: f64,
    /// The rate at the last throttling, and its time.
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
        while let Some(pause) = self.with(State::take) {
            sleep(pause).await;
        }
    }

    /// Learns from a response.
    pub(super) fn learn(&self, throttled: bool) {
        self.with(|state, now| state.learn(now, throttled));
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
    /// Takes a token, or says how long it takes until there is one.
    fn take(&mut self, now: f64) -> Option<Duration> {
        if !self.limits {
            return None;
        }
        self.fill(now);
        let missing = 1.0 - self.tokens;
        let pause = Duration::from_secs_f64((missing / self.rate).max(0.0));
        if pause.is_zero() {
            self.tokens = (self.tokens - 1.0).max(0.0);
            return None;
        }
        // a timer ticks in milliseconds; waiting for less would be waiting in a circle
        Some(pause.max(Duration::from_millis(1)))
    }

    fn learn(&mut self, now: f64, throttled: bool) {
        self.measure(now);
        let rate = if throttled {
            let rate = match self.limits {
                true => self.measured.min(self.rate),
                false => self.measured,
            };
            self.last_max = rate;
            self.throttled = now;
            self.limits = true;
            rate * BETA
        } else {
            let since = now - self.throttled - self.time_to_recover();
            SCALE * since.powi(3) + self.last_max
        };
        self.set_rate(now, rate.min(2.0 * self.measured));
    }

    fn fill(&mut self, now: f64) {
        let come = (now - self.filled) * self.rate;
        self.tokens = (self.tokens + come).min(self.capacity);
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

    /// How long after a throttling the rate is where it was.
    fn time_to_recover(&self) -> f64 {
        (self.last_max * (1.0 - BETA) / SCALE).cbrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One request after the other for so many seconds, as fast as the pace allows but at most 100 in a second, against a service that takes `limit` a second.
    /// The rate in the last third.
    async fn rate_against(limit: f64, seconds: u64) -> f64 {
        let pace = Pace::new();
        let (mut accepted, mut counted) = (0.0, 0.0);
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(seconds) {
            pace.wait().await;
            sleep(Duration::from_millis(10)).await;
            let elapsed = begun.elapsed().as_secs_f64();
            accepted += 1.0;
            let throttled = accepted > elapsed * limit;
            if throttled {
                accepted -= 1.0;
            }
            pace.learn(throttled);
            if elapsed > seconds as f64 * 2.0 / 3.0 {
                counted += 1.0;
            }
        }
        counted / (seconds as f64 / 3.0)
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_before_the_first_throttling() {
        assert!(rate_against(f64::INFINITY, 30).await > 80.0);
    }

    #[tokio::test(start_paused = true)]
    async fn the_rate_settles_near_what_the_service_takes() {
        let rate = rate_against(20.0, 300).await;
        assert!((10.0..40.0).contains(&rate), "{rate}");
    }

    #[test]
    fn the_rate_falls_to_seven_tenths_and_is_back_after_the_time_of_recovery() {
        let mut state = State::default();
        for request in 0..100 {
            state.learn(f64::from(request) / 10.0, false); // ten in a second
        }
        state.learn(10.0, true);
        let before = state.last_max;
        assert!((9.0..11.5).contains(&before), "{before}");
        assert!(
            (state.rate - before * 0.7).abs() < 1e-9,
            "{} after {before}",
            state.rate
        );

        let recovery = (before * 0.3 / 0.4).powf(1.0 / 3.0);
        state.measured = 100.0; // what was sent does not limit the rate here
        state.requests = 0.0;
        state.half_second = 10.0 + recovery; // nothing new is measured
        state.learn(10.0 + recovery, false);
        assert!(
            (state.rate - before).abs() < 1e-9,
            "{} after {before}",
            state.rate
        );
    }

    #[test]
    fn at_the_lowest_rate_a_request_goes_out_every_two_seconds() {
        let mut state = State::default();
        state.learn(0.0, true);
        assert_eq!(state.take(0.0), Some(Duration::from_secs(2)));
        assert_eq!(state.take(2.0), None);
        assert_eq!(state.take(3.0), Some(Duration::from_secs(1)));
    }
}
