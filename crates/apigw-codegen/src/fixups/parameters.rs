//! Parameters of paths and operations.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::Log;
use super::walk::{METHODS, operations, parameter_lists, path_items, step};

/// `$ref` to `components.parameters`; also to any other place in the document.
pub(super) fn reference(root: &mut Value, log: &mut Log<'_>) {
    let whole = root.clone();
    parameter_lists(root, |parameters, pointer, _| {
        for (index, parameter) in parameters.iter_mut().enumerate() {
            // a reference may lead to a reference; a chain of more is a circle
            for _ in 0..8 {
                let Some(target) = parameter.get("$ref").and_then(Value::as_str) else {
                    break;
                };
                match target.strip_prefix('#').and_then(|p| whole.pointer(p)) {
                    Some(found) => *parameter = found.clone(),
                    None => {
                        log.add(
                            format!("{pointer}/{index}"),
                            format!("refers to {target}, which is not in this document"),
                            "left the parameter out",
                        );
                        *parameter = Value::Null;
                    }
                }
            }
        }
        // already reported, each in its place
        parameters.retain(|parameter| !parameter.is_null());
    });
}

/// A parameter needs a name and a place.
pub(super) fn malformed(root: &mut Value, log: &mut Log<'_>) {
    path_items(root, |_, item, pointer| {
        let place = step(pointer, "parameters");
        if item.get("parameters").is_some_and(|list| !list.is_array()) {
            item.shift_remove("parameters");
            log.add(&place, "not a list", "left out");
        }
        for method in METHODS {
            let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else {
                continue;
            };
            if operation
                .get("parameters")
                .is_some_and(|list| !list.is_array())
            {
                operation.shift_remove("parameters");
                log.add(
                    step(&step(pointer, method), "parameters"),
                    "not a list",
                    "left out",
                );
            }
        }
    });
    parameter_lists(root, |parameters, pointer, _| {
        let mut index = 0;
        parameters.retain(|parameter| {
            let is_text = |key| parameter.get(key).is_some_and(Value::is_string);
            let is_body = parameter.get("in").and_then(Value::as_str) == Some("body");
            let whole = is_text("in") && (is_text("name") || is_body);
            if !whole {
                log.add(
                    format!("{pointer}/{index}"),
                    "a parameter without name or place",
                    "left out",
                );
            }
            index += 1;
            whole
        });
    });
}

/// `in: body` belongs to Swagger 2.0, but OpenAPI 3 documents have it too.
pub(super) fn body_parameter(root: &mut Value, log: &mut Log<'_>) {
    operations(root, |_, _, operation, pointer| {
        let Some(parameters) = operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut)
        else {
            return;
        };
        let is_body =
            |parameter: &Value| parameter.get("in").and_then(Value::as_str) == Some("body");
        let Some(index) = parameters.iter().position(is_body) else {
            return;
        };
        let body = parameters.remove(index);
        parameters.retain(|parameter| !is_body(parameter));
        let place = format!("{pointer}/parameters/{index}");
        if operation.contains_key("requestBody") {
            log.add(place, "a body parameter beside requestBody", "left out");
            return;
        }
        let schema = body.get("schema").cloned().unwrap_or_else(|| json!({}));
        operation.insert(
            "requestBody".to_owned(),
            json!({
                "required": body.get("required").cloned().unwrap_or(json!(false)),
                "content": { "application/json": { "schema": schema } },
            }),
        );
        log.add(place, "a body parameter", "read as requestBody");
    });
}

/// Parameters of a path item hold for each of its operations (OpenAPI 3.0, "Path Item Object").
pub(super) fn path_level(root: &mut Value, _log: &mut Log<'_>) {
    path_items(root, |_, item, _| {
        let Some(Value::Array(shared)) = item.shift_remove("parameters") else {
            return;
        };
        for method in METHODS {
            let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else {
                continue;
            };
            let own = operation
                .entry("parameters")
                .or_insert_with(|| json!([]))
                .as_array_mut();
            let Some(own) = own else { continue };
            let known: HashSet<_> = own.iter().map(identity).collect();
            let inherited: Vec<Value> = shared
                .iter()
                .filter(|parameter| !known.contains(&identity(parameter)))
                .cloned()
                .collect();
            own.splice(0..0, inherited);
        }
    });
}

fn identity(parameter: &Value) -> (String, String) {
    let text = |key| {
        parameter
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let (place, name) = (text("in"), text("name"));
    // header names do not differ by case (RFC 9110, section 5.1)
    let name = if place == "header" {
        name.to_ascii_lowercase()
    } else {
        name
    };
    (place, name)
}

/// One parameter declared twice.
pub(super) fn duplicate(root: &mut Value, log: &mut Log<'_>) {
    parameter_lists(root, |parameters, pointer, _| {
        let mut seen = HashSet::new();
        parameters.retain(|parameter| {
            let (place, name) = identity(parameter);
            let first = seen.insert((place.clone(), name.clone()));
            if !first {
                log.add(
                    pointer,
                    format!("{place} parameter {name} is declared twice"),
                    "kept the first",
                );
            }
            first
        });
    });
}

/// `{proxy+}` is declared as `proxy+` as often as `proxy`.
pub(super) fn greedy(root: &mut Value, log: &mut Log<'_>) {
    parameter_lists(root, |parameters, pointer, template| {
        for (index, parameter) in parameters.iter_mut().enumerate() {
            let (place, name) = identity(parameter);
            let Some(bare) = name.strip_suffix('+') else {
                continue;
            };
            if place == "path" && template.is_some_and(|t| t.contains(&format!("{{{name}}}"))) {
                let bare = bare.to_owned();
                log.add(
                    format!("{pointer}/{index}"),
                    format!("the greedy parameter is declared as {name}"),
                    format!("read as {bare}"),
                );
                parameter["name"] = json!(bare);
            }
        }
    });
}

/// The names in a template, in order; greedy ones without their `+`.
pub(crate) fn template_names(template: &str) -> Vec<(String, bool)> {
    let mut names = Vec::new();
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        rest = &rest[start + 1..];
        let Some(end) = rest.find('}') else { break };
        let name = &rest[..end];
        let greedy = name.ends_with('+');
        names.push((name.trim_end_matches('+').to_owned(), greedy));
        rest = &rest[end + 1..];
    }
    names
}

