//! The canonical request, built from the received request.
//!
//! It follows "Create a signed AWS API request" in the IAM User Guide.

use std::fmt;

use http::HeaderMap;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};
use sha2::{Digest, Sha256};

use crate::signature::credentials::hex;

/// All characters except the unreserved ones of RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Like `RESERVED`, without the slash.
const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

/// An interpretation of the query string.
///
/// Signers and servers disagree about queries that are not strictly encoded. If a query is strictly encoded (RFC 3986,
/// `%20` for a space), all interpretations have the same result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QueryReading {
    /// Decoded once with `+` as a space, then strictly encoded. The canonical requests in API Gateway's error messages
    /// use this form.
    Form,
    /// Decoded once with `+` as a plus, then strictly encoded, as documented by AWS.
    Spec,
    /// Sorted, but otherwise as sent, like botocore.
    Raw,
}

/// Returns the canonical path: dot segments and double slashes are resolved, then the path *as sent* is encoded again.
pub(crate) fn canonical_path(path: &str) -> String {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            other => segments.push(other),
        }
    }
    let mut resolved = format!("/{}", segments.join("/"));
    if path.ends_with('/') && !segments.is_empty() {
        resolved.push('/');
    }
    percent_encode(resolved.as_bytes(), RESERVED_IN_PATH).to_string()
}

/// Returns the canonical query, sorted by encoded name, then by encoded value.
pub(crate) fn canonical_query(query: &str, reading: QueryReading) -> String {
    if query.is_empty() {
        return String::new();
    }
    let encode = |text: &str| {
        let text = match reading {
            QueryReading::Raw => return text.to_owned(),
            QueryReading::Spec => text.to_owned(),
            QueryReading::Form => text.replace('+', " "),
        };
        let decoded: Vec<u8> = percent_decode(text.as_bytes()).collect();
        percent_encode(&decoded, RESERVED).to_string()
    };
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| reading == QueryReading::Raw || !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (encode(name), encode(value))
        })
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

/// Returns the canonical headers: a `name:value` line for every signed header, each with a line end.
///
/// The values of repeated headers are joined with a comma, in the order in which they were received.
pub(crate) fn canonical_headers<S: AsRef<str>>(headers: &HeaderMap, names: &[S]) -> String {
    names
        .iter()
        .map(|name| {
            let name = name.as_ref();
            let values: Vec<String> = headers
                .get_all(name)
                .iter()
                .map(|value| trim_all(value.as_bytes()))
                .collect();
            format!("{name}:{}\n", values.join(","))
        })
        .collect()
}

/// Returns the SHA-256 of the body in hexadecimal, the last line of the canonical request.
pub(crate) fn payload_hash(body: &[u8]) -> String {
    hex(&Sha256::digest(body))
}

/// Trims a header value, and replaces each run of white space with one space.
///
/// Bytes outside ASCII are decoded as ISO-8859-1, the historical encoding of header values (RFC 9110, section 5.5).
fn trim_all(value: &[u8]) -> String {
    let text: String = value.iter().map(|&byte| char::from(byte)).collect();
    text.split([' ', '\t'])
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A canonical request.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct CanonicalRequest(String);

impl CanonicalRequest {
    pub(crate) fn new(
        method: &str,
        path: &str,
        query: &str,
        headers: &str,
        signed_headers: &str,
        payload_hash: &str,
    ) -> Self {
        Self(format!(
            "{method}\n{path}\n{query}\n{headers}\n{signed_headers}\n{payload_hash}"
        ))
    }

    /// Returns the string to sign.
    pub(crate) fn string_to_sign(&self, date: &str, scope: &str) -> String {
        let hash = hex(&Sha256::digest(self.0.as_bytes()));
        format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{hash}")
    }
}

impl fmt::Display for CanonicalRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn the_path_as_sent_is_encoded_again() {
        // from canonical requests in error messages of API Gateway, in public reports
        for (wire, canonical) in [
            ("/dev/%40connections/a%3D", "/dev/%2540connections/a%253D"),
            ("/test/@connections/a=", "/test/%40connections/a%3D"),
            (
                "/$default/%40connections/a%3D",
                "/%24default/%2540connections/a%253D",
            ),
            ("/a%2Fb", "/a%252Fb"),
        ] {
            assert_eq!(canonical_path(wire), canonical);
        }
    }

    #[test]
    fn dot_segments_and_double_slashes_are_resolved() {
        for (wire, canonical) in [
            ("", "/"),
            ("/", "/"),
            ("//", "/"),
            ("/a//b", "/a/b"),
            ("/a/./b/../c", "/a/c"),
            ("/../a", "/a"),
            ("/a/b/", "/a/b/"),
            ("/a/b//", "/a/b/"),
            ("/a/b/..", "/a"),
            ("/a/...", "/a/..."),
        ] {
            assert_eq!(canonical_path(wire), canonical, "{wire}");
        }
    }

    #[test]
    fn all_interpretations_agree_on_a_strictly_encoded_query() {
        for query in [
            "",
            "a=1&b=2",
            "q=a%20b",
            "q=a%2Bb",
            "t=12%3A00",
            "a%5B%5D=2",
        ] {
            for reading in [QueryReading::Form, QueryReading::Spec, QueryReading::Raw] {
                assert_eq!(canonical_query(query, reading), query);
            }
        }
    }

    #[test]
    fn the_interpretations_differ_if_the_query_is_not_strictly_encoded() {
        let readings = |query| {
            [QueryReading::Form, QueryReading::Spec, QueryReading::Raw]
                .map(|reading| canonical_query(query, reading))
        };
        assert_eq!(readings("q=a+b"), ["q=a%20b", "q=a%2Bb", "q=a+b"]);
        assert_eq!(readings("t=1:2"), ["t=1%3A2", "t=1%3A2", "t=1:2"]);
        assert_eq!(readings("a&"), ["a=", "a=", "=&a="]);
        assert_eq!(readings("q=100%"), ["q=100%25", "q=100%25", "q=100%"]);
        assert_eq!(readings("q=%FF%c3"), ["q=%FF%C3", "q=%FF%C3", "q=%FF%c3"]);
    }

    #[test]
    fn pairs_are_sorted_by_encoded_name_and_then_by_encoded_value() {
        for (wire, canonical) in [
            ("b=2&a=1&c=0", "a=1&b=2&c=0"),
            ("a=2&a=1&a=10", "a=1&a=10&a=2"),
            ("ab=1&a=2&a-=3&a.b=4", "a=2&a-=3&a.b=4&ab=1"),
            ("%C3%A9=1&z=2&a=3", "%C3%A9=1&a=3&z=2"),
            ("k=z&k=%C3%A9", "k=%C3%A9&k=z"),
        ] {
            assert_eq!(canonical_query(wire, QueryReading::Form), canonical);
        }
    }

    #[test]
    fn header_values_are_trimmed_collapsed_and_joined() {
        let mut headers = HeaderMap::new();
        headers.append("x-multi", HeaderValue::from_static("  2  "));
        headers.append("x-multi", HeaderValue::from_static("b, a\t\t,c"));
        headers.append("x-empty", HeaderValue::from_static(""));
        headers.append("x-name", HeaderValue::from_bytes(b"caf\xe9").unwrap());
        assert_eq!(
            canonical_headers(&headers, &["x-empty", "x-multi", "x-name"]),
            "x-empty:\nx-multi:2,b, a ,c\nx-name:caf\u{e9}\n"
        );
    }
}
