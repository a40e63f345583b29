//! Trying again: whether, when, and for how long.
//!
//! The rules are those of the AWS SDKs ("Retry behavior", AWS SDKs and Tools Reference Guide), except that a write which may have run is not
//! repeated unless the caller says so: the SDKs know which of their operations are idempotent, an export does not say.

mod pace;
mod policy;
mod tokens;

use std::time::Duration;

use tokio::time::Instant;

use pace::Pace;
pub use policy::RetryPolicy;
use reqwest_sigv4::Transience;
use tokens::{Cost, Tokens};

/// What `x-amz-retry-after` may add to the pause at most.
const LONGEST_ADVICE: Duration = Duration::from_secs(5);

/// What all calls of a client share.
#[derive(Debug)]
pub(crate) struct Retries {
    tokens: Tokens,
    pace: Pace,
    /// From 0 up to but not including 1.
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

    /// Begins a call.
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
            paid: None,
        }
    }
}

/// The attempts of one call.
#[derive(Debug)]
pub(crate) struct Attempts<'a> {
    shared: &'a Retries,
    policy: &'a RetryPolicy,
    deadline: Option<Instant>,
    made: u32,
    /// What the last repetition has cost.
    paid: Option<Cost>,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Success,
    /// Final: the same again would fail again, or must not be sent again.
    Failure,
    /// Another attempt may succeed.
    Passing {
        why: Transience,
        /// The pause that the service asks for.
        retry_after: Option<Duration>,
    },
}

