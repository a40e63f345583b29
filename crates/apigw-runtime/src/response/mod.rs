//! Raw and decoded responses.

pub(crate) mod base64_text;
pub(crate) mod best_fit;
pub(crate) mod body;
pub(crate) mod decode;
#[cfg(feature = "stream")]
mod download;
pub(crate) mod events;
pub(crate) mod lines;
mod open_enum;
pub(crate) mod stream;

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest_sigv4::Signed;

use crate::{DecodeError, FromResponse};

/// A response before it is decoded: status, headers and body.
///
/// `Debug` omits the headers and the body, because they may be confidential.
#[derive(Clone)]
pub struct RawResponse {
    status: StatusCode,
    headers: HeaderMap,
    bytes: Bytes,
    signed: Option<Signed>,
}

impl RawResponse {
    /// Creates a response, for example to test an implementation of [`FromResponse`].
    pub fn new(status: StatusCode, headers: HeaderMap, bytes: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers,
            bytes: bytes.into(),
            signed: None,
        }
    }

    /// Creates a response without a body from the status and headers of `response`.
    pub(crate) fn head(response: &reqwest::Response) -> Self {
        Self {
            signed: Signed::of(response).cloned(),
            ..Self::new(response.status(), response.headers().clone(), Bytes::new())
        }
    }

    /// Takes the headers out of a response whose body is read next.
    pub(crate) fn take_head(response: &mut reqwest::Response) -> Self {
        Self {
            signed: Signed::of(response).cloned(),
            ..Self::new(
                response.status(),
                std::mem::take(response.headers_mut()),
                Bytes::new(),
            )
        }
    }

    pub(crate) fn with_bytes(self, bytes: Bytes) -> Self {
        Self { bytes, ..self }
    }

    #[cfg(feature = "test")]
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    #[cfg(feature = "test")]
    pub(crate) fn with_header(mut self, name: http::HeaderName, value: http::HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }

    /// Returns the status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns a header as text, even if API Gateway has renamed it. See [`ResponseValue::header`].
    pub fn header(&self, name: &str) -> Option<&str> {
        text(&self.headers, &format!("x-amzn-remapped-{name}"))
            .or_else(|| text(&self.headers, name))
    }

    /// Returns the bytes of the body.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Returns the content type, including its parameters.
    pub fn content_type(&self) -> Option<&str> {
        text(&self.headers, CONTENT_TYPE.as_str())
    }

    /// Returns the id under which API Gateway logs this request. See [`ResponseValue::request_id`].
    pub fn request_id(&self) -> Option<&str> {
        reqwest_sigv4::request_id(&self.headers)
    }

    /// Returns the error type from the header `x-amzn-errortype`, up to the first colon.
    pub fn error_type(&self) -> Option<&str> {
        let value = text(&self.headers, "x-amzn-errortype")?;
        Some(value.split(':').next().unwrap_or(value))
    }

    /// Returns the delay before the next attempt from the header `x-amz-retry-after`, in milliseconds.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let millis = text(&self.headers, "x-amz-retry-after")?.trim().parse();
        millis.ok().map(Duration::from_millis)
    }

    /// Returns details of the request's signature, or `None` if the request was not signed.
    pub fn signed(&self) -> Option<&Signed> {
        self.signed.as_ref()
    }

    /// Returns the location of a redirect, without the query.
    pub(crate) fn redirects_to(&self) -> Option<&str> {
        let location =
            text(&self.headers, LOCATION.as_str()).filter(|_| self.status.is_redirection())?;
        location.split(['?', '#']).next()
    }

    /// Decodes the body as `T`.
    ///
    /// # Errors
    ///
    /// Returns an error if the body is not a `T`.
    pub fn decode<T: FromResponse>(&self) -> Result<T, DecodeError> {
        T::from_response(self)
    }
}

