//! Reads the spec recorded in a crate's `openapi.json`.

use std::collections::BTreeMap;

use apigw_codegen::render::openapi::ANY;
use apigw_spec::names::without_parameter_names;
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
            operations.insert(
                format!("{method} {}", without_parameter_names(path)),
                operation,
            );
        }
    }
    operations
}
