//! Fixes for operations.

use serde_json::{Map, Value, json};

use super::log::Log;
use super::references::{target, unresolved};
use super::walk::{
    ANY_METHOD, METHODS, operations, operations_of, parameter_holders, path_items, paths,
};
use crate::pointer::child;

/// The path template of an HTTP API's `$default` route.
const DEFAULT_ROUTE: &str = "/{path+}";

/// Replaces `$default`, which handles all requests without a route of their own, by a greedy path.
///
/// See "`$default` route" in AWS's "Create routes for HTTP APIs in API Gateway".
pub(super) fn default_route(root: &mut Value, log: &mut Log<'_>) {
    let Some(paths) = paths(root) else {
        return;
    };
    if !paths.contains_key("/$default") {
        return;
    }
    let route = if paths.contains_key(DEFAULT_ROUTE) {
        "/{default_path+}"
    } else {
        DEFAULT_ROUTE
    };
    let mut routed = Map::new();
    for (template, mut item) in std::mem::take(paths) {
        if template != "/$default" {
            routed.insert(template, item);
            continue;
        }
        for (method, operation) in item.as_object_mut().into_iter().flat_map(operations_of) {
            let method = if method == ANY_METHOD { "any" } else { method };
            operation
                .entry("operationId")
                .or_insert_with(|| json!(format!("{method}_default")));
        }
        log.add(
            child("/paths", &template),
            "`$default` route has no path",
            format!("using `{route}`"),
        );
        routed.insert(route.to_owned(), item);
    }
    *paths = routed;
}

/// Replaces operations that are not objects, for example the null of a bare `get:`.
pub(super) fn not_a_map(root: &mut Value, log: &mut Log<'_>) {
    path_items(root, |_, item, pointer| {
        for (key, operation) in item {
            if METHODS.contains(&key.as_str()) && !operation.is_object() {
                *operation = json!({});
                log.add(
                    child(pointer, key),
                    "operation is not an object",
                    "treated as an empty operation",
                );
            }
        }
    });
}

/// Resolves `$ref` in place of an operation. OpenAPI does not allow it, but specs contain it.
pub(super) fn reference(root: &mut Value, log: &mut Log<'_>) {
    let spec = log.spec;
    operations(root, |_, operation, pointer| {
        let Some(found) = operation.shift_remove("$ref") else {
            return;
        };
        let reference = found.as_str().unwrap_or_default();
        match target(spec, reference).and_then(Value::as_object) {
            Some(found) => {
                for (key, value) in found {
                    if key != "$ref" {
                        operation.entry(key).or_insert_with(|| value.clone());
                    }
                }
                log.add(
                    pointer,
                    format!("operation is a reference to `{reference}`"),
                    "copied the referenced operation",
                );
            }
            None => log.add(
                pointer,
                unresolved(reference),
                "treated as an empty operation",
            ),
        }
    });
}

/// Removes CORS preflights: only browsers send them, and API Gateway itself responds.
///
/// An operation with another integration is kept, because the backend implements it. Without an
/// integration, an `operationId` or a request body tells an operation from a preflight, which
/// exports write without either.
pub(super) fn cors_preflight(root: &mut Value, log: &mut Log<'_>) {
    path_items(root, |_, item, pointer| {
        let Some(preflight) = item.get("options") else {
            return;
        };
        let integration = preflight
            .get("x-amazon-apigateway-integration")
            .and_then(|integration| integration.get("type"))
            .and_then(Value::as_str);
        let problem = match integration {
            Some(kind) if kind.eq_ignore_ascii_case("mock") => {
                "CORS preflight (`OPTIONS` mock integration)"
            }
            Some(_) => return,
            None if is_described(preflight) => return,
            None => "CORS preflight (`OPTIONS` without an integration)",
        };
        item.shift_remove("options");
        log.add(child(pointer, "options"), problem, "skipped");
    });
}

/// Returns whether an operation has an `operationId` or a request body.
fn is_described(operation: &Value) -> bool {
    let id = operation.get("operationId").and_then(Value::as_str);
    let parameters = operation.get("parameters").and_then(Value::as_array);
    let mut parameters = parameters.into_iter().flatten();
    id.is_some_and(|id| !id.trim().is_empty())
        || operation.get("requestBody").is_some()
        || parameters.any(|parameter| parameter.get("in") == Some(&json!("body")))
}

/// Removes webhooks and callbacks, which are requests from the service.
pub(super) fn service_calls(root: &mut Value, log: &mut Log<'_>) {
    let Some(map) = root.as_object_mut() else {
        return;
    };
    if map.shift_remove("webhooks").is_some() {
        log.add(
            "/webhooks",
            "`webhooks` are requests from the service",
            "skipped",
        );
    }
    operations(root, |_, operation, pointer| {
        if operation.shift_remove("callbacks").is_some() {
            log.add(
                child(pointer, "callbacks"),
                "`callbacks` are requests from the service",
                "skipped",
            );
        }
    });
}

/// Removes `servers` of paths and operations: a client has one endpoint.
pub(super) fn own_servers(root: &mut Value, log: &mut Log<'_>) {
    parameter_holders(root, |_, holder, pointer| {
        let Some(servers) = holder.shift_remove("servers") else {
            return;
        };
        // an empty array means the servers of the spec
        if servers.as_array().is_some_and(Vec::is_empty) {
            return;
        }
        log.add(
            child(pointer, "servers"),
            "`servers` of a path or operation",
            "using the client's endpoint instead",
        );
    });
}

/// Removes an `operationId` that is not a string.
pub(super) fn operation_id(root: &mut Value, log: &mut Log<'_>) {
    operations(root, |_, operation, pointer| {
        if operation
            .get("operationId")
            .is_some_and(|id| !id.is_string())
        {
            operation.shift_remove("operationId");
            log.add(
                child(pointer, "operationId"),
                "operationId is not a string",
                "removed",
            );
        }
    });
}

/// Converts `security` to an array of objects.
pub(super) fn security(root: &mut Value, log: &mut Log<'_>) {
    let mut fix = |holder: &mut Map<String, Value>, pointer: &str| {
        let Some(security) = holder.get("security") else {
            return;
        };
        let is_valid = security
            .as_array()
            .is_some_and(|list| list.iter().all(Value::is_object));
        if is_valid {
            return;
        }
        let names: Vec<Value> = match security {
            Value::Array(list) => list.clone(),
            one => vec![one.clone()],
        };
        let converted: Vec<Value> = names
            .into_iter()
            .filter_map(|name| match name {
                Value::String(name) => Some(json!({ name: [] })),
                map @ Value::Object(_) => Some(map),
                _ => None,
            })
            .collect();
        log.add(
            child(pointer, "security"),
            "`security` is not an array of objects",
            if converted.is_empty() {
                "removed"
            } else {
                "converted"
            },
        );
        if converted.is_empty() {
            holder.shift_remove("security");
        } else {
            holder.insert("security".to_owned(), Value::Array(converted));
        }
    };
    if let Some(map) = root.as_object_mut() {
        fix(map, "");
    }
    operations(root, |_, operation, pointer| fix(operation, pointer));
}
