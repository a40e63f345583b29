//! Schemas: what JSON Schema and OpenAPI do not allow, and what has no Rust type.

use serde_json::{Map, Value, json};

use super::log::Log;
use super::walk::{map_at, schemas};
use crate::pointer::{child, index};

/// A schema is a map; `false`, a text or null say nothing that a type could hold.
pub(super) fn not_a_schema(root: &mut Value, log: &mut Log<'_>) {
    schemas(root, &mut |schema, pointer| {
        if schema.is_object() {
            return;
        }
        // `true` is the schema of everything (JSON Schema 2020-12, 4.3.2)
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

/// `type`, when it is one.
fn kind(schema: &Map<String, Value>) -> Option<&str> {
    schema.get("type").and_then(Value::as_str)
}

/// `required: true` inside a property: the property is required.
pub(super) fn required_flag(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        let place = child(pointer, "properties");
        let mut required = Vec::new();
        for (name, property) in map_at(schema, "properties").into_iter().flatten() {
            let Some(property) = property.as_object_mut() else {
                continue;
            };
            let Some(flag) = property.get("required").and_then(Value::as_bool) else {
                continue;
            };
            property.shift_remove("required");
            log.add(
                child(&child(&place, name), "required"),
                "a flag where a list of names belongs",
                if flag {
                    "made the property required"
                } else {
                    "the property is optional"
                },
            );
            if flag {
                required.push(json!(name));
            }
        }
        if required.is_empty() {
            return;
        }
        match schema.get_mut("required").and_then(Value::as_array_mut) {
            Some(known) => {
                for name in required {
                    if !known.contains(&name) {
                        known.push(name);
                    }
                }
            }
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
                "properties" | "patternProperties" => value.is_object(),
                "required" => value
                    .as_array()
                    .is_some_and(|names| names.iter().all(Value::is_string)),
                "allOf" | "oneOf" | "anyOf" | "enum" => {
                    value.as_array().is_some_and(|list| !list.is_empty())
                }
                "items" => value.is_object() || value.is_array() || value.is_boolean(),
                "additionalProperties" => value.is_object() || value.is_boolean(),
                "nullable" => value.is_boolean(),
                "format" | "description" | "title" => value.is_string(),
                _ => true,
            };
            if !right {
                log.add(
                    child(pointer, key),
                    format!("{key} of the wrong kind"),
                    "left out",
                );
            }
            right
        });
        // a text names the property in Swagger 2.0, and a map has the name in OpenAPI 3
        if let Some(name) = schema
            .get("discriminator")
            .filter(|found| found.is_string())
        {
            let discriminator = json!({ "propertyName": name });
            schema.insert("discriminator".to_owned(), discriminator);
            log.add(
                child(pointer, "discriminator"),
                "a text, as in Swagger 2.0",
                "read as the name of the property",
            );
        }
    });
}

/// `{type: null}` among alternatives: the others, or null.
pub(super) fn null_alternative(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        for key in ["oneOf", "anyOf"] {
            let Some(list) = schema.get_mut(key).and_then(Value::as_array_mut) else {
                continue;
            };
            let Some(position) = list.iter().position(is_null) else {
                continue;
            };
            list.retain(|alternative| !is_null(alternative));
            log.add(
                index(&child(pointer, key), position),
                "null as an alternative",
                "made the others nullable",
            );
            if list.is_empty() {
                schema.shift_remove(key);
            }
            schema.insert("nullable".to_owned(), json!(true));
        }
    });
}

fn is_null(schema: &Value) -> bool {
    let is_enum_of_null = || {
        let values = schema.get("enum").and_then(Value::as_array);
        values.is_some_and(|values| !values.is_empty() && values.iter().all(Value::is_null))
    };
    match schema.get("type") {
        Some(Value::String(kind)) => kind == "null",
        Some(Value::Array(kinds)) => !kinds.is_empty() && kinds.iter().all(|kind| kind == "null"),
        Some(_) => false,
        None => schema.get("const").is_some_and(Value::is_null) || is_enum_of_null(),
    }
}

