//! Errors of requests.

mod classify;
mod text;
mod transience;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::{Method, StatusCode};
use reqwest_sigv4::Refusal;

use crate::call::invalid::InvalidRequest;
use crate::client::Limits;
use crate::{DecodeError, NoErrorBody, RawResponse};

pub(crate) use transience::of_response;

/// An error from sending a request.
///
/// `E` is the documented error body of the operation. `Display` shows the operation, its method and path, the status, the error
/// type, how to fix the problem, and the request id. Neither `Display` nor `Debug` shows secrets, queries or arguments.
///
/// ```
/// # use apigw_runtime::{Error, ErrorKind};
/// fn severity(error: &Error) -> Option<&'static str> {
///     match error.kind() {
///         ErrorKind::NotFound => None, // the order does not exist
///         ErrorKind::ServerError | ErrorKind::Throttled | ErrorKind::Timeout | ErrorKind::Connection => Some("warning"),
///         _ => Some("error"),
///     }
/// }
/// ```
///
/// [`body`](Self::body) returns the documented error body. If an operation documents several, it is an enum with a variant for each
/// status:
///
/// ```
/// # use apigw_runtime::{Error, StatusCode};
/// # struct Problem { message: String }
/// # enum GetOrderError { Status404(Problem) }
/// fn is_gone(error: &Error<GetOrderError>) -> bool {
///     match error.body() {
///         Some(GetOrderError::Status404(problem)) => problem.message.contains("deleted"),
///         _ => error.status() == Some(StatusCode::GONE), // documented or not
///     }
/// }
/// ```
pub struct Error<E = NoErrorBody>(Box<Inner<E>>);

struct Inner<E> {
    kind: ErrorKind,
    call: CallInfo,
    cause: Cause,
    response: Option<RawResponse>,
    refusal: Option<Refusal>,
    body: Option<E>,
}

/// The kind of an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument is invalid, so nothing was sent. The message names the argument.
    InvalidRequest,
    /// Signing the request failed, so nothing was sent. Usually the credentials are missing; see [`Error::signing_error`].
    Signing,
    /// API Gateway refused the request. [`Error::refusal`] contains the reason and how to fix it.
    Refused,
    /// The rate limit was exceeded: status 429, except for an exceeded quota, which is [`Refused`](Self::Refused).
    Throttled,
    /// The request timed out in the client or in API Gateway (status 504). The operation may have run.
    Timeout,
    /// The connection failed, was reset, or closed before the response was complete. Check the endpoint and the network.
    Connection,
    /// The response body is longer than [`ClientBuilder::response_limit`](crate::ClientBuilder::response_limit). The operation has run.
    TooLarge,
    /// There is no such resource: status 404 or 410. Whether the spec describes the response or not; see [`Error::body`].
    NotFound,
    /// The service rejected the request: any other status 400–499, for example 400, 409 or 412, described by the spec or not.
    ClientError,
    /// The service failed: status 500–599, described by the spec or not, except for 504 from API Gateway itself, which is
    /// [`Timeout`](Self::Timeout). The operation may have run.
    ServerError,
    /// A response that is neither a success described by the spec nor an error, for example a redirect. See [`Error::raw`].
    Undocumented,
    /// The body of a successful response does not match the spec. The operation has run. Regenerate the client from a current export.
    Decode,
    /// A middleware added to the builder failed. The source is its error.
    Middleware,
}

/// The properties of a request that errors may contain.
#[derive(Clone, Debug)]
pub(crate) struct CallInfo {
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    pub(crate) path: Cow<'static, str>,
    pub(crate) server: String,
    pub(crate) limits: Limits,
    /// Whether the operation can safely run twice.
    pub(crate) repeatable: bool,
    /// The number of attempts; 0 during the first one.
    pub(crate) attempts: u32,
}

/// A timeout that has elapsed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Limit {
    /// The timeout of an attempt.
    Attempt,
    /// The timeout of all attempts, including the delays between them.
    Total(Duration),
    /// The timeout between two chunks of a stream.
    Idle(Duration),
}