/// Exports declare a path parameter only where the method request lists it.
pub(super) fn undeclared_path(root: &mut Value, log: &mut Log<'_>) {
    operations(root, |template, _, operation, pointer| {
        let names = template_names(template);
        if names.is_empty() {
            return;
        }
        let list = operation
            .entry("parameters")
            .or_insert_with(|| json!([]))
            .as_array_mut();
        let Some(list) = list else { return };
        for (name, _) in names {
            if !list
                .iter()
                .any(|parameter| identity(parameter) == ("path".to_owned(), name.clone()))
            {
                log.add(
                    format!("{pointer}/parameters"),
                    format!("path parameter {name} is not declared"),
                    "declared it as a text",
                );
                list.push(json!({
                    "name": name, "in": "path", "required": true, "schema": { "type": "string" },
                }));
            }
        }
    });
}

/// A path parameter that the path does not have.
pub(super) fn surplus_path(root: &mut Value, log: &mut Log<'_>) {
    parameter_lists(root, |parameters, pointer, template| {
        let names = template_names(template.unwrap_or_default());
        parameters.retain(|parameter| {
            let (place, name) = identity(parameter);
            let used = place != "path" || names.iter().any(|(known, _)| *known == name);
            if !used {
                log.add(
                    pointer,
                    format!("path parameter {name} is not in the path"),
                    "left out",
                );
            }
            used
        });
    });
}

/// A path parameter is always required (OpenAPI 3.0, "Parameter Object").
pub(super) fn optional_path(root: &mut Value, log: &mut Log<'_>) {
    parameter_lists(root, |parameters, pointer, _| {
        for (index, parameter) in parameters.iter_mut().enumerate() {
            let (place, name) = identity(parameter);
            if place == "path" && parameter.get("required") != Some(&json!(true)) {
                parameter["required"] = json!(true);
                log.add(
                    format!("{pointer}/{index}/required"),
                    format!("path parameter {name} is not required"),
                    "made it required",
                );
            }
        }
    });
}

/// Headers that belong to HTTP, to the signer or to the client's own settings.
const OWNED: [&str; 12] = [
    "accept",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "host",
    "transfer-encoding",
    "user-agent",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
    "x-api-key",
];

/// Headers that the client sends by itself never become arguments.
pub(super) fn owned_header(root: &mut Value, log: &mut Log<'_>) {
    operations(root, |_, _, operation, pointer| {
        let Some(list) = operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut)
        else {
            return;
        };
        let mut wants_key = false;
        list.retain(|parameter| {
            let (place, name) = identity(parameter);
            let owned = place == "header" && OWNED.contains(&name.as_str());
            if owned {
                wants_key |= name == "x-api-key";
                log.add(
                    format!("{pointer}/parameters"),
                    format!("header parameter {name}"),
                    "no argument: the client sends this header itself",
                );
            }
            !owned
        });
        if wants_key {
            operation.insert(API_KEY_HEADER.to_owned(), json!(true));
        }
    });
}

/// Marks an operation that declared `x-api-key` as an ordinary header.
pub(crate) const API_KEY_HEADER: &str = "x-apigw-client-api-key";

/// Cookies: API Gateway passes them on, but a client of an API has no cookie jar.
pub(super) fn cookie(root: &mut Value, log: &mut Log<'_>) {
    parameter_lists(root, |parameters, pointer, _| {
        parameters.retain(|parameter| {
            let (place, name) = identity(parameter);
            let known = matches!(place.as_str(), "path" | "query" | "header");
            if !known {
                log.add(
                    pointer,
                    format!("{place} parameter {name}"),
                    "no argument: set it with .header(\"cookie\", …)",
                );
            }
            known
        });
    });
}

/// A parameter needs a schema; some have a Swagger 2.0 type, a `content`, or nothing.
pub(super) fn schema(root: &mut Value, log: &mut Log<'_>) {
    parameter_lists(root, |parameters, pointer, _| {
        for (index, parameter) in parameters.iter_mut().enumerate() {
            if parameter.get("schema").is_some_and(Value::is_object) {
                continue;
            }
            let place = format!("{pointer}/{index}/schema");
            let (schema, action) = match parameter.get("type").and_then(Value::as_str) {
                Some(kind) => {
                    let mut schema = json!({ "type": kind });
                    for key in ["format", "items", "enum"] {
                        if let Some(value) = parameter.get(key) {
                            schema[key] = value.clone();
                        }
                    }
                    (schema, format!("took its type, {kind}"))
                }
                None => (json!({ "type": "string" }), "took a text".to_owned()),
            };
            parameter["schema"] = schema;
            log.add(place, "a parameter without schema", action);
        }
    });
}
