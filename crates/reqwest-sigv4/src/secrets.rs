//! What must not be shown: the values of secret headers and parameters.

use std::borrow::Cow;

/// The session token in the query of a presigned URL.
const SECURITY_TOKEN_PARAMETER: &str = "X-Amz-Security-Token";

/// Headers with secret values, in lower case.
const SECRET_HEADERS: [&str; 6] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "set-cookie",
    "x-amz-security-token",
    "x-api-key",
];

/// Returns whether the value of a header must not be shown or logged: `authorization`,
/// `proxy-authorization`, `cookie`, `set-cookie`, `x-amz-security-token` and `x-api-key`, in any
/// case.
///
/// ```
/// assert!(reqwest_sigv4::is_secret_header("X-Api-Key"));
/// assert!(!reqwest_sigv4::is_secret_header("x-amz-date"));
/// ```
pub fn is_secret_header(name: &str) -> bool {
    SECRET_HEADERS
        .iter()
        .any(|secret| name.eq_ignore_ascii_case(secret))
}

/// Returns a text that may repeat a request, with the values of secret headers and of
/// `X-Amz-Security-Token` replaced by `**`.
///
/// A REST API that refuses a signature repeats the canonical request in its response, so this
/// also reads line breaks as JSON writes them.
///
/// ```
/// let message = r#"{"message":"…should have been\n'GET\n/\n\nx-api-key:k3y\n\nx-api-key…"}"#;
/// assert!(!reqwest_sigv4::redact(message).contains("k3y"));
/// ```
pub fn redact(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((line, end, after)) = next_line(rest) {
        shown.push_str(&redact_line(line));
        shown.push_str(end);
        rest = after;
    }
    shown
}

/// A line, the break after it, and what follows; quotation marks end a line as well.
fn next_line(text: &str) -> Option<(&str, &str, &str)> {
    if text.is_empty() {
        return None;
    }
    let breaks = ["\n", "\\n", "\"", "'"];
    let found = breaks
        .iter()
        .filter_map(|end| Some((text.find(end)?, end.len())))
        .min();
    let (at, length) = found.unwrap_or((text.len(), 0));
    let (line, rest) = text.split_at(at);
    let (end, after) = rest.split_at(length);
    Some((line, end, after))
}

/// One line of a canonical request without secret values.
pub(crate) fn redact_line(line: &str) -> Cow<'_, str> {
    let lower = line.to_ascii_lowercase();
    let value = SECRET_HEADERS
        .iter()
        .filter_map(|name| value_of(&lower, name))
        .min();
    let (shown, is_cut) = match value {
        Some(start) => (&line[..start], true),
        None => (line, false),
    };
    let has_token = shown.contains(SECURITY_TOKEN_PARAMETER);
    if !is_cut && !has_token {
        return Cow::Borrowed(line);
    }
    let pairs = shown.split('&').map(|pair| match pair.split_once('=') {
        Some((key, _)) if key.ends_with(SECURITY_TOKEN_PARAMETER) => format!("{key}=**"),
        _ => pair.to_owned(),
    });
    let mut shown = pairs.collect::<Vec<_>>().join("&");
    if is_cut {
        shown.push_str("**");
    }
    Cow::Owned(shown)
}

/// Where the value of a header begins in a line in lower case.
fn value_of(line: &str, name: &str) -> Option<usize> {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
    line.match_indices(name).find_map(|(at, _)| {
        let end = at + name.len();
        let is_whole = !line[..at].ends_with(is_of_name) && line[end..].starts_with(':');
        is_whole.then_some(end + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_values_are_left_out() {
        let canonical = "GET\n/\na=1&X-Amz-Security-Token=t0k3n&b=2\nhost:h\nx-amz-security-token:t0k3n\nx-api-key:k3y\n\nhost;x-api-key\nhash";
        let shown = redact(canonical);
        assert!(
            !shown.contains("t0k3n") && !shown.contains("k3y"),
            "{shown}"
        );
        assert!(shown.contains("a=1&X-Amz-Security-Token=**&b=2"), "{shown}");
        assert!(shown.contains("\nx-api-key:**\n"), "{shown}");
    }

    #[test]
    fn a_refusal_that_repeats_the_request_shows_no_secret() {
        let body = r#"{"message":"should have been\n'GET\n/o\nX-Amz-Security-Token=t0k%2F3n&a=1\nhost:h\nx-amz-security-token:t0\/k+3n==\nx-api-key:k3y\n\nhost"}"#;
        assert_eq!(
            redact(body),
            r#"{"message":"should have been\n'GET\n/o\nX-Amz-Security-Token=**&a=1\nhost:h\nx-amz-security-token:**\nx-api-key:**\n\nhost"}"#
        );
    }

    #[test]
    fn a_secret_header_is_found_anywhere_in_a_line_and_in_any_case() {
        for (text, shown) in [
            ("sent X-API-Key: k3y", "sent X-API-Key:**"),
            ("cookie:a=1&b=2", "cookie:**"),
            (
                "X-Amz-Security-Token=t&authorization:x",
                "X-Amz-Security-Token=**",
            ),
        ] {
            assert!(!redact(text).contains("k3y") && !redact(text).contains("a=1"));
            assert!(redact(text).starts_with(shown), "{}", redact(text));
        }
    }

    #[test]
    fn what_holds_no_secret_stays_as_it_is() {
        for text in [
            "",
            "a:b",
            "not-cookie:a",
            "x-api-keys:b",
            "{\"a\": \"b'c\"}\n",
            "x=1&y=2",
        ] {
            assert_eq!(redact(text), text);
        }
    }
}
