//! Merges schemas that apply to the same value, as those of an `allOf`.

use serde_json::{Map, Value, json};

/// The maximum number of combinations of alternatives to try.
const MAX_COMBINATIONS: usize = 64;

/// Adds the rules of another schema. Returns `None` if no value can satisfy both.
///
/// Neither schema may be a reference, or have an `allOf`.
pub(super) fn intersect(into: &mut Map<String, Value>, part: Map<String, Value>) -> Option<()> {
    let part = with_numeric_bounds(part);
    *into = with_numeric_bounds(std::mem::take(into));
    let mut is_possible = true;
    for (key, value) in part {
        let Some(own) = into.get_mut(&key) else {
            into.insert(key, value);
            continue;
        };
        match key.as_str() {
            "type" => match (own.as_str(), value.as_str()) {
                (Some("number"), Some("integer")) => *own = value,
                (Some("integer"), Some("number")) => {}
                (own, other) => is_possible &= own == other,
            },
            "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties"
                if number(&value) > number(own) =>
            {
                *own = value;
            }
            "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties"
                if number(&value) < number(own) =>
            {
                *own = value;
            }
            "multipleOf" => {
                if let Some(both) = least_common_multiple(own, &value) {
                    *own = both;
                }
            }
            "uniqueItems" | "writeOnly" => {
                *own = json!(own.as_bool() == Some(true) || value.as_bool() == Some(true));
            }
            "required" => {
                let names = own.as_array_mut()?;
                for name in value.as_array().into_iter().flatten() {
                    if !names.contains(name) {
                        names.push(name.clone());
                    }
                }
            }
            "enum" => {
                let values = own.as_array_mut()?;
                values.retain(|own| value.as_array().is_none_or(|others| others.contains(own)));
                is_possible &= !values.is_empty();
            }
            "const" => is_possible &= *own == value,
            "properties" => {
                let properties = own.as_object_mut()?;
                for (name, schema) in value.as_object().into_iter().flatten() {
                    let merged = match properties.get(name) {
                        Some(own) => both(own, schema),
                        None => schema.clone(),
                    };
                    properties.insert(name.clone(), merged);
                }
            }
            "items" => *own = both(own, &value),
            "additionalProperties" => match (own.as_bool(), value.as_bool()) {
                (Some(false), _) | (_, Some(true)) => {}
                (_, Some(false)) | (Some(true), None) => *own = value,
                (None, None) => *own = both(own, &value),
            },
            "oneOf" | "anyOf" => *own = combinations(own, &value),
            // the rest is about documentation, or a second pattern or format
            _ => {}
        }
    }
    is_possible.then_some(())
}

/// Returns the alternatives of a schema: those of `oneOf`, each with those of `anyOf`.
pub(super) fn alternatives(schema: &Value) -> Option<Vec<Value>> {
    match (schema.get("oneOf"), schema.get("anyOf")) {
        (Some(one), Some(any)) => combinations(one, any).as_array().cloned(),
        (Some(only), None) | (None, Some(only)) => only.as_array().cloned(),
        (None, None) => None,
    }
}

/// Returns a list with every pair of two lists of schemas.
fn combinations(one: &Value, other: &Value) -> Value {
    let empty = Vec::new();
    let (one, other) = (
        one.as_array().unwrap_or(&empty),
        other.as_array().unwrap_or(&empty),
    );
    let pairs = one
        .iter()
        .flat_map(|one| other.iter().map(move |other| both(one, other)));
    pairs.take(MAX_COMBINATIONS).collect()
}

fn both(one: &Value, other: &Value) -> Value {
    json!({ "allOf": [one, other] })
}

/// Replaces the exclusive bounds of OpenAPI 3.0, which are flags, by those of JSON Schema.
fn with_numeric_bounds(mut schema: Map<String, Value>) -> Map<String, Value> {
    for (bound, exclusive) in [
        ("minimum", "exclusiveMinimum"),
        ("maximum", "exclusiveMaximum"),
    ] {
        match schema.get(exclusive) {
            Some(Value::Bool(true)) => match schema.shift_remove(bound) {
                Some(bound) => schema.insert(exclusive.to_owned(), bound),
                None => schema.shift_remove(exclusive),
            },
            Some(Value::Bool(false)) => schema.shift_remove(exclusive),
            _ => None,
        };
    }
    schema
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_default()
}

fn least_common_multiple(one: &Value, other: &Value) -> Option<Value> {
    let (one, other) = (one.as_u64()?, other.as_u64()?);
    let (mut divisor, mut rest) = (one, other);
    while rest != 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    let factor = one.checked_div(divisor)?;
    Some(json!(factor.checked_mul(other)?))
}
