//! What the gateway answers.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

/// A response of the gateway, made by a handler or from the spec.
///
/// ```
/// use apigw_local::Response;
/// use http::StatusCode;
/// use serde_json::json;
///
/// let response = Response::json(StatusCode::CREATED, json!({ "id": "o-1" })).header("location", "/orders/o-1");
/// assert_eq!(response.status(), StatusCode::CREATED);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Response {
    /// A response without a body. As every response of API Gateway, it still has a `Content-Type`.
    #[must_use]
    pub fn empty(status: StatusCode) -> Self {
        Self::bytes(status, "application/json", Bytes::new())
    }

    /// A JSON response.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "handlers pass the value of a json! literal"
    )]
    pub fn json(status: StatusCode, body: Value) -> Self {
        Self::bytes(status, "application/json", body.to_string())
    }

    /// A response of any other kind.
    pub fn bytes(status: StatusCode, content_type: &str, body: impl Into<Bytes>) -> Self {
        let response = Self {
            status,
            headers: HeaderMap::new(),
            body: body.into(),
        };
        response.header("content-type", content_type)
    }

    /// Sets a header, in place of one of the same name.
    ///
    /// A name or value that HTTP does not allow makes the whole response a 500 that says so: a handler has no better
    /// place to report it, and a response without the header would hide it.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(value)) => {
                self.headers.insert(name, value);
                self
            }
            _ => Self::json(
                StatusCode::INTERNAL_SERVER_ERROR,
                json!({ "message": format!("header {name:?} of this response is not allowed in HTTP") }),
            ),
        }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers, without those that the gateway adds to every response (`Date`, request ids).
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The `Content-Type`.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.headers.get(header::CONTENT_TYPE)?.to_str().ok()
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}
