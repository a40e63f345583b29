//! What must not be shown: the values of secret headers and parameters.

use std::borrow::Cow;

use serde_json::Value;

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

/// Returns the body of an error with the values of secret headers and of `X-Amz-Security-Token`
/// replaced by `**`.
///
/// A REST API that rejects a signature repeats the canonical request in its response, secret
/// headers included. A body without secrets is returned unchanged; JSON with secrets is written
/// anew.
///
/// ```
/// let body = r#"{"message":"should have been\n'GET\n/orders\n\nx-api-key:k3y\n"}"#;
/// assert_eq!(
///     reqwest_sigv4::redact(body),
///     r#"{"message":"should have been\n'GET\n/orders\n\nx-api-key:**\n"}"#
/// );
/// ```
pub fn redact(body: &str) -> Cow<'_, str> {
    match serde_json::from_str(body) {
        Ok(json) => match redact_json(&json) {
            Some(json) => Cow::Owned(json.to_string()),
            None => Cow::Borrowed(body),
        },
        // not JSON, or cut off: line breaks may still be escaped
        Err(_) => redact_parts(body, "\\n", redact_text),
    }
}

/// A canonical request, or text that contains one, without secret values.
pub(crate) fn redact_text(text: &str) -> Cow<'_, str> {
    redact_parts(text, "\n", redact_line)
}

fn redact_parts<'a>(
    text: &'a str,
    separator: &str,
    redact: fn(&str) -> Cow<'_, str>,
) -> Cow<'a, str> {
    let parts: Vec<Cow<'_, str>> = text.split(separator).map(redact).collect();
    match parts.iter().any(|part| matches!(part, Cow::Owned(_))) {
        true => Cow::Owned(parts.join(separator)),
        false => Cow::Borrowed(text),
    }
}

/// The value without secrets; `None` if it has none.
fn redact_json(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => match redact_text(text) {
            Cow::Owned(text) => Some(Value::String(text)),
            Cow::Borrowed(_) => None,
        },
        Value::Array(items) => {
            let redacted: Vec<_> = items.iter().map(redact_json).collect();
            redacted.iter().any(Option::is_some).then(|| {
                let items = items.iter().zip(redacted);
                items
                    .map(|(old, new)| new.unwrap_or_else(|| old.clone()))
                    .collect()
            })
        }
        Value::Object(fields) => {
            let redact = |(name, value): (&String, &Value)| match is_secret_header(name) {
                true => Some(Value::String("**".to_owned())),
                false => redact_json(value),
            };
            let redacted: Vec<_> = fields.iter().map(redact).collect();
            redacted.iter().any(Option::is_some).then(|| {
                let fields = fields.iter().zip(redacted);
                fields
                    .map(|((name, old), new)| (name.clone(), new.unwrap_or_else(|| old.clone())))
                    .collect()
            })
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
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
    use proptest::prelude::*;

    use super::*;

    const CANONICAL: &str = "GET\n/\na=1&X-Amz-Security-Token=t0k3n&b=2\nhost:h\nx-amz-security-token:t0k3n\nx-api-key:k3y\n\nhost;x-api-key\nhash";
    const SHOWN: &str = "GET\n/\na=1&X-Amz-Security-Token=**&b=2\nhost:h\nx-amz-security-token:**\nx-api-key:**\n\nhost;x-api-key\nhash";

    #[test]
    fn secret_values_of_a_canonical_request_are_replaced() {
        assert_eq!(redact_text(CANONICAL), SHOWN);
        assert_eq!(redact(CANONICAL), SHOWN);
    }

    #[test]
    fn a_json_error_that_repeats_the_request_shows_no_secret() {
        let body = r#"{"message":"should have been\n'GET\n/o\nX-Amz-Security-Token=t0k%2F3n&a=1\nhost:h\nx-amz-security-token:t0\/k+3n==\nx-api-key:k\"3y\n\nhost","n":[1,"cookie:c"],"Authorization":"a"}"#;
        assert_eq!(
            redact(body),
            r#"{"message":"should have been\n'GET\n/o\nX-Amz-Security-Token=**&a=1\nhost:h\nx-amz-security-token:**\nx-api-key:**\n\nhost","n":[1,"cookie:**"],"Authorization":"**"}"#
        );
    }

    #[test]
    fn json_that_was_cut_off_shows_no_secret() {
        let body = r#"{"message":"'GET\n/\n\nhost:h\nauthorization:AWS4-…\n\nhost"#;
        assert_eq!(
            redact(body),
            r#"{"message":"'GET\n/\n\nhost:h\nauthorization:**\n\nhost"#
        );
    }

    #[test]
    fn a_secret_header_is_found_anywhere_in_a_line_and_in_any_case() {
        for (text, shown) in [
            ("sent X-API-Key: k3y", "sent X-API-Key:**"),
            ("cookie:a=1&b=2", "cookie:**"),
            (
                "X-Amz-Security-Token=t&authorization:x",
                "X-Amz-Security-Token=**&authorization:**",
            ),
        ] {
            assert_eq!(redact(text), shown);
        }
    }

    #[test]
    fn a_body_without_secrets_is_unchanged() {
        for body in [
            r#"{ "message" : "no\/pe" }"#,
            "plain",
            "",
            "[1, 2]",
            "not-cookie:a",
            "x-api-keys:b",
            "x=1&y=2",
        ] {
            assert!(matches!(redact(body), Cow::Borrowed(same) if same == body));
        }
    }

    proptest! {
        #[test]
        fn no_character_of_a_value_ends_it(value in "[ -~]{0,20}", name in prop::sample::select(&SECRET_HEADERS[..])) {
            let text = format!("GET\n{name}:{value}S3CRET\nhost:h");
            let shown = redact_text(&text);
            prop_assert!(!shown.contains("S3CRET"), "{}", shown);
            let json = serde_json::json!({ "message": text }).to_string();
            prop_assert!(!redact(&json).contains("S3CRET"));
        }
    }
}
