//! Redaction of secrets in headers, canonical requests and errors that repeat them.

use std::borrow::Cow;

use serde_json::Value;

/// Headers that contain credentials.
const SECRET_HEADERS: [&str; 5] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "x-amz-security-token",
    "x-api-key",
];

/// Replaces a secret.
pub(crate) const REDACTED: &str = "**";

/// Returns whether the value of this header is a secret: a signature, token, cookie or API key. Case does not matter.
///
/// ```
/// assert!(reqwest_sigv4::is_secret_header("X-Api-Key"));
/// assert!(!reqwest_sigv4::is_secret_header("content-type"));
/// ```
pub fn is_secret_header(name: &str) -> bool {
    SECRET_HEADERS
        .iter()
        .any(|secret| secret.eq_ignore_ascii_case(name))
}

/// Replaces secrets in the body of an error. A REST API that rejects a signature repeats the canonical request, secret headers included.
///
/// A body without secrets is returned unchanged. JSON with secrets is serialized again.
///
/// ```
/// let body = r#"{"message":"should have been\n'GET\n/orders\n\nhost:example.com\nx-api-key:k3y\n"}"#;
/// let shown = reqwest_sigv4::redact(body);
/// assert_eq!(shown, r#"{"message":"should have been\n'GET\n/orders\n\nhost:example.com\nx-api-key:**\n"}"#);
/// ```
pub fn redact(body: &str) -> Cow<'_, str> {
    let Ok(json) = serde_json::from_str::<Value>(body) else {
        // not JSON, or cut off: line feeds may still be escaped
        let parts: Vec<Cow<'_, str>> = body.split("\\n").map(redacted).collect();
        return match parts.iter().any(|part| matches!(part, Cow::Owned(_))) {
            true => Cow::Owned(parts.join("\\n")),
            false => Cow::Borrowed(body),
        };
    };
    match redacted_json(&json) {
        Some(json) => Cow::Owned(json.to_string()),
        None => Cow::Borrowed(body),
    }
}

/// Returns the value without secrets, or `None` if it has none.
fn redacted_json(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => match redacted(text) {
            Cow::Owned(text) => Some(Value::String(text)),
            Cow::Borrowed(_) => None,
        },
        Value::Array(items) => {
            let changed: Vec<_> = items.iter().map(redacted_json).collect();
            changed.iter().any(Option::is_some).then(|| {
                let pairs = items.iter().zip(changed);
                pairs
                    .map(|(old, new)| new.unwrap_or_else(|| old.clone()))
                    .collect()
            })
        }
        Value::Object(fields) => {
            let redacted = |(name, value): (&String, &Value)| match is_secret_header(name) {
                true => Some(Value::String(REDACTED.to_owned())),
                false => redacted_json(value),
            };
            let changed: Vec<_> = fields.iter().map(redacted).collect();
            changed.iter().any(Option::is_some).then(|| {
                let pairs = fields.iter().zip(changed);
                pairs
                    .map(|((name, old), new)| (name.clone(), new.unwrap_or_else(|| old.clone())))
                    .collect()
            })
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Returns a canonical request, or text that contains one, without secret values.
pub(crate) fn redacted(text: &str) -> Cow<'_, str> {
    let lines: Vec<Cow<'_, str>> = text.split('\n').map(redacted_line).collect();
    match lines.iter().any(|line| matches!(line, Cow::Owned(_))) {
        true => Cow::Owned(lines.join("\n")),
        false => Cow::Borrowed(text),
    }
}

/// Returns one line of a canonical request without secret values. A secret header is found anywhere
/// in the line, and its value ends with the line.
pub(crate) fn redacted_line(line: &str) -> Cow<'_, str> {
    let lower = line.to_ascii_lowercase();
    let value = SECRET_HEADERS
        .iter()
        .filter_map(|name| value_of(&lower, name))
        .min();
    let shown = &line[..value.unwrap_or(line.len())];
    let is_token = |pair: &str| {
        let key = pair.split_once('=').map(|(key, _)| key);
        key.is_some_and(|key| key.eq_ignore_ascii_case("X-Amz-Security-Token"))
    };
    if value.is_none() && !shown.split('&').any(is_token) {
        return Cow::Borrowed(line);
    }
    let pairs = shown.split('&').map(|pair| match pair.split_once('=') {
        Some((key, _)) if is_token(pair) => Cow::Owned(format!("{key}={REDACTED}")),
        _ => Cow::Borrowed(pair),
    });
    let mut shown = pairs.collect::<Vec<_>>().join("&");
    if value.is_some() {
        shown.push_str(REDACTED);
    }
    Cow::Owned(shown)
}

