//! Bodies other than JSON.

use std::fmt;
use std::ops::Deref;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::response::base64_text;
use crate::response::decode;
use crate::{DecodeError, FromResponse, RawResponse};

/// A body of any type. Returned by operations without a response schema.
#[derive(Clone)]
pub struct AnyBody {
    bytes: Bytes,
    content_type: Option<String>,
}

impl AnyBody {
    /// Returns the bytes of the body.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Converts the body into its bytes, without copying.
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }

    /// Returns the content type, including its parameters. REST APIs always send one, `application/json` by default.
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// Returns whether the body is empty.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Returns whether the body consists of at least 16 characters of base64 text.
    ///
    /// A REST API returns a binary body as base64 text if the media type is not in its `binaryMediaTypes`. Add the first media type of
    /// the request's `Accept` to them and deploy the API, or decode the text.
    pub fn is_base64_text(&self) -> bool {
        base64_text::is_base64_text(&self.bytes)
    }

    /// Deserializes the body as JSON, regardless of its content type. An empty body is treated as `null`.
    ///
    /// # Errors
    ///
    /// Returns an error that contains the path of the invalid field if the body is not a `T` in JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        decode::json(&self.bytes, self.content_type())
    }

    /// Returns the body as UTF-8 text.
    ///
    /// # Errors
    ///
    /// Returns an error if the body is not UTF-8.
    pub fn text(&self) -> Result<&str, DecodeError> {
        text(&self.bytes, self.content_type())
    }
}

impl FromResponse for AnyBody {
    fn from_response(response: &RawResponse) -> Result<Self, DecodeError> {
        Ok(Self {
            bytes: response.bytes().clone(),
            content_type: response.content_type().map(str::to_owned),
        })
    }
}

impl fmt::Debug for AnyBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyBody")
            .field("content_type", &self.content_type)
            .field("length", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// A body of UTF-8 text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(pub String);

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0
    }
}

impl FromResponse for Text {
    fn from_response(response: &RawResponse) -> Result<Self, DecodeError> {
        text(response.bytes(), response.content_type())
            .map(|text| Self(text.to_owned()))
            .map_err(|error| error.unless_compressed(response))
    }
}

fn text<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Result<&'a str, DecodeError> {
    std::str::from_utf8(bytes).map_err(|error| DecodeError::not_text(content_type, error))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, StatusCode};

    use super::*;

    fn response(body: &'static [u8]) -> RawResponse {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("text/csv"));
        RawResponse::new(StatusCode::OK, headers, body)
    }

    #[test]
    fn any_body_is_read_as_text_json_or_bytes() {
        let body: AnyBody = response(b"[1,2]").decode().unwrap();
        assert_eq!(body.content_type(), Some("text/csv"));
        assert_eq!(body.text().unwrap(), "[1,2]");
        assert_eq!(body.json::<Vec<u8>>().unwrap(), [1, 2]);
        assert_eq!(body.into_bytes(), "[1,2]");
    }

    #[test]
    fn base64_text_is_detected() {
        let body: AnyBody = response(b"JVBERi0xLjcKJcOkw7zDtsOf").decode().unwrap();
        assert!(body.is_base64_text());
        let body: AnyBody = response(b"%PDF-1.7\n%\xc3\xa4 and so on").decode().unwrap();
        assert!(!body.is_base64_text());
    }

    #[test]
    fn text_is_not_decoded_as_json() {
        let text: Text = response(b"\"quoted\"").decode().unwrap();
        assert_eq!(&*text, "\"quoted\"");
    }

    #[test]
    fn text_that_is_not_utf_8_is_an_error() {
        let error = response(b"caf\xe9")
            .decode::<Text>()
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("text/csv") && error.contains("not UTF-8"),
            "{error}"
        );
    }
}
