//! Whether a value is what a schema says, as far as types, enums and required properties go.
//!
//! The service has the last word: what is checked here are slips of the hand.

use apigw_spec::api::{Api, Schema};
use apigw_spec::schema::{Expected, check_shape, resolve};
use serde_json::Value;

use super::CallError;

/// Checks a value that came as text.
pub(super) fn text(api: &Api, schema: &Schema, name: &str, text: &str) -> Result<(), CallError> {
    let schema = resolve(api, schema);
    let kind = schema
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let fits = match kind {
        "integer" => is_integer(text),
        "number" => text.parse::<f64>().is_ok_and(f64::is_finite),
        "boolean" => matches!(text, "true" | "false"),
        _ => true,
    };
    let wanted = match (fits, choices(schema)) {
        (false, _) => Expected::Type(kind.to_owned()),
        (true, Some(choices)) if !choices.iter().any(|choice| is_spelled(choice, text)) => {
            Expected::OneOf(choices.clone())
        }
        _ => return Ok(()),
    };
    Err(CallError::Mismatch {
        name: format!("`{name}`"),
        wanted: wanted.to_string(),
        found: format!("{text:?}"),
    })
}

/// Checks a value that came as JSON.
pub(super) fn value(api: &Api, schema: &Schema, value: &Value) -> Result<(), CallError> {
    check_shape(api, schema, value).map_err(|mismatch| CallError::Mismatch {
        name: match mismatch.pointer.as_str() {
            "" => "the body".to_owned(),
            pointer => format!("`{pointer}` of the body"),
        },
        wanted: mismatch.expected.to_string(),
        found: shown(&mismatch.found, &mismatch.expected),
    })
}

/// Whether a value is written like this in a URL.
fn is_spelled(value: &Value, text: &str) -> bool {
    match value {
        Value::String(value) => value == text,
        value => *value.to_string() == *text,
    }
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

fn choices(schema: &Schema) -> Option<&Vec<Value>> {
    schema
        .get("enum")?
        .as_array()
        .filter(|choices| !choices.is_empty())
}

/// A value for a message: whole only where it is short.
fn shown(value: &Value, expected: &Expected) -> String {
    match (value, expected) {
        (Value::Array(_), _) => "a list".to_owned(),
        (Value::Object(_), Expected::Property(_)) => "one without it".to_owned(),
        (Value::Object(_), _) => "an object".to_owned(),
        (value, _) => value.to_string(),
    }
}
