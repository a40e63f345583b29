//! Fixes for schemas: keywords that are invalid, or that have no equivalent in Rust types.

use serde_json::{Map, Value, json};

use super::log::Log;
use super::walk::{map_at, schemas};
use crate::pointer::{child, index};
use crate::schema::without_docs;

/// Replaces schemas that are not objects.
pub(super) fn not_a_schema(root: &mut Value, log: &mut Log<'_>) {
    schemas(root, &mut |schema, pointer| {
        if schema.is_object() {
            return;
        }
        // `true` accepts any value (JSON Schema 2020-12, 4.3.2)
        if *schema != json!(true) {
            log.add(pointer, "schema is not an object", "treated as any JSON");
        }
        *schema = json!({});
    });
}

/// Visits every schema that is not a reference.
fn each(root: &mut Value, mut visit: impl FnMut(&mut Map<String, Value>, &str)) {
    schemas(root, &mut |schema, pointer| {
        if let Some(schema) = schema.as_object_mut()
            && !schema.contains_key("$ref")
        {
            visit(schema, pointer);
        }
    });
}

/// Returns `type` if it is a string.
fn kind(schema: &Map<String, Value>) -> Option<&str> {
    schema.get("type").and_then(Value::as_str)
}

/// Formats a value for the report, strings without quotes.
fn shown(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Moves `required: true` of a property to the `required` array of the object.
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
                "`required` is a boolean, not an array of names",
                if flag {
                    "made the property required"
                } else {
                    "made the property optional"
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

/// Removes keywords with a value of the wrong type.
pub(super) fn malformed_keyword(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        schema.retain(|key, value| {
            let is_valid = match key.as_str() {
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
            if !is_valid {
                log.add(child(pointer, key), format!("invalid `{key}`"), "removed");
            }
            is_valid
        });
        // Swagger 2.0 has the name of the property here, OpenAPI 3 an object
        if let Some(name) = schema
            .get("discriminator")
            .filter(|found| found.is_string())
        {
            let discriminator = json!({ "propertyName": name });
            schema.insert("discriminator".to_owned(), discriminator);
            log.add(
                child(pointer, "discriminator"),
                "`discriminator` is a string, as in Swagger 2.0",
                "converted to an object",
            );
        }
    });
}

/// Replaces `{type: null}` among alternatives by `nullable`.
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
                "`null` as an alternative",
                "made the schema nullable",
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

/// Converts several types, which OpenAPI 3.1 and JSON Schema allow, to one type or alternatives.
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
                log.add(
                    place,
                    "`type` is an array",
                    format!("using `{}`", shown(one)),
                );
                schema.insert("type".to_owned(), one.clone());
            }
            [] => log.add(place, "`type` contains no type", "removed"),
            several => match alternatives_of(several, schema) {
                Some(alternatives) => {
                    log.add(place, "multiple types", "converted to `anyOf`");
                    schema.insert("anyOf".to_owned(), alternatives);
                }
                None => log.add(place, "multiple types", "removed"),
            },
        }
        if nullable {
            schema.insert("nullable".to_owned(), json!(true));
        }
    });
}

/// Returns one schema per type, each with the keywords that apply to it, or `None` if other
/// keywords already declare alternatives.
fn alternatives_of(kinds: &[Value], schema: &mut Map<String, Value>) -> Option<Value> {
    let declares_alternatives = ["$ref", "allOf", "anyOf", "const", "enum", "oneOf"];
    if declares_alternatives
        .iter()
        .any(|key| schema.contains_key(*key))
    {
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

/// Replaces or removes types that JSON Schema does not have.
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
                    format!("unknown type `{}`", shown(kind)),
                    format!("using `{known}`"),
                );
                schema.insert("type".to_owned(), json!(known));
            }
            None => {
                log.add(place, format!("unknown type `{}`", shown(kind)), "removed");
                schema.shift_remove("type");
            }
        }
    });
}

/// Adds the missing `type` of objects and arrays.
pub(super) fn missing_type(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        let alternatives = ["allOf", "oneOf", "anyOf", "enum", "const"];
        if schema.contains_key("type") || alternatives.iter().any(|key| schema.contains_key(*key)) {
            return;
        }
        let (keyword, kind) = if schema.contains_key("items") {
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
            format!("`{keyword}` without `type`"),
            format!("using `{kind}`"),
        );
        schema.insert("type".to_owned(), json!(kind));
    });
}

