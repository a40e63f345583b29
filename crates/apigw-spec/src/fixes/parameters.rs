//! Parameters of paths and operations.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::log::Log;
use super::references::{follow, target};
use super::walk::{operations_of, parameter_holders, parameter_lists, parameters, path_items};
use crate::pointer::{child, index};

/// A member that is a text.
fn text<'a>(parameter: &'a Map<String, Value>, key: &str) -> &'a str {
    parameter.get(key).and_then(Value::as_str).unwrap_or("")
}

fn place(parameter: &Map<String, Value>) -> &str {
    text(parameter, "in")
}

/// `$ref` to `components.parameters`; also to any other place in the spec.
pub(super) fn reference(root: &mut Value, log: &mut Log<'_>) {
    let whole = log.whole;
    parameter_lists(root, |list, pointer, _| {
        for (position, parameter) in list.iter_mut().enumerate() {
            if let Err(problem) = follow(whole, parameter) {
                *parameter = Value::Null;
                log.add(index(pointer, position), problem, "left out");
            }
        }
    });
}

/// A parameter needs a name and a place.
pub(super) fn malformed(root: &mut Value, log: &mut Log<'_>) {
    parameter_holders(root, |_, holder, pointer| {
        if holder
            .get("parameters")
            .is_some_and(|list| !list.is_array())
        {
            holder.shift_remove("parameters");
            log.add(
                child(pointer, "parameters"),
                "the parameters are not a list",
                "left out",
            );
        }
    });
    parameter_lists(root, |list, pointer, _| {
        for (position, parameter) in list.iter_mut().enumerate() {
            let is_whole = parameter.as_object().is_some_and(|parameter| {
                place(parameter) == "body"
                    || !(place(parameter).is_empty() || text(parameter, "name").is_empty())
            });
            if !is_whole && !parameter.is_null() {
                *parameter = Value::Null;
                log.add(
                    index(pointer, position),
                    "a parameter without name or place",
                    "left out",
                );
            }
        }
    });
}

/// `in: body` belongs to Swagger 2.0, but OpenAPI 3 specs have it too.
pub(super) fn body_parameter(root: &mut Value, log: &mut Log<'_>) {
    path_items(root, |_, item, pointer| {
        let shared = bodies(item, pointer);
        for (pointer, _) in &shared {
            log.add(
                pointer,
                "a body parameter",
                "read as requestBody of the path's operations",
            );
        }
        for (method, operation) in operations_of(item) {
            for (pointer, body) in bodies(operation, &child(pointer, method)) {
                if operation.contains_key("requestBody") {
                    log.add(pointer, "a body parameter beside a body", "left out");
                } else {
                    operation.insert("requestBody".to_owned(), request_body(&body));
                    log.add(pointer, "a body parameter", "read as requestBody");
                }
            }
            if let Some((_, body)) = shared.first() {
                operation
                    .entry("requestBody")
                    .or_insert_with(|| request_body(body));
            }
        }
    });
}

/// Takes the body parameters away from a path item or an operation.
fn bodies(holder: &mut Map<String, Value>, pointer: &str) -> Vec<(String, Map<String, Value>)> {
    let list = holder.get_mut("parameters").and_then(Value::as_array_mut);
    let mut found = Vec::new();
    for (position, parameter) in list.into_iter().flatten().enumerate() {
        if parameter.get("in").and_then(Value::as_str) == Some("body")
            && let Value::Object(body) = parameter.take()
        {
            found.push((index(&child(pointer, "parameters"), position), body));
        }
    }
    found
}

fn request_body(parameter: &Map<String, Value>) -> Value {
    let schema = parameter.get("schema").cloned();
    let mut body = json!({
        "content": { "application/json": { "schema": schema.unwrap_or_else(|| json!({})) } },
    });
    for key in ["description", "required"] {
        if let Some(value) = parameter.get(key) {
            body[key] = value.clone();
        }
    }
    body
}

/// Place and name: what tells parameters apart (OpenAPI 3.0, "Parameter Object").
pub(crate) fn identity(parameter: &Map<String, Value>) -> (String, String) {
    let name = text(parameter, "name");
    // header names do not differ by case (RFC 9110, section 5.1)
    let name = match place(parameter) {
        "header" => name.to_ascii_lowercase(),
        _ => name.to_owned(),
    };
    (place(parameter).to_owned(), name)
}