/// OpenAPI 3.1 and JSON Schema allow several types; a client needs one, or alternatives.
pub(super) fn type_list(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        let Some(Value::Array(list)) = schema.get("type") else {
            return;
        };
        let place = child(pointer, "type");
        let nullable = list.iter().any(|kind| kind == "null");
        let kinds: Vec<Value> = list
            .iter()
            .filter(|kind| *kind != "null")
            .cloned()
            .collect();
        schema.shift_remove("type");
        match kinds.as_slice() {
            [one] => {
                log.add(place, "a list of types", format!("took {one}"));
                schema.insert("type".to_owned(), one.clone());
            }
            [] => log.add(place, "a list of no types", "left untyped"),
            several => match alternatives_of(several, schema) {
                Some(alternatives) => {
                    log.add(place, "several types", "read as alternatives");
                    schema.insert("anyOf".to_owned(), alternatives);
                }
                None => log.add(place, "several types", "left untyped"),
            },
        }
        if nullable {
            schema.insert("nullable".to_owned(), json!(true));
        }
    });
}

/// One schema per type, each with the keywords that speak of it; none where other keywords
/// say already what the alternatives are.
fn alternatives_of(kinds: &[Value], schema: &mut Map<String, Value>) -> Option<Value> {
    let says_other = ["$ref", "allOf", "anyOf", "const", "enum", "oneOf"];
    if says_other.iter().any(|key| schema.contains_key(*key)) {
        return None;
    }
    let alternatives = kinds.iter().map(|kind| {
        let keys: &[&str] = match kind.as_str()? {
            "array" => &["items"],
            "object" => &["additionalProperties", "properties", "required"],
            "string" | "integer" | "number" => &["format"],
            "boolean" => &[],
            _ => return None,
        };
        let mut alternative = Map::from_iter([("type".to_owned(), kind.clone())]);
        for key in keys {
            if let Some(value) = schema.get(*key) {
                alternative.insert((*key).to_owned(), value.clone());
            }
        }
        Some(Value::Object(alternative))
    });
    let alternatives = alternatives.collect::<Option<Vec<_>>>()?;
    for key in [
        "additionalProperties",
        "format",
        "items",
        "properties",
        "required",
    ] {
        schema.shift_remove(key);
    }
    Some(Value::Array(alternatives))
}

/// Types that JSON Schema does not have.
pub(super) fn unknown_type(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        let Some(kind) = schema.get("type") else {
            return;
        };
        let known = match kind.as_str() {
            Some("string" | "number" | "integer" | "boolean" | "array" | "object") => return,
            Some("int" | "int32" | "int64" | "long" | "Integer") => Some("integer"),
            Some("float" | "double" | "decimal" | "Number") => Some("number"),
            Some("bool" | "Boolean") => Some("boolean"),
            Some(
                "str" | "text" | "String" | "date" | "datetime" | "date-time" | "uuid" | "file",
            ) => Some("string"),
            Some("list" | "Array") => Some("array"),
            Some("map" | "dict" | "Object") => Some("object"),
            _ => None,
        };
        let place = child(pointer, "type");
        match known {
            Some(known) => {
                log.add(
                    place,
                    format!("{kind} is no type"),
                    format!("read as {known}"),
                );
                schema.insert("type".to_owned(), json!(known));
            }
            None => {
                log.add(place, format!("{kind} is no type"), "left untyped");
                schema.shift_remove("type");
            }
        }
    });
}

/// The type of a schema that only says what its parts are.
pub(super) fn missing_type(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        let holds_others = ["allOf", "oneOf", "anyOf", "enum", "const"];
        if schema.contains_key("type") || holds_others.iter().any(|key| schema.contains_key(*key)) {
            return;
        }
        let (because, kind) = if schema.contains_key("items") {
            ("items", "array")
        } else if schema.contains_key("properties") {
            ("properties", "object")
        } else if schema
            .get("additionalProperties")
            .is_some_and(Value::is_object)
        {
            ("additionalProperties", "object")
        } else {
            return;
        };
        log.add(
            pointer,
            format!("{because} without a type"),
            format!("read as {kind}"),
        );
        schema.insert("type".to_owned(), json!(kind));
    });
}

/// An array must say what it holds; some hold a list of schemas.
pub(super) fn missing_items(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        if kind(schema) != Some("array") {
            return;
        }
        let items = match schema.get("items") {
            Some(Value::Object(_)) => return,
            Some(Value::Array(list)) => list.as_slice(),
            _ => &[],
        };
        let (items, problem, action) = match items {
            [only] => (only.clone(), "a list of one schema", "took that schema"),
            [] => (json!({}), "an array without items", "left them untyped"),
            _ => (json!({}), "a list of schemas", "left the items untyped"),
        };
        log.add(child(pointer, "items"), problem, action);
        schema.insert("items".to_owned(), items);
    });
}