impl fmt::Debug for RawResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawResponse")
            .field("status", &self.status)
            .field("content_type", &self.content_type())
            .field("request_id", &self.request_id())
            .field("length", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// A decoded response. Dereferences to the decoded body.
#[derive(Clone)]
pub struct ResponseValue<T> {
    inner: T,
    /// Without the body.
    head: RawResponse,
}

impl<T> ResponseValue<T> {
    pub(crate) fn new(inner: T, response: RawResponse) -> Self {
        Self {
            inner,
            head: response.with_bytes(Bytes::new()),
        }
    }

    /// Returns the status.
    pub fn status(&self) -> StatusCode {
        self.head.status()
    }

    /// Returns the headers.
    pub fn headers(&self) -> &HeaderMap {
        self.head.headers()
    }

    /// Returns a header as text, even if API Gateway has renamed it, or `None` if it is missing or not text.
    ///
    /// REST APIs rename some headers of the backend, for example `Date` and `WWW-Authenticate`, to `x-amzn-remapped-…` (the header
    /// table in "Important notes for API Gateway", developer guide). This method prefers the renamed header, which contains the
    /// backend's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.header(name)
    }

    /// Returns the id under which API Gateway logs this request.
    ///
    /// It is the header `x-amzn-requestid` (REST APIs), `apigw-requestid` (HTTP APIs) or `x-amz-apigw-id`, in this order.
    pub fn request_id(&self) -> Option<&str> {
        self.head.request_id()
    }

    /// Returns details of the request's signature, without secrets: the method, the signed headers and the credential scope. Returns
    /// `None` if the request was not signed.
    pub fn signed(&self) -> Option<&Signed> {
        self.head.signed()
    }

    /// Returns the response without its body.
    pub(crate) fn head(&self) -> &RawResponse {
        &self.head
    }

    #[cfg(feature = "test")]
    pub(crate) fn into_parts(self) -> (T, RawResponse) {
        (self.inner, self.head)
    }

    /// Converts the response into its decoded body.
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// Converts the decoded body with `f`. Keeps the status and headers.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> ResponseValue<U> {
        ResponseValue::new(f(self.inner), self.head)
    }
}

impl<T> Deref for ResponseValue<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T> DerefMut for ResponseValue<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}

impl<T: fmt::Debug> fmt::Debug for ResponseValue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseValue")
            .field("status", &self.status())
            .field("request_id", &self.request_id())
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn request_ids_of_rest_and_http_apis_are_found() {
        let id = |pairs| reqwest_sigv4::request_id(&headers(pairs)).map(str::to_owned);
        assert_eq!(
            id(&[("x-amz-apigw-id", "ext"), ("x-amzn-requestid", "rest")]).unwrap(),
            "rest"
        );
        assert_eq!(id(&[("apigw-requestid", "http")]).unwrap(), "http");
        assert_eq!(id(&[("x-amz-apigw-id", "ext")]).unwrap(), "ext");
        assert_eq!(id(&[("x-request-id", "other")]), None);
    }

    #[test]
    fn the_error_type_ends_at_the_colon() {
        let of = |value| {
            let response = RawResponse::new(
                StatusCode::FORBIDDEN,
                headers(&[("x-amzn-errortype", value)]),
                "",
            );
            response.error_type().unwrap().to_owned()
        };
        assert_eq!(of("ForbiddenException"), "ForbiddenException");
        assert_eq!(
            of("NotFoundException:http://internal.amazon.com/coral/"),
            "NotFoundException"
        );
    }

    #[test]
    fn remapped_headers_are_preferred() {
        let remapped = headers(&[
            ("x-amzn-remapped-date", "then"),
            ("date", "now"),
            ("etag", "1"),
        ]);
        let value = ResponseValue::new((), RawResponse::new(StatusCode::OK, remapped, ""));
        assert_eq!(value.header("Date"), Some("then"));
        assert_eq!(value.header("ETag"), Some("1"));
        assert_eq!(value.header("location"), None);
        assert_eq!(value.header("not a name"), None);
    }

    #[test]
    fn debug_omits_headers_and_body() {
        let response = RawResponse::new(
            StatusCode::OK,
            headers(&[("set-cookie", "hunter2")]),
            "hunter2",
        );
        assert!(!format!("{response:?}").contains("hunter2"));
    }
}
