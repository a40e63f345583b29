//! The retry policy.

use std::time::Duration;

use crate::BuildError;
use crate::client::configuration::Configuration;
use crate::client::environment::Environment;
use reqwest_sigv4::Transience;

const MODE: &str = "AWS_RETRY_MODE";
const MAX_ATTEMPTS: &str = "AWS_MAX_ATTEMPTS";

/// Configures retries: which failures are retried, how often, and with which delays.
///
/// | failure | retried |
/// | --- | --- |
/// | throttled (429), except if a quota is exceeded | always |
/// | connecting failed, or credentials are temporarily unavailable | always: nothing was sent |
/// | the connection was interrupted, the attempt timed out, or status 408, 500, 502, 503 or 504 | only for idempotent methods (RFC 9110 §9.2.2), operations marked as idempotent (`idempotent` in `apis.toml`), with an [`Idempotency-Key`](crate::Call::idempotency_key), or with [`retry_writes`](Self::retry_writes): the operation may have run |
/// | all others | never |
///
/// Every attempt gets a new signature. Requests with a streaming body are never retried.
///
/// Delays have full jitter: they are random, up to a maximum that doubles after each attempt. A service can request a longer delay with
/// `x-amz-retry-after`, in milliseconds.
///
/// All requests of a client share a bucket of 500 tokens. A retry costs 14 tokens, or 5 after throttling. A success returns the tokens of
/// its retry, or one token if there was none. If most requests fail, the bucket is empty and retries stop.
///
/// The default is [`standard`](Self::standard). It can be changed with `AWS_RETRY_MODE` (`standard` or `adaptive`) and
/// `AWS_MAX_ATTEMPTS`, or with `retry_mode` and `max_attempts` in the profile; see [`ClientBuilder::retry`](crate::ClientBuilder::retry).
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
    /// Creates the standard policy: three attempts, with a maximum delay of 50 milliseconds (one second after throttling) that doubles
    /// after each attempt, up to 20 seconds.
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

    /// Creates the adaptive policy: [`standard`](Self::standard) with a client-side rate limiter.
    ///
    /// The limiter starts when a request is throttled, and delays all adaptive requests of the client. Throttling decreases the rate,
    /// and success increases it. Use it if all requests of the client share one rate limit. A
    /// [total timeout](crate::ClientBuilder::total_timeout) includes the time spent waiting.
    pub fn adaptive() -> Self {
        Self {
            adaptive: true,
            ..Self::standard()
        }
    }

    /// Creates a policy without retries.
    pub fn none() -> Self {
        Self::standard().max_attempts(1)
    }

    /// Sets the maximum number of attempts, including the first one. 0 is treated as 1. The default is 3.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// Also retries writes (`POST`, `PATCH` and custom methods) that may already have run. Use it only for operations that can safely
    /// run twice.
    #[must_use]
    pub fn retry_writes(mut self) -> Self {
        self.writes = true;
        self
    }

    /// Sets the maximum delay before the first retry. It doubles after each attempt. The default is 50 milliseconds.
    #[must_use]
    pub fn backoff(mut self, first: Duration) -> Self {
        self.backoff = first;
        self
    }

    /// Sets the maximum delay before the first retry after throttling. It doubles after each attempt. The default is one second.
    #[must_use]
    pub fn throttled_backoff(mut self, first: Duration) -> Self {
        self.throttled_backoff = first;
        self
    }

    /// Sets the maximum delay. The default is 20 seconds. A service can add up to 5 seconds with `x-amz-retry-after`.
    #[must_use]
    pub fn max_backoff(mut self, longest: Duration) -> Self {
        self.max_backoff = longest;
        self
    }

    /// Reads the policy from the environment variables of the AWS SDKs, then from the AWS configuration.
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
                        expected: "an integer of at least 1",
                    });
                }
            };
        }
        Ok(policy)
    }

    pub(crate) fn is_adaptive(&self) -> bool {
        self.adaptive
    }

    pub(crate) fn retries_writes(&self) -> bool {
        self.writes
    }

    pub(super) fn attempts(&self) -> u32 {
        self.max_attempts
    }

    /// Returns the maximum delay after this many attempts.
    pub(super) fn max_delay(&self, why: Transience, attempts: u32) -> Duration {
        let first = match why {
            Transience::Throttled => self.throttled_backoff,
            Transience::NotSent | Transience::Unclear => self.backoff,
        };
        let factor = 2_u32.saturating_pow(attempts.saturating_sub(1));
        first.saturating_mul(factor).min(self.max_backoff)
    }
}

impl Default for RetryPolicy {
    /// Returns [`RetryPolicy::standard`].
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
    fn environment_variables_set_mode_and_attempts() {
        assert_eq!(of("", "").unwrap(), RetryPolicy::standard());
        assert_eq!(
            of("standard", "7").unwrap(),
            RetryPolicy::standard().max_attempts(7)
        );
        assert_eq!(of("Adaptive", "").unwrap(), RetryPolicy::adaptive());
        assert_eq!(of("", "1").unwrap(), RetryPolicy::none());
    }

    #[test]
    fn an_error_names_the_invalid_variable_and_its_valid_values() {
        for (mode, attempts, variable, fix) in [
            ("legacy", "", MODE, "`standard` or `adaptive`"),
            ("", "0", MAX_ATTEMPTS, "at least 1"),
            ("", "-1", MAX_ATTEMPTS, "at least 1"),
            ("", "three", MAX_ATTEMPTS, "at least 1"),
        ] {
            let text = of(mode, attempts).unwrap_err().to_string();
            assert!(text.contains(variable) && text.contains(fix), "{text}");
        }
    }

    #[test]
    fn delays_do_not_overflow() {
        let policy = RetryPolicy::standard();
        for attempts in [0, 1, 32, u32::MAX] {
            let delay = policy.max_delay(Transience::Throttled, attempts);
            assert!(delay <= Duration::from_secs(20), "{attempts}: {delay:?}");
        }
    }
}
