//! Decodes responses.

use std::fmt;

use http::header::CONTENT_ENCODING;
use serde::de::DeserializeOwned;

use crate::RawResponse;

/// A type that can be decoded from a response.
///
/// Implemented for all types that implement `Deserialize`, which are read from JSON. An empty body is treated as `null`, so that `()`
/// and `Option` work. [`AnyBody`](crate::AnyBody) and [`Text`](crate::Text) are for bodies other than JSON.
///
/// If an operation documents several bodies, the generator writes an enum that is decoded by status:
///
/// ```
/// use apigw_runtime::{DecodeError, FromResponse, RawResponse, StatusCode};
///
/// #[derive(serde::Deserialize, Debug, PartialEq)]
/// struct Problem { title: String }
///
/// #[derive(Debug, PartialEq)]
/// enum GetOrderError { Status404(Problem), Status410 }
///
/// impl FromResponse for GetOrderError {
///     fn from_response(response: &RawResponse) -> Result<Self, DecodeError> {
///         Ok(match response.status().as_u16() {
///             404 => Self::Status404(response.decode()?),
///             410 => Self::Status410,
///             _ => return Err(DecodeError::undocumented_status(response)),
///         })
///     }
/// }
///
/// let response = RawResponse::new(StatusCode::NOT_FOUND, Default::default(), r#"{"title":"no such order"}"#);
/// let problem = Problem { title: "no such order".into() };
/// assert_eq!(GetOrderError::from_response(&response)?, GetOrderError::Status404(problem));
/// # Ok::<(), DecodeError>(())
/// ```
pub trait FromResponse: Sized {
    /// Decodes a response with a complete body.
    ///
    /// # Errors
    ///
    /// Returns an error if the body is invalid, or if `Self` does not support the status.
    fn from_response(response: &RawResponse) -> Result<Self, DecodeError>;
}

impl<T: DeserializeOwned> FromResponse for T {
    fn from_response(response: &RawResponse) -> Result<Self, DecodeError> {
        json(response.bytes(), response.content_type())
            .map_err(|error| error.unless_compressed(response))
    }
}

pub(crate) fn json<T: DeserializeOwned>(
    bytes: &[u8],
    content_type: Option<&str>,
) -> Result<T, DecodeError> {
    let bytes = if bytes.is_empty() { b"null" } else { bytes };
    let not_json = |place: String, source| {
        DecodeError(Kind::Json {
            content_type: content_type.map(str::to_owned),
            place,
            source,
        })
    };
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| not_json(error.path().to_string(), error.into_inner()))?;
    deserializer
        .end()
        .map_err(|error| not_json(ROOT.to_owned(), error))?;
    Ok(value)
}

/// Returns the index of the documented media type that the response has.
///
/// A type with the suffix `+json` is read as the first JSON type. A response without a content type,
/// or with one that says nothing (`application/octet-stream`), is read as the first one.
///
/// # Errors
///
/// Returns an error if the response has another media type.
pub fn media_type(
    response: &RawResponse,
    documented: &'static [&'static str],
) -> Result<usize, DecodeError> {
    let found = response.content_type().unwrap_or_default();
    let found = found
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let is_json =
        |media_type: &str| media_type == "application/json" || media_type.ends_with("+json");
    let exact = documented
        .iter()
        .position(|known| known.eq_ignore_ascii_case(&found));
    let json = || {
        let first = documented.iter().position(|known| is_json(known));
        first.filter(|_| is_json(&found))
    };
    let says_nothing = ["", "application/octet-stream", "binary/octet-stream"];
    let default = || says_nothing.contains(&found.as_str()).then_some(0);
    exact.or_else(json).or_else(default).ok_or({
        DecodeError(Kind::MediaType {
            found: found.clone(),
            documented,
        })
    })
}

/// The path of the whole body in [`serde_path_to_error`].
const ROOT: &str = ".";

/// The error type of operations without a documented error body. [`Error::body`](crate::Error::body) is always `None`.
#[derive(Clone, Copy, Debug)]
pub enum NoErrorBody {}

impl FromResponse for NoErrorBody {
    fn from_response(response: &RawResponse) -> Result<Self, DecodeError> {
        Err(DecodeError::undocumented_status(response))
    }
}

/// An error from decoding a response.
#[derive(Debug)]
pub struct DecodeError(Kind);

#[derive(Debug)]
enum Kind {
    Json {
        content_type: Option<String>,
        place: String,
        source: serde_json::Error,
    },
    NotText {
        content_type: Option<String>,
        source: std::str::Utf8Error,
    },
    /// The body is compressed with this encoding.
    Compressed(&'static str),
    Status(u16),
    /// The body has this content type, and none of the documented ones.
    MediaType {
        found: String,
        documented: &'static [&'static str],
    },
    SameToken,
}