#[derive(Debug)]
enum Cause {
    /// An error response, without another cause.
    Response,
    Invalid(InvalidRequest),
    Decode(DecodeError),
    Sending(reqwest_middleware::Error),
    Elapsed(Limit),
    TooLarge,
    /// Made by a test.
    #[cfg(feature = "test")]
    Mocked,
}

impl<E> Error<E> {
    /// Returns the kind of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the status of the response, if one was received. Also known if only the body is missing, incomplete, too large or
    /// invalid.
    pub fn status(&self) -> Option<StatusCode> {
        let of_middleware = || self.http_error()?.status();
        self.raw().map(RawResponse::status).or_else(of_middleware)
    }

    /// Returns the id under which API Gateway logs this request. See [`ResponseValue::request_id`](crate::ResponseValue::request_id).
    pub fn request_id(&self) -> Option<&str> {
        self.raw()?.request_id()
    }

    /// Returns the error type from the header `x-amzn-errortype`. HTTP APIs do not send it.
    pub fn error_type(&self) -> Option<&str> {
        self.raw()?.error_type()
    }

    /// Returns why API Gateway refused the request, if the error comes from API Gateway itself.
    pub fn refusal(&self) -> Option<&Refusal> {
        self.0.refusal.as_ref()
    }

    /// Returns the documented error body, if the response could be decoded. Does not depend on the [kind](Self::kind).
    pub fn body(&self) -> Option<&E> {
        self.0.body.as_ref()
    }

    /// Converts the error into its documented error body. See [`body`](Self::body).
    pub fn into_body(self) -> Option<E> {
        self.0.body
    }

    /// Returns the response, if one was received. If it was incomplete or too large, its body contains the bytes that were read.
    pub fn raw(&self) -> Option<&RawResponse> {
        self.0.response.as_ref()
    }