/// Returns where the value of a header starts in a line in lower case.
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
    use proptest::prelude::*;

    use super::*;

    const CANONICAL: &str = "GET\n/\na=1&X-Amz-Security-Token=t0k3n&b=2\nhost:h\nx-amz-security-token:t0k3n\nx-api-key:k3y\n\nhost;x-api-key\nhash";
    const SHOWN: &str = "GET\n/\na=1&X-Amz-Security-Token=**&b=2\nhost:h\nx-amz-security-token:**\nx-api-key:**\n\nhost;x-api-key\nhash";

    #[test]
    fn secret_values_of_a_canonical_request_are_replaced() {
        assert_eq!(redacted(CANONICAL), SHOWN);
    }

    #[test]
    fn a_json_error_that_repeats_the_request_shows_no_secret() {
        let body = r#"{"message":"should have been\n'GET\n/o\nX-Amz-Security-Token=t0k%2F3n&a=1\nhost:h\nx-amz-security-token:t0\/k+3n==\nx-api-key:k\"3y\n\nhost","n":[1,"cookie:c"]}"#;
        assert_eq!(
            redact(body),
            r#"{"message":"should have been\n'GET\n/o\nX-Amz-Security-Token=**&a=1\nhost:h\nx-amz-security-token:**\nx-api-key:**\n\nhost","n":[1,"cookie:**"]}"#
        );
    }

    #[test]
    fn text_that_is_not_json_shows_no_secret() {
        assert_eq!(redact(CANONICAL), SHOWN);
        let cut_off = r#"{"message":"'GET\n/\n\nhost:h\nauthorization:AWS4-…\n\nhost"#;
        assert_eq!(
            redact(cut_off),
            r#"{"message":"'GET\n/\n\nhost:h\nauthorization:**\n\nhost"#
        );
    }

    #[test]
    fn a_body_without_secrets_is_unchanged() {
        for body in [r#"{ "message" : "no\/pe" }"#, "plain", "", "[1, 2]"] {
            assert!(
                matches!(redact(body), Cow::Borrowed(same) if same == body),
                "{body}"
            );
        }
    }

    #[test]
    fn a_secret_header_is_found_anywhere_in_a_line_and_in_any_case() {
        for (text, shown) in [
            ("sent X-API-Key: k3y", "sent X-API-Key:**"),
            ("cookie:a='1'; b=\"2\"&c", "cookie:**"),
            (
                "X-Amz-Security-Token=t&authorization:x",
                "X-Amz-Security-Token=**&authorization:**",
            ),
            ("not-cookie:a", "not-cookie:a"),
        ] {
            assert_eq!(redact(text), shown);
        }
        let field = r#"{"Authorization":"a"}"#;
        assert_eq!(redact(field), r#"{"Authorization":"**"}"#);
    }

    proptest! {
        #[test]
        fn no_character_of_a_value_ends_it(
            value in "[ -~]{0,20}",
            name in prop::sample::select(&SECRET_HEADERS[..]),
        ) {
            let text = format!("GET\n{name}:{value}S3CRET\nhost:h");
            prop_assert!(!redacted(&text).contains("S3CRET"));
            let json = serde_json::json!({ "message": text }).to_string();
            prop_assert!(!redact(&json).contains("S3CRET"));
        }
    }
}
