//! Fixes for parameters of paths and operations.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::log::Log;
use super::references::{follow, target};
use super::walk::{operations_of, parameter_holders, parameter_lists, parameters, path_items};
use crate::media_type::is_json;
use crate::pointer::{child, index};

/// Returns a string member, or an empty string.
fn text<'a>(parameter: &'a Map<String, Value>, key: &str) -> &'a str {
    parameter.get(key).and_then(Value::as_str).unwrap_or("")
}

fn place(parameter: &Map<String, Value>) -> &str {
    text(parameter, "in")
}

/// Resolves `$ref` to `components.parameters` or to any other place in the spec.
pub(super) fn reference(root: &mut Value, log: &mut Log<'_>) {
    let spec = log.spec;
    parameter_lists(root, |list, pointer, _| {
        for (position, parameter) in list.iter_mut().enumerate() {
            if let Err(problem) = follow(spec, parameter) {
                *parameter = Value::Null;
                log.add(index(pointer, position), problem, "removed");
            }
        }
    });
}

/// Removes parameters without `name` or `in`, and `parameters` that are not an array.
pub(super) fn malformed(root: &mut Value, log: &mut Log<'_>) {
    parameter_holders(root, |_, holder, pointer| {
        if holder
            .get("parameters")
            .is_some_and(|list| !list.is_array())
        {
            holder.shift_remove("parameters");
            log.add(
                child(pointer, "parameters"),
                "`parameters` is not an array",
                "removed",
            );
        }
    });
    parameter_lists(root, |list, pointer, _| {
        for (position, parameter) in list.iter_mut().enumerate() {
            let is_valid = parameter.as_object().is_some_and(|parameter| {
                place(parameter) == "body"
                    || !(place(parameter).is_empty() || text(parameter, "name").is_empty())
            });
            if !is_valid && !parameter.is_null() {
                *parameter = Value::Null;
                log.add(
                    index(pointer, position),
                    "parameter without `name` or `in`",
                    "removed",
                );
            }
        }
    });
}

/// Converts `in: body` of Swagger 2.0, which also occurs in OpenAPI 3 specs.
pub(super) fn body_parameter(root: &mut Value, log: &mut Log<'_>) {
    path_items(root, |_, item, pointer| {
        let shared = bodies(item, pointer);
        for (pointer, _) in &shared {
            log.add(
                pointer,
                "body parameter in OpenAPI 3",
                "converted to the `requestBody` of the path's operations",
            );
        }
        for (method, operation) in operations_of(item) {
            for (pointer, body) in bodies(operation, &child(pointer, method)) {
                if operation.contains_key("requestBody") {
                    log.add(
                        pointer,
                        "body parameter alongside a request body",
                        "removed",
                    );
                } else {
                    operation.insert("requestBody".to_owned(), request_body(&body));
                    log.add(
                        pointer,
                        "body parameter in OpenAPI 3",
                        "converted to `requestBody`",
                    );
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

/// Removes the body parameters of a path item or an operation and returns them.
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

/// Returns location and name, which identify a parameter (OpenAPI 3.0, "Parameter Object").
pub(crate) fn identity(parameter: &Map<String, Value>) -> (String, String) {
    let name = text(parameter, "name");
    // header names are case-insensitive (RFC 9110, section 5.1)
    let name = match place(parameter) {
        "header" => name.to_ascii_lowercase(),
        _ => name.to_owned(),
    };
    (place(parameter).to_owned(), name)
}

/// Removes repeated declarations of a parameter.
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
                    format!("duplicate {place} parameter `{name}`"),
                    "kept the first",
                );
            }
        }
    });
}

/// Renames the parameter `proxy+` of a template with `{proxy+}` to `proxy`.
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
                format!("greedy parameter declared as `{name}`"),
                format!("renamed to `{bare}`"),
            );
        }
        true
    });
}

/// Returns the names in a template, in order and without `+`, and whether each is greedy.
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

/// Removes path parameters that the template does not contain.
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
                format!("path parameter `{name}` is not in the path"),
                "removed",
            );
        }
        used
    });
}

/// Declares the missing path parameters of a template: exports declare only those that the method
/// request lists.
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
                    format!("undeclared path parameter `{name}`"),
                    "added as a required string",
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

/// Makes path parameters required, as they must be (OpenAPI 3.0, "Parameter Object").
pub(super) fn optional_path(root: &mut Value, log: &mut Log<'_>) {
    parameters(root, |parameter, pointer, _| {
        if place(parameter) == "path" && parameter.get("required") != Some(&json!(true)) {
            log.add(
                pointer,
                format!("optional path parameter `{}`", text(parameter, "name")),
                "made required",
            );
            parameter.insert("required".to_owned(), json!(true));
        }
        true
    });
}

/// Headers that HTTP, the signer or the client's settings control.
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

/// Marks a path item or operation that declared `x-api-key` as a header parameter.
pub(crate) const API_KEY_HEADER: &str = "x-apigw-client-api-key";

