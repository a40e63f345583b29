//! Checks values against schemas: types, enums and required properties.
//!
//! This finds typing errors. Full validation is up to the service.

use apigw_spec::api::{Api, Schema};
use apigw_spec::schema::{Expected, check_shape, resolve};
use serde_json::Value;

use super::CallError;

/// Checks a value in text form.
pub(super) fn text(api: &Api, schema: &Schema, name: &str, text: &str) -> Result<(), CallError> {
    let schema = resolve(api, schema);
    let kind = schema
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let is_type = match kind {
        "integer" => is_integer(text),
        "number" => text.parse::<f64>().is_ok_and(f64::is_finite),
        "boolean" => matches!(text, "true" | "false"),
        _ => true,
    };
    let wanted = match (is_type, enum_values(schema)) {
        (false, _) => Expected::Type(kind.to_owned()),
        (true, Some(values)) if !values.iter().any(|value| is_text_of(value, text)) => {
            Expected::OneOf(values.clone())
        }
        _ => return Ok(()),
    };
    Err(CallError::Mismatch {
        name: format!("`{name}`"),
        wanted: wanted.to_string(),
        found: format!("{text:?}"),
    })
}

/// Reads a parameter in JSON, and checks it. A string may be without quotes.
pub(super) fn json(api: &Api, schema: &Schema, name: &str, text: &str) -> Result<Value, CallError> {
    let kind = resolve(api, schema).get("type").and_then(Value::as_str);
    let value = match (serde_json::from_str::<Value>(text), kind) {
        (Ok(value), Some("string")) if !value.is_string() => Value::from(text),
        (Ok(value), _) => value,
        (Err(_), Some("string")) => Value::from(text),
        (Err(_), _) => {
            return Err(CallError::Mismatch {
                name: format!("`{name}`"),
                wanted: "JSON".to_owned(),
                found: format!("{text:?}"),
            });
        }
    };
    check_shape(api, schema, &value).map_err(|mismatch| CallError::Mismatch {
        name: match mismatch.pointer.as_str() {
            "" => format!("`{name}`"),
            pointer => format!("`{pointer}` of `{name}`"),
        },
        wanted: mismatch.expected.to_string(),
        found: display(&mismatch.found, &mismatch.expected),
    })?;
    Ok(value)
}

/// Checks a JSON value.
pub(super) fn value(api: &Api, schema: &Schema, value: &Value) -> Result<(), CallError> {
    check_shape(api, schema, value).map_err(|mismatch| CallError::Mismatch {
        name: match mismatch.pointer.as_str() {
            "" => "the body".to_owned(),
            pointer => format!("`{pointer}` of the body"),
        },
        wanted: mismatch.expected.to_string(),
        found: display(&mismatch.found, &mismatch.expected),
    })
}

/// Returns whether `text` is the text form of a value.
fn is_text_of(value: &Value, text: &str) -> bool {
    match value {
        Value::String(value) => value == text,
        value => *value.to_string() == *text,
    }
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

fn enum_values(schema: &Schema) -> Option<&Vec<Value>> {
    schema
        .get("enum")?
        .as_array()
        .filter(|values| !values.is_empty())
}

/// Formats a value for an error message. Arrays and objects are not written out.
fn display(value: &Value, expected: &Expected) -> String {
    match (value, expected) {
        (Value::Array(_), _) => "a list".to_owned(),
        (Value::Object(_), Expected::Property(_)) => "one without it".to_owned(),
        (Value::Object(_), _) => "an object".to_owned(),
        (value, _) => value.to_string(),
    }
}
