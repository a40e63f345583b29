//! Questions about schemas: what a reference means, and whether a value fits.

#[cfg(feature = "validate")]
mod shape;

use serde_json::Value;

use crate::api::{Api, Schema};

#[cfg(feature = "validate")]
pub use shape::{Expected, Mismatch, check_shape};

/// Where named schemas are.
const NAMED: &str = "#/components/schemas/";

/// References followed from one schema to the next; more is a cycle.
const MAX_STEPS: usize = 32;

/// Returns the name of the schema that a `$ref` to a named schema means.
#[must_use]
pub fn reference(schema: &Schema) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix(NAMED)
}

/// Returns the schema that a reference leads to, or the schema itself if it is none. A reference
/// that leads nowhere, or in a cycle, is returned as it is.
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

/// Returns the schema of a list's items, or `None` if the schema is not one of a list.
#[must_use]
pub fn items(schema: &Schema) -> Option<&Schema> {
    const ANY: &Value = &Value::Null;
    (schema.get("type")? == "array").then(|| schema.get("items").unwrap_or(ANY))
}
