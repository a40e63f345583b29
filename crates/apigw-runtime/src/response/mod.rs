//! What came back: raw, and decoded.

pub(crate) mod base64_text;
pub(crate) mod best_fit;
pub(crate) mod body;
pub(crate) mod decode;
mod open_enum;
pub(crate) mod stream;

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest_sigv4::Signed;

use crate::{DecodeError, FromResponse};

/// A response before it is decoded: status, headers and the whole body.
///
/// `Debug` shows neither headers nor body, which may be confidential.
#[derive(Clone)]
pub struct RawResponse {
    status: StatusCode,
    headers: HeaderMap,
    bytes: Bytes,
    signed: Option<Signed>,
}

impl RawResponse {
    /// Puts a response together, for example to test an implementation of [`FromResponse`].
    pub fn new(status: StatusCode, headers: HeaderMap, bytes: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers,
            bytes: bytes.into(),
            signed: None,
        }
    }

    /// A response whose body is still to come.
    pub(crate) fn head(response: &reqwest::Response) -> Self {
        Self {
            signed: Signed::of(response).cloned(),
            ..Self::new(response.status(), response.headers().clone(), Bytes::new())
        }
    }

    pub(crate) fn with_bytes(self, bytes: Bytes) -> Self {
        Self { bytes, ..self }
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers as they arrived.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// One header as text, also if API Gateway has renamed it: see [`ResponseValue::header`].
    pub fn header(&self, name: &str) -> Option<&str> {
        text(&self.headers, &format!("x-amzn-remapped-{name}"))
            .or_else(|| text(&self.headers, name))
    }

    /// The body as it arrived.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The media type with its parameters, if the response names one.
    pub fn content_type(&self) -> Option<&str> {
        text(&self.headers, CONTENT_TYPE.as_str())
    }

    /// The id under which API Gateway logs this request: see [`ResponseValue::request_id`].
    pub fn request_id(&self) -> Option<&str> {
        reqwest_sigv4::request_id(&self.headers)
    }

    /// The error type that API Gateway names in `x-amzn-errortype`, without what follows a colon.
    pub fn error_type(&self) -> Option<&str> {
        let value = text(&self.headers, "x-amzn-errortype")?;
        Some(value.split(':').next().unwrap_or(value))
    }

    /// The pause that the service asks for before another attempt: `x-amz-retry-after`, in milliseconds.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let millis = text(&self.headers, "x-amz-retry-after")?.trim().parse();
        millis.ok().map(Duration::from_millis)
    }

    /// What was signed for the request that got this response; `None` if it was sent unsigned.
    pub fn signed(&self) -> Option<&Signed> {
        self.signed.as_ref()
    }

    /// Where a redirect leads, without the query.
    pub(crate) fn redirects_to(&self) -> Option<&str> {
        let location =
            text(&self.headers, LOCATION.as_str()).filter(|_| self.status.is_redirection())?;
        location.split(['?', '#']).next()
    }

    /// Decodes the body as `T`.
    ///
    /// # Errors
    ///
    /// If the body is not a `T`.
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

/// A decoded response. It dereferences to what was decoded.
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

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.head.status()
    }

    /// The headers as they arrived.
    pub fn headers(&self) -> &HeaderMap {
        self.head.headers()
    }

    /// One header as text, also if API Gateway has renamed it; `None` if it is absent or not text.
    ///
    /// REST APIs rename some headers of a backend's response, for example `Date` and `WWW-Authenticate`, to `x-amzn-remapped-…`
    /// (developer guide, "Important notes for API Gateway", the header table). The backend's own value is what is wanted,
    /// so the renamed header comes first.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.header(name)
    }

    /// The id under which API Gateway logs this request: `x-amzn-requestid` (REST APIs), else `apigw-requestid` (HTTP APIs), else `x-amz-apigw-id`.
    pub fn request_id(&self) -> Option<&str> {
        self.head.request_id()
    }

    /// What was signed: method, signed headers, credential scope, and no secret. `None` if the request was sent unsigned.
    pub fn signed(&self) -> Option<&Signed> {
        self.head.signed()
    }

    /// The response without its body.
    pub(crate) fn head(&self) -> &RawResponse {
        &self.head
    }

    /// What was decoded.
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// Converts what was decoded, keeping status and headers.
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
    fn the_request_id_of_every_kind_of_api_is_found() {
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
    fn the_backends_header_is_found_under_its_new_name() {
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
    fn debug_shows_neither_headers_nor_body() {
        let response = RawResponse::new(
            StatusCode::OK,
            headers(&[("set-cookie", "hunter2")]),
            "hunter2",
        );
        assert!(!format!("{response:?}").contains("hunter2"));
    }
}