/// Removes parameters for headers that HTTP, the signer or the client's settings control.
pub(super) fn owned_header(root: &mut Value, log: &mut Log<'_>) {
    parameter_holders(root, |_, holder, pointer| {
        let list = holder.get_mut("parameters").and_then(Value::as_array_mut);
        let mut requires_key = false;
        for (position, parameter) in list.into_iter().flatten().enumerate() {
            let Some((place, name)) = parameter.as_object().map(identity) else {
                continue;
            };
            if place != "header" || !OWNED.contains(&name.as_str()) {
                continue;
            }
            *parameter = Value::Null;
            let (sender, action) = match name.as_str() {
                "x-api-key" => (
                    "client",
                    "removed (the client sends its API key)".to_owned(),
                ),
                "authorization" => (
                    "signer",
                    "removed (for another authorizer, use `.header(\"authorization\", …)`)"
                        .to_owned(),
                ),
                _ => (
                    "client",
                    format!("removed (to override it, use `.header(\"{name}\", …)`)"),
                ),
            };
            requires_key |= name == "x-api-key";
            log.add(
                index(&child(pointer, "parameters"), position),
                format!("header parameter `{name}` is set by the {sender}"),
                action,
            );
        }
        if requires_key {
            holder.insert(API_KEY_HEADER.to_owned(), json!(true));
        }
    });
}

/// Removes parameters that are not in the path, the query, a header or a cookie.
pub(super) fn unknown_place(root: &mut Value, log: &mut Log<'_>) {
    parameters(root, |parameter, pointer, _| {
        let (place, name) = (place(parameter), text(parameter, "name"));
        if matches!(place, "path" | "query" | "header" | "cookie") {
            return true;
        }
        log.add(
            pointer,
            format!("unknown location `{place}` of parameter `{name}`"),
            "removed (expected `path`, `query`, `header` or `cookie`)",
        );
        false
    });
}

/// Returns the JSON media type of `content`, which a parameter can have instead of `schema`
/// (OpenAPI 3.0, "Parameter Object").
pub(crate) fn json_content(parameter: &Map<String, Value>) -> Option<(&String, &Value)> {
    let content = parameter.get("content")?.as_object()?;
    content.iter().find(|(name, _)| is_json(name))
}

/// Adds missing schemas, from the `type` of Swagger 2.0 if there is one. A parameter with JSON
/// `content` has its schema there.
pub(super) fn schema(root: &mut Value, log: &mut Log<'_>) {
    parameters(root, |parameter, pointer, _| {
        let has_schema = parameter.get("schema").is_some_and(Value::is_object);
        if has_schema && parameter.shift_remove("content").is_some() {
            log.add(
                child(pointer, "content"),
                "`content` alongside `schema`",
                "using `schema`",
            );
        }
        if has_schema || json_content(parameter).is_some_and(|(_, entry)| entry.is_object()) {
            return true;
        }
        let text = json!({ "type": "string" });
        let (schema, problem, action) = if parameter.shift_remove("content").is_some() {
            (
                text,
                "parameter with `content` that is not JSON",
                "using type `string` (the caller serializes the value)",
            )
        } else if let Some(kind) = parameter.get("type") {
            let mut schema = json!({ "type": kind });
            for key in ["format", "items", "enum"] {
                if let Some(value) = parameter.get(key) {
                    schema[key] = value.clone();
                }
            }
            (schema, "`type` outside `schema`", "moved into `schema`")
        } else {
            (text, "parameter without `schema`", "using type `string`")
        };
        parameter.insert("schema".to_owned(), schema);
        log.add(child(pointer, "schema"), problem, action);
        true
    });
}

/// Marks a path item or operation that accepts query parameters without declaring their names.
pub(crate) const ANY_QUERY: &str = "x-apigw-client-any-query";

/// Splits an object in the query into one parameter per property, `color=red` or, with
/// `style: deepObject`, `filter[color]=red` (OpenAPI 3.0, "Style Examples").
///
/// Callers set properties that the schema does not name, or that are objects, as undeclared query
/// parameters.
pub(super) fn object_in_query(root: &mut Value, log: &mut Log<'_>) {
    let spec = log.spec;
    parameter_holders(root, |_, holder, pointer| {
        let Some(list) = holder.get_mut("parameters").and_then(Value::as_array_mut) else {
            return;
        };
        let pointer = child(pointer, "parameters");
        let mut fields = Vec::new();
        let mut accepts_any = false;
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
            // `explode` does not apply to deep objects
            let is_joined = !deep && object.get("explode") == Some(&json!(false));
            if place(object) != "query" || is_joined {
                continue;
            }
            let schema = object
                .get("schema")
                .and_then(|schema| resolved(spec, schema));
            let Some(schema) = schema.filter(|schema| kind(spec, schema) == Some("object")) else {
                continue;
            };
            let problem = format!("query parameter `{name}` is an object");
            let properties = schema.get("properties").and_then(Value::as_object);
            let is_deprecated = object.get("deprecated") == Some(&json!(true));
            let required = schema.get("required").and_then(Value::as_array);
            let mut others = !matches!(
                (properties, schema.get("additionalProperties")),
                (Some(_), None | Some(Value::Bool(false)))
            );
            let before = fields.len();
            for (field, schema) in properties.into_iter().flatten() {
                if kind(spec, schema) == Some("object") {
                    others = true;
                    continue;
                }
                let wire = if deep {
                    format!("{name}[{field}]")
                } else {
                    field.clone()
                };
                let is_required = required.is_some_and(|names| names.contains(&json!(field)));
                let mut declared = json!({
                    "name": wire, "in": "query", "schema": schema,
                    "required": object.get("required") == Some(&json!(true)) && is_required,
                    "description": schema.get("description").and_then(Value::as_str).unwrap_or(""),
                });
                if is_deprecated || schema.get("deprecated") == Some(&json!(true)) {
                    declared["deprecated"] = json!(true);
                }
                fields.push(declared);
            }
            let others_set = "undeclared ones are set by `.query(name, value)`";
            let action = match (fields.len() > before, others) {
                (true, false) => "split into one parameter per field".to_owned(),
                (true, true) => format!("split into one parameter per field; {others_set}"),
                (false, _) => "its fields are set by `.query(name, value)`".to_owned(),
            };
            accepts_any |= others;
            log.add(index(&pointer, position), problem, action);
            *parameter = Value::Null;
        }
        list.extend(fields);
        if accepts_any {
            holder.insert(ANY_QUERY.to_owned(), json!(true));
        }
    });
}

