//! Whether a value is what a schema says, as far as types, enums and required properties go.
//!
//! The service has the last word: what is checked here are slips of the hand.

use apigw_spec::api::{Api, Schema};
use serde_json::Value;

use super::CallError;

/// References followed from one schema to the next; more is a circle.
const DEPTH: usize = 32;

/// The schema that a reference leads to, or the schema itself.
pub(super) fn resolve<'a>(api: &'a Api, schema: &'a Schema) -> &'a Schema {
    let mut schema = schema;
    for _ in 0..DEPTH {
        let name = schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|reference| reference.strip_prefix("#/components/schemas/"));
        match name.and_then(|name| api.schemas.get(name)) {
            Some(next) => schema = next,
            None => break,
        }
    }
    schema
}

/// The schema of a list's items; `None` if the schema is of no list.
pub(super) fn items(schema: &Schema) -> Option<&Schema> {
    const ANY: &Value = &Value::Null;
    (schema.get("type")? == "array").then(|| schema.get("items").unwrap_or(ANY))
}

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
        (false, _) => article(kind).to_owned(),
        (true, Some(choices)) if !choices.iter().any(|choice| spelling(choice) == text) => {
            one_of(choices)
        }
        _ => return Ok(()),
    };
    Err(CallError::Mismatch {
        name: format!("`{name}`"),
        wanted,
        found: format!("{text:?}"),
    })
}

/// Checks a value that came as JSON; `at` is its place, as a JSON pointer.
pub(super) fn value(api: &Api, schema: &Schema, at: &str, value: &Value) -> Result<(), CallError> {
    check(api, schema, at, value, DEPTH)
}

fn check(
    api: &Api,
    schema: &Schema,
    at: &str,
    found: &Value,
    depth: usize,
) -> Result<(), CallError> {
    if depth == 0 {
        return Ok(());
    }
    let schema = resolve(api, schema);
    if found.is_null() && schema.get("nullable") == Some(&Value::Bool(true)) {
        return Ok(());
    }
    let mismatch = |wanted: String| CallError::Mismatch {
        name: match at {
            "" => "the body".to_owned(),
            at => format!("`{at}` of the body"),
        },
        wanted,
        found: shown(found),
    };
    let inner = |schema, at: &str, found| check(api, schema, at, found, depth - 1);
    let parts = |key: &str| {
        schema
            .get(key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    for part in parts("allOf") {
        inner(part, at, found)?;
    }
    for key in ["oneOf", "anyOf"] {
        let mut alternatives = parts(key).map(|part| inner(part, at, found)).peekable();
        if alternatives.peek().is_some() && !alternatives.any(|fit| fit.is_ok()) {
            return Err(mismatch(
                "one of the alternatives in the document".to_owned(),
            ));
        }
    }
    let kind = schema
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let fits = match kind {
        "integer" => {
            found.is_i64() || found.is_u64() || found.as_f64().is_some_and(|n| n.fract() == 0.0)
        }
        "number" => found.is_number(),
        "boolean" => found.is_boolean(),
        "string" => found.is_string(),
        "array" => found.is_array(),
        "object" => found.is_object(),
        _ => true,
    };
    if !fits {
        return Err(mismatch(article(kind).to_owned()));
    }
    if let Some(choices) = choices(schema)
        && !choices.contains(found)
    {
        return Err(mismatch(one_of(choices)));
    }
    if let Value::Object(map) = found {
        for name in parts("required").filter_map(Value::as_str) {
            if !map.contains_key(name) {
                return Err(mismatch(format!("an object with `{name}`")));
            }
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            if let Some(found) = map.get(name) {
                inner(property, &format!("{at}/{name}"), found)?;
            }
        }
    }
    if let (Value::Array(list), Some(items)) = (found, schema.get("items")) {
        for (index, found) in list.iter().enumerate() {
            inner(items, &format!("{at}/{index}"), found)?;
        }
    }
    Ok(())
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

fn one_of(choices: &[Value]) -> String {
    let choices: Vec<String> = choices.iter().map(spelling).collect();
    format!("one of {}", choices.join(", "))
}

fn spelling(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// A value for a message: whole only where it is short.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object without it".to_owned(),
        value => value.to_string(),
    }
}

fn article(kind: &str) -> &'static str {
    match kind {
        "integer" => "an integer",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "an object",
        _ => "a text",
    }
}
