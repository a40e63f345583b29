//! The canonical request: the text whose hash is signed.
//!
//! Written here rather than by `aws-sigv4`, because that crate does not show it, and a refusal can only be explained by comparing it with the
//! service's. The tests hold both to be the same, byte for byte.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.

use std::borrow::Cow;
use std::ops::Range;

use percent_encoding::{AsciiSet, utf8_percent_encode};

use crate::sign::query::STRICT;

/// A path is escaped once more as it stands on the wire, so `%20` becomes `%2520`; only its slashes stay.
const PATH: &AsciiSet = &STRICT.remove(b'/');

/// The parts of a canonical request.
#[derive(Debug)]
pub(crate) struct Parts<'a> {
    pub(crate) method: &'a str,
    /// The path as it will be sent.
    pub(crate) path: &'a str,
    /// The query as it will be sent, strictly encoded, in any order.
    pub(crate) query: &'a str,
    /// The headers to sign, names in lower case, in the order in which equal ones are sent.
    pub(crate) headers: Vec<(&'a str, &'a str)>,
    /// The hash of the payload in hexadecimal, or what stands for it.
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

    /// The last line.
    pub(crate) fn payload_hash(&self) -> &str {
        self.text.rsplit('\n').next().unwrap_or_default()
    }

    /// The names of the signed headers, joined by `;`.
    pub(crate) fn signed_headers(&self) -> &str {
        self.text
            .get(self.signed_headers.clone())
            .unwrap_or_default()
    }
}

/// The names of the headers that will be signed, joined by `;`: a presigned query holds them before the canonical request can be written.
pub(crate) fn signed_header_names(headers: &[(&str, &str)]) -> String {
    let mut headers = headers.to_vec();
    headers.sort_by_key(|(name, _)| *name);
    let mut names = String::new();
    push_names(&mut names, &headers);
    names
}

/// Dot segments and empty segments resolved, for the canonical form only: what is sent stays as it is (RFC 3986, section 5.2.4).
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

/// Parameters sorted by key, then by value; comparing whole `key=value` texts would put `a-b=1` before `a=1`.
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

/// A header's value without outer spaces and with inner runs of spaces as one.
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