impl Attempts<'_> {
    /// How many there were so far.
    pub(crate) fn made(&self) -> u32 {
        self.made
    }

    /// Begins an attempt, in adaptive mode as soon as the pace allows it.
    pub(crate) async fn begin(&mut self) {
        if self.policy.is_adaptive() {
            self.shared.pace.wait().await;
        }
        self.made += 1;
    }

    /// Ends an attempt: the pause before the next one, or `None` if there is none.
    pub(crate) fn end(&mut self, outcome: Outcome) -> Option<Duration> {
        if self.policy.is_adaptive() {
            let throttled = matches!(
                outcome,
                Outcome::Passing {
                    why: Transience::Throttled,
                    ..
                }
            );
            self.shared.pace.learn(throttled);
        }
        let (why, retry_after) = match outcome {
            Outcome::Success => {
                match self.paid.take() {
                    Some(cost) => self.shared.tokens.refund(cost),
                    None => self.shared.tokens.reward(),
                }
                return None;
            }
            Outcome::Failure => return None,
            Outcome::Passing { why, retry_after } => (why, retry_after),
        };
        if self.made >= self.policy.attempts() {
            return None;
        }
        let pause = self.pause(why, retry_after);
        if let Some(deadline) = self.deadline
            && deadline.saturating_duration_since(Instant::now()) <= pause
        {
            return None; // the failure at hand tells more than a time-out would
        }
        let cost = Cost::of(why);
        self.shared.tokens.pay(cost).then(|| {
            self.paid = Some(cost);
            pause
        })
    }

    /// Full jitter: anything between nothing and twice as long as the last time.
    fn pause(&self, why: Transience, retry_after: Option<Duration>) -> Duration {
        let jittered = self
            .policy
            .longest_pause(why, self.made)
            .mul_f64((self.shared.random)());
        match retry_after {
            Some(advice) => advice.clamp(jittered, jittered + LONGEST_ADVICE),
            None => jittered,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passing(why: Transience) -> Outcome {
        Outcome::Passing {
            why,
            retry_after: None,
        }
    }

    const THROTTLED: Outcome = Outcome::Passing {
        why: Transience::Throttled,
        retry_after: None,
    };

    /// Always the longest pause.
    fn retries() -> Retries {
        Retries {
            random: || 1.0,
            ..Retries::new()
        }
    }

    /// The pauses of a call that never succeeds.
    async fn pauses(retries: &Retries, policy: &RetryPolicy, outcome: Outcome) -> Vec<Duration> {
        let mut attempts = retries.begin(policy, None);
        let mut pauses = Vec::new();
        loop {
            attempts.begin().await;
            match attempts.end(outcome) {
                Some(pause) => pauses.push(pause),
                None => return pauses,
            }
        }
    }

    const fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[tokio::test]
    async fn three_attempts_with_pauses_that_double() {
        let policy = RetryPolicy::standard();
        for why in [Transience::NotSent, Transience::Unclear] {
            let pauses = pauses(&retries(), &policy, passing(why)).await;
            assert_eq!(pauses, [millis(50), millis(100)]);
        }
        let pauses = pauses(&retries(), &policy, THROTTLED).await;
        assert_eq!(pauses, [millis(1000), millis(2000)]);
    }

    #[tokio::test]
    async fn no_pause_is_longer_than_the_policy_allows() {
        let policy = RetryPolicy::standard().max_attempts(8);
        let pauses = pauses(&retries(), &policy, THROTTLED).await;
        let seconds: Vec<u64> = pauses.iter().map(Duration::as_secs).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 20, 20]);
    }

    #[tokio::test]
    async fn jitter_may_take_the_whole_pause_away() {
        let retries = Retries {
            random: || 0.0,
            ..Retries::new()
        };
        let pauses = pauses(&retries, &RetryPolicy::standard(), THROTTLED).await;
        assert_eq!(pauses, [Duration::ZERO, Duration::ZERO]);
    }

    #[tokio::test]
    async fn what_is_final_is_not_repeated() {
        let policy = RetryPolicy::standard();
        assert!(
            pauses(&retries(), &policy, Outcome::Failure)
                .await
                .is_empty()
        );
        let policy = RetryPolicy::none();
        assert!(pauses(&retries(), &policy, THROTTLED).await.is_empty());
    }

    #[tokio::test]
    async fn the_advice_of_the_service_is_followed_within_bounds() {
        for (advice, pause) in [(10, 50), (700, 700), (60_000, 5_050)] {
            let (retries, policy) = (retries(), RetryPolicy::standard());
            let mut attempts = retries.begin(&policy, None);
            attempts.begin().await;
            let outcome = Outcome::Passing {
                why: Transience::Unclear,
                retry_after: Some(millis(advice)),
            };
            assert_eq!(attempts.end(outcome), Some(millis(pause)), "{advice}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_that_would_outlast_the_deadline_is_not_made() {
        let (retries, policy) = (retries(), RetryPolicy::standard());
        for (left, pause) in [(millis(1001), Some(millis(1000))), (millis(1000), None)] {
            let mut attempts = retries.begin(&policy, Some(Instant::now() + left));
            attempts.begin().await;
            assert_eq!(attempts.end(THROTTLED), pause);
        }
    }

    #[tokio::test]
    async fn an_empty_bucket_ends_retries_until_calls_succeed_again() {
        let (retries, policy) = (retries(), RetryPolicy::standard());
        let mut repetitions = 0;
        while !pauses(&retries, &policy, passing(Transience::Unclear))
            .await
            .is_empty()
        {
            repetitions += 1;
        }
        assert_eq!(repetitions, 500_u32.div_ceil(14).div_ceil(2)); // two repetitions a call, 14 tokens each

        for _ in 0..14 {
            let mut attempts = retries.begin(&policy, None);
            attempts.begin().await;
            assert_eq!(attempts.end(Outcome::Success), None);
        }
        let pauses = pauses(&retries, &policy, passing(Transience::Unclear)).await;
        assert_eq!(pauses.len(), 1);
    }

    #[tokio::test]
    async fn a_success_gives_back_what_the_repetition_has_cost() {
        let (retries, policy) = (retries(), RetryPolicy::standard());
        for _ in 0..1000 {
            let mut attempts = retries.begin(&policy, None);
            attempts.begin().await;
            assert!(attempts.end(passing(Transience::Unclear)).is_some());
            attempts.begin().await;
            attempts.end(Outcome::Success);
            assert_eq!(attempts.made(), 2);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn adaptive_mode_slows_all_calls_down_once_one_was_throttled() {
        let (retries, policy) = (retries(), RetryPolicy::adaptive());
        let begun = Instant::now();
        for outcome in [Outcome::Success, Outcome::Success, THROTTLED] {
            let mut attempts = retries.begin(&policy, None);
            attempts.begin().await;
            attempts.end(outcome);
        }
        assert_eq!(begun.elapsed(), Duration::ZERO, "nothing was slow so far");
        retries.begin(&policy, None).begin().await;
        assert!(begun.elapsed() > Duration::ZERO);

        // whoever is not adaptive does not wait
        let now = Instant::now();
        let standard = RetryPolicy::standard();
        for _ in 0..100 {
            retries.begin(&standard, None).begin().await;
        }
        assert_eq!(now.elapsed(), Duration::ZERO);
    }
}
