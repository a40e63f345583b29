//! Why a call failed.

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

/// Why a call failed: what a program branches on, and one line for a person.
///
/// `E` is the error body that the document describes for the operation. `Display` names the operation, its method and path, the status,
/// the error type, what to do, and the request id; neither it nor `Debug` shows a secret, a query or an argument.
///
/// ```
/// # use apigw_runtime::{Error, ErrorKind};
/// fn worth_a_page(error: &Error) -> bool {
///     match error.kind() {
///         ErrorKind::Throttled | ErrorKind::Timeout | ErrorKind::Connection => false,
///         _ => !error.is_retryable(),
///     }
/// }
/// ```
///
/// Where the document describes an error body, [`body`](Self::body) has it, typed; an operation with several has an enum with a variant for each status:
///
/// ```
/// # use apigw_runtime::{Error, StatusCode};
/// # struct Problem { message: String }
/// # enum GetOrderError { Status404(Problem) }
/// fn is_gone(error: &Error<GetOrderError>) -> bool {
///     match error.body() {
///         Some(GetOrderError::Status404(problem)) => problem.message.contains("deleted"),
///         _ => error.status() == Some(StatusCode::GONE), // described or not
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

/// What went wrong, as far as a program has to tell it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument cannot be sent; nothing was. The text names the argument.
    InvalidRequest,
    /// The request could not be signed; nothing was sent. Most often no credentials were found: [`Error::signing_error`] tells.
    Signing,
    /// API Gateway did not let the request through: [`Error::refusal`] tells why, and what to change.
    Refused,
    /// Too many requests in this moment: status 429 for any reason but a used-up quota, which is [`Refused`](Self::Refused).
    Throttled,
    /// No complete response in time, by the limit of the client or by that of API Gateway (status 504). The operation may have run.
    Timeout,
    /// The exchange broke off: no connection, a reset, a response cut short. Check endpoint and network.
    Connection,
    /// The body of the response is longer than [`ClientBuilder::response_limit`](crate::ClientBuilder::response_limit) allows. The operation has run.
    TooLarge,
    /// A response that the document describes as an error: [`Error::body`] holds it.
    Documented,
    /// A response that the document does not describe: [`Error::raw`] holds it.
    Undocumented,
    /// A success whose body is not what the document describes. The operation has run. Regenerate the client from a current export.
    Decode,
    /// A middleware given to the builder failed. The source is its error.
    Middleware,
}

/// The call that failed, as far as it may be told.
#[derive(Clone, Debug)]
pub(crate) struct CallInfo {
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    pub(crate) path: Cow<'static, str>,
    pub(crate) server: String,
    pub(crate) limits: Limits,
    /// Whether the operation may run twice without harm.
    pub(crate) repeatable: bool,
    /// How many attempts were made; 0 while the first one is under way.
    pub(crate) attempts: u32,
}

/// A limit of time that has run out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Limit {
    /// Of one attempt.
    Attempt,
    /// Of the call, with all attempts and the pauses between them.
    Total(Duration),
    /// Between two pieces of a stream.
    Silence(Duration),
}

#[derive(Debug)]
enum Cause {
    /// The response says it all.
    Response,
    Invalid(InvalidRequest),
    Decode(DecodeError),
    Sending(reqwest_middleware::Error),
    Elapsed(Limit),
    TooLarge,
}

impl<E> Error<E> {
    /// What went wrong, as far as a program has to tell it apart.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The status, if a response began to arrive.
    pub fn status(&self) -> Option<StatusCode> {
        self.raw().map(RawResponse::status)
    }

    /// The id under which API Gateway logs this request: see [`ResponseValue::request_id`](crate::ResponseValue::request_id).
    pub fn request_id(&self) -> Option<&str> {
        self.raw()?.request_id()
    }

    /// The error type that API Gateway names in `x-amzn-errortype`. HTTP APIs name none.
    pub fn error_type(&self) -> Option<&str> {
        self.raw()?.error_type()
    }

    /// Why API Gateway itself answered with this error, if it did.
    pub fn refusal(&self) -> Option<&Refusal> {
        self.0.refusal.as_ref()
    }

