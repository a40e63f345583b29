//! Encodes arguments as strings for paths, queries, headers and forms.

use std::borrow::Cow;

use percent_encoding::{
    AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode,
};
use serde::Serialize;
use serde_json::Value;

use crate::call::field_style::FieldStyle;
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
    separated(',', values)
}

/// Encodes all values, separated by a character.
pub(crate) fn separated(
    separator: char,
    values: impl IntoIterator<Item: Serialize>,
) -> Result<String, Problem> {
    let mut encoded = Vec::new();
    for value in values {
        let value = text(value)?;
        // escaping does not help: separators are escaped as well
        if value.contains(separator) {
            return Err(Problem::Separator(separator));
        }
        encoded.push(value);
    }
    Ok(encoded.join(separator.encode_utf8(&mut [0; 4])))
}

/// Encodes a value as JSON in ASCII, because headers and cookies allow no other characters.
pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> Result<String, Problem> {
    let json = serde_json::to_string(value).map_err(Problem::from)?;
    let mut ascii = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            // JSON has these only in strings, where they can be escaped (RFC 8259 §7)
            '\u{7f}'.. => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    ascii.push_str(&format!("\\u{unit:04x}"));
                }
            }
            c => ascii.push(c),
        }
    }
    Ok(ascii)
}

/// All characters that neither a cookie's value (RFC 6265 §4.1.1, `cookie-octet`) nor a percent-encoded text can contain.
const NOT_IN_COOKIES: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'%')
    .add(b',')
    .add(b';')
    .add(b'\\');

/// Appends `name=value` to the value of a `Cookie` header (RFC 6265 §4.2.1).
///
/// Only what a cookie can't contain is percent-encoded, because not every service decodes cookies.
pub(crate) fn push_cookie(cookies: &mut String, name: &str, value: &str) {
    if !cookies.is_empty() {
        cookies.push_str("; ");
    }
    // a name is a token, which has no unreserved character that a value can't have
    cookies.extend(utf8_percent_encode(name, STRICT));
    cookies.push('=');
    cookies.extend(utf8_percent_encode(value, NOT_IN_COOKIES));
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

/// Encodes an object as `application/x-www-form-urlencoded`. By default, lists become repeated fields and objects JSON; `null`
/// values are omitted.
pub(crate) fn form(body: impl Serialize, styles: &[(&str, FieldStyle)]) -> Result<String, Problem> {
    let Value::Object(fields) = serde_json::to_value(body).map_err(Problem::from)? else {
        return Err(Problem::NotForm);
    };
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in &fields {
        let style = styles.iter().find(|(of, _)| of == name);
        match (value, style.map(|(_, style)| *style)) {
            (Value::Null, _) => {}
            (Value::Array(items), Some(FieldStyle::Joined(separator))) => {
                form.append_pair(name, &separated(separator, items)?);
            }
            (Value::Array(items), _) => {
                for item in items {
                    form.append_pair(name, &text_or_json(item)?);
                }
            }
            (Value::Object(members), Some(FieldStyle::Deep)) => {
                for (member, value) in members.iter().filter(|(_, value)| !value.is_null()) {
                    form.append_pair(&format!("{name}[{member}]"), &text_or_json(value)?);
                }
            }
            (value, _) => {
                form.append_pair(name, &text_or_json(value)?);
            }
        }
    }
    Ok(form.finish())
}

/// Encodes a value of a form: an object or a list inside another value as JSON (OpenAPI 3.0.3, "Encoding Object").
fn text_or_json(value: &Value) -> Result<String, Problem> {
    match value {
        Value::Array(_) | Value::Object(_) => {
            let json = json::to_vec(value).map_err(Problem::from)?;
            Ok(String::from_utf8_lossy(&json).into_owned())
        }
        value => text(value),
    }
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
        assert!(matches!(joined(["a,b", "c"]), Err(Problem::Separator(','))));
        assert_eq!(separated('|', ["a,b", "c"]).unwrap(), "a,b|c");
        assert!(matches!(
            separated(' ', ["a b"]),
            Err(Problem::Separator(' '))
        ));
    }

    #[test]
    fn a_cookie_contains_no_other_cookie() {
        let mut cookies = String::new();
        push_cookie(&mut cookies, "sid", "abc+/==");
        push_cookie(&mut cookies, "a;b", "x; admin=1, \"50%\" \\ü\r\n");
        assert_eq!(
            cookies,
            "sid=abc+/==; a%3Bb=x%3B%20admin=1%2C%20%2250%25%22%20%5C%C3%BC%0D%0A"
        );
        let octets = cookies.bytes().filter(|byte| !byte.is_ascii_graphic());
        assert_eq!(octets.collect::<Vec<_>>(), [b' '], "only between cookies");
    }

    #[test]
    fn json_in_a_header_is_ascii() {
        let value = serde_json::json!({ "é": ["😀\u{7f}\n", 1] });
        let text = json(&value).unwrap();
        assert_eq!(text, r#"{"\u00e9":["\ud83d\ude00\u007f\n",1]}"#);
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).unwrap(),
            value
        );
    }

    #[test]
    fn a_form_repeats_array_fields_and_omits_null() {
        let body = serde_json::json!({ "name": "a b&c", "tag": ["x", "y"], "none": null, "n": 2 });
        assert_eq!(form(body, &[]).unwrap(), "name=a+b%26c&tag=x&tag=y&n=2");
        assert!(matches!(form("text", &[]), Err(Problem::NotForm)));
    }

    #[test]
    fn objects_in_a_form_are_json_unless_their_style_is_deep() {
        let body = serde_json::json!({ "at": { "x": 1, "y": null } });
        assert_eq!(
            form(&body, &[]).unwrap(),
            "at=%7B%22x%22%3A1%2C%22y%22%3Anull%7D"
        );
        let deep = [("at", FieldStyle::Deep)];
        assert_eq!(form(&body, &deep).unwrap(), "at%5Bx%5D=1");
    }

    #[test]
    fn lists_in_a_form_can_be_joined() {
        let body = serde_json::json!({ "tag": ["x", "y"], "n": [1, 2] });
        let styles = [("tag", FieldStyle::Joined('|'))];
        assert_eq!(form(&body, &styles).unwrap(), "tag=x%7Cy&n=1&n=2");
        let ambiguous = serde_json::json!({ "tag": ["x|y"] });
        assert!(matches!(
            form(&ambiguous, &styles),
            Err(Problem::Separator(_))
        ));
    }

    proptest::proptest! {
        #[test]
        fn a_form_decodes_to_the_same_fields(
            fields in proptest::collection::btree_map(".*", proptest::collection::vec(".*", 0..4), 0..6)
        ) {
            let encoded = form(&fields, &[]).unwrap();
            proptest::prop_assert!(encoded.is_ascii());
            let decoded: Vec<_> = url::form_urlencoded::parse(encoded.as_bytes()).into_owned().collect();
            let pairs = fields.iter().flat_map(|(name, values)| {
                values.iter().map(|value| (name.clone(), value.clone()))
            });
            proptest::prop_assert_eq!(decoded, pairs.collect::<Vec<_>>());
        }
    }
}