/// One parameter declared twice.
pub(super) fn duplicate(root: &mut Value, log: &mut Log<'_>) {
    parameter_lists(root, |list, pointer, _| {
        let mut seen = HashSet::new();
        for (position, parameter) in list.iter_mut().enumerate() {
            let Some((place, name)) = parameter.as_object().map(identity) else {
                continue;
            };
            if !seen.insert((place.clone(), name.clone())) {
                *parameter = Value::Null;
                log.add(
                    index(pointer, position),
                    format!("{place} parameter {name} is declared twice"),
                    "kept the first",
                );
            }
        }
    });
}

/// `{proxy+}` is declared as `proxy+` as often as `proxy`.
pub(super) fn greedy(root: &mut Value, log: &mut Log<'_>) {
    parameters(root, |parameter, pointer, template| {
        let name = text(parameter, "name").to_owned();
        if let Some(bare) = name.strip_suffix('+')
            && place(parameter) == "path"
            && template.contains(&format!("{{{name}}}"))
        {
            parameter.insert("name".to_owned(), json!(bare));
            log.add(
                child(pointer, "name"),
                format!("the greedy parameter is declared as {name}"),
                format!("read as {bare}"),
            );
        }
        true
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
        names.push((name.trim_end_matches('+').to_owned(), name.ends_with('+')));
        rest = &rest[end + 1..];
    }
    names
}

/// A path parameter that the path does not have.
pub(super) fn surplus_path(root: &mut Value, log: &mut Log<'_>) {
    parameters(root, |parameter, pointer, template| {
        let name = text(parameter, "name");
        let used = place(parameter) != "path"
            || template_names(template)
                .iter()
                .any(|(known, _)| known == name);
        if !used {
            log.add(
                pointer,
                format!("path parameter {name} is not in the path"),
                "left out",
            );
        }
        used
    });
}

/// Exports declare a path parameter only where the method request lists it.
pub(super) fn undeclared_path(root: &mut Value, log: &mut Log<'_>) {
    path_items(root, |template, item, pointer| {
        let shared = path_parameters(item);
        for (method, operation) in operations_of(item) {
            let mut declared = path_parameters(operation);
            declared.extend(shared.iter().cloned());
            for (name, _) in template_names(template) {
                if !declared.insert(name.clone()) {
                    continue;
                }
                log.add(
                    child(pointer, method),
                    format!("path parameter {name} is not declared"),
                    "declared it as a text",
                );
                let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
                if let Some(list) = parameters.as_array_mut() {
                    list.push(json!({
                        "name": name, "in": "path", "required": true,
                        "schema": { "type": "string" },
                    }));
                }
            }
        }
    });
}

fn path_parameters(holder: &Map<String, Value>) -> HashSet<String> {
    let list = holder.get("parameters").and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .filter(|parameter| place(parameter) == "path")
        .map(|parameter| text(parameter, "name").to_owned())
        .collect()
}

/// A path parameter is always required (OpenAPI 3.0, "Parameter Object").
pub(super) fn optional_path(root: &mut Value, log: &mut Log<'_>) {
    parameters(root, |parameter, pointer, _| {
        if place(parameter) == "path" && parameter.get("required") != Some(&json!(true)) {
            log.add(
                pointer,
                format!("path parameter {} is not required", text(parameter, "name")),
                "made it required",
            );
            parameter.insert("required".to_owned(), json!(true));
        }
        true
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

/// Marks a path item or operation that declared `x-api-key` as an ordinary header.
pub(crate) const API_KEY_HEADER: &str = "x-apigw-client-api-key";

/// Headers that HTTP, the signer or the client's settings own never become arguments.
pub(super) fn owned_header(root: &mut Value, log: &mut Log<'_>) {
    parameter_holders(root, |_, holder, pointer| {
        let list = holder.get_mut("parameters").and_then(Value::as_array_mut);
        let mut wants_key = false;
        for (position, parameter) in list.into_iter().flatten().enumerate() {
            let Some((place, name)) = parameter.as_object().map(identity) else {
                continue;
            };
            if place != "header" || !OWNED.contains(&name.as_str()) {
                continue;
            }
            *parameter = Value::Null;
            let action = match name.as_str() {
                "x-api-key" => "no argument: the client's API key is sent".to_owned(),
                "authorization" => "no argument: the signer sets it; for another authorizer, \
                     `.header(\"authorization\", …)` does"
                    .to_owned(),
                _ => format!(
                    "no argument: the client sets it; `.header(\"{name}\", …)` overrides that"
                ),
            };
            wants_key |= name == "x-api-key";
            log.add(
                index(&child(pointer, "parameters"), position),
                format!("header parameter {name}"),
                action,
            );
        }
        if wants_key {
            holder.insert(API_KEY_HEADER.to_owned(), json!(true));
        }
    });
}

/// Cookies: API Gateway passes them on, but a client of an API has no cookie jar.
pub(super) fn unknown_place(root: &mut Value, log: &mut Log<'_>) {
    parameters(root, |parameter, pointer, _| {
        let (place, name) = (place(parameter), text(parameter, "name"));
        let action = match place {
            "path" | "query" | "header" => return true,
            "cookie" => {
                format!("no argument: set it with `.header(\"cookie\", \"{name}=…\")`")
            }
            _ => "left out: parameters stand in the path, the query or a header".to_owned(),
        };
        log.add(pointer, format!("{place} parameter {name}"), action);
        false
    });
}

/// A parameter needs a schema; some have a Swagger 2.0 type, a `content`, or nothing.
pub(super) fn schema(root: &mut Value, log: &mut Log<'_>) {
    parameters(root, |parameter, pointer, _| {
        if parameter.get("schema").is_some_and(Value::is_object) {
            return true;
        }
        let text = json!({ "type": "string" });
        let (schema, problem, action) = if parameter.contains_key("content") {
            (
                text,
                "a parameter with content",
                "took a text: the caller writes the content",
            )
        } else if let Some(kind) = parameter.get("type") {
            let mut schema = json!({ "type": kind });
            for key in ["format", "items", "enum"] {
                if let Some(value) = parameter.get(key) {
                    schema[key] = value.clone();
                }
            }
            (schema, "a type without a schema", "made it the schema")
        } else {
            (text, "a parameter without schema", "took a text")
        };
        parameter.insert("schema".to_owned(), schema);
        log.add(child(pointer, "schema"), problem, action);
        true
    });
}

/// An object in a query: each of its fields is a parameter, `color=red` or, with
/// `style: deepObject`, `filter[color]=red` (OpenAPI 3.0, "Style Examples").
pub(super) fn object_in_query(root: &mut Value, log: &mut Log<'_>) {
    let whole = log.whole;
    parameter_lists(root, |list, pointer, _| {
        let mut fields = Vec::new();
        for (position, parameter) in list.iter_mut().enumerate() {
            let Some(object) = parameter.as_object() else {
                continue;
            };
            let name = text(object, "name");
            let deep = match text(object, "style") {
                "deepObject" => true,
                "" | "form" => false,
                _ => continue,
            };
            if place(object) != "query" || object.get("explode") == Some(&json!(false)) {
                continue;
            }
            let Some((properties, required)) = properties(whole, object.get("schema")) else {
                continue;
            };
            log.add(
                index(pointer, position),
                format!("query parameter {name} is an object"),
                "made each of its fields a parameter",
            );
            for (field, schema) in properties {
                let wire = if deep {
                    format!("{name}[{field}]")
                } else {
                    field.clone()
                };
                fields.push(json!({
                    "name": wire, "in": "query", "schema": schema,
                    "required": object.get("required") == Some(&json!(true))
                        && required.contains(&json!(field)),
                    "description": schema.get("description").and_then(Value::as_str).unwrap_or(""),
                }));
            }
            *parameter = Value::Null;
        }
        list.extend(fields);
    });
}

/// The fields of an object that a query can hold.
fn properties(whole: &Value, schema: Option<&Value>) -> Option<(Map<String, Value>, Vec<Value>)> {
    let mut schema = schema?;
    let mut followed = HashSet::new();
    while let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        if !followed.insert(reference) {
            return None;
        }
        schema = target(whole, reference)?;
    }
    let properties = schema.get("properties")?.as_object()?;
    let required = schema.get("required").and_then(Value::as_array);
    (!properties.is_empty()).then(|| (properties.clone(), required.cloned().unwrap_or_default()))
}

/// Styles that only the caller can write: the value is then one text.
pub(super) fn style(root: &mut Value, log: &mut Log<'_>) {
    parameters(root, |parameter, pointer, _| {
        let usual = match place(parameter) {
            "query" => "form",
            _ => "simple",
        };
        let style = text(parameter, "style").to_owned();
        if style.is_empty() || style == usual {
            return true;
        }
        parameter.shift_remove("style");
        parameter.insert("schema".to_owned(), json!({ "type": "string" }));
        log.add(
            child(pointer, "style"),
            format!("the style {style}"),
            "took a text: the caller writes it in that style",
        );
        true
    });
}