impl DecodeError {
    /// Creates an error for a response whose status the spec does not describe.
    pub fn undocumented_status(response: &RawResponse) -> Self {
        Self(Kind::Status(response.status().as_u16()))
    }

    /// Returns whether the spec does not describe the status, so that the body was not decoded.
    pub fn is_undocumented_status(&self) -> bool {
        matches!(self.0, Kind::Status(_))
    }

    /// A page returned the token that it was requested with.
    pub(crate) fn same_token() -> Self {
        Self(Kind::SameToken)
    }

    /// Replaces this error with a [`Kind::Compressed`] error if the body is compressed.
    pub(crate) fn unless_compressed(self, response: &RawResponse) -> Self {
        let encoding = response.header(CONTENT_ENCODING.as_str());
        let known = ["gzip", "deflate", "br", "zstd", "compress"]
            .into_iter()
            .find(|known| encoding.is_some_and(|e| e.trim().eq_ignore_ascii_case(known)));
        known.map_or(self, |encoding| Self(Kind::Compressed(encoding)))
    }

    pub(crate) fn not_text(content_type: Option<&str>, source: std::str::Utf8Error) -> Self {
        Self(Kind::NotText {
            content_type: content_type.map(str::to_owned),
            source,
        })
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unknown = "no content type";
        match &self.0 {
            Kind::Json {
                content_type,
                place,
                ..
            } => {
                let content_type = content_type.as_deref().unwrap_or(unknown);
                write!(
                    f,
                    "the response body ({content_type}) does not match the spec"
                )?;
                if place != ROOT {
                    write!(f, " at `{place}`")?;
                }
                f.write_str("; regenerate the client from a current export, or read the raw bytes")
            }
            Kind::NotText { content_type, .. } => {
                let content_type = content_type.as_deref().unwrap_or(unknown);
                write!(
                    f,
                    "the response body ({content_type}) is not UTF-8 text; read the raw bytes"
                )
            }
            Kind::Compressed(encoding) => write!(
                f,
                "the response body is compressed ({encoding}); do not set `Accept-Encoding`, and enable the feature `gzip` of apigw-runtime to decompress gzip"
            ),
            Kind::Status(status) => {
                write!(
                    f,
                    "the spec does not describe a response with status {status}; read the raw bytes"
                )
            }
            Kind::MediaType { found, documented } => write!(
                f,
                "the response body is {found}, and the spec documents only {}; read the raw bytes",
                documented.join(", ")
            ),
            Kind::SameToken => f.write_str(
                "the page returned the token it was requested with, so pagination would never end; report this to the owner of the API",
            ),
        }
    }
}

impl std::error::Error for DecodeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Kind::Json { source, .. } => Some(source),
            Kind::NotText { source, .. } => Some(source),
            Kind::Compressed(_) | Kind::Status(_) | Kind::MediaType { .. } | Kind::SameToken => {
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[derive(serde::Deserialize, Debug)]
    #[allow(dead_code, reason = "only decoded")]
    struct Page {
        items: Vec<Item>,
    }

    #[derive(serde::Deserialize, Debug)]
    #[allow(dead_code, reason = "only decoded")]
    struct Item {
        id: u32,
    }

    #[test]
    fn an_empty_body_is_treated_as_null() {
        json::<()>(b"", None).unwrap();
        assert_eq!(json::<Option<u32>>(b"", None).unwrap(), None);
        assert_eq!(json::<Option<u32>>(b"7", None).unwrap(), Some(7));
        json::<u32>(b"", None).unwrap_err();
    }

    #[test]
    fn the_error_contains_the_path_and_the_content_type() {
        let error = json::<Page>(
            br#"{"items":[{"id":1},{"id":"x"}]}"#,
            Some("application/json"),
        )
        .unwrap_err();
        let text = error.to_string();
        assert!(text.contains("at `items[1].id`"), "{text}");
        assert!(text.contains("(application/json)"), "{text}");
        assert!(
            error
                .source()
                .unwrap()
                .to_string()
                .starts_with("invalid type: string")
        );
    }

    #[test]
    fn trailing_characters_are_an_error() {
        json::<u32>(b"7 7", None).unwrap_err();
    }

    #[test]
    fn an_error_about_the_whole_body_has_no_path() {
        let error = json::<Page>(b"<html>", Some("text/html"))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("(text/html)") && !error.contains(" at `"),
            "{error}"
        );
    }
}
