//! Why a call failed.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::{Method, StatusCode};
use reqwest_sigv4::{Refusal, RefusalReason};

use crate::invalid::InvalidRequest;
use crate::{DecodeError, RawResponse, Undocumented};

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
pub struct Error<E = Undocumented>(Box<Inner<E>>);

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
    pub(crate) timeout: Duration,
}

#[derive(Debug)]
enum Cause {
    /// The response says it all.
    Response,
    Invalid(InvalidRequest),
    Decode(DecodeError),
    Sending(reqwest_middleware::Error),
    Elapsed,
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

    /// The response, if one began to arrive; when it was cut short, with as much of the body as did arrive.
    pub fn raw(&self) -> Option<&RawResponse> {
        self.0.response.as_ref()
    }

    /// The name of the operation, for example `get_order`; `request` for a path that the document lacks.
    pub fn operation(&self) -> &'static str {
        self.0.call.operation
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

    /// Whether the same call may succeed a little later, and can be repeated without harm.
    ///
    /// That is so after throttling, after a connection that never came about and while credentials cannot be had for the moment;
    /// after other broken connections, timeouts and statuses 500, 502, 503 and 504 only for idempotent methods (RFC 9110 §9.2.2),
    /// because the operation may have run.
    pub fn is_retryable(&self) -> bool {
        let idempotent = is_idempotent(&self.0.call.method);
        match self.kind() {
            ErrorKind::Throttled => true,
            ErrorKind::Signing => self
                .signing_error()
                .is_some_and(reqwest_sigv4::Error::is_transient),
            ErrorKind::Timeout => idempotent,
            ErrorKind::Connection => match self.http_error() {
                Some(error) if error.is_connect() => true,
                Some(error) if error.is_redirect() || error.is_builder() => false,
                _ => idempotent,
            },
            ErrorKind::Refused | ErrorKind::Documented | ErrorKind::Undocumented => {
                let transient =
                    |status: StatusCode| matches!(status.as_u16(), 500 | 502 | 503 | 504);
                idempotent && self.status().is_some_and(transient)
            }
            ErrorKind::InvalidRequest | ErrorKind::Decode | ErrorKind::Middleware => false,
        }
    }

    /// Converts the documented body, keeping everything else.
    pub fn map<F>(self, f: impl FnOnce(E) -> F) -> Error<F> {
        let inner = *self.0;
        Error(Box::new(Inner {
            kind: inner.kind,
            call: inner.call,
            cause: inner.cause,
            response: inner.response,
            refusal: inner.refusal,
            body: inner.body.map(f),
        }))
    }

    /// Forgets the type of the documented body, so that errors of several operations have one type; [`raw`](Self::raw) keeps the bytes.
    pub fn into_untyped(mut self) -> Error {
        self.0.body = None;
        self.cast()
    }

    /// The same error where no body was decoded.
    pub(crate) fn cast<F>(self) -> Error<F> {
        let inner = *self.0;
        Error(Box::new(Inner {
            kind: inner.kind,
            call: inner.call,
            cause: inner.cause,
            response: inner.response,
            refusal: inner.refusal,
            body: None,
        }))
    }

    fn http_error(&self) -> Option<&reqwest::Error> {
        match &self.0.cause {
            Cause::Sending(error) => find_http(error),
            _ => None,
        }
    }
}

impl Error {
    fn without_body(
        kind: ErrorKind,
        call: CallInfo,
        cause: Cause,
        response: Option<RawResponse>,
    ) -> Self {
        Self(Box::new(Inner {
            kind,
            call,
            cause,
            response,
            refusal: None,
            body: None,
        }))
    }

    pub(crate) fn invalid(call: CallInfo, error: InvalidRequest) -> Self {
        Self::without_body(ErrorKind::InvalidRequest, call, Cause::Invalid(error), None)
    }

    pub(crate) fn elapsed(call: CallInfo) -> Self {
        Self::without_body(ErrorKind::Timeout, call, Cause::Elapsed, None)
    }

    /// Sending failed, or receiving after the head had arrived as `response`.
    pub(crate) fn sending(
        call: CallInfo,
        error: reqwest_middleware::Error,
        response: Option<RawResponse>,
    ) -> Self {
        let error = error.without_url(); // an error while the body arrives has not passed through `Attempt`
        let kind = if reqwest_sigv4::Error::find(&error).is_some() {
            ErrorKind::Signing
        } else {
            match find_http(&error) {
                Some(http) if http.is_timeout() && !http.is_connect() => ErrorKind::Timeout,
                Some(_) => ErrorKind::Connection,
                None => ErrorKind::Middleware,
            }
        };
        Self::without_body(kind, call, Cause::Sending(error), response)
    }

    /// The body of a success did not decode.
    pub(crate) fn decode(call: CallInfo, error: DecodeError, response: RawResponse) -> Self {
        let kind = match error.is_undocumented_status() {
            true => ErrorKind::Undocumented,
            false => ErrorKind::Decode,
        };
        Self::without_body(kind, call, Cause::Decode(error), Some(response))
    }
}

impl<E> Error<E> {
    /// A response that is no success, with what its body decodes to.
    pub(crate) fn response(
        call: CallInfo,
        response: RawResponse,
        body: Result<E, DecodeError>,
    ) -> Self {
        let refusal = Refusal::from_parts(response.status(), response.headers(), response.bytes());
        let refusal = match response.signed() {
            Some(signed) => refusal.map(|refusal| refusal.compared_with(signed)),
            None => refusal,
        };
        let kind = match &refusal {
            Some(refusal) => refused(refusal, body.is_ok()),
            None if body.is_ok() => ErrorKind::Documented,
            None => ErrorKind::Undocumented,
        };
        let (body, cause) = match body {
            Ok(body) => (Some(body), Cause::Response),
            Err(error) if error.is_undocumented_status() => (None, Cause::Response),
            Err(error) => (None, Cause::Decode(error)),
        };
        Self(Box::new(Inner {
            kind,
            call,
            cause,
            response: Some(response),
            refusal,
            body,
        }))
    }
}

fn refused(refusal: &Refusal, documented: bool) -> ErrorKind {
    // without the header, and apart from these statuses, the service behind the gateway may have said the very same
    let certain =
        refusal.error_type().is_some() || matches!(refusal.status().as_u16(), 401 | 403 | 429);
    match refusal.reason() {
        RefusalReason::Throttled => ErrorKind::Throttled,
        _ if documented && !certain => ErrorKind::Documented,
        RefusalReason::IntegrationTimeout => ErrorKind::Timeout,
        // it did let the request through
        RefusalReason::IntegrationFailure => ErrorKind::Undocumented,
        _ => ErrorKind::Refused,
    }
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

fn is_idempotent(method: &Method) -> bool {
    matches!(
        method.as_str(),
        "GET" | "HEAD" | "PUT" | "DELETE" | "OPTIONS" | "TRACE"
    )
}

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
        match self.request_id() {
            Some(id) => write!(f, " (request id {id})"),
            None => Ok(()),
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
            (Cause::Sending(_) | Cause::Elapsed, _) => match kind {
                ErrorKind::Timeout => write!(
                    f,
                    "no complete response from {} within {:?}; raise `timeout` if the operation takes longer",
                    call.server, call.timeout
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

impl<E> StdError for Error<E> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        // what `Display` already tells is passed over, so that a chain of causes says nothing twice
        match &self.0.cause {
            Cause::Response | Cause::Elapsed => None,
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
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("call", &self.0.call)
            .field("response", &self.0.response)
            .field("refusal", &self.0.refusal)
            .field("cause", &self.0.cause)
            .finish_non_exhaustive()
    }
}