    /// The documented error body, if the response decodes as one, whatever the [kind](Self::kind).
    pub fn body(&self) -> Option<&E> {
        self.0.body.as_ref()
    }

    /// As [`body`](Self::body), by value.
    pub fn into_body(self) -> Option<E> {
        self.0.body
    }

    /// The response, if one began to arrive; when it was cut short or too large, with as much of the body as was read.
    pub fn raw(&self) -> Option<&RawResponse> {
        self.0.response.as_ref()
    }

    /// The name of the operation, for example `get_order`; `request` for a path that the document lacks.
    pub fn operation(&self) -> &'static str {
        self.0.call.operation
    }

    /// How many attempts were made, the first one included.
    pub fn attempts(&self) -> u32 {
        self.0.call.attempts
    }

    pub(crate) fn after(mut self, attempts: u32) -> Self {
        self.0.call.attempts = attempts;
        self
    }

    /// Why the request could not be signed, if that is what went wrong.
    pub fn signing_error(&self) -> Option<&reqwest_sigv4::Error> {
        match &self.0.cause {
            Cause::Sending(error) => reqwest_sigv4::Error::find(error),
            _ => None,
        }
    }

    /// Whether API Gateway did not let the request through.
    ///
    /// # Troubleshooting
    ///
    /// `MissingAuthenticationTokenException` stands for a wrong path as well as for a missing signature, and HTTP APIs answer
    /// `{"message":"Forbidden"}` to everything: the text of [`refusal`](Self::refusal) lists what to check.
    pub fn is_refused(&self) -> bool {
        self.kind() == ErrorKind::Refused
    }

    /// Whether there were too many requests in this moment.
    ///
    /// # Troubleshooting
    ///
    /// Send less, or ask for a higher rate in the usage plan, the stage or the account: the lowest of them counts.
    pub fn is_throttled(&self) -> bool {
        self.kind() == ErrorKind::Throttled
    }

    /// Whether no complete response came in time.
    ///
    /// # Troubleshooting
    ///
    /// API Gateway gives up after 29 seconds unless the API's own limit is raised; if it is, raise `timeout` as well.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    /// Whether the request could not be signed, so that nothing was sent.
    ///
    /// # Troubleshooting
    ///
    /// On a desk, try `aws sts get-caller-identity` with the same `AWS_PROFILE`; inside AWS, check the role of the task or function.
    pub fn is_signing(&self) -> bool {
        self.kind() == ErrorKind::Signing
    }

    /// Whether the same call may succeed a little later, and can be repeated without harm. The client has done so already, as often as its
    /// [`RetryPolicy`](crate::RetryPolicy) allows; the table there tells which failures count.
    pub fn is_retryable(&self) -> bool {
        match self.transience() {
            Some(transience) => transience.allows_repeating(self.0.call.repeatable),
            None => false,
        }
    }

    /// Converts the documented body, keeping everything else.
    pub fn map<F>(self, f: impl FnOnce(E) -> F) -> Error<F> {
        self.with_body(|body| body.map(f))
    }

    /// Forgets the type of the documented body, so that errors of several operations have one type; [`raw`](Self::raw) keeps the bytes.
    pub fn into_untyped(self) -> Error {
        self.cast()
    }

    /// The same error where no body was decoded.
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
        // what `Display` already tells is passed over, so that a chain of causes says nothing twice
        match &self.0.cause {
            Cause::Response | Cause::Elapsed(_) | Cause::TooLarge => None,
            Cause::Invalid(error) => error.problem.source(),
            Cause::Decode(error) => error.source(),
            Cause::Sending(error) => match self.signing_error() {
                Some(error) => error.source(),
                None => Some(error),
            },
        }
    }
}

impl<E> fmt::Debug for Error<E> {
    /// The text with its causes, for whoever returns it from `main`; everything that is known, with `{:#?}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return told(self, f);
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

/// A text and the texts of its causes, on one line.
pub(crate) fn told(error: &dyn std::error::Error, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{error}")?;
    let mut cause = error.source();
    while let Some(next) = cause {
        write!(f, ": {next}")?;
        cause = next.source();
    }
    Ok(())
}

/// The HTTP client's error, also below other middleware.
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
