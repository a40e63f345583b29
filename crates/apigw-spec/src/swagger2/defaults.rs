//! Top-level parts of a spec that its operations use.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::pointer;

/// Top-level settings that apply to operations without their own, and shared parameters.
pub(super) struct Defaults {
    pub(super) consumes: Vec<String>,
    pub(super) produces: Vec<String>,
    pub(super) parameters: Map<String, Value>,
    /// The names of the definitions that are strings, numbers or booleans.
    pub(super) scalars: HashSet<String>,
}

impl Defaults {
    /// Returns whether a schema describes a string, a number or a boolean.
    pub(super) fn is_scalar(&self, schema: &Value) -> bool {
        match schema.get("$ref").and_then(Value::as_str) {
            Some(reference) => reference
                .strip_prefix("#/definitions/")
                .is_some_and(|name| self.scalars.contains(pointer::unescape(name).as_ref())),
            None => is_scalar(schema),
        }
    }
}

/// Returns the names of the definitions that are strings, numbers or booleans.
pub(super) fn scalars(definitions: Option<&Value>) -> HashSet<String> {
    let definitions = definitions.and_then(Value::as_object).into_iter().flatten();
    let scalars = definitions.filter(|(_, schema)| is_scalar(schema));
    scalars.map(|(name, _)| name.clone()).collect()
}

fn is_scalar(schema: &Value) -> bool {
    let kind = schema.get("type").and_then(Value::as_str);
    matches!(kind, Some("string" | "number" | "integer" | "boolean"))
}
