//! What a caller may choose.

use std::time::Duration;

use crate::BuildError;
use crate::client::configuration::Configuration;
use crate::client::environment::Environment;
use reqwest_sigv4::Transience;

const MODE: &str = "AWS_RETRY_MODE";
const MAX_ATTEMPTS: &str = "AWS_MAX_ATTEMPTS";

/// Whether a failed call is tried again, how often, and with what pauses.
///
/// | what happened | tried again |
/// | --- | --- |
/// | throttled (429), except by a used-up quota | always |
/// | no connection came about, or credentials cannot be had for the moment | always: nothing was sent |
/// | the connection broke, no complete response came in time, or status 408, 500, 502, 503 or 504 | for idempotent methods (RFC 9110 §9.2.2), with an [`Idempotency-Key`](crate::Call::idempotency_key), or with [`retry_writes`](Self::retry_writes): the operation may have run |
/// | anything else | never |
///
/// Every attempt is signed anew. A body that cannot be sent twice is never tried again. Pauses have full jitter: a random part of a length that
/// doubles from attempt to attempt; a service may ask for more by `x-amz-retry-after`, in milliseconds. All calls of a client share 500 tokens, of which
/// a repetition takes 14, after throttling 5, and a success gives back what its repetition took, or one: when most calls fail, retries end by themselves.
///
/// The default is [`standard`](Self::standard), or what `AWS_RETRY_MODE` (`standard` or `adaptive`) and `AWS_MAX_ATTEMPTS` say, or the profile's `retry_mode` and
/// `max_attempts`: see [`ClientBuilder::retry`](crate::ClientBuilder::retry).
///
/// ```
/// use std::time::Duration;
/// use apigw_runtime::RetryPolicy;
///
/// let patient = RetryPolicy::standard().max_attempts(8).max_backoff(Duration::from_secs(60));
/// let adaptive = RetryPolicy::adaptive();
/// let never = RetryPolicy::none();
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    adaptive: bool,
    max_attempts: u32,
    writes: bool,
    backoff: Duration,
    throttled_backoff: Duration,
    max_backoff: Duration,
}

impl RetryPolicy {
    /// Three attempts, with pauses of up to 50 milliseconds (after throttling, of up to one second) that double each time, up to 20 seconds.
    pub fn standard() -> Self {
        Self {
            adaptive: false,
            max_attempts: 3,
            writes: false,
            backoff: Duration::from_millis(50),
            throttled_backoff: Duration::from_secs(1),
            max_backoff: Duration::from_secs(20),
        }
    }

    /// As [`standard`](Self::standard), and once a call was throttled, all calls of the client that are adaptive wait their turn: their rate falls with every throttling
    /// and rises again with every success. For a client that calls one API with one limit; do not set a [total time limit](crate::ClientBuilder::total_timeout)
    /// shorter than the waiting that you accept.
    pub fn adaptive() -> Self {
        Self {
            adaptive: true,
            ..Self::standard()
        }
    }

    /// One attempt.
    pub fn none() -> Self {
        Self::standard().max_attempts(1)
    }

    /// How many attempts there are at most, the first one included; 0 counts as 1.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// Tries writes (`POST`, `PATCH` and methods of one's own) again too after failures that leave unclear whether the operation has run.
    /// For operations that may run twice without harm.
    #[must_use]
    pub fn retry_writes(mut self) -> Self {
        self.writes = true;
        self
    }

    /// The longest first pause, 50 milliseconds by default; it doubles with each attempt.
    #[must_use]
    pub fn backoff(mut self, first: Duration) -> Self {
        self.backoff = first;
        self
    }

    /// The longest first pause after throttling, one second by default; it doubles with each attempt.
    #[must_use]
    pub fn throttled_backoff(mut self, first: Duration) -> Self {
        self.throttled_backoff = first;
        self
    }

    /// What no pause exceeds, 20 seconds by default, except that a service may ask for 5 seconds more.
    #[must_use]
    pub fn max_backoff(mut self, longest: Duration) -> Self {
        self.max_backoff = longest;
        self
    }

    /// What the variables of the AWS SDKs say, and the AWS configuration where they are silent.
    pub(crate) fn resolve(
        environment: &Environment,
        configuration: &Configuration,
    ) -> Result<Self, BuildError> {
        let mut policy = configuration.retry();
        if let Some(mode) = environment.get(MODE) {
            policy.adaptive = match mode.to_ascii_lowercase().as_str() {
                "standard" => false,
                "adaptive" => true,
                _ => {
                    return Err(BuildError::InvalidVariable {
                        variable: MODE,
                        expected: "`standard` or `adaptive`",
                    });
                }
            };
        }
        if let Some(attempts) = environment.get(MAX_ATTEMPTS) {
            policy.max_attempts = match attempts.parse() {
                Ok(attempts @ 1..) => attempts,
                _ => {
                    return Err(BuildError::InvalidVariable {
                        variable: MAX_ATTEMPTS,
                        expected: "a whole number from 1 on",
                    });
                }
            };
        }
        Ok(policy)
    }

    pub(crate) fn is_adaptive(&self) -> bool {
        self.adaptive
    }

    pub(crate) fn repeats_writes(&self) -> bool {
        self.writes
    }

    pub(super) fn attempts(&self) -> u32 {
        self.max_attempts
    }

    /// The longest pause after so many attempts.
    pub(super) fn longest_pause(&self, why: Transience, attempts: u32) -> Duration {
        let first = match why {
            Transience::Throttled => self.throttled_backoff,
            Transience::NotSent | Transience::Unclear => self.backoff,
        };
        let factor = 2_u32.saturating_pow(attempts.saturating_sub(1));
        first.saturating_mul(factor).min(self.max_backoff)
    }
}

impl Default for RetryPolicy {
    /// [`RetryPolicy::standard`].
    fn default() -> Self {
        Self::standard()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(mode: &'static str, attempts: &'static str) -> Result<RetryPolicy, BuildError> {
        let environment = Environment::new(move |name| match name {
            "AWS_RETRY_MODE" => Some(mode.to_owned()),
            "AWS_MAX_ATTEMPTS" => Some(attempts.to_owned()),
            _ => None,
        });
        RetryPolicy::resolve(&environment, &Configuration::default())
    }

    #[test]
    fn the_variables_of_the_sdks_choose_mode_and_attempts() {
        assert_eq!(of("", "").unwrap(), RetryPolicy::standard());
        assert_eq!(
            of("standard", "7").unwrap(),
            RetryPolicy::standard().max_attempts(7)
        );
        assert_eq!(of("Adaptive", "").unwrap(), RetryPolicy::adaptive());
        assert_eq!(of("", "1").unwrap(), RetryPolicy::none());
    }

    #[test]
    fn what_the_variables_cannot_mean_is_an_error_that_names_them() {
        for (mode, attempts, variable, fix) in [
            ("legacy", "", MODE, "`standard` or `adaptive`"),
            ("", "0", MAX_ATTEMPTS, "from 1 on"),
            ("", "-1", MAX_ATTEMPTS, "from 1 on"),
            ("", "three", MAX_ATTEMPTS, "from 1 on"),
        ] {
            let text = of(mode, attempts).unwrap_err().to_string();
            assert!(text.contains(variable) && text.contains(fix), "{text}");
        }
    }

    #[test]
    fn a_pause_never_overflows() {
        let policy = RetryPolicy::standard();
        for attempts in [0, 1, 32, u32::MAX] {
            let pause = policy.longest_pause(Transience::Throttled, attempts);
            assert!(pause <= Duration::from_secs(20), "{attempts}: {pause:?}");
        }
    }
}
