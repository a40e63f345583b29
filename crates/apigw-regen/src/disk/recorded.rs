//! Reads the spec recorded in a crate's `openapi.json`.

use std::collections::BTreeMap;

use apigw_codegen::render::openapi::ANY;
use serde_json::Value;

/// An operation of a recorded spec.
#[derive(Clone, Copy)]
pub(crate) struct Operation<'a> {
    pub(crate) path: &'a str,
    pub(crate) method: &'a str,
    pub(crate) described: &'a Value,
}

impl Operation<'_> {
    pub(crate) fn route(&self) -> String {
        let method = match self.method {
            ANY => "ANY".to_owned(),
            method => method.to_ascii_uppercase(),
        };
        format!("{method} {}", self.path)
    }
}

/// Returns the operations of a spec, by method and path without parameter names.
pub(crate) fn operations(spec: &Value) -> BTreeMap<String, Operation<'_>> {
    let paths = spec.get("paths").and_then(Value::as_object);
    let mut operations = BTreeMap::new();
    for (path, item) in paths.into_iter().flatten() {
        for (method, described) in item.as_object().into_iter().flatten() {
            let operation = Operation {
                path,
                method,
                described,
            };
            operations.insert(format!("{method} {}", unnamed(path)), operation);
        }
    }
    operations
}

/// Removes parameter names from a path: `/orders/{orderId}` becomes `/orders/{}`. Greedy parameters
/// stay greedy.
fn unnamed(path: &str) -> String {
    let mut unnamed = String::new();
    for (index, part) in path.split('{').enumerate() {
        match part.split_once('}') {
            Some((name, rest)) if index > 0 => {
                unnamed.push_str(if name.ends_with('+') { "{+}" } else { "{}" });
                unnamed.push_str(rest);
            }
            _ => unnamed.push_str(part),
        }
    }
    unnamed
}
