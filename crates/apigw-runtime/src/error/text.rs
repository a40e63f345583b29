//! An error in one line: operation, status, error type, what went wrong, what to do, request id.

use std::fmt;

use super::{Cause, Error, ErrorKind, Inner, Limit};
use crate::RawResponse;

impl<E> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { call, response, .. } = &*self.0;
        write!(f, "{} ({} {}): ", call.operation, call.method, call.path)?;
        if let Some(response) = response {
            write!(f, "{}", response.status().as_u16())?;
            if let Some(name) = response
                .error_type()
                .or_else(|| response.status().canonical_reason())
            {
                write!(f, " {name}")?;
            }
            f.write_str(": ")?;
        }
        self.what_and_remedy(f)?;
        match (self.request_id(), call.attempts) {
            (Some(id), 0 | 1) => write!(f, " (request id {id})"),
            (Some(id), attempts) => write!(f, " (request id {id}, {attempts} attempts)"),
            (None, 0 | 1) => Ok(()),
            (None, attempts) => write!(f, " ({attempts} attempts)"),
        }
    }
}

impl<E> Error<E> {
    fn what_and_remedy(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            call,
            cause,
            response,
            refusal,
            kind,
            ..
        } = &*self.0;
        if let Some(error) = self.signing_error() {
            return write!(f, "the request was not signed: {error}");
        }
        match (cause, refusal) {
            (Cause::Invalid(error), _) => write!(f, "{error}"),
            (Cause::Elapsed(Limit::Total(limit)), _) => write!(
                f,
                "no complete response from {} within {limit:?} in all, repetitions included; raise `total_timeout` if the operation takes longer",
                call.server
            ),
            (Cause::Elapsed(Limit::Silence(limit)), _) => write!(
                f,
                "nothing came from {} for {limit:?}, so that the connection counts as dead; call again",
                call.server
            ),
            (Cause::TooLarge, _) => write!(
                f,
                "the body of the response is longer than {} bytes; raise `response_limit`, or ask for less at a time",
                call.limits.response_limit
            ),
            (Cause::Sending(_) | Cause::Elapsed(Limit::Attempt), _) => match kind {
                ErrorKind::Timeout => write!(
                    f,
                    "no complete response from {} within {:?}; raise `timeout` if the operation takes longer",
                    call.server, call.limits.timeout
                ),
                ErrorKind::Connection
                    if self.http_error().is_some_and(reqwest::Error::is_connect) =>
                {
                    write!(
                        f,
                        "no connection to {}; check the endpoint, the network and any proxy",
                        call.server
                    )
                }
                ErrorKind::Connection => write!(
                    f,
                    "the exchange with {} broke off; the operation may have run, so repeat it only if that does no harm",
                    call.server
                ),
                _ => f.write_str("a middleware failed; see the source of this error"),
            },
            (_, Some(refusal)) if *kind != ErrorKind::Documented => {
                write!(f, "{}", refusal.reason())?;
                if let Some(difference) = refusal.difference() {
                    write!(f, ", {difference}")?;
                }
                write!(f, "; {}", refusal.hint())
            }
            _ if *kind == ErrorKind::Throttled => {
                f.write_str("the service takes no more requests in this moment; send less, or ask for a higher limit")
            }
            (Cause::Decode(error), _) => write!(f, "{error}"),
            (Cause::Response, _) => {
                let (what, remedy) = match kind {
                    ErrorKind::Documented => ("a documented error", "its body is in `Error::body`"),
                    _ => (
                        "the document does not describe this response",
                        "it is in `Error::raw`",
                    ),
                };
                f.write_str(what)?;
                if let Some(response) = response {
                    if let Some(message) = message(response) {
                        write!(f, ", {message:?}")?;
                    }
                    if let Some(location) = response.redirects_to() {
                        write!(f, ", a redirect to {location} that is not followed")?;
                    }
                }
                write!(f, "; {remedy}")
            }
        }
    }
}

/// What the body says for people: the first line of a JSON object's `message`, cut to a length that fits one line.
///
/// The first line only, because API Gateway repeats the whole signed request, token included, in the lines that follow.
fn message(response: &RawResponse) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(response.bytes()).ok()?;
    let text = body
        .get("message")
        .or_else(|| body.get("Message"))?
        .as_str()?;
    let line = text.lines().next()?;
    Some(line.chars().take(200).collect())
}
