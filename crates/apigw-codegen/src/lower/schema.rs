//! Reads the keywords of a schema.

use serde_json::{Map, Value, json};

const SCHEMAS: &str = "#/components/schemas/";

/// Returns a reference to a named schema.
pub(super) fn refer(name: &str) -> Value {
    json!({ "$ref": format!("{SCHEMAS}{name}") })
}

/// Returns the name of the schema that a reference points to.
pub(super) fn reference(map: &Map<String, Value>) -> Option<&str> {
    map.get("$ref")?.as_str()?.strip_prefix(SCHEMAS)
}

pub(super) fn kind(map: &Map<String, Value>) -> Option<&str> {
    map.get("type").and_then(Value::as_str)
}

pub(super) fn is_nullable(map: &Map<String, Value>) -> bool {
    map.get("nullable") == Some(&json!(true))
}

/// Makes a schema nullable.
pub(super) fn nullable_form(plain: Value) -> Value {
    match plain {
        Value::Object(map) if map.contains_key("$ref") => {
            json!({ "nullable": true, "allOf": [map] })
        }
        // already allows null
        Value::Object(map) if map.is_empty() => Value::Object(map),
        Value::Object(mut map) => {
            map.insert("nullable".to_owned(), json!(true));
            Value::Object(map)
        }
        other => other,
    }
}

/// Returns the schema of a string, number or boolean with the format that its Rust type requires.
///
/// `float` has none: as an `f32`, a value would lose the digits that JSON has.
pub(super) fn plain(kind: &str, map: &Map<String, Value>) -> Value {
    let format = map.get("format").and_then(Value::as_str);
    let format = match (kind, format) {
        ("integer", Some(format @ ("int32" | "uint32" | "uint64"))) => Some(format),
        ("integer", _) if exceeds_i64(map) => Some("uint64"),
        ("integer", Some("int64")) => Some("int64"),
        ("number", Some("double")) => Some("double"),
        ("string", Some(format @ ("date" | "date-time" | "uuid"))) => Some(format),
        _ => None,
    };
    match format {
        Some(format) => json!({ "type": kind, "format": format }),
        None => json!({ "type": kind }),
    }
}

/// Returns whether the maximum of an integer is beyond `i64`.
fn exceeds_i64(map: &Map<String, Value>) -> bool {
    const BEYOND: f64 = 9_223_372_036_854_775_808.0; // 2^63
    let maximum = map
        .get("maximum")
        .filter(|maximum| maximum.as_i64().is_none());
    let is_negative = |minimum: &Value| minimum.as_f64().is_some_and(|minimum| minimum < 0.0);
    maximum
        .and_then(Value::as_f64)
        .is_some_and(|maximum| maximum >= BEYOND)
        && !map.get("minimum").is_some_and(is_negative)
}

/// Returns the values of a string enum.
pub(super) fn string_values(map: &Map<String, Value>) -> Option<Vec<&str>> {
    if kind(map) != Some("string") {
        return None;
    }
    let values = map.get("enum")?.as_array()?;
    values.iter().map(Value::as_str).collect()
}

/// Returns the alternatives of a schema that consists only of alternatives.
pub(super) fn alternatives(map: &Map<String, Value>) -> Option<Vec<&Value>> {
    if has_properties(map) {
        return None;
    }
    let list = ["oneOf", "anyOf"]
        .iter()
        .find_map(|key| map.get(*key).and_then(Value::as_array))?;
    let mut different: Vec<&Value> = Vec::new();
    for alternative in list.iter().filter(|part| !only_restricts(part)) {
        if !different.contains(&alternative) {
            different.push(alternative);
        }
    }
    let typed = different
        .iter()
        .any(|part| part.as_object().is_some_and(describes_values));
    typed.then_some(different)
}

/// Returns whether an alternative only restricts which fields occur together, like
/// `{required: [a]}`.
fn only_restricts(part: &Value) -> bool {
    part.as_object()
        .is_some_and(|part| part.len() == 1 && part.contains_key("required"))
}

pub(super) fn has_properties(map: &Map<String, Value>) -> bool {
    let properties = map.get("properties").and_then(Value::as_object);
    properties.is_some_and(|properties| !properties.is_empty())
}

/// Returns whether a schema has keywords other than annotations.
pub(super) fn describes_values(map: &Map<String, Value>) -> bool {
    const KEYWORDS: [&str; 10] = [
        "$ref",
        "additionalProperties",
        "allOf",
        "anyOf",
        "enum",
        "items",
        "oneOf",
        "properties",
        "required",
        "type",
    ];
    KEYWORDS.iter().any(|key| match (*key, map.get(*key)) {
        (_, None) => false,
        // `type: object` next to an `allOf` is redundant
        ("type", Some(kind)) => kind != "object",
        ("additionalProperties", Some(values)) => values.is_object(),
        _ => true,
    })
}

/// Returns the names in `required`.
pub(super) fn required(map: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let names = map.get("required").and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str)
}

/// Returns the description, if any.
pub(super) fn docs_of(map: &Map<String, Value>) -> Option<String> {
    let text = map.get("description")?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