/// `patternProperties` of one kind are a map of that kind.
pub(super) fn pattern_properties(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        let Some(Value::Object(patterns)) = schema.shift_remove("patternProperties") else {
            return;
        };
        let mut kinds = patterns.into_iter().map(|(_, schema)| schema);
        let first = kinds.next();
        let one_kind = first.filter(|first| kinds.all(|other| other == *first));
        let has_others = schema
            .get("additionalProperties")
            .is_some_and(Value::is_object);
        let (values, action) = match one_kind {
            Some(values) if !has_others => (values, "read as additionalProperties"),
            _ => (json!({}), "read as properties of any kind"),
        };
        log.add(
            child(pointer, "patternProperties"),
            "properties by pattern",
            action,
        );
        schema.insert("additionalProperties".to_owned(), values);
    });
}

/// `const` is an enum with one value (JSON Schema 2020-12, 6.1.3 of "Validation").
pub(super) fn const_value(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        if let Some(only) = schema.shift_remove("const") {
            log.add(
                child(pointer, "const"),
                "a constant",
                "read as an enum of one",
            );
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
        let place = child(pointer, "enum");
        let mut texts: Vec<Value> = Vec::with_capacity(values.len());
        let mut others = Vec::new();
        let mut nullable = false;
        let mut twice = false;
        for value in values {
            match value {
                Value::Null => nullable = true,
                Value::String(_) if texts.contains(value) => twice = true,
                Value::String(_) => texts.push(value.clone()),
                other => others.push(other.clone()),
            }
        }
        if nullable {
            // null among the values is how OpenAPI 3.0 wants it beside `nullable`
            if schema.get("nullable") != Some(&json!(true)) {
                log.add(&place, "null among the values", "made nullable");
            }
            schema.insert("nullable".to_owned(), json!(true));
        }
        match kind(schema) {
            None if others.is_empty() && !texts.is_empty() => {
                log.add(&place, "an enum of texts without a type", "read as string");
                schema.insert("type".to_owned(), json!("string"));
            }
            None => {
                log.add(&place, "an enum without a type", "left untyped");
                schema.shift_remove("enum");
                return;
            }
            Some("string") => {
                // YAML reads a bare 1 or true as no text
                for value in others {
                    let text = value.to_string();
                    log.add(
                        &place,
                        format!("{value} is no text"),
                        format!("read as \"{text}\""),
                    );
                    let text = json!(text);
                    if texts.contains(&text) {
                        twice = true;
                    } else {
                        texts.push(text);
                    }
                }
            }
            Some(kind) => {
                log.add(
                    &place,
                    format!("an enum of type {kind}"),
                    format!("read as any {kind}"),
                );
                schema.shift_remove("enum");
                return;
            }
        }
        if twice {
            log.add(&place, "a value is there twice", "kept one");
        }
        if texts.is_empty() {
            schema.shift_remove("enum");
        } else {
            schema.insert("enum".to_owned(), Value::Array(texts));
        }
    });
}

/// Keywords that no Rust type can hold.
const UNSUPPORTED: [&str; 11] = [
    "not",
    "if",
    "then",
    "else",
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
                    child(pointer, key),
                    format!("{key} has no counterpart in a type"),
                    "left to the service to check",
                );
            }
            !unsupported
        });
    });
}

/// Alternatives beside fields: `{properties, oneOf}` is an object with its own fields and
/// those of any alternative.
pub(super) fn alternatives_beside_fields(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        if !schema.contains_key("properties") {
            return;
        }
        for key in ["oneOf", "anyOf"] {
            let Some(Value::Array(list)) = schema.get(key) else {
                continue;
            };
            // most of these only say which fields must be there together
            let with_fields = |schema: &Value| {
                ["$ref", "properties", "allOf", "oneOf", "anyOf"]
                    .iter()
                    .any(|key| schema.get(key).is_some())
            };
            if !list.iter().any(with_fields) {
                continue;
            }
            log.add(
                child(pointer, key),
                "alternatives beside fields of its own",
                "one object: the fields of every alternative are optional",
            );
            let alternatives = schema.shift_remove(key);
            let parts = schema.entry("allOf").or_insert_with(|| json!([]));
            if let Some(parts) = parts.as_array_mut() {
                parts.push(json!({ key: alternatives }));
            }
        }
    });
}
