//! Formats an error on one line: operation, status, error type, problem, fix, request id.

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
        self.fmt_problem(f)?;
        match (self.request_id(), call.attempts) {
            (Some(id), 0 | 1) => write!(f, " (request id {id})"),
            (Some(id), attempts) => write!(f, " (request id {id}, {attempts} attempts)"),
            (None, 0 | 1) => Ok(()),
            (None, attempts) => write!(f, " ({attempts} attempts)"),
        }
    }
}

impl<E> Error<E> {
    fn fmt_problem(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            call,
            cause,
            response,
            refusal,
            kind,
            ..
        } = &*self.0;
        if let Some(error) = self.signing_error() {
            return write!(f, "signing failed: {error}");
        }
        match (cause, refusal) {
            (Cause::Invalid(error), _) => write!(f, "{error}"),
            #[cfg(feature = "test")]
            (Cause::Mocked, _) => write!(f, "{kind:?}, made by a test"),
            (Cause::Elapsed(Limit::Total(limit)), _) => write!(
                f,
                "no complete response from {} within {limit:?}, including retries; increase `total_timeout` if the operation takes longer",
                call.server
            ),
            (Cause::Elapsed(Limit::Idle(limit)), _) => write!(
                f,
                "received no data from {} for {limit:?}; {}",
                call.server,
                self.repeat()
            ),
            (Cause::TooLarge, _) => write!(
                f,
                "the response body is longer than {} bytes; increase `response_limit` or request less data",
                call.limits.response_limit
            ),
            (Cause::Sending(_) | Cause::Elapsed(Limit::Attempt), _) => match kind {
                ErrorKind::Timeout => write!(
                    f,
                    "no complete response from {} within {:?}; increase `timeout` if the operation takes longer",
                    call.server, call.limits.timeout
                ),
                ErrorKind::Connection
                    if self.http_error().is_some_and(reqwest::Error::is_connect) =>
                {
                    write!(
                        f,
                        "cannot connect to {}; check the endpoint, the network and the proxy",
                        call.server
                    )
                }
                ErrorKind::Connection => write!(
                    f,
                    "the connection to {} was interrupted; {}",
                    call.server,
                    self.repeat()
                ),
                _ => f.write_str("a middleware failed; see the source of this error"),
            },
            (_, Some(refusal)) if !(self.body().is_some() && is_of_service(*kind)) => {
                write!(f, "{}", refusal.reason())?;
                if let Some(difference) = refusal.difference() {
                    write!(f, ", {difference}")?;
                }
                let hint = match kind {
                    ErrorKind::Timeout => self.repeat(), // knows whether the operation can run twice
                    _ => refusal.hint(),
                };
                write!(f, "; {hint}")
            }
            _ if *kind == ErrorKind::Throttled => {
                f.write_str("rate limit exceeded; slow down, or request a higher limit")
            }
            (Cause::Decode(_), _) if *kind == ErrorKind::ServerError => write!(
                f,
                "the service failed, and the spec does not describe the body; {}",
                self.repeat()
            ),
            (Cause::Decode(error), _) => write!(f, "{error}"),
            (Cause::Response, _) => {
                f.write_str(match self.body() {
                    Some(_) => "documented error",
                    None if *kind == ErrorKind::ServerError => "the service failed",
                    None => "the spec does not describe this response",
                })?;
                if let Some(response) = response {
                    if let Some(message) = message(response) {
                        write!(f, ", {message:?}")?;
                    }
                    if let Some(location) = response.redirects_to() {
                        write!(f, ", a redirect to {location} that was not followed")?;
                    }
                }
                let help = match self.body() {
                    Some(_) => "see `Error::body`",
                    None if self.transience().is_some() => self.repeat(),
                    None => "see `Error::raw`",
                };
                write!(f, "; {help}")
            }
        }
    }

    /// Returns whether to send the request again, after a failure that may be transient. Agrees with [`Error::is_retryable`].
    fn repeat(&self) -> &'static str {
        match (self.is_retryable(), self.transience()) {
            (true, _) => "send the request again later",
            (false, Some(_)) => {
                "the operation may have run, so repeat it only if it can safely run twice"
            }
            (false, None) => "see `Error::raw`",
        }
    }
}

/// Returns whether the response comes from the service, rather than from API Gateway.
fn is_of_service(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::NotFound | ErrorKind::ClientError | ErrorKind::ServerError
    )
}

/// Returns the first line of `message` in a JSON body, truncated to 200 characters.
///
/// Only the first line, because API Gateway repeats the whole signed request, including the token, in the following lines.
fn message(response: &RawResponse) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(response.bytes()).ok()?;
    let text = body
        .get("message")
        .or_else(|| body.get("Message"))?
        .as_str()?;
    let line = text.lines().next()?;
    Some(line.chars().take(200).collect())
}
