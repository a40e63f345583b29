//! Received requests.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

use crate::refusal::Refusal;
use crate::signature::verify::Caller;

/// Headers whose values are never shown.
const SECRET_HEADERS: [&str; 5] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "x-amz-security-token",
    "x-api-key",
];

/// A received request.
///
/// `Debug` omits the body, the query and the values of secret headers.
#[derive(Clone)]
#[non_exhaustive]
pub struct Request {
    /// The request ID, which is also in the response.
    pub id: String,
    /// The method.
    pub method: Method,
    /// The request target as sent: the path with the stage, and the query, not decoded.
    pub target: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The name of the operation, or `None` if no operation matches.
    pub operation: Option<String>,
    /// The names and decoded values of the path parameters, in the order of the path template.
    pub path_parameters: Vec<(String, String)>,
    /// The signer of the request, or `None` if the signature was not verified or was refused.
    pub caller: Option<Caller>,
}

impl Request {
    pub(crate) fn new(id: String, method: Method, target: String, mut headers: HeaderMap) -> Self {
        for name in SECRET_HEADERS {
            if let http::header::Entry::Occupied(mut values) = headers.entry(name) {
                values
                    .iter_mut()
                    .for_each(|value| value.set_sensitive(true));
            }
        }
        Self {
            id,
            method,
            target,
            headers,
            body: Bytes::new(),
            operation: None,
            path_parameters: Vec::new(),
            caller: None,
        }
    }

    /// Returns the path as sent, with the stage.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target
            .split_once('?')
            .map_or(self.target.as_str(), |(path, _)| path)
    }

    /// Returns the decoded value of a path parameter. The name of `{proxy+}` is `proxy`.
    #[must_use]
    pub fn path_parameter(&self, name: &str) -> Option<&str> {
        self.path_parameters
            .iter()
            .find(|(parameter, _)| parameter == name)
            .map(|(_, value)| value.as_str())
    }

    /// Returns the first decoded value of a query parameter. `+` is a space.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<String> {
        self.query_pairs()
            .find(|(parameter, _)| parameter == name)
            .map(|(_, value)| value)
    }

    /// Returns the decoded names and values of the query, in the order in which they were sent.
    pub fn query_pairs(&self) -> impl Iterator<Item = (String, String)> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                (decode(name), decode(value))
            })
    }

    /// Returns the value of a header, or `None` if it is missing or not visible ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Deserializes the body from JSON.
    ///
    /// # Errors
    ///
    /// Returns an error if the body is not JSON or does not match `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("id", &self.id)
            .field("method", &self.method)
            .field("path", &self.path())
            .field("headers", &self.headers)
            .field("body_len", &self.body.len())
            .field("operation", &self.operation)
            .field("path_parameters", &self.path_parameters)
            .field("caller", &self.caller)
            .finish_non_exhaustive()
    }
}

/// A request, with the result of handling it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Exchange {
    /// The request.
    pub request: Request,
    /// The status of the response. If a fault reset the connection, this is the status that was not sent.
    pub status: StatusCode,
    /// The refusal, if the request was refused.
    pub refusal: Option<Refusal>,
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " "))
        .decode_utf8_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn request(target: &str) -> Request {
        let mut headers = HeaderMap::new();
        headers.insert("x-api-key", HeaderValue::from_static("k3y"));
        Request::new("id".into(), Method::GET, target.into(), headers)
    }

    #[test]
    fn query_pairs_are_decoded_and_keep_their_order() {
        let request = request("/o?q=a+b%2Bc&tag=2&tag=1&flag");
        assert_eq!(request.query("q").as_deref(), Some("a b+c"));
        assert_eq!(request.query("none"), None);
        let tags: Vec<_> = request
            .query_pairs()
            .skip(1)
            .map(|(_, value)| value)
            .collect();
        assert_eq!(tags, ["2", "1", ""]);
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?}", request("/o?X-Amz-Security-Token=t0k3n"));
        assert!(
            shown.contains("/o") && !shown.contains("t0k3n") && !shown.contains("k3y"),
            "{shown}"
        );
    }
}
