//! The first difference between two canonical requests.

use std::fmt;

use super::read::printable;
use crate::sign::redact::{REDACTED, is_secret_header, redacted_line};

/// A part of a canonical request.
///
/// ```
/// use reqwest_sigv4::CanonicalPart;
///
/// assert_eq!(CanonicalPart::Header("host".to_owned()).to_string(), "header host");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CanonicalPart {
    /// The method.
    Method,
    /// The path, escaped again.
    Path,
    /// The sorted query.
    Query,
    /// The header of this name.
    Header(String),
    /// The list of signed headers.
    SignedHeaders,
    /// The hash of the payload.
    PayloadHash,
}

impl fmt::Display for CanonicalPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method => f.write_str("the method"),
            Self::Path => f.write_str("the path"),
            Self::Query => f.write_str("the query"),
            Self::Header(name) => write!(f, "header {name}"),
            Self::SignedHeaders => f.write_str("the list of signed headers"),
            Self::PayloadHash => f.write_str("the body"),
        }
    }
}

/// The first difference between the canonical request that was signed and the one that arrived.
///
/// The values of secret headers are replaced by `**`.
///
/// ```
/// use reqwest_sigv4::{CanonicalPart, Refusal};
///
/// /// Returns whether the content type was changed in transit.
/// fn is_content_type_changed(refusal: &Refusal) -> bool {
///     refusal.difference().is_some_and(|difference| {
///         *difference.part() == CanonicalPart::Header("content-type".to_owned())
///     })
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    part: CanonicalPart,
    signed: Option<String>,
    arrived: Option<String>,
}

impl Difference {
    /// Returns the part that differs.
    pub fn part(&self) -> &CanonicalPart {
        &self.part
    }

    /// Returns the line that was signed, or `None` if the part was missing.
    pub fn signed(&self) -> Option<&str> {
        self.signed.as_deref()
    }

    /// Returns the line that arrived, or `None` if the part was missing.
    pub fn arrived(&self) -> Option<&str> {
        self.arrived.as_deref()
    }

    /// Compares two canonical requests line by line.
    pub(crate) fn first(signed: &str, arrived: &str) -> Option<Self> {
        let (signed, arrived) = (Lines::new(signed), Lines::new(arrived));
        let at = |part, a: &str, b: &str| {
            (a != b).then(|| Self {
                part,
                signed: Some(redacted_line(a).into_owned()),
                arrived: Some(redacted_line(b).into_owned()),
            })
        };
        at(CanonicalPart::Method, signed.method, arrived.method)
            .or_else(|| at(CanonicalPart::Path, signed.path, arrived.path))
            .or_else(|| at(CanonicalPart::Query, signed.query, arrived.query))
            .or_else(|| first_header(&signed.headers, &arrived.headers))
            .or_else(|| {
                at(
                    CanonicalPart::SignedHeaders,
                    signed.signed_headers,
                    arrived.signed_headers,
                )
            })
            .or_else(|| {
                at(
                    CanonicalPart::PayloadHash,
                    signed.payload_hash,
                    arrived.payload_hash,
                )
            })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |line: &Option<String>| {
            line.as_deref()
                .map_or("nothing".to_owned(), |line| format!("{line:?}"))
        };
        write!(
            f,
            "{} differs: {} was signed, {} arrived",
            self.part,
            line(&self.signed),
            line(&self.arrived)
        )
    }
}

/// The lines of a canonical request.
struct Lines<'a> {
    method: &'a str,
    path: &'a str,
    query: &'a str,
    headers: Vec<&'a str>,
    signed_headers: &'a str,
    payload_hash: &'a str,
}

impl<'a> Lines<'a> {
    fn new(canonical: &'a str) -> Self {
        let mut lines = canonical.lines();
        let mut line = || lines.next().unwrap_or_default();
        let (method, path, query) = (line(), line(), line());
        let headers = lines.by_ref().take_while(|line| !line.is_empty()).collect();
        let mut line = || lines.next().unwrap_or_default().trim_end();
        Self {
            method,
            path,
            query,
            headers,
            signed_headers: line(),
            payload_hash: line(),
        }
    }
}

