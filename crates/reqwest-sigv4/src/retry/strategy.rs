//! A retry strategy for reqwest-retry.

use reqwest::Response;
use reqwest_middleware::Error as MiddlewareError;
use reqwest_retry::{Retryable, RetryableStrategy, default_on_request_failure};

use super::Transience;
use crate::{Error, Refusal, Signed};

/// A strategy for [`reqwest_retry`] that knows this crate's errors and API Gateway's responses.
///
/// | failure | retried |
/// | --- | --- |
/// | the credentials provider timed out or its backend failed | yes |
/// | any other signing error | no |
/// | the connection failed | yes |
/// | the connection broke or timed out later, so the operation may have run | only with [`also_when_lost`](Self::also_when_lost) |
/// | 429 `TooManyRequestsException` | yes |
/// | 429 `LimitExceededException`: the quota of the usage plan is exhausted | no |
/// | 408, 500, 502, 503, 504 | for the idempotent methods of RFC 9110 (`GET`, `HEAD`, `PUT`, `DELETE`, `OPTIONS`, `TRACE`) |
/// | anything else | no |
///
/// The method is read from the signature, so an unsigned request counts as not idempotent.
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
///     .with(signer) // after the retries, so that every attempt gets a new signature
///     .build();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SigV4RetryStrategy {
    when_lost: bool,
}

impl SigV4RetryStrategy {
    /// Creates the strategy described above.
    pub fn new() -> Self {
        Self::default()
    }

    /// Also retries after a lost connection or a timeout, for every method, because the error does not name the method. Use it only if every request of the client may run twice.
    #[must_use]
    pub fn also_when_lost(mut self) -> Self {
        self.when_lost = true;
        self
    }

    fn failure(self, error: &MiddlewareError) -> Option<Retryable> {
        if let Some(error) = Error::find(error) {
            let is_idempotent = matches!(error, Error::Refused(refusal) if refusal.is_idempotent());
            return Some(retryable(Transience::of_signing(error), is_idempotent));
        }
        match error {
            MiddlewareError::Reqwest(error) if error.is_connect() => Some(Retryable::Transient),
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
    let headers_alone = Refusal::from_parts(status, response.headers(), b"");
    let refusal = Refusal::of(response).or(headers_alone.as_ref());
    let is_idempotent = Signed::of(response).is_some_and(|signed| signed.method().is_idempotent());
    Some(retryable(
        Transience::of_response(status, refusal),
        is_idempotent,
    ))
}

fn retryable(transience: Option<Transience>, is_repeatable: bool) -> Retryable {
    match transience {
        Some(transience) if transience.allows_repeating(is_repeatable) => Retryable::Transient,
        _ => Retryable::Fatal,
    }
}
