//! From a response to a type.

use std::fmt;

use http::header::CONTENT_ENCODING;
use serde::de::DeserializeOwned;

use crate::RawResponse;

/// What an operation can return, or fail with.
///
/// Every type that deserialises is read from JSON; an empty body reads as `null`, so that `()` and `Option` work.
/// [`AnyBody`](crate::AnyBody) and [`Text`](crate::Text) take bodies that are not JSON.
/// Where an operation documents several bodies, the generator writes an enum that decides by status:
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
    /// Decodes a response whose body is complete.
    ///
    /// # Errors
    ///
    /// If the body does not decode, or the status is none that `Self` stands for.
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
        .map_err(|error| not_json(WHOLE.to_owned(), error))?;
    Ok(value)
}

/// How [`serde_path_to_error`] writes the place of the whole body.
const WHOLE: &str = ".";

/// No error body is documented: never decodes, so that [`Error::body`](crate::Error::body) is always `None`.
#[derive(Clone, Copy, Debug)]
pub enum NoErrorBody {}

impl FromResponse for NoErrorBody {
    fn from_response(response: &RawResponse) -> Result<Self, DecodeError> {
        Err(DecodeError::undocumented_status(response))
    }
}

/// Why a response did not decode.
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
    /// How the body is compressed.
    Compressed(&'static str),
    Status(u16),
    SameToken,
}

impl DecodeError {
    /// The document describes no response with this status.
    pub fn undocumented_status(response: &RawResponse) -> Self {
        Self(Kind::Status(response.status().as_u16()))
    }

    /// Whether the document describes no response with this status, so that nothing was decoded.
    pub fn is_undocumented_status(&self) -> bool {
        matches!(self.0, Kind::Status(_))
    }

    /// A page that names itself as the next one.
    pub(crate) fn same_token() -> Self {
        Self(Kind::SameToken)
    }

    /// This error, unless it comes of reading what nobody has decompressed.
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
        let unnamed = "no content type";
        match &self.0 {
            Kind::Json {
                content_type,
                place,
                ..
            } => {
                let content_type = content_type.as_deref().unwrap_or(unnamed);
                write!(
                    f,
                    "the response body ({content_type}) is not what the document describes"
                )?;
                if place != WHOLE {
                    write!(f, ", at `{place}`")?;
                }
                f.write_str("; regenerate the client from a current export, or read the raw bytes")
            }
            Kind::NotText { content_type, .. } => {
                let content_type = content_type.as_deref().unwrap_or(unnamed);
                write!(
                    f,
                    "the response body ({content_type}) is not UTF-8 text; read the raw bytes"
                )
            }
            Kind::Compressed(encoding) => write!(
                f,
                "the response body is compressed ({encoding}); leave `Accept-Encoding` to the client, which decompresses gzip if its feature `gzip` is on"
            ),
            Kind::Status(status) => {
                write!(
                    f,
                    "the document describes no response with status {status}; read the raw bytes"
                )
            }
            Kind::SameToken => f.write_str(
                "the page names itself as the next one, so that paging would never end; report it to the owners of the API",
            ),
        }
    }
}

impl std::error::Error for DecodeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Kind::Json { source, .. } => Some(source),
            Kind::NotText { source, .. } => Some(source),
            Kind::Compressed(_) | Kind::Status(_) | Kind::SameToken => None,
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
    fn an_empty_body_is_null() {
        json::<()>(b"", None).unwrap();
        assert_eq!(json::<Option<u32>>(b"", None).unwrap(), None);
        assert_eq!(json::<Option<u32>>(b"7", None).unwrap(), Some(7));
        json::<u32>(b"", None).unwrap_err();
    }

    #[test]
    fn the_error_names_the_place_and_the_content_type() {
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
    fn what_follows_the_value_is_an_error() {
        json::<u32>(b"7 7", None).unwrap_err();
    }

    #[test]
    fn a_page_of_html_has_no_place() {
        let error = json::<Page>(b"<html>", Some("text/html"))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("(text/html)") && !error.contains(", at"),
            "{error}"
        );
    }
}