/// Replaces `items` that are missing or a list of one schema; longer lists are [tuples](tuple).
pub(super) fn missing_items(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        if kind(schema) != Some("array") {
            return;
        }
        let (items, problem, action) = match schema.get("items") {
            Some(Value::Object(_)) => return,
            Some(Value::Array(list)) if !list.is_empty() => (
                list.first().cloned().unwrap_or_default(),
                "`items` is an array of one schema",
                "using that schema",
            ),
            _ => (
                json!({}),
                "array without `items`",
                "treated the items as any JSON",
            ),
        };
        log.add(child(pointer, "items"), problem, action);
        schema.insert("items".to_owned(), items);
    });
}

/// What becomes of a tuple.
const FREE: &str = "converted to an array (only the service checks the order of its items)";

/// Converts tuples to arrays of any of their schemas. A tuple is `prefixItems` (JSON Schema 2020-12,
/// 10.3.1.1), or a list in `items` in earlier drafts.
pub(super) fn tuple(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        let length = |key: &str| schema.get(key).and_then(Value::as_array).map(Vec::len);
        let key = match (length("prefixItems"), length("items")) {
            (Some(_), _) => "prefixItems",
            (None, Some(2..)) => "items",
            _ => return,
        };
        let Some(Value::Array(mut all)) = schema.shift_remove(key) else {
            return;
        };
        let most = schema.get("maxItems").and_then(Value::as_u64);
        let rest = match key {
            "prefixItems" => schema.shift_remove("items"),
            _ => schema.shift_remove("additionalItems"),
        };
        let is_open = match rest {
            Some(Value::Bool(false)) => false,
            Some(rest @ Value::Object(_)) => {
                all.push(rest);
                false
            }
            _ => most.is_none_or(|most| most > all.len() as u64),
        };
        let mut different: Vec<Value> = Vec::new();
        for one in all.iter().map(without_docs) {
            if !different.contains(&one) {
                different.push(one);
            }
        }
        let (items, action) = match different.as_slice() {
            _ if is_open => (
                json!({}),
                "treated the items as any JSON, since others may follow",
            ),
            [only] => (only.clone(), FREE),
            several => (json!({ "anyOf": several }), FREE),
        };
        log.add(child(pointer, key), "a tuple", action);
        schema.insert("type".to_owned(), json!("array"));
        schema.insert("items".to_owned(), items);
    });
}

/// Converts `patternProperties` to `additionalProperties`.
pub(super) fn pattern_properties(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        let Some(Value::Object(patterns)) = schema.shift_remove("patternProperties") else {
            return;
        };
        let mut schemas = patterns.into_iter().map(|(_, schema)| schema);
        let first = schemas.next();
        let common = first.filter(|first| schemas.all(|other| other == *first));
        let has_others = schema
            .get("additionalProperties")
            .is_some_and(Value::is_object);
        let (values, action) = match common {
            Some(values) if !has_others => (values, "converted to `additionalProperties`"),
            _ => (json!({}), "converted to `additionalProperties` of any JSON"),
        };
        log.add(
            child(pointer, "patternProperties"),
            "unsupported `patternProperties`",
            action,
        );
        schema.insert("additionalProperties".to_owned(), values);
    });
}

/// Converts `const` to an enum with one value (JSON Schema 2020-12, 6.1.3 of "Validation").
pub(super) fn const_value(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        if let Some(only) = schema.shift_remove("const") {
            log.add(
                child(pointer, "const"),
                "unsupported `const`",
                "converted to an `enum` of one value",
            );
            schema.insert("enum".to_owned(), json!([only]));
        }
    });
}

/// Removes enum values that the `type` of their schema forbids, and `enum` if no value is left: the
/// type and the fields describe more than the values do.
///
/// `null` is judged with `nullable`. Strings that spell a number or a boolean become that value, and
/// scalars in an `enum` of strings are left to [`enumeration`].
pub(super) fn enum_value(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        let implied = || {
            let fields = ["properties", "additionalProperties"];
            let has_fields = fields
                .iter()
                .any(|key| schema.get(*key).is_some_and(Value::is_object));
            match (has_fields, schema.contains_key("items")) {
                (true, _) => Some("object"),
                (false, true) => Some("array"),
                (false, false) => None,
            }
        };
        let Some(kind) = kind(schema).or_else(implied).map(str::to_owned) else {
            return;
        };
        let Some(values) = schema.get("enum").and_then(Value::as_array) else {
            return;
        };
        let read: Vec<(&Value, Option<Value>)> = values
            .iter()
            .map(|value| (value, as_kind(value, &kind)))
            .collect();
        let place = child(pointer, "enum");
        if read.iter().all(|(_, read)| read.is_none()) {
            log.add(
                place,
                format!("no value of `enum` has the type `{kind}`"),
                format!("removed (any `{kind}` is accepted)"),
            );
            schema.shift_remove("enum");
            return;
        }
        for (value, read) in &read {
            let problem = format!("`{value}` in an `enum` of type `{kind}`");
            match read {
                None => log.add(&place, problem, "removed"),
                Some(read) if read != *value => log.add(&place, problem, format!("using `{read}`")),
                Some(_) => {}
            }
        }
        let kept: Vec<Value> = read.into_iter().filter_map(|(_, read)| read).collect();
        schema.insert("enum".to_owned(), Value::Array(kept));
    });
}

