//! Path templates.

use std::borrow::Cow;
use std::ops::Range;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::call::invalid::{InvalidRequest, Place, Problem};
use crate::call::param;

/// Characters that must be escaped in the template (RFC 3986 §3.3). Existing escapes are kept.
const LITERAL: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'|');

/// Replaces each `{name}` in `template` with its percent-encoded value. In the value of a `{name+}`, `/` is not encoded.
pub(crate) fn fill(template: &str, values: &[(String, String)]) -> Result<String, InvalidRequest> {
    let malformed = |problem| InvalidRequest {
        place: Place::Template(template.to_owned()),
        problem,
    };
    let mut path = String::with_capacity(template.len() + 16);
    let mut filled: Vec<(&str, Range<usize>)> = Vec::new();

    let mut rest = template;
    while let Some((literal, after)) = rest.split_once('{') {
        push_literal(&mut path, literal).map_err(malformed)?;
        let (name, tail) = after
            .split_once('}')
            .ok_or_else(|| malformed(Problem::Braces))?;
        let (name, greedy) = match name.strip_suffix('+') {
            Some(name) => (name, true),
            None => (name, false),
        };
        let value = values
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str());
        let start = path.len();
        path.push_str(&encode(value, greedy).map_err(|problem| at(name, problem))?);
        filled.push((name, start..path.len()));
        rest = tail;
    }
    push_literal(&mut path, rest).map_err(malformed)?;

    if let Some((name, _)) = values
        .iter()
        .find(|(n, _)| filled.iter().all(|(f, _)| f != n))
    {
        return Err(at(name, Problem::Unknown));
    }
    if let Some(segment) = dot_segment(&path) {
        let name = filled
            .iter()
            .find(|(_, span)| span.start < segment.end && segment.start < span.end);
        return Err(match name {
            Some((name, _)) => at(name, Problem::DotSegment),
            None => malformed(Problem::DotSegment),
        });
    }
    Ok(path)
}

fn at(name: &str, problem: Problem) -> InvalidRequest {
    InvalidRequest {
        place: Place::Path(name.to_owned()),
        problem,
    }
}

fn encode(value: Option<&str>, greedy: bool) -> Result<Cow<'_, str>, Problem> {
    match value {
        None => Err(Problem::Missing),
        Some("") => Err(Problem::Empty),
        Some(value) if greedy => {
            let segments: Vec<_> = value.split('/').map(param::encode).collect();
            Ok(segments.join("/").into())
        }
        Some(value) => Ok(param::encode(value)),
    }
}

fn push_literal(path: &mut String, literal: &str) -> Result<(), Problem> {
    if literal.contains('}') {
        return Err(Problem::Braces);
    }
    if literal.contains(['?', '#']) {
        return Err(Problem::NotPath);
    }
    path.extend(utf8_percent_encode(literal, LITERAL));
    Ok(())
}

/// Returns the first `.` or `..` segment. A URL parser would resolve it and change the path.
fn dot_segment(path: &str) -> Option<Range<usize>> {
    let mut start = 0;
    for segment in path.split('/') {
        let end = start + segment.len();
        if matches!(
            segment.to_ascii_lowercase().replace("%2e", ".").as_str(),
            "." | ".."
        ) {
            return Some(start..end);
        }
        start = end + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str, values: &[(&str, &str)]) -> Result<String, String> {
        let values: Vec<_> = values
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect();
        fill(template, &values).map_err(|error| error.to_string())
    }

    #[test]
    fn values_are_percent_encoded() {
        for (value, expected) in [
            ("o-1_~.x", "/orders/o-1_~.x"),
            ("a/b", "/orders/a%2Fb"),
            (
                "a b+c:d@e&f=g;h,i!j*k'(l)",
                "/orders/a%20b%2Bc%3Ad%40e%26f%3Dg%3Bh%2Ci%21j%2Ak%27%28l%29",
            ),
            ("100%", "/orders/100%25"),
            ("%2e%2e", "/orders/%252e%252e"),
            ("{x}", "/orders/%7Bx%7D"),
            ("ü", "/orders/%C3%BC"),
            ("a\\b", "/orders/a%5Cb"),
            ("...", "/orders/..."),
        ] {
            assert_eq!(
                filled("/orders/{id}", &[("id", value)]).as_deref(),
                Ok(expected),
                "{value}"
            );
        }
    }

    #[test]
    fn slashes_in_a_greedy_value_are_not_encoded() {
        let fill = |value| filled("/files/{proxy+}", &[("proxy", value)]);
        assert_eq!(fill("a/b c/d+e").as_deref(), Ok("/files/a/b%20c/d%2Be"));
        assert_eq!(fill("a//b/").as_deref(), Ok("/files/a//b/"));
        for value in ["..", "a/../b", "./a", "a/."] {
            assert!(
                fill(value)
                    .unwrap_err()
                    .starts_with("path parameter `proxy` contains a `.` or `..` segment"),
                "{value}"
            );
        }
    }

    #[test]
    fn a_value_that_would_change_the_path_is_rejected() {
        let fill = |value| filled("/orders/{id}/lines", &[("id", value)]).unwrap_err();
        assert!(fill("").starts_with("path parameter `id` is empty"));
        assert!(fill(".").starts_with("path parameter `id` contains a `.` or `..` segment"));
        assert!(fill("..").starts_with("path parameter `id` contains a `.` or `..` segment"));
    }

    #[test]
    fn only_whole_segments_of_dots_are_rejected() {
        assert_eq!(
            filled("/f/{n}.json", &[("n", "..")]).as_deref(),
            Ok("/f/...json")
        );
        let error = filled("/f/{a}{b}", &[("a", "."), ("b", ".")]).unwrap_err();
        assert!(
            error.starts_with("path parameter `a` contains a `.` or `..` segment"),
            "{error}"
        );
        for template in ["/a/../b", "/a/%2E%2e/b", "/./a"] {
            let error = filled(template, &[]).unwrap_err();
            assert!(
                error.starts_with(&format!(
                    "the path `{template}` contains a `.` or `..` segment"
                )),
                "{error}"
            );
        }
    }

    #[test]
    fn missing_and_unknown_parameters_are_named() {
        assert!(
            filled("/a/{b}", &[])
                .unwrap_err()
                .starts_with("path parameter `b` is not set")
        );
        let error = filled("/a/{b}", &[("b", "1"), ("c", "2")]).unwrap_err();
        assert!(
            error.starts_with("path parameter `c` is not in the path"),
            "{error}"
        );
    }

    #[test]
    fn literals_are_kept_and_escaped_where_required() {
        assert_eq!(
            filled("/a b/%20;c=d@e:f/", &[]).as_deref(),
            Ok("/a%20b/%20;c=d@e:f/")
        );
        assert_eq!(filled("/ü", &[]).as_deref(), Ok("/%C3%BC"));
        for template in ["/a{b", "/a}b", "/a{b}}"] {
            assert!(
                filled(template, &[("b", "x")])
                    .unwrap_err()
                    .contains("brace"),
                "{template}"
            );
        }
        for template in ["/a?b=c", "/a#b"] {
            assert!(
                filled(template, &[]).unwrap_err().contains("`query`"),
                "{template}"
            );
        }
    }
}
