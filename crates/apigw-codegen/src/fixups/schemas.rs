//! Schemas: what JSON Schema and OpenAPI do not allow, and what has no Rust type.

use serde_json::{Map, Value, json};

use super::Log;
use super::walk::{schemas, step};

/// A schema is a map; `true`, a text or null say nothing.
pub(super) fn not_a_schema(root: &mut Value, log: &mut Log<'_>) {
    schemas(root, &mut |schema, pointer| {
        if schema.is_object() {
            return;
        }
        if *schema != json!(true) {
            log.add(pointer, "not a schema", "left untyped");
        }
        *schema = json!({});
    });
}

/// Visits every schema that is no reference.
fn each(root: &mut Value, mut visit: impl FnMut(&mut Map<String, Value>, &str)) {
    schemas(root, &mut |schema, pointer| {
        if let Some(schema) = schema.as_object_mut()
            && !schema.contains_key("$ref")
        {
            visit(schema, pointer);
        }
    });
}

/// `required: true` inside a property: the property is required.
pub(super) fn required_flag(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        let mut required = Vec::new();
        if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            for (name, property) in properties {
                let Some(property) = property.as_object_mut() else {
                    continue;
                };
                let Some(flag) = property.get("required").and_then(Value::as_bool) else {
                    continue;
                };
                property.shift_remove("required");
                let place = step(&step(pointer, "properties"), name);
                log.add(
                    step(&place, "required"),
                    "a flag where a list of names belongs",
                    if flag { "made the property required" } else { "left out" },
                );
                if flag {
                    required.push(json!(name));
                }
            }
        }
        if required.is_empty() {
            return;
        }
        match schema.get_mut("required").and_then(Value::as_array_mut) {
            Some(known) => required.iter().for_each(|name| {
                if !known.contains(name) {
                    known.push(name.clone());
                }
            }),
            None => {
                schema.insert("required".to_owned(), Value::Array(required));
            }
        }
    });
}

/// Keywords with a value of the wrong kind.
pub(super) fn malformed_keyword(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        schema.retain(|key, value| {
            let right = match key.as_str() {
                "properties" => value.is_object(),
                "required" => value
                    .as_array()
                    .is_some_and(|names| names.iter().all(Value::is_string)),
                "allOf" | "oneOf" | "anyOf" => {
                    value.as_array().is_some_and(|list| !list.is_empty())
                }
                "enum" => value.as_array().is_some_and(|list| !list.is_empty()),
                "items" => value.is_object() || value.is_array(),
                "additionalProperties" => value.is_object() || value.is_boolean(),
                "nullable" => value.is_boolean(),
                "format" | "description" | "title" => value.is_string(),
                _ => true,
            };
            if !right {
                log.add(step(pointer, key), format!("{key} of the wrong kind"), "left out");
            }
            right
        });
    });
}

/// OpenAPI 3.1 and JSON Schema allow several types; a client needs one, or none.
pub(super) fn type_list(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        let Some(Value::Array(list)) = schema.get("type") else {
            return;
        };
        let nullable = list.iter().any(|kind| kind == "null");
        let others: Vec<Value> = list.iter().filter(|kind| *kind != "null").cloned().collect();
        let place = step(pointer, "type");
        match others.as_slice() {
            [one] => {
                let one = one.clone();
                log.add(place, "a list of types", format!("took {one}"));
                schema.insert("type".to_owned(), one);
            }
            _ => {
                log.add(place, "several types", "left untyped");
                schema.shift_remove("type");
            }
        }
        if nullable {
            schema.insert("nullable".to_owned(), json!(true));
        }
    });
}