/// Follows references to a schema.
fn resolved<'a>(spec: &'a Value, mut schema: &'a Value) -> Option<&'a Value> {
    let mut followed = HashSet::new();
    while let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        if !followed.insert(reference) {
            return None;
        }
        schema = target(spec, reference)?;
    }
    Some(schema)
}

/// Returns `array` or `object` if the values of a schema are arrays or objects.
fn kind(spec: &Value, schema: &Value) -> Option<&'static str> {
    // schemas may contain themselves
    const MAX_DEPTH: usize = 8;
    kind_within(spec, schema, MAX_DEPTH)
}

fn kind_within(spec: &Value, schema: &Value, depth: usize) -> Option<&'static str> {
    let schema = resolved(spec, schema)?;
    let deeper = depth.checked_sub(1)?;
    let parts = |key| {
        let parts = schema.get(key).and_then(Value::as_array);
        let parts = parts.into_iter().flatten();
        parts.map(|part| kind_within(spec, part, deeper))
    };
    let alternatives = || parts("oneOf").chain(parts("anyOf"));
    match schema.get("type").and_then(Value::as_str) {
        Some("array") => Some("array"),
        Some("object") => Some("object"),
        Some(_) => None,
        None if schema.get("properties").is_some() => Some("object"),
        None if schema
            .get("additionalProperties")
            .is_some_and(Value::is_object) =>
        {
            Some("object")
        }
        None if schema.get("items").is_some() => Some("array"),
        None => parts("allOf").flatten().next().or_else(|| {
            let first = alternatives().next()?;
            first.filter(|_| alternatives().all(|kind| kind.is_some()))
        }),
    }
}

/// Makes parameters in unsupported styles strings, which the caller serializes.
pub(super) fn style(root: &mut Value, log: &mut Log<'_>) {
    let spec = log.spec;
    parameters(root, |parameter, pointer, _| {
        let style = text(parameter, "style").to_owned();
        let kind = || kind(spec, parameter.get("schema")?);
        match (place(parameter), style.as_str()) {
            (_, "") | ("query" | "cookie", "form") | ("path" | "header", "simple") => return true,
            ("query", "spaceDelimited" | "pipeDelimited") => match kind() {
                Some("array") => return true,
                // there is nothing to delimit
                None => {
                    parameter.shift_remove("style");
                    return true;
                }
                Some(_) => {}
            },
            _ => {}
        }
        parameter.shift_remove("style");
        parameter.insert("schema".to_owned(), json!({ "type": "string" }));
        log.add(
            child(pointer, "style"),
            format!("unsupported style `{style}`"),
            "using type `string` (the caller serializes the value)",
        );
        true
    });
}

/// Makes objects, and arrays of arrays or objects, strings, which the caller serializes: styles only
/// define them in part. In cookies, also arrays, as RFC 6265 allows no commas in values.
pub(super) fn nested(root: &mut Value, log: &mut Log<'_>) {
    let spec = log.spec;
    parameters(root, |parameter, pointer, _| {
        let Some(schema) = parameter.get("schema") else {
            return true;
        };
        let items = || {
            let items = resolved(spec, schema)?.get("items")?;
            kind(spec, items)
        };
        let what = match kind(spec, schema) {
            Some("object") => "an object",
            Some(_) if place(parameter) == "cookie" => "an array",
            Some(_) => match items() {
                Some("object") => "an array of objects",
                Some(_) => "an array of arrays",
                None => return true,
            },
            None => return true,
        };
        let (place, name) = (place(parameter), text(parameter, "name"));
        log.add(
            child(pointer, "schema"),
            format!("{place} parameter `{name}` is {what}"),
            "using type `string` (the caller serializes the value)",
        );
        parameter.insert("schema".to_owned(), json!({ "type": "string" }));
        true
    });
}