    /// Returns the name of the operation, for example `get_order`, or `request` for a route that the spec does not describe.
    pub fn operation(&self) -> &'static str {
        self.0.call.operation
    }

    /// Returns the number of attempts, including the first one.
    pub fn attempts(&self) -> u32 {
        self.0.call.attempts
    }

    pub(crate) fn after(mut self, attempts: u32) -> Self {
        self.0.call.attempts = attempts;
        self
    }

    /// Returns the signing error, if signing the request failed.
    pub fn signing_error(&self) -> Option<&reqwest_sigv4::Error> {
        match &self.0.cause {
            Cause::Sending(error) => reqwest_sigv4::Error::find(error),
            _ => None,
        }
    }

    /// Returns whether API Gateway refused the request.
    ///
    /// # Troubleshooting
    ///
    /// API Gateway returns `MissingAuthenticationTokenException` for a wrong path as well as for a missing signature, and HTTP APIs
    /// return `{"message":"Forbidden"}` for all refusals. The message of [`refusal`](Self::refusal) lists what to check.
    pub fn is_refused(&self) -> bool {
        self.kind() == ErrorKind::Refused
    }

    /// Returns whether the rate limit was exceeded.
    ///
    /// # Troubleshooting
    ///
    /// Send fewer requests, or request a higher limit. The lowest limit of the usage plan, the stage and the account applies.
    pub fn is_throttled(&self) -> bool {
        self.kind() == ErrorKind::Throttled
    }

    /// Returns whether the request timed out.
    ///
    /// # Troubleshooting
    ///
    /// API Gateway times out after 29 seconds, unless the integration timeout of the API is increased. If it is, increase `timeout`
    /// as well.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    /// Returns whether there is no such resource: status 404 or 410.
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound
    }

    /// Returns whether the service rejected the request, so that repeating it unchanged would fail again: a status 400–499 that is
    /// not throttling, including missing resources and refusals by API Gateway.
    pub fn is_client_error(&self) -> bool {
        match self.kind() {
            ErrorKind::ClientError | ErrorKind::NotFound => true,
            ErrorKind::Refused => self.status().is_some_and(|status| status.is_client_error()),
            _ => false,
        }
    }

    /// Returns whether the service failed: a status 500–599, including a timeout of API Gateway (504).
    pub fn is_server_error(&self) -> bool {
        self.kind() == ErrorKind::ServerError
            || self.status().is_some_and(|status| status.is_server_error())
    }

    /// Returns whether signing the request failed, so that nothing was sent.
    ///
    /// # Troubleshooting
    ///
    /// On your machine, run `aws sts get-caller-identity` with the same `AWS_PROFILE`. In AWS, check the role of the task or function.
    pub fn is_signing(&self) -> bool {
        self.kind() == ErrorKind::Signing
    }

    /// Returns whether the failure is transient and the request can safely be repeated.
    ///
    /// The client has already retried the request as often as its [`RetryPolicy`](crate::RetryPolicy) allows. The policy lists which
    /// failures are retryable.
    pub fn is_retryable(&self) -> bool {
        match self.transience() {
            Some(transience) => transience.allows_repeating(self.0.call.repeatable),
            None => false,
        }
    }

    /// Converts the documented error body with `f`.
    pub fn map<F>(self, f: impl FnOnce(E) -> F) -> Error<F> {
        self.with_body(|body| body.map(f))
    }

    /// Drops the documented error body, so that the errors of all operations have the same type. [`raw`](Self::raw) still contains
    /// the bytes.
    pub fn into_untyped(self) -> Error {
        self.cast()
    }

    /// Changes the type of the error body, and drops the body.
    pub(crate) fn cast<F>(self) -> Error<F> {
        self.with_body(|_| None)
    }

    fn with_body<F>(self, body: impl FnOnce(Option<E>) -> Option<F>) -> Error<F> {
        let inner = *self.0;
        Error(Box::new(Inner {
            kind: inner.kind,
            call: inner.call,
            cause: inner.cause,
            response: inner.response,
            refusal: inner.refusal,
            body: body(inner.body),
        }))
    }

    fn http_error(&self) -> Option<&reqwest::Error> {
        match &self.0.cause {
            Cause::Sending(error) => find_http(error),
            _ => None,
        }
    }
}

impl<E> StdError for Error<E> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        // skips errors that `Display` already shows, so that a printed chain does not repeat them
        match &self.0.cause {
            Cause::Response | Cause::Elapsed(_) | Cause::TooLarge => None,
            #[cfg(feature = "test")]
            Cause::Mocked => None,
            Cause::Invalid(error) => error.problem.source(),
            Cause::Decode(error) if self.kind() == ErrorKind::ServerError => Some(error),
            Cause::Decode(error) => error.source(),
            Cause::Sending(error) => match self.signing_error() {
                Some(error) => error.source(),
                None => Some(error),
            },
        }
    }
}

impl<E> fmt::Debug for Error<E> {
    /// Formats the message and its sources on one line, for programs that return the error from `main`. `{:#?}` shows all fields.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return fmt_with_sources(self, f);
        }
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("call", &self.0.call)
            .field("response", &self.0.response)
            .field("refusal", &self.0.refusal)
            .field("cause", &self.0.cause)
            .finish_non_exhaustive()
    }
}

/// Formats an error and its sources on one line.
pub(crate) fn fmt_with_sources(
    error: &dyn std::error::Error,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    write!(f, "{error}")?;
    let mut cause = error.source();
    while let Some(next) = cause {
        write!(f, ": {next}")?;
        cause = next.source();
    }
    Ok(())
}

/// Finds the error of the HTTP client, also inside errors of other middleware.
fn find_http(error: &reqwest_middleware::Error) -> Option<&reqwest::Error> {
    match error {
        reqwest_middleware::Error::Reqwest(error) => Some(error),
        reqwest_middleware::Error::Middleware(error) => error.chain().find_map(|cause| {
            cause
                .downcast_ref::<reqwest::Error>()
                .or_else(|| find_http(cause.downcast_ref::<reqwest_middleware::Error>()?))
        }),
    }
}
