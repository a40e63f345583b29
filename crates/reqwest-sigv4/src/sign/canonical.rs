//! The canonical request, whose hash is signed.
//!
//! `aws-sigv4` does not expose it, and explaining a refusal needs it to compare with the service's. Property tests check that the
//! signatures are equal to those of `aws-sigv4`.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.

use std::borrow::Cow;
use std::ops::Range;

use percent_encoding::{AsciiSet, utf8_percent_encode};

use crate::sign::query::STRICT;

/// The path as sent is escaped again, except for slashes: `%20` becomes `%2520`.
const PATH: &AsciiSet = &STRICT.remove(b'/');

/// The parts of a canonical request.
#[derive(Debug)]
pub(crate) struct Parts<'a> {
    pub(crate) method: &'a str,
    /// The path as it will be sent.
    pub(crate) path: &'a str,
    /// The query as it will be sent: strictly encoded, in any order.
    pub(crate) query: &'a str,
    /// The headers to sign, names in lower case. Repeated headers are in the order in which they are sent.
    pub(crate) headers: Vec<(&'a str, &'a str)>,
    /// The payload hash in hexadecimal, or `UNSIGNED-PAYLOAD`.
    pub(crate) payload_hash: &'a str,
}

/// A canonical request.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct CanonicalRequest {
    text: String,
    signed_headers: Range<usize>,
}

impl CanonicalRequest {
    pub(crate) fn new(mut parts: Parts<'_>) -> Self {
        parts.headers.sort_by_key(|(name, _)| *name); // stable: repeated headers keep their order
        let mut text = String::with_capacity(512);

        text.push_str(parts.method);
        text.push('\n');
        text.extend(utf8_percent_encode(&normalise(parts.path), PATH));
        text.push('\n');
        push_query(&mut text, parts.query);
        text.push('\n');
        push_headers(&mut text, &parts.headers);
        text.push('\n');
        let start = text.len();
        push_names(&mut text, &parts.headers);
        let signed_headers = start..text.len();
        text.push('\n');
        text.push_str(parts.payload_hash);

        Self {
            text,
            signed_headers,
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the payload hash, which is the last line.
    pub(crate) fn payload_hash(&self) -> &str {
        self.text.rsplit('\n').next().unwrap_or_default()
    }

    /// Returns the names of the signed headers, joined by `;`.
    pub(crate) fn signed_headers(&self) -> &str {
        self.text
            .get(self.signed_headers.clone())
            .unwrap_or_default()
    }
}

/// Returns the names of the signed headers, joined by `;`. A presigned query contains them before the canonical request is built.
pub(crate) fn signed_header_names(headers: &[(&str, &str)]) -> String {
    let mut headers = headers.to_vec();
    headers.sort_by_key(|(name, _)| *name);
    let mut names = String::new();
    push_names(&mut names, &headers);
    names
}

/// Removes dot segments and empty segments (RFC 3986, section 5.2.4), in the canonical form only; the path is sent unchanged.
fn normalise(path: &str) -> Cow<'_, str> {
    if path.is_empty() {
        return Cow::Borrowed("/");
    }
    if !path.contains('.') && !path.contains("//") {
        return Cow::Borrowed(path);
    }
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    let mut normal = String::with_capacity(path.len());
    for segment in segments {
        normal.push('/');
        normal.push_str(segment);
    }
    let is_folder = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
    if is_folder || normal.is_empty() {
        normal.push('/');
    }
    Cow::Owned(normal)
}

/// Appends the parameters, sorted by key, then by value. Sorting whole `key=value` strings would put `a-b=1` before `a=1`.
fn push_query(text: &mut String, query: &str) {
    if query.is_empty() {
        return;
    }
    let mut pairs: Vec<(&str, &str)> = query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .collect();
    pairs.sort_unstable();
    for (index, (key, value)) in pairs.into_iter().enumerate() {
        if index > 0 {
            text.push('&');
        }
        text.push_str(key);
        text.push('=');
        text.push_str(value);
    }
}

fn push_headers(text: &mut String, headers: &[(&str, &str)]) {
    let mut previous = None;
    for &(name, value) in headers {
        if previous == Some(name) {
            text.push(',');
        } else {
            if previous.is_some() {
                text.push('\n');
            }
            text.push_str(name);
            text.push(':');
        }
        push_folded(text, value);
        previous = Some(name);
    }
    if previous.is_some() {
        text.push('\n');
    }
}

/// Appends a header's value, trimmed and with runs of spaces collapsed.
fn push_folded(text: &mut String, value: &str) {
    let mut words = value.split(' ').filter(|word| !word.is_empty());
    if let Some(first) = words.next() {
        text.push_str(first);
    }
    for word in words {
        text.push(' ');
        text.push_str(word);
    }
}

fn push_names(text: &mut String, headers: &[(&str, &str)]) {
    let mut previous = None;
    for &(name, _) in headers {
        if previous == Some(name) {
            continue;
        }
        if previous.is_some() {
            text.push(';');
        }
        text.push_str(name);
        previous = Some(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normalised_and_keep_their_last_slash() {
        for (path, normal) in [
            ("", "/"),
            ("/", "/"),
            ("//", "/"),
            ("/a//b/./c/../d/", "/a/b/d/"),
            ("/a/..", "/"),
            ("/a/b/..", "/a/"),
            ("/a/.", "/a/"),
            ("/../a", "/a"),
            ("/a.b/...", "/a.b/..."),
        ] {
            assert_eq!(normalise(path), normal, "{path}");
        }
    }

    #[test]
    fn parameters_are_sorted_by_key_and_then_by_value() {
        let mut text = String::new();
        push_query(&mut text, "a-b=1&a=2&a2=3&a=10&A=4");
        assert_eq!(text, "A=4&a=10&a=2&a-b=1&a2=3");
    }

    #[test]
    fn headers_are_sorted_folded_and_joined() {
        let canonical = CanonicalRequest::new(Parts {
            method: "GET",
            path: "/a%20b",
            query: "",
            headers: vec![("x-b", " 2   3 "), ("x-a", ""), ("x-b", "1")],
            payload_hash: "hash",
        });
        assert_eq!(
            canonical.as_str(),
            "GET\n/a%2520b\n\nx-a:\nx-b:2 3,1\n\nx-a;x-b\nhash"
        );
        assert_eq!(canonical.signed_headers(), "x-a;x-b");
    }
}
