//! Statuses that an operation returns.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::compat::change::{Change, Effect};

/// Compares statuses. To `drift` a new status always breaks; clients handle an undocumented
/// error status as an error.
pub(super) fn compare(route: &str, old: &mut Value, new: &mut Value) -> Vec<Change> {
    let mut changes = Vec::new();
    let statuses = |operation: &Value| -> BTreeSet<String> {
        let responses = operation.get("responses").and_then(Value::as_object);
        responses
            .into_iter()
            .flat_map(|map| map.keys().cloned())
            .collect()
    };
    let (before, after) = (statuses(old), statuses(new));
    let has_success =
        |statuses: &BTreeSet<String>| statuses.iter().any(|status| status.starts_with('2'));
    for status in after.difference(&before) {
        let is_success = status.starts_with('2') || (status == "default" && !has_success(&after));
        match is_success && has_success(&before) {
            true => changes.push(Change::breaks_wire(
                route,
                format!("can now return {status}, which existing clients don't handle"),
            )),
            false => changes.push(Change::new(
                Effect::Adds,
                route,
                format!("can now return {status}"),
            )),
        }
    }
    for status in before.difference(&after) {
        changes.push(Change::new(
            Effect::Alters,
            route,
            format!("no longer returns {status}"),
        ));
    }
    let common: BTreeSet<&String> = before.intersection(&after).collect();
    for operation in [old, new] {
        if let Some(responses) = operation
            .get_mut("responses")
            .and_then(Value::as_object_mut)
        {
            responses.retain(|status, _| common.contains(status));
        }
    }
    changes
}
