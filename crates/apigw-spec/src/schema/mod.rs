//! Resolving references between schemas, and validating values.

#[cfg(feature = "validate")]
mod check;

use serde_json::{Map, Value};

use crate::api::{Api, Schema};

#[cfg(feature = "validate")]
pub use check::{Direction, Expected, Mismatch, check};

/// The prefix of references to named schemas.
const NAMED: &str = "#/components/schemas/";

/// The maximum number of references to follow. Longer chains are treated as cycles.
const MAX_STEPS: usize = 32;

/// Returns the name in a `$ref` to a named schema.
#[must_use]
pub fn reference(schema: &Schema) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix(NAMED)
}

/// Returns the target of a reference, or the schema itself if it is not a reference.
///
/// If the reference is unresolved or circular, the result is a reference, too.
#[must_use]
pub fn resolve<'a>(api: &'a Api, schema: &'a Schema) -> &'a Schema {
    let mut schema = schema;
    for _ in 0..MAX_STEPS {
        match reference(schema).and_then(|name| api.schemas.get(name)) {
            Some(next) => schema = next,
            None => break,
        }
    }
    schema
}

/// Returns the schema of the items of an array, or `None` if the schema is not an array.
#[must_use]
pub fn items(schema: &Schema) -> Option<&Schema> {
    const ANY: &Value = &Value::Null;
    (schema.get("type")? == "array").then(|| schema.get("items").unwrap_or(ANY))
}

/// Returns a schema without descriptions, titles and examples.
#[must_use]
pub fn without_docs(schema: &Value) -> Value {
    let Value::Object(map) = schema else {
        return schema.clone();
    };
    let mut kept = Map::new();
    for (key, value) in map {
        let value = match (key.as_str(), value) {
            ("description" | "title" | "example" | "examples" | "externalDocs" | "xml", _) => {
                continue;
            }
            ("properties" | "patternProperties", Value::Object(properties)) => properties
                .iter()
                .map(|(name, schema)| (name.clone(), without_docs(schema)))
                .collect(),
            ("allOf" | "anyOf" | "oneOf", Value::Array(schemas)) => {
                schemas.iter().map(without_docs).collect()
            }
            ("items" | "additionalProperties" | "not", schema) => without_docs(schema),
            (_, value) => value.clone(),
        };
        kept.insert(key.clone(), value);
    }
    Value::Object(kept)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn descriptions_are_omitted_but_properties_with_the_same_names_are_kept() {
        let schema = json!({
            "title": "Note", "type": "object", "required": ["title"], "example": { "title": "a" },
            "properties": { "title": { "type": "string", "description": "its title" } },
        });
        assert_eq!(
            without_docs(&schema),
            json!({
                "type": "object", "required": ["title"],
                "properties": { "title": { "type": "string" } },
            })
        );
    }
}
