//! Schemas, which are almost the same in both versions.

use serde_json::{Map, Value, json};

/// Keywords of parameters and headers in Swagger 2.0 that OpenAPI 3.0 has in `schema`.
const KEYWORDS: [&str; 17] = [
    "type",
    "format",
    "items",
    "enum",
    "default",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "x-nullable",
];

/// Moves the schema keywords of a parameter or header into its schema, and removes and returns the
/// schema. Returns `None` if there are no keywords and no schema.
pub(super) fn take(holder: &mut Map<String, Value>) -> Option<Value> {
    let mut schema = match holder.shift_remove("schema") {
        Some(Value::Object(schema)) => schema,
        // the fixes handle invalid schemas
        Some(wrong) if !wrong.is_null() => return Some(wrong),
        _ => Map::new(),
    };
    for keyword in KEYWORDS {
        if let Some(value) = holder.shift_remove(keyword) {
            schema.entry(keyword).or_insert(value);
        }
    }
    let mut schema = (!schema.is_empty()).then_some(Value::Object(schema))?;
    convert(&mut schema);
    Some(schema)
}

/// Converts a schema recursively.
pub(super) fn convert(schema: &mut Value) {
    let Value::Object(schema) = schema else {
        return;
    };
    if let Some(nullable) = schema.shift_remove("x-nullable") {
        schema.entry("nullable").or_insert(nullable);
    }
    if is_file(schema) {
        schema.insert("type".to_owned(), json!("string"));
        schema.insert("format".to_owned(), json!("binary"));
    }
    if let Some(discriminator) = schema.get_mut("discriminator")
        && discriminator.is_string()
    {
        *discriminator = json!({"propertyName": discriminator});
    }
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.values_mut().for_each(convert);
    }
    for keyword in ["items", "additionalProperties", "not"] {
        if let Some(inner) = schema.get_mut(keyword) {
            convert(inner);
        }
    }
    for keyword in ["allOf", "anyOf", "oneOf"] {
        if let Some(Value::Array(schemas)) = schema.get_mut(keyword) {
            schemas.iter_mut().for_each(convert);
        }
    }
}

/// Returns whether the type is `file`, for uploads and downloads.
pub(super) fn is_file(schema: &Map<String, Value>) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("file")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(mut schema: Value) -> Value {
        convert(&mut schema);
        schema
    }

    #[test]
    fn nullable_is_converted_recursively() {
        let nullable = json!({"type": "string", "x-nullable": true});
        let wanted = json!({"type": "string", "nullable": true});
        assert_eq!(
            converted(json!({
                "properties": {"a": {"type": "array", "items": nullable}},
                "additionalProperties": nullable,
                "allOf": [nullable]
            })),
            json!({
                "properties": {"a": {"type": "array", "items": wanted}},
                "additionalProperties": wanted,
                "allOf": [wanted]
            })
        );
    }

    #[test]
    fn properties_can_have_the_names_of_keywords() {
        let schema = json!({"properties": {
            "type": {"type": "string"}, "items": {"type": "string"}, "discriminator": {"type": "string"}
        }});
        assert_eq!(converted(schema.clone()), schema);
    }

    #[test]
    fn a_discriminator_is_converted_to_an_object() {
        assert_eq!(
            converted(json!({"discriminator": "kind"})),
            json!({"discriminator": {"propertyName": "kind"}})
        );
    }

    #[test]
    fn invalid_schemas_are_unchanged() {
        for odd in [
            json!(null),
            json!({"items": null, "properties": [], "allOf": {}, "type": ["string", "null"]}),
            json!({"additionalProperties": true, "items": [{"type": "string"}], "required": true}),
        ] {
            assert_eq!(converted(odd.clone()), odd);
        }
    }
}
