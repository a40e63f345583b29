//! Results of operations, made by tests.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::client::Limits;
use crate::error::CallInfo;
use crate::{ByteStream, DecodeError, Error, ErrorKind, RawResponse, ResponseValue};

impl<T> ResponseValue<T> {
    /// Creates a response with this decoded body, status 200 and no headers, for tests (feature `test`).
    pub fn mock(value: T) -> Self {
        Self::new(value, response(StatusCode::OK))
    }

    /// Sets the status, for tests (feature `test`).
    #[must_use]
    pub fn with_status(self, status: StatusCode) -> Self {
        let (value, head) = self.into_parts();
        Self::new(value, head.with_status(status))
    }

    /// Adds a header, for tests (feature `test`). For example, `x-amzn-requestid` is the [request id](Self::request_id).
    ///
    /// # Panics
    ///
    /// Panics if the name or the value is not valid in a header.
    #[must_use]
    #[expect(clippy::expect_used, reason = "documented, and only in tests")]
    pub fn with_header(self, name: &str, value: &str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a header name");
        let value = HeaderValue::from_str(value).expect("a header value");
        let (inner, head) = self.into_parts();
        Self::new(inner, head.with_header(name, value))
    }
}

impl<E> Error<E> {
    /// Creates an error of this kind without a response, for tests (feature `test`): its [`status`](Self::status) is `None`. Whether
    /// it is [retryable](Self::is_retryable) follows from the kind, for an idempotent operation.
    pub fn mock(kind: ErrorKind) -> Self {
        Error::mocked(call(), kind).cast()
    }

    /// Creates an error from a response with this status, for tests (feature `test`): with the error body that the spec documents, or
    /// with `None` for a response that the spec does not describe. The kind follows from the status.
    pub fn mock_response(status: StatusCode, body: impl Into<Option<E>>) -> Self {
        let response = response(status);
        let undocumented = || DecodeError::undocumented_status(&response);
        let body = body.into().ok_or_else(undocumented);
        Error::response(call(), response, body)
    }
}

impl ByteStream {
    /// Creates a stream with this body, for tests (feature `test`).
    pub fn mock(body: impl Into<Bytes>) -> Self {
        let response = http::Response::new(reqwest::Body::from(body.into()));
        Self::new(response.into(), call(), None)
    }
}

fn response(status: StatusCode) -> RawResponse {
    RawResponse::new(status, HeaderMap::new(), Bytes::new())
}

fn call() -> CallInfo {
    CallInfo {
        operation: "mock",
        method: Method::GET,
        path: Cow::Borrowed("/"),
        server: "mock".to_owned(),
        limits: Limits::default(),
        repeatable: true,
        attempts: 1,
    }
}