/// Returns an enum value as its type allows it, or `None` if the type forbids it.
fn as_kind(value: &Value, kind: &str) -> Option<Value> {
    let spelled = || serde_json::from_str(value.as_str()?).ok();
    let is_integer = |value: &Value| value.as_f64().is_some_and(|number| number.fract() == 0.0);
    let fits = |value: &Value| match kind {
        "string" => !(value.is_array() || value.is_object()),
        "integer" => is_integer(value),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    };
    if value.is_null() || fits(value) {
        return Some(value.clone());
    }
    let is_scalar = matches!(kind, "integer" | "number" | "boolean");
    spelled().filter(|value| is_scalar && fits(value))
}

/// Reduces `enum` to unique strings, which become Rust enums; other enums keep only their type.
pub(super) fn enumeration(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        let Some(Value::Array(values)) = schema.get("enum") else {
            return;
        };
        let place = child(pointer, "enum");
        let mut texts: Vec<Value> = Vec::with_capacity(values.len());
        let mut others = Vec::new();
        let mut nullable = false;
        let mut has_duplicates = false;
        for value in values {
            match value {
                Value::Null => nullable = true,
                Value::String(_) if texts.contains(value) => has_duplicates = true,
                Value::String(_) => texts.push(value.clone()),
                other => others.push(other.clone()),
            }
        }
        if nullable {
            // OpenAPI 3.0 requires null among the values of a nullable enum
            if schema.get("nullable") != Some(&json!(true)) {
                log.add(&place, "`null` in `enum`", "made nullable");
            }
            schema.insert("nullable".to_owned(), json!(true));
        }
        match kind(schema) {
            None if others.is_empty() && !texts.is_empty() => {
                log.add(&place, "`enum` of strings without `type`", "using `string`");
                schema.insert("type".to_owned(), json!("string"));
            }
            None => {
                log.add(&place, "`enum` without `type`", "removed");
                schema.shift_remove("enum");
                return;
            }
            Some("string") => {
                // in YAML, an unquoted 1 or true is not a string
                for value in others {
                    let text = value.to_string();
                    log.add(
                        &place,
                        format!("`{value}` in an `enum` of strings"),
                        format!("using `\"{text}\"`"),
                    );
                    let text = json!(text);
                    if texts.contains(&text) {
                        has_duplicates = true;
                    } else {
                        texts.push(text);
                    }
                }
            }
            Some(kind) => {
                log.add(
                    &place,
                    format!("unsupported `enum` of type `{kind}`"),
                    format!("removed (any `{kind}` is accepted)"),
                );
                schema.shift_remove("enum");
                return;
            }
        }
        if has_duplicates {
            log.add(&place, "duplicate value in `enum`", "kept the first");
        }
        if texts.is_empty() {
            schema.shift_remove("enum");
        } else {
            schema.insert("enum".to_owned(), Value::Array(texts));
        }
    });
}

/// Keywords without an equivalent in Rust types.
const UNSUPPORTED: [&str; 10] = [
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
];

/// Removes constraints that only the service checks.
pub(super) fn unsupported_keyword(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        schema.retain(|key, _| {
            let unsupported = UNSUPPORTED.contains(&key.as_str());
            if unsupported {
                log.add(
                    child(pointer, key),
                    format!("unsupported keyword `{key}`"),
                    "removed (only the service checks it)",
                );
            }
            !unsupported
        });
    });
}

/// Converts `{properties, oneOf}` to an object with its own fields and those of any alternative.
pub(super) fn alternatives_beside_fields(root: &mut Value, log: &mut Log<'_>) {
    each(root, |schema, pointer| {
        if !schema.contains_key("properties") {
            return;
        }
        for key in ["oneOf", "anyOf"] {
            let Some(Value::Array(list)) = schema.get(key) else {
                continue;
            };
            // alternatives without fields only declare which fields are required together
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
                format!("`{key}` alongside `properties`"),
                "merged into one object (the fields of every alternative are optional)",
            );
            let alternatives = schema.shift_remove(key);
            let parts = schema.entry("allOf").or_insert_with(|| json!([]));
            if let Some(parts) = parts.as_array_mut() {
                parts.push(json!({ key: alternatives }));
            }
        }
    });
}
