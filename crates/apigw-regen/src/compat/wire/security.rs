//! Authorization of an operation.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::compat::change::{Change, Effect};

/// Compares authorization, which `drift` ignores.
pub(super) fn compare(route: &str, old: &Value, new: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    let schemes = |operation: &Value| -> BTreeSet<String> {
        let first = operation.pointer("/security/0").and_then(Value::as_object);
        first
            .into_iter()
            .flat_map(|map| map.keys().cloned())
            .collect()
    };
    let (old, new) = (schemes(old), schemes(new));
    for scheme in new.difference(&old) {
        let text = match scheme.as_str() {
            "sigv4" => {
                "now requires a signature; configure credentials and allow execute-api:Invoke"
                    .to_owned()
            }
            "api_key" => "now requires an API key; set `api_key`".to_owned(),
            name => format!("is now protected by the authorizer {name}; set its header"),
        };
        changes.push(Change::breaks_wire(route, text));
    }
    for scheme in old.difference(&new) {
        let text = match scheme.as_str() {
            "sigv4" => "no longer requires a signature".to_owned(),
            "api_key" => "no longer requires an API key".to_owned(),
            name => format!("is no longer protected by the authorizer {name}"),
        };
        changes.push(Change::new(Effect::Alters, route, text));
    }
    changes
}
