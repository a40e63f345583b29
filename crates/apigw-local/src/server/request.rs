//! What arrived, for handlers and for assertions.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

use crate::refusal::Refusal;
use crate::signature::verify::Caller;

/// Headers whose values are shown to nobody.
const SECRET_HEADERS: [&str; 5] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "x-amz-security-token",
    "x-api-key",
];

/// A request as it arrived.
///
/// `Debug` leaves out the body, the query and the values of secret headers.
#[derive(Clone)]
#[non_exhaustive]
pub struct Request {
    /// The request id that the response carries.
    pub id: String,
    /// The method.
    pub method: Method,
    /// The request target as it was sent: path and query, stage included, nothing decoded.
    pub target: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The name of the operation in the API; `None` where no operation matches and in echo mode.
    pub operation: Option<String>,
    /// The values of the path parameters, decoded, in the order of the path template.
    pub path_parameters: Vec<(String, String)>,
    /// Who signed it; `None` where nothing was verified or the request was refused.
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

    /// The path as it was sent, stage included.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target
            .split_once('?')
            .map_or(self.target.as_str(), |(path, _)| path)
    }

    /// A path parameter, decoded: `path_parameter("order_id")`, and for `{proxy+}` `path_parameter("proxy")`.
    #[must_use]
    pub fn path_parameter(&self, name: &str) -> Option<&str> {
        self.path_parameters
            .iter()
            .find(|(parameter, _)| parameter == name)
            .map(|(_, value)| value.as_str())
    }

    /// The first value of a query parameter, decoded, with `+` as a space.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<String> {
        self.query_pairs()
            .find(|(parameter, _)| parameter == name)
            .map(|(_, value)| value)
    }

    /// All pairs of the query, decoded, in the order they were sent.
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

    /// A header's value, if it arrived and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body, read as JSON.
    ///
    /// # Errors
    ///
    /// When the body is not JSON or does not fit `T`.
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

/// A request and how it was answered.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Exchange {
    /// What arrived.
    pub request: Request,
    /// The status it was answered with; for a connection that was reset, the status it would have had.
    pub status: StatusCode,
    /// Why it was refused, if it was.
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
