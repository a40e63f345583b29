//! Which operations there are.

use serde_json::{Map, Value, json};

use super::Log;
use super::walk::{ANY_METHOD, METHODS, map_at, path_items, step};

/// The template that stands for an HTTP API's `$default` route.
pub(crate) const DEFAULT_ROUTE: &str = "/{path+}";

/// `$default` is no path: it takes whatever no other route takes.
///
/// See "`$default` route" in AWS's "Create routes for HTTP APIs in API Gateway".
pub(super) fn default_route(root: &mut Value, log: &mut Log<'_>) {
    let Some(paths) = map_at(root, "paths") else {
        return;
    };
    if !paths.contains_key("/$default") {
        return;
    }
    let mut routed = Map::new();
    for (template, item) in std::mem::take(paths) {
        if template != "/$default" {
            routed.insert(template, item);
            continue;
        }
        let mut item = item;
        for method in METHODS {
            if let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) {
                operation
                    .entry("operationId")
                    .or_insert_with(|| json!(default_route_name(method)));
            }
        }
        log.add(
            step("/paths", &template),
            "the route for every path that no other route takes",
            format!("the caller gives the path: {DEFAULT_ROUTE}"),
        );
        routed.insert(DEFAULT_ROUTE.to_owned(), item);
    }
    *paths = routed;
}

fn default_route_name(method: &str) -> String {
    match method {
        ANY_METHOD => "any_default".to_owned(),
        method => format!("{method}_default"),
    }
}

/// An operation may be null: a bare `get:`.
pub(super) fn not_a_map(root: &mut Value, log: &mut Log<'_>) {
    path_items(root, |_, item, pointer| {
        for method in METHODS {
            if let Some(operation) = item.get_mut(method).filter(|found| !found.is_object()) {
                *operation = json!({});
                log.add(
                    step(pointer, method),
                    "the operation is not a map",
                    "read as an operation that declares nothing",
                );
            }
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
                step(pointer, "options"),
                "a CORS preflight",
                "left out: browsers send it, clients do not",
            );
        }
    });
}
