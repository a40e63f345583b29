//! Who may call an operation: drift does not compare it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::compat::change::{Change, Effect};

/// Who may call: drift does not look.
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
                "demands a signature now; give credentials, and allow execute-api:Invoke".to_owned()
            }
            "api_key" => "demands an API key now; give one".to_owned(),
            name => format!("demands what its authorizer {name} checks now; set its header"),
        };
        changes.push(Change::breaks_wire(route, text));
    }
    for scheme in old.difference(&new) {
        let text = match scheme.as_str() {
            "sigv4" => "demands no signature any more".to_owned(),
            "api_key" => "demands no API key any more".to_owned(),
            name => format!("is not guarded by its authorizer {name} any more"),
        };
        changes.push(Change::new(Effect::Alters, route, text));
    }
    changes
}
