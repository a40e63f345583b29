//! What is worth retrying, for reqwest-retry.

use reqwest::Response;
use reqwest_middleware::Error as MiddlewareError;
use reqwest_retry::{Retryable, RetryableStrategy, default_on_request_failure};

use crate::{Error, Refusal, Signed, Transience, is_idempotent};

/// A strategy for [`reqwest_retry`] that knows this crate's errors and API Gateway's answers.
///
/// | what happened | retried |
/// | --- | --- |
/// | the credentials provider timed out or its backend failed | yes |
/// | any other signing error | no |
/// | no connection | yes |
/// | the connection broke or timed out later, so the service may have run | only after [`also_when_lost`](Self::also_when_lost) |
/// | 429 `TooManyRequestsException` | yes |
/// | 429 `LimitExceededException`: the quota of the usage plan is used up | no |
/// | 408, 500, 502, 503, 504 | for the idempotent methods of RFC 9110 (`GET`, `HEAD`, `PUT`, `DELETE`, `OPTIONS`, `TRACE`) |
/// | anything else | no |
///
/// The method is known from the signature; the answer to a request that was sent unsigned counts as that to a method that is not idempotent.
///
/// ```
/// use reqwest_retry::RetryTransientMiddleware;
/// use reqwest_retry::policies::ExponentialBackoff;
/// use reqwest_sigv4::{SigV4RetryStrategy, Signer};
///
/// # fn client(signer: Signer) -> Result<(), reqwest_sigv4::Error> {
/// let policy = ExponentialBackoff::builder().build_with_max_retries(2);
/// let http = reqwest_middleware::ClientBuilder::new(reqwest_sigv4::http_client()?)
///     .with(RetryTransientMiddleware::new_with_policy_and_strategy(policy, SigV4RetryStrategy::new()))
///     .with(signer) // after the retries, so that every attempt is signed anew
///     .build();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SigV4RetryStrategy {
    when_lost: bool,
}

impl SigV4RetryStrategy {
    /// The strategy of the table above.
    pub fn new() -> Self {
        Self::default()
    }

    /// Retries after a lost connection or a time-out too, whatever the method: an error does not tell it. For clients that send only requests which may run twice.
    #[must_use]
    pub fn also_when_lost(mut self) -> Self {
        self.when_lost = true;
        self
    }

    fn failure(self, error: &MiddlewareError) -> Option<Retryable> {
        if let Some(error) = Error::find(error) {
            return Some(retryable(Transience::of_signing(error), false));
        }
        match error {
            MiddlewareError::Reqwest(error) if error.is_connect() => {
                Some(retryable(Transience::of_http(error), false))
            }
            _ if self.when_lost => default_on_request_failure(error),
            _ => Some(Retryable::Fatal),
        }
    }
}

impl RetryableStrategy for SigV4RetryStrategy {
    fn handle(&self, result: &Result<Response, MiddlewareError>) -> Option<Retryable> {
        match result {
            Ok(response) => answer(response),
            Err(error) => self.failure(error),
        }
    }
}

fn answer(response: &Response) -> Option<Retryable> {
    let status = response.status();
    if status.is_success() {
        return None;
    }
    // the name of the exception is in the headers
    let refusal = Refusal::from_parts(status, response.headers(), &[]);
    let is_idempotent = Signed::of(response).is_some_and(|signed| is_idempotent(signed.method()));
    Some(retryable(
        Transience::of_response(status, refusal.as_ref()),
        is_idempotent,
    ))
}

fn retryable(transience: Option<Transience>, is_repeatable: bool) -> Retryable {
    match transience {
        Some(transience) if transience.allows_repeating(is_repeatable) => Retryable::Transient,
        _ => Retryable::Fatal,
    }
}
