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
    macro_rules! event {
        ($level:ident, $message:literal) => {
            tracing::event!(
                tracing::Level::$level,
                attempt = attempts.made(),
                max_attempts = attempts.allowed(),
                reason = summary.error,
                delay,
                aws.request_id = summary.request_id,
                $message
            )
        };
    }
    match (next, throttled) {
        (Next::Retry(_), true) => event!(WARN, "throttled; retrying after the delay"),
        (Next::Retry(_), false) => event!(DEBUG, "the attempt failed; retrying after the delay"),
        (Next::Stop(stop), true) => match stop {
            Stop::Deadline => event!(
                WARN,
                "throttled; not retrying, because the delay would exceed the total timeout"
            ),
            Stop::Tokens => event!(
                WARN,
                "throttled; not retrying, because too many requests of this client fail"
            ),
            Stop::Attempts | Stop::Done => event!(WARN, "throttled; no attempts left"),
        },
        (Next::Stop(stop), false) => match stop {
            Stop::Deadline => event!(
                DEBUG,
                "the attempt failed; not retrying, because the delay would exceed the total timeout"
            ),
            Stop::Tokens => event!(
                DEBUG,
                "the attempt failed; not retrying, because too many requests of this client fail"
            ),
            Stop::Attempts | Stop::Done => event!(DEBUG, "the attempt failed; no attempts left"),
        },
    }
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn ended<'a>(_: &Attempts<'_>, _: Outcome, _: Next, _: impl FnOnce() -> Summary<'a>) {}
