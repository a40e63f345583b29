//! Responses.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

/// A response, from a handler or generated from the spec.
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
    /// Creates a response without a body. Like every response of API Gateway, it has a `Content-Type`.
    #[must_use]
    pub fn empty(status: StatusCode) -> Self {
        Self::bytes(status, "application/json", Bytes::new())
    }

    /// Creates a JSON response.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "handlers pass the value of a json! literal"
    )]
    pub fn json(status: StatusCode, body: Value) -> Self {
        Self::bytes(status, "application/json", body.to_string())
    }

    /// Creates a response with any content type.
    pub fn bytes(status: StatusCode, content_type: &str, body: impl Into<Bytes>) -> Self {
        let response = Self {
            status,
            headers: HeaderMap::new(),
            body: body.into(),
        };
        response.header("content-type", content_type)
    }

    /// Sets a header, replacing an existing one with the same name.
    ///
    /// If the name or value is invalid, the response becomes a 500 with a message that names the header. A handler can't
    /// report the mistake in another way.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(value)) => {
                self.headers.insert(name, value);
                self
            }
            _ => Self::json(
                StatusCode::INTERNAL_SERVER_ERROR,
                json!({ "message": format!("the handler set an invalid header {name:?}") }),
            ),
        }
    }

    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the headers, without those that the gateway adds to every response (`Date` and request IDs).
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the `Content-Type`.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.headers.get(header::CONTENT_TYPE)?.to_str().ok()
    }

    /// Returns the body.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}
