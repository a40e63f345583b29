//! Retries.
//!
//! The rules are those of the AWS SDKs ("Retry behavior", AWS SDKs and Tools Reference Guide), with one difference: a write that may have
//! run is not retried unless the caller or the spec's settings allow it, because specs do not say which operations are idempotent.

mod pace;
mod policy;
mod tokens;

use std::time::Duration;

use tokio::time::Instant;

use pace::Pace;
pub use policy::RetryPolicy;
use reqwest_sigv4::Transience;
use tokens::{Cost, Tokens};

/// The maximum time that `x-amz-retry-after` adds to the delay.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(5);

/// The retry state shared by all requests of a client.
#[derive(Debug)]
pub(crate) struct Retries {
    tokens: Tokens,
    pace: Pace,
    /// Returns a random number in `0.0..1.0`.
    random: fn() -> f64,
}

impl Retries {
    pub(crate) fn new() -> Self {
        Self {
            tokens: Tokens::new(),
            pace: Pace::new(),
            random: fastrand::f64,
        }
    }

    /// Starts a request.
    pub(crate) fn begin<'a>(
        &'a self,
        policy: &'a RetryPolicy,
        deadline: Option<Instant>,
    ) -> Attempts<'a> {
        Attempts {
            shared: self,
            policy,
            deadline,
            made: 0,
            cost: None,
        }
    }
}

/// The attempts of one request.
#[derive(Debug)]
pub(crate) struct Attempts<'a> {
    shared: &'a Retries,
    policy: &'a RetryPolicy,
    deadline: Option<Instant>,
    made: u32,
    /// The cost of the last retry.
    cost: Option<Cost>,
}

/// The outcome of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Success,
    /// A permanent failure, or a request that must not be repeated.
    Failure,
    /// A transient failure.
    Transient {
        why: Transience,
        /// The delay requested by the service.
        retry_after: Option<Duration>,
    },
}

/// What follows an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Another attempt after this delay.
    Retry(Duration),
    Stop(Stop),
}

/// Why there is no other attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The attempt succeeded, failed permanently, or must not be repeated.
    Done,
    /// The policy allows no more attempts.
    Attempts,
    /// The delay would exceed the total timeout.
    Deadline,
    /// The bucket of tokens is empty.
    Tokens,
}