/// Returns the first header that is missing on one side or differs in value. Both lists are sorted by name.
fn first_header(signed: &[&str], arrived: &[&str]) -> Option<Difference> {
    let name = |line: &str| line.split(':').next().unwrap_or_default().to_owned();
    let shown = |line: &&str| {
        if is_secret_header(&name(line)) {
            REDACTED.to_owned()
        } else {
            line.split_once(':')
                .map_or(*line, |(_, value)| value)
                .to_owned()
        }
    };
    let index = (0..signed.len().max(arrived.len())).find(|&i| signed.get(i) != arrived.get(i))?;
    let (ours, theirs) = (signed.get(index), arrived.get(index));
    let (ours_name, theirs_name) = (ours.map(|line| name(line)), theirs.map(|line| name(line)));
    let first = match (&ours_name, &theirs_name) {
        (Some(ours), Some(theirs)) => ours.min(theirs).clone(),
        (Some(name), None) | (None, Some(name)) => name.clone(),
        (None, None) => return None,
    };
    Some(Difference {
        signed: ours
            .filter(|_| ours_name.as_ref() == Some(&first))
            .map(shown),
        arrived: theirs
            .filter(|_| theirs_name.as_ref() == Some(&first))
            .map(shown),
        part: CanonicalPart::Header(printable(&first)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED: &str = "GET\n/prod/a\nq=1\ncontent-type:text/plain\nhost:h\nx-api-key:k3y\n\ncontent-type;host;x-api-key\nabc";

    #[track_caller]
    fn differs(from: &str, to: &str, shown: &str) {
        let arrived = SIGNED.replacen(from, to, 1);
        let difference = Difference::first(SIGNED, &arrived).unwrap();
        assert_eq!(difference.to_string(), shown);
    }

    #[test]
    fn equal_requests_do_not_differ() {
        assert_eq!(Difference::first(SIGNED, SIGNED), None);
        assert_eq!(Difference::first(SIGNED, &format!("{SIGNED}\n")), None);
    }

    #[test]
    fn every_part_is_named() {
        differs(
            "GET",
            "PUT",
            r#"the method differs: "GET" was signed, "PUT" arrived"#,
        );
        differs(
            "/prod/a",
            "/prod/b",
            r#"the path differs: "/prod/a" was signed, "/prod/b" arrived"#,
        );
        differs(
            "q=1",
            "q=2",
            r#"the query differs: "q=1" was signed, "q=2" arrived"#,
        );
        differs(
            "text/plain",
            "text/html",
            r#"header content-type differs: "text/plain" was signed, "text/html" arrived"#,
        );
        differs(
            "host:h\n",
            "",
            r#"header host differs: "h" was signed, nothing arrived"#,
        );
        differs(
            "content-type:text/plain\n",
            "",
            r#"header content-type differs: "text/plain" was signed, nothing arrived"#,
        );
        differs(
            "host:h",
            "cookie:c\nhost:h",
            r#"header cookie differs: nothing was signed, "**" arrived"#,
        );
        differs(
            "content-type;host",
            "host",
            r#"the list of signed headers differs: "content-type;host;x-api-key" was signed, "host;x-api-key" arrived"#,
        );
        differs(
            "abc",
            "def",
            r#"the body differs: "abc" was signed, "def" arrived"#,
        );
    }

    #[test]
    fn control_characters_of_the_service_are_not_shown() {
        differs(
            "host:h",
            "\u{1b}[2Jhost:a\rb",
            r#"header [2Jhost differs: nothing was signed, "a\rb" arrived"#,
        );
    }

    #[test]
    fn a_secret_value_is_not_shown() {
        differs(
            "k3y",
            "k4y",
            r#"header x-api-key differs: "**" was signed, "**" arrived"#,
        );
    }
}
