//! Which operations there are.

use serde_json::{Map, Value, json};

use super::log::Log;
use super::references::{elsewhere, target};
use super::walk::{
    ANY_METHOD, METHODS, operations, operations_of, parameter_holders, path_items, paths,
};
use crate::pointer::child;

/// The template that stands for an HTTP API's `$default` route.
const DEFAULT_ROUTE: &str = "/{path+}";

/// `$default` is no path: it takes whatever no other route takes.
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
            "the route for every path that no other route takes",
            format!("the caller gives the path: {route}"),
        );
        routed.insert(route.to_owned(), item);
    }
    *paths = routed;
}

/// An operation may be null: a bare `get:`.
pub(super) fn not_a_map(root: &mut Value, log: &mut Log<'_>) {
    path_items(root, |_, item, pointer| {
        for (key, operation) in item {
            if METHODS.contains(&key.as_str()) && !operation.is_object() {
                *operation = json!({});
                log.add(
                    child(pointer, key),
                    "the operation is not a map",
                    "read as an operation that declares nothing",
                );
            }
        }
    });
}

/// OpenAPI has no references to operations; people write them all the same.
pub(super) fn reference(root: &mut Value, log: &mut Log<'_>) {
    let whole = log.whole;
    operations(root, |_, operation, pointer| {
        let Some(found) = operation.shift_remove("$ref") else {
            return;
        };
        let reference = found.as_str().unwrap_or_default();
        match target(whole, reference).and_then(Value::as_object) {
            Some(found) => {
                for (key, value) in found {
                    if key != "$ref" {
                        operation.entry(key).or_insert_with(|| value.clone());
                    }
                }
                log.add(
                    pointer,
                    format!("the operation refers to {reference}"),
                    "took what that operation declares",
                );
            }
            None => log.add(
                pointer,
                elsewhere(reference),
                "read as an operation that declares nothing",
            ),
        }
    });
}

/// CORS preflights are answered by API Gateway itself and called by browsers only.
pub(super) fn cors_preflight(root: &mut Value, log: &mut Log<'_>) {
    path_items(root, |_, item, pointer| {
        let Some(preflight) = item.get("options") else {
            return;
        };
        let integration = preflight
            .get("x-amazon-apigateway-integration")
            .and_then(|integration| integration.get("type"))
            .and_then(Value::as_str);
        // another integration means that somebody answers OPTIONS on purpose
        if integration.is_none_or(|kind| kind.eq_ignore_ascii_case("mock")) {
            item.shift_remove("options");
            log.add(
                child(pointer, "options"),
                "a CORS preflight",
                "left out: browsers send it, clients do not",
            );
        }
    });
}

/// Requests that the service makes, of which a client knows nothing.
pub(super) fn service_calls(root: &mut Value, log: &mut Log<'_>) {
    const ACTION: &str = "left out: the service makes these requests, not a client";
    let Some(map) = root.as_object_mut() else {
        return;
    };
    if map.shift_remove("webhooks").is_some() {
        log.add("/webhooks", "webhooks", ACTION);
    }
    operations(root, |_, operation, pointer| {
        if operation.shift_remove("callbacks").is_some() {
            log.add(child(pointer, "callbacks"), "callbacks", ACTION);
        }
    });
}

/// Paths and operations may name servers of their own; a client has one endpoint.
pub(super) fn own_servers(root: &mut Value, log: &mut Log<'_>) {
    parameter_holders(root, |_, holder, pointer| {
        let Some(servers) = holder.shift_remove("servers") else {
            return;
        };
        // an empty list means the servers of the spec
        if servers.as_array().is_some_and(Vec::is_empty) {
            return;
        }
        log.add(
            child(pointer, "servers"),
            "servers of its own",
            "left out: every call goes to the client's endpoint",
        );
    });
}

/// The name of an operation is a text.
pub(super) fn operation_id(root: &mut Value, log: &mut Log<'_>) {
    operations(root, |_, operation, pointer| {
        if operation
            .get("operationId")
            .is_some_and(|id| !id.is_string())
        {
            operation.shift_remove("operationId");
            log.add(
                child(pointer, "operationId"),
                "the operationId is not a text",
                "left out",
            );
        }
    });
}

/// `security` is a list of maps.
pub(super) fn security(root: &mut Value, log: &mut Log<'_>) {
    let mut fix = |holder: &mut Map<String, Value>, pointer: &str| {
        let Some(security) = holder.get("security") else {
            return;
        };
        let whole = security
            .as_array()
            .is_some_and(|list| list.iter().all(Value::is_object));
        if whole {
            return;
        }
        let names: Vec<Value> = match security {
            Value::Array(list) => list.clone(),
            one => vec![one.clone()],
        };
        let read: Vec<Value> = names
            .into_iter()
            .filter_map(|name| match name {
                Value::String(name) => Some(json!({ name: [] })),
                map @ Value::Object(_) => Some(map),
                _ => None,
            })
            .collect();
        log.add(
            child(pointer, "security"),
            "the security is not a list of maps",
            if read.is_empty() {
                "left out"
            } else {
                "read as one"
            },
        );
        if read.is_empty() {
            holder.shift_remove("security");
        } else {
            holder.insert("security".to_owned(), Value::Array(read));
        }
    };
    if let Some(map) = root.as_object_mut() {
        fix(map, "");
    }
    operations(root, |_, operation, pointer| fix(operation, pointer));
}