impl Attempts<'_> {
    /// Returns the number of attempts so far.
    pub(crate) fn made(&self) -> u32 {
        self.made
    }

    /// Starts an attempt. In adaptive mode, waits for the rate limiter.
    pub(crate) async fn begin(&mut self) {
        if self.policy.is_adaptive() {
            self.shared.pace.wait().await;
        }
        self.made += 1;
    }

    /// Returns how many attempts the policy allows.
    #[cfg(feature = "tracing")]
    pub(crate) fn allowed(&self) -> u32 {
        self.policy.attempts()
    }

    /// Ends an attempt.
    pub(crate) fn end(&mut self, outcome: Outcome) -> Next {
        if self.policy.is_adaptive() {
            let throttled = matches!(
                outcome,
                Outcome::Transient {
                    why: Transience::Throttled,
                    ..
                }
            );
            self.shared.pace.update(throttled);
        }
        let (why, retry_after) = match outcome {
            Outcome::Success => {
                match self.cost.take() {
                    Some(cost) => self.shared.tokens.refund(cost),
                    None => self.shared.tokens.reward(),
                }
                return Next::Stop(Stop::Done);
            }
            Outcome::Failure => return Next::Stop(Stop::Done),
            Outcome::Transient { why, retry_after } => (why, retry_after),
        };
        if self.made >= self.policy.attempts() {
            return Next::Stop(Stop::Attempts);
        }
        let delay = self.delay(why, retry_after);
        if let Some(deadline) = self.deadline
            && deadline.saturating_duration_since(Instant::now()) <= delay
        {
            return Next::Stop(Stop::Deadline); // this error is more helpful than a timeout
        }
        let cost = Cost::of(why);
        if !self.shared.tokens.pay(cost) {
            return Next::Stop(Stop::Tokens);
        }
        self.cost = Some(cost);
        Next::Retry(delay)
    }

    /// Returns a random delay up to the maximum (full jitter).
    fn delay(&self, why: Transience, retry_after: Option<Duration>) -> Duration {
        let jittered = self
            .policy
            .max_delay(why, self.made)
            .mul_f64((self.shared.random)());
        match retry_after {
            Some(after) => after.clamp(jittered, jittered + MAX_RETRY_AFTER),
            None => jittered,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transient(why: Transience) -> Outcome {
        Outcome::Transient {
            why,
            retry_after: None,
        }
    }

    const THROTTLED: Outcome = Outcome::Transient {
        why: Transience::Throttled,
        retry_after: None,
    };

    /// Retries without jitter.
    fn retries() -> Retries {
        Retries {
            random: || 1.0,
            ..Retries::new()
        }
    }

    /// Returns the delays of a request that always fails.
    async fn delays(retries: &Retries, policy: &RetryPolicy, outcome: Outcome) -> Vec<Duration> {
        let mut attempts = retries.begin(policy, None);
        let mut delays = Vec::new();
        loop {
            attempts.begin().await;
            match attempts.end(outcome) {
                Next::Retry(delay) => delays.push(delay),
                Next::Stop(_) => return delays,
            }
        }
    }

    const fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[tokio::test]
    async fn delays_double_after_each_of_three_attempts() {
        let policy = RetryPolicy::standard();
        for why in [Transience::NotSent, Transience::Unclear] {
            let delays = delays(&retries(), &policy, transient(why)).await;
            assert_eq!(delays, [millis(50), millis(100)]);
        }
        let delays = delays(&retries(), &policy, THROTTLED).await;
        assert_eq!(delays, [millis(1000), millis(2000)]);
    }

    #[tokio::test]
    async fn delays_are_limited_by_the_policy() {
        let policy = RetryPolicy::standard().max_attempts(8);
        let delays = delays(&retries(), &policy, THROTTLED).await;
        let seconds: Vec<u64> = delays.iter().map(Duration::as_secs).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 20, 20]);
    }

    #[tokio::test]
    async fn jitter_can_reduce_delays_to_zero() {
        let retries = Retries {
            random: || 0.0,
            ..Retries::new()
        };
        let delays = delays(&retries, &RetryPolicy::standard(), THROTTLED).await;
        assert_eq!(delays, [Duration::ZERO, Duration::ZERO]);
    }

    #[tokio::test]
    async fn permanent_failures_are_not_retried() {
        let policy = RetryPolicy::standard();
        assert!(
            delays(&retries(), &policy, Outcome::Failure)
                .await
                .is_empty()
        );
        let policy = RetryPolicy::none();
        assert!(delays(&retries(), &policy, THROTTLED).await.is_empty());
    }

    #[tokio::test]
    async fn retry_after_is_respected_within_limits() {
        for (after, delay) in [(10, 50), (700, 700), (60_000, 5_050)] {
            let (retries, policy) = (retries(), RetryPolicy::standard());
            let mut attempts = retries.begin(&policy, None);
            attempts.begin().await;
            let outcome = Outcome::Transient {
                why: Transience::Unclear,
                retry_after: Some(millis(after)),
            };
            assert_eq!(attempts.end(outcome), Next::Retry(millis(delay)), "{after}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_retry_if_the_delay_exceeds_the_deadline() {
        let (retries, policy) = (retries(), RetryPolicy::standard());
        for (left, delay) in [
            (millis(1001), Next::Retry(millis(1000))),
            (millis(1000), Next::Stop(Stop::Deadline)),
        ] {
            let mut attempts = retries.begin(&policy, Some(Instant::now() + left));
            attempts.begin().await;
            assert_eq!(attempts.end(THROTTLED), delay);
        }
    }

    #[tokio::test]
    async fn an_empty_bucket_stops_retries_until_requests_succeed() {
        let (retries, policy) = (retries(), RetryPolicy::standard());
        let mut retried = 0;
        while !delays(&retries, &policy, transient(Transience::Unclear))
            .await
            .is_empty()
        {
            retried += 1;
        }
        assert_eq!(retried, 500_u32.div_ceil(14).div_ceil(2)); // two retries per request, 14 tokens each

        for _ in 0..14 {
            let mut attempts = retries.begin(&policy, None);
            attempts.begin().await;
            assert_eq!(attempts.end(Outcome::Success), Next::Stop(Stop::Done));
        }
        let delays = delays(&retries, &policy, transient(Transience::Unclear)).await;
        assert_eq!(delays.len(), 1);
    }

    #[tokio::test]
    async fn a_success_refunds_the_cost_of_the_retry() {
        let (retries, policy) = (retries(), RetryPolicy::standard());
        for _ in 0..1000 {
            let mut attempts = retries.begin(&policy, None);
            attempts.begin().await;
            let next = attempts.end(transient(Transience::Unclear));
            assert!(matches!(next, Next::Retry(_)), "{next:?}");
            attempts.begin().await;
            attempts.end(Outcome::Success);
            assert_eq!(attempts.made(), 2);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn adaptive_mode_slows_down_all_requests_after_throttling() {
        let (retries, policy) = (retries(), RetryPolicy::adaptive());
        let start = Instant::now();
        for outcome in [Outcome::Success, Outcome::Success, THROTTLED] {
            let mut attempts = retries.begin(&policy, None);
            attempts.begin().await;
            attempts.end(outcome);
        }
        assert_eq!(start.elapsed(), Duration::ZERO, "not throttled yet");
        retries.begin(&policy, None).begin().await;
        assert!(start.elapsed() > Duration::ZERO);

        // other modes are not affected
        let now = Instant::now();
        let standard = RetryPolicy::standard();
        for _ in 0..100 {
            retries.begin(&standard, None).begin().await;
        }
        assert_eq!(now.elapsed(), Duration::ZERO);
    }
}
