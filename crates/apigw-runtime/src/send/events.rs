//! Log events: one for each attempt that failed transiently. The request itself is described by the spans.
//!
//! As in the AWS SDKs, retries are logged at `DEBUG`. Throttling is a `WARN`, because someone has to act. Refusals are logged by the
//! signer, and all other failures are returned to the caller.

use crate::send::retry::{Attempts, Next, Outcome};
use crate::send::span::Summary;

#[cfg(feature = "tracing")]
pub(crate) fn ended<'a>(
    attempts: &Attempts<'_>,
    outcome: Outcome,
    next: Next,
    summary: impl FnOnce() -> Summary<'a>,
) {
    use reqwest_sigv4::Transience;

    use crate::send::retry::Stop;

    let Outcome::Transient { why, .. } = outcome else {
        return;
    };
    let throttled = why == Transience::Throttled;
    let enabled = match throttled {
        true => tracing::enabled!(tracing::Level::WARN),
        false => tracing::enabled!(tracing::Level::DEBUG),
    };
    if !enabled {
        return;
    }
    let summary = summary();
    let delay = match next {
        Next::Retry(delay) => Some(tracing::field::debug(delay)),
        Next::Stop(_) => None,
    };
    let failed = match throttled {
        true => "throttled",
        false => "the attempt failed",
    };
    let then = match next {
        Next::Retry(_) => "retrying after the delay",
        Next::Stop(Stop::Deadline) => {
            "not retrying, because the delay would exceed the total timeout"
        }
        Next::Stop(Stop::Tokens) => "not retrying, because too many requests of this client fail",
        Next::Stop(Stop::Attempts | Stop::Done) => "no attempts left",
    };
    // the level of an event has to be a constant
    macro_rules! event {
        ($level:ident) => {
            tracing::event!(
                tracing::Level::$level,
                attempt = attempts.made(),
                max_attempts = attempts.allowed(),
                reason = summary.error,
                delay,
                aws.request_id = summary.request_id,
                "{failed}; {then}"
            )
        };
    }
    match throttled {
        true => event!(WARN),
        false => event!(DEBUG),
    }
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn ended<'a>(_: &Attempts<'_>, _: Outcome, _: Next, _: impl FnOnce() -> Summary<'a>) {}
