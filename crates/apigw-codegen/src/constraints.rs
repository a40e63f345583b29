//! Describes the constraints of a schema for doc comments.

use serde_json::{Map, Value};

use crate::formats::FORMATS;

/// Returns one line that describes a schema's constraints; `None` if there are none.
///
/// Clients do not check constraints, so that they keep working if the service relaxes them.
pub(crate) fn constraints(schema: &Value) -> Option<String> {
    let map = schema.as_object()?;
    let mut parts: Vec<String> = [
        range(map, "minLength", "maxLength", "character"),
        range(map, "minItems", "maxItems", "item"),
        range(map, "minimum", "maximum", ""),
        bound(map, "exclusiveMinimum", "more than"),
        bound(map, "exclusiveMaximum", "less than"),
        bound(map, "multipleOf", "a multiple of"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if map.get("uniqueItems") == Some(&Value::Bool(true)) {
        parts.push("unique items".to_owned());
    }
    let format = map.get("format").and_then(Value::as_str);
    if let Some(format) = format
        .filter(|format| !FORMATS.contains(format))
        .and_then(code)
    {
        parts.push(format!("format {format}"));
    }
    if let Some(pattern) = map.get("pattern").and_then(Value::as_str).and_then(code) {
        parts.push(format!("matches {pattern}"));
    }
    let default = map
        .get("default")
        .filter(|value| !value.is_object() && !value.is_array());
    if let Some(default) = default.and_then(|value| code(&value.to_string())) {
        parts.push(format!("defaults to {default}"));
    }
    let line = parts.join("; ");
    let first = line.chars().next()?;
    Some(format!(
        "{}{}.",
        first.to_ascii_uppercase(),
        &line[first.len_utf8()..]
    ))
}

fn range(map: &Map<String, Value>, from: &str, to: &str, unit: &str) -> Option<String> {
    // a flag in OpenAPI 3.0, a number in OpenAPI 3.1
    let open = |flag: &str| map.get(flag) == Some(&Value::Bool(true));
    let least = match open("exclusiveMinimum") {
        true if from == "minimum" => "more than",
        _ => "at least",
    };
    let most = match open("exclusiveMaximum") {
        true if to == "maximum" => "less than",
        _ => "at most",
    };
    // a minimum length of 0 is no constraint
    let from = number(map, from).filter(|from| unit.is_empty() || from != "0");
    let unit = |count: &str| match (unit, count) {
        ("", _) => String::new(),
        (unit, "1") => format!(" {unit}"),
        (unit, _) => format!(" {unit}s"),
    };
    Some(match (from, number(map, to)) {
        (None, None) => return None,
        (Some(from), None) => format!("{least} {from}{}", unit(&from)),
        (None, Some(to)) => format!("{most} {to}{}", unit(&to)),
        (Some(from), Some(to)) if from == to => format!("exactly {to}{}", unit(&to)),
        (Some(from), Some(to)) if (least, most) == ("at least", "at most") => {
            format!("{from} to {to}{}", unit(&to))
        }
        (Some(from), Some(to)) => format!("{least} {from} and {most} {to}"),
    })
}

fn bound(map: &Map<String, Value>, key: &str, words: &str) -> Option<String> {
    Some(format!("{words} {}", number(map, key)?))
}

fn number(map: &Map<String, Value>, key: &str) -> Option<String> {
    map.get(key)
        .filter(|value| value.is_number())
        .map(ToString::to_string)
}

/// Returns a Markdown code span, unless the text contains a backtick or control character.
fn code(text: &str) -> Option<String> {
    let fits = !text.is_empty() && !text.contains(|c: char| c == '`' || c.is_control());
    fits.then(|| format!("`{text}`"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn constraints_are_described_in_one_line() {
        for (schema, line) in [
            (json!({ "type": "string" }), None),
            (json!({ "maxLength": 20 }), Some("At most 20 characters.")),
            (json!({ "minLength": 1 }), Some("At least 1 character.")),
            (
                json!({ "minLength": 0, "maxLength": 1 }),
                Some("At most 1 character."),
            ),
            (
                json!({ "minLength": 2, "maxLength": 5, "pattern": "^[a-z]+$" }),
                Some("2 to 5 characters; matches `^[a-z]+$`."),
            ),
            (
                json!({ "minLength": 8, "maxLength": 8 }),
                Some("Exactly 8 characters."),
            ),
            (
                json!({ "minimum": 0, "maximum": 100, "multipleOf": 5, "default": 10 }),
                Some("0 to 100; a multiple of 5; defaults to `10`."),
            ),
            (
                json!({ "minimum": 0, "exclusiveMinimum": true, "maximum": 1.5 }),
                Some("More than 0 and at most 1.5."),
            ),
            (json!({ "exclusiveMinimum": 3 }), Some("More than 3.")),
            (
                json!({ "minItems": 1, "uniqueItems": true, "format": "email" }),
                Some("At least 1 item; unique items; format `email`."),
            ),
            (json!({ "format": "uuid", "default": {} }), None),
            (json!({ "pattern": "a`b", "maxLength": "9" }), None),
            (json!(true), None),
        ] {
            assert_eq!(constraints(&schema).as_deref(), line, "{schema}");
        }
    }
}
