//! How parameters are written: as JSON, and as lists of which style.

use apigw_codegen::render::openapi::ANY_QUERY;
use serde_json::{Map, Value};

use super::narrowing::Direction;
use crate::compat::change::{Change, Effect};

/// Compares how parameters are written, which `drift` ignores, and then removes what it would not
/// understand from both operations.
pub(super) fn compare(
    route: &str,
    (old, old_spec): (&mut Value, &Value),
    (new, new_spec): (&mut Value, &Value),
) -> Vec<Change> {
    let mut changes = Vec::new();
    for parameter in parameters(new) {
        let is_same = |old: &&Value| ["in", "name"].iter().all(|key| old[key] == parameter[key]);
        let Some(before) = parameters(old).iter().find(is_same) else {
            continue;
        };
        let (was, now) = (written(before, old_spec), written(parameter, new_spec));
        if was != now {
            let name = parameter["name"].as_str().unwrap_or_default();
            changes.push(Change::breaks_wire(
                &format!("{route} `{name}`"),
                format!(
                    "must now be sent as {now} instead of {was}; {}",
                    Direction::Request.consequence()
                ),
            ));
        }
    }
    match (accepts_any(old), accepts_any(new)) {
        (true, false) => {
            let text = "no longer accepts undeclared query parameters; check whether your callers send some";
            changes.push(Change::new(Effect::MayBreakWire, route, text));
        }
        (false, true) => {
            let text = "now accepts undeclared query parameters";
            changes.push(Change::new(Effect::Adds, route, text));
        }
        _ => {}
    }
    for operation in [old, new] {
        if let Some(operation) = operation.as_object_mut() {
            operation.shift_remove(ANY_QUERY);
        }
        let parameters = operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut);
        let parameters = parameters.into_iter().flatten();
        for parameter in parameters.filter_map(Value::as_object_mut) {
            plain(parameter);
        }
    }
    changes
}

fn parameters(operation: &Value) -> &[Value] {
    let parameters = operation.get("parameters").and_then(Value::as_array);
    parameters.map_or(&[], Vec::as_slice)
}

fn accepts_any(operation: &Value) -> bool {
    operation.get(ANY_QUERY) == Some(&Value::Bool(true))
}

/// Names the form in which a parameter is written.
fn written(parameter: &Value, spec: &Value) -> &'static str {
    if parameter.get("content").is_some() {
        return "JSON";
    }
    let style = parameter.get("style").and_then(Value::as_str);
    let explode = parameter.get("explode").and_then(Value::as_bool);
    match (is_list(parameter, spec), style) {
        (false, _) => "a single value",
        (true, _) if parameter["in"] == "query" && explode.unwrap_or(true) => {
            "a list of repeated parameters"
        }
        (true, Some("spaceDelimited")) => "a list separated by spaces",
        (true, Some("pipeDelimited")) => "a list separated by `|`",
        (true, _) => "a list separated by commas",
    }
}

/// Returns whether the values of a parameter are arrays.
fn is_list(parameter: &Value, spec: &Value) -> bool {
    let Some(mut schema) = parameter.get("schema") else {
        return false;
    };
    // references to references are rare, and may be circular
    for _ in 0..8 {
        let reference = schema.get("$ref").and_then(Value::as_str);
        let target = reference.and_then(|reference| spec.pointer(reference.strip_prefix('#')?));
        let Some(target) = target else { break };
        schema = target;
    }
    schema.get("type").and_then(Value::as_str) == Some("array")
}

/// Moves the schema of a parameter in JSON to where `drift` compares it, and removes its style.
fn plain(parameter: &mut Map<String, Value>) {
    parameter.shift_remove("style");
    parameter.shift_remove("explode");
    if let Some(Value::Object(content)) = parameter.shift_remove("content") {
        let first = content.into_iter().next();
        let schema = first.and_then(|(_, mut entry)| Some(entry.get_mut("schema")?.take()));
        parameter.insert("schema".to_owned(), schema.unwrap_or_default());
    }
}