/// Types that JSON Schema does not have.
pub(super) fn unknown_type(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        let Some(kind) = schema.get("type") else {
            return;
        };
        let known = match kind.as_str() {
            Some("string" | "number" | "integer" | "boolean" | "array" | "object") => return,
            Some("null") => None,
            Some("int" | "int32" | "int64" | "long" | "Integer") => Some("integer"),
            Some("float" | "double" | "decimal" | "Number") => Some("number"),
            Some("bool" | "Boolean") => Some("boolean"),
            Some("str" | "text" | "String" | "date" | "datetime" | "date-time" | "uuid") => {
                Some("string")
            }
            Some("file") => Some("string"),
            Some("list" | "Array") => Some("array"),
            Some("map" | "dict" | "Object") => Some("object"),
            _ => None,
        };
        let place = step(pointer, "type");
        match known {
            Some(known) => {
                log.add(place, format!("{kind} is no type"), format!("read as {known}"));
                schema.insert("type".to_owned(), json!(known));
            }
            None => {
                log.add(place, format!("{kind} is no type"), "left untyped");
                schema.shift_remove("type");
                schema.shift_remove("enum");
            }
        }
    });
}

/// An array must say what it holds; some hold a list of schemas.
pub(super) fn missing_items(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        if schema.get("type").and_then(Value::as_str) != Some("array") {
            return;
        }
        let place = step(pointer, "items");
        match schema.get("items") {
            Some(Value::Object(_)) => {}
            Some(Value::Array(list)) if list.len() == 1 => {
                let only = list[0].clone();
                log.add(place, "a list with one schema", "took that schema");
                schema.insert("items".to_owned(), only);
            }
            Some(_) => {
                log.add(place, "several schemas for the items", "left them untyped");
                schema.insert("items".to_owned(), json!({}));
            }
            None => {
                log.add(place, "an array without items", "left them untyped");
                schema.insert("items".to_owned(), json!({}));
            }
        }
    });
}

/// `const` is an enum with one value (JSON Schema 2020-12, 6.1.3).
pub(super) fn const_value(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        if let Some(only) = schema.shift_remove("const") {
            log.add(step(pointer, "const"), "a constant", "read as an enum of one");
            schema.insert("enum".to_owned(), json!([only]));
        }
    });
}

/// Enums of texts become Rust enums; others keep their plain type.
pub(super) fn enumeration(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        let Some(Value::Array(values)) = schema.get("enum") else {
            return;
        };
        let mut values = values.clone();
        let place = step(pointer, "enum");
        let kind = schema.get("type").and_then(Value::as_str).map(str::to_owned);
        if values.iter().any(Value::is_null) {
            values.retain(|value| !value.is_null());
            schema.insert("nullable".to_owned(), json!(true));
        }
        // a text enum may list bare numbers and YAML booleans
        if kind.as_deref() == Some("string") && !values.iter().all(Value::is_string) {
            log.add(&place, "values that are no texts", "read as texts");
            for value in &mut values {
                if !value.is_string() {
                    *value = json!(value.to_string());
                }
            }
        }
        let texts = values.iter().all(Value::is_string) && !values.is_empty();
        match kind.as_deref() {
            None if texts => {
                log.add(&place, "an enum of texts without a type", "read as string");
                schema.insert("type".to_owned(), json!("string"));
            }
            Some("string") if texts => {}
            None => {
                log.add(&place, "an enum of mixed values", "left untyped");
                schema.shift_remove("enum");
                return;
            }
            Some(_) => {
                // a number stays a number: the values are in the docs of the document
                schema.shift_remove("enum");
                return;
            }
        }
        let mut unique: Vec<Value> = Vec::with_capacity(values.len());
        for value in values {
            if !unique.contains(&value) {
                unique.push(value);
            }
        }
        schema.insert("enum".to_owned(), Value::Array(unique));
    });
}

/// Keywords that no Rust type can hold.
const UNSUPPORTED: [&str; 12] = [
    "not",
    "if",
    "then",
    "else",
    "patternProperties",
    "propertyNames",
    "dependencies",
    "dependentSchemas",
    "dependentRequired",
    "unevaluatedProperties",
    "contains",
    "prefixItems",
];

/// Constraints between values: the service checks them, a type cannot.
pub(super) fn unsupported_keyword(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        schema.retain(|key, _| {
            let unsupported = UNSUPPORTED.contains(&key.as_str());
            if unsupported {
                log.add(
                    step(pointer, key),
                    format!("{key} has no counterpart in a type"),
                    "left to the service to check",
                );
            }
            !unsupported
        });
    });
}
