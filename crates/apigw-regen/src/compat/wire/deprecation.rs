//! Deprecation, which breaks nothing, but which callers should know.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::compat::change::{Change, Effect};

/// Compares the deprecation of an operation and of its parameters.
pub(super) fn of_operation(route: &str, old: &Value, new: &Value) -> Vec<Change> {
    let parts = |operation: &Value| {
        let parameters = operation.get("parameters").and_then(Value::as_array);
        let parameters = parameters.into_iter().flatten().map(|parameter| {
            let name = parameter["name"].as_str().unwrap_or_default();
            (format!("{route} `{name}`"), is_deprecated(parameter))
        });
        let itself = (route.to_owned(), is_deprecated(operation));
        parameters.chain([itself]).collect()
    };
    compare(&parts(old), &parts(new))
}

/// Compares the deprecation of schemas and of their properties.
pub(super) fn of_schemas(old: &Value, new: &Value) -> Vec<Change> {
    let parts = |spec: &Value| {
        let mut parts = BTreeMap::new();
        let schemas = spec.pointer("/components/schemas");
        let schemas = schemas.and_then(Value::as_object).into_iter().flatten();
        for (name, schema) in schemas {
            parts.insert(format!("schema {name}"), is_deprecated(schema));
            let properties = schema.get("properties").and_then(Value::as_object);
            for (property, schema) in properties.into_iter().flatten() {
                parts.insert(format!("schema {name}.{property}"), is_deprecated(schema));
            }
        }
        parts
    };
    compare(&parts(old), &parts(new))
}

fn is_deprecated(part: &Value) -> bool {
    part.get("deprecated") == Some(&Value::Bool(true))
}

/// Compares parts that both have; a new one that is deprecated is no change.
fn compare(old: &BTreeMap<String, bool>, new: &BTreeMap<String, bool>) -> Vec<Change> {
    let common = new
        .iter()
        .filter_map(|(part, now)| Some((part, old.get(part)?, now)));
    let changed = common.filter(|(_, was, now)| was != now);
    changed
        .map(|(part, _, now)| {
            let text = if *now {
                "is now deprecated"
            } else {
                "is no longer deprecated"
            };
            Change::new(Effect::Alters, part, text)
        })
        .collect()
}
