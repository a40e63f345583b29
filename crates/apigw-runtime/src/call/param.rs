//! Encodes arguments as strings for paths, queries, headers and forms.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Serialize;
use serde_json::Value;

use crate::call::invalid::Problem;
use crate::call::json;

/// All characters except the unreserved ones of RFC 3986 §2.3.
///
/// A reserved character in a value is always data, and SigV4's canonical form escapes it. Sent unescaped, it could be signed
/// differently by the client and the gateway.
const STRICT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Encodes a string, number or boolean, or a value that serializes as one, such as an enum, a UUID or a date.
///
/// Uses serde and not `Display`, because serde knows the serialized names of enum values and the RFC 3339 format of dates.
pub(crate) fn text(value: impl Serialize) -> Result<String, Problem> {
    let json = json::to_vec(&value).map_err(Problem::from)?;
    match json.first() {
        Some(b'"') => serde_json::from_slice(&json).map_err(Problem::from),
        Some(b'{' | b'[') => Err(Problem::NotScalar),
        Some(b'n') => Err(Problem::Null),
        _ => Ok(String::from_utf8_lossy(&json).into_owned()),
    }
}

/// Encodes all values, separated by commas.
pub(crate) fn joined(values: impl IntoIterator<Item: Serialize>) -> Result<String, Problem> {
    let mut encoded = Vec::new();
    for value in values {
        let value = text(value)?;
        // escaping does not help: separators are escaped as well
        if value.contains(',') {
            return Err(Problem::Comma);
        }
        encoded.push(value);
    }
    Ok(encoded.join(","))
}

/// Appends `name=value` to a query.
pub(crate) fn push(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    query.extend(utf8_percent_encode(name, STRICT));
    query.push('=');
    query.extend(utf8_percent_encode(value, STRICT));
}

/// Returns the first value of a parameter in a query built with [`push`].
pub(crate) fn find(query: &str, name: &str) -> Option<String> {
    let value = pairs(query).find_map(|(n, value)| (n == encode(name)).then_some(value))?;
    let value = percent_decode_str(value).decode_utf8().ok()?;
    Some(value.into_owned())
}

/// Replaces all values of the parameter with `name=value`.
pub(crate) fn replace(query: &mut String, name: &str, value: &str) {
    let encoded = encode(name);
    let others = pairs(query).filter(|(n, _)| *n != encoded);
    let others: Vec<String> = others.map(|(n, value)| format!("{n}={value}")).collect();
    *query = others.join("&");
    push(query, name, value);
}

fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').filter_map(|pair| pair.split_once('='))
}

/// Percent-encodes all characters except the unreserved ones.
pub(crate) fn encode(value: &str) -> Cow<'_, str> {
    utf8_percent_encode(value, STRICT).into()
}

/// Encodes a flat object as `application/x-www-form-urlencoded`. Arrays become repeated fields, and `null` values are omitted.
pub(crate) fn form(body: impl Serialize) -> Result<String, Problem> {
    let Value::Object(fields) = serde_json::to_value(body).map_err(Problem::from)? else {
        return Err(Problem::NotForm);
    };
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in &fields {
        match value {
            Value::Null => {}
            Value::Array(items) => {
                for item in items {
                    form.append_pair(name, &text(item)?);
                }
            }
            value => {
                form.append_pair(name, &text(value)?);
            }
        }
    }
    Ok(form.finish())
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;

    #[derive(Serialize)]
    #[serde(rename_all = "kebab-case")]
    enum State {
        InTransit,
    }

    #[derive(Serialize)]
    struct Id(u64);

    #[test]
    fn scalars_are_encoded_as_they_serialize() {
        assert_eq!(text("a \"b\" ü\n").unwrap(), "a \"b\" ü\n");
        assert_eq!(text(-7).unwrap(), "-7");
        assert_eq!(text(u64::MAX).unwrap(), "18446744073709551615");
        assert_eq!(text(0.1_f32).unwrap(), "0.1");
        assert_eq!(text(true).unwrap(), "true");
        assert_eq!(text('x').unwrap(), "x");
        assert_eq!(text(State::InTransit).unwrap(), "in-transit");
        assert_eq!(text(Id(3)).unwrap(), "3");
        assert_eq!(text(Some("a")).unwrap(), "a");
    }

    #[test]
    fn null_nan_and_nested_values_are_errors() {
        assert!(matches!(text(None::<i32>), Err(Problem::Null)));
        assert!(matches!(text(f64::NAN), Err(Problem::Null)));
        assert!(matches!(text([1, 2]), Err(Problem::NotScalar)));
        assert!(matches!(
            text(serde_json::json!({})),
            Err(Problem::NotScalar)
        ));
    }

    #[test]
    fn only_unreserved_characters_are_not_escaped() {
        let ascii: String = (0x20..0x7f).map(char::from).collect();
        let kept: String = ascii
            .chars()
            .filter(|&c| encode(&c.to_string()) == c.to_string())
            .collect();
        assert_eq!(
            kept,
            "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~"
        );
        assert_eq!(encode("a b+c/ü%41"), "a%20b%2Bc%2F%C3%BC%2541");
    }

    #[test]
    fn parameters_are_found_and_replaced_by_exact_name() {
        let mut query = String::new();
        for (name, value) in [("a", "1"), ("a b", "x=y&z"), ("a", "2"), ("aa", "3")] {
            push(&mut query, name, value);
        }
        assert_eq!(find(&query, "a b").unwrap(), "x=y&z");
        assert_eq!(find(&query, "a").unwrap(), "1");
        assert_eq!(find(&query, "b"), None);
        replace(&mut query, "a", "ü");
        assert_eq!(query, "a%20b=x%3Dy%26z&aa=3&a=%C3%BC");

        let mut empty = String::new();
        replace(&mut empty, "a", "1");
        assert_eq!(empty, "a=1");
    }

    #[test]
    fn joined_values_must_not_contain_commas() {
        assert_eq!(joined([1, 2]).unwrap(), "1,2");
        assert_eq!(joined(["a b"]).unwrap(), "a b");
        assert!(matches!(joined(["a,b", "c"]), Err(Problem::Comma)));
    }

    #[test]
    fn a_form_repeats_array_fields_and_omits_null() {
        let body = serde_json::json!({ "name": "a b&c", "tag": ["x", "y"], "none": null, "n": 2 });
        assert_eq!(form(body).unwrap(), "name=a+b%26c&tag=x&tag=y&n=2");
        assert!(matches!(form("text"), Err(Problem::NotForm)));
        assert!(matches!(
            form(serde_json::json!({ "a": { "b": 1 } })),
            Err(Problem::NotScalar)
        ));
    }
}
