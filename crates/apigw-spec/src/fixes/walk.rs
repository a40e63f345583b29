//! Visitors for the parts of a spec, which also get the JSON pointer of each part.

use serde_json::{Map, Value};

use crate::pointer::{child, index, push};

/// The HTTP methods of a path item, and the key of API Gateway for all methods.
pub(crate) const METHODS: [&str; 9] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace", ANY_METHOD,
];

/// The key of an operation for all methods in a path item.
pub(crate) const ANY_METHOD: &str = "x-amazon-apigateway-any-method";

/// Returns a member that is an object.
pub(crate) fn map_at<'a>(
    holder: &'a mut Map<String, Value>,
    key: &str,
) -> Option<&'a mut Map<String, Value>> {
    holder.get_mut(key)?.as_object_mut()
}

/// Returns `paths` of the spec.
pub(crate) fn paths(root: &mut Value) -> Option<&mut Map<String, Value>> {
    map_at(root.as_object_mut()?, "paths")
}

/// Visits every path item, with its template and pointer.
pub(crate) fn path_items(
    root: &mut Value,
    mut visit: impl FnMut(&str, &mut Map<String, Value>, &str),
) {
    for (template, item) in paths(root).into_iter().flatten() {
        if let Some(item) = item.as_object_mut() {
            visit(template, item, &child("/paths", template));
        }
    }
}

/// Returns the operations of a path item, with their keys.
pub(crate) fn operations_of(
    item: &mut Map<String, Value>,
) -> impl Iterator<Item = (&str, &mut Map<String, Value>)> {
    item.iter_mut()
        .filter(|(key, _)| METHODS.contains(&key.as_str()))
        .filter_map(|(key, operation)| Some((key.as_str(), operation.as_object_mut()?)))
}

/// Visits every operation, with its key and pointer.
pub(crate) fn operations(
    root: &mut Value,
    mut visit: impl FnMut(&str, &mut Map<String, Value>, &str),
) {
    path_items(root, |_, item, pointer| {
        for (method, operation) in operations_of(item) {
            visit(method, operation, &child(pointer, method));
        }
    });
}

/// Visits every path item and operation, with its path template and pointer.
pub(crate) fn parameter_holders(
    root: &mut Value,
    mut visit: impl FnMut(&str, &mut Map<String, Value>, &str),
) {
    path_items(root, |template, item, pointer| {
        visit(template, item, pointer);
        for (method, operation) in operations_of(item) {
            visit(template, operation, &child(pointer, method));
        }
    });
}

/// Visits every array of parameters, with its pointer and path template.
///
/// A fix that removes a parameter replaces it by null, so that the pointers to the others stay
/// valid.
pub(crate) fn parameter_lists(
    root: &mut Value,
    mut visit: impl FnMut(&mut Vec<Value>, &str, &str),
) {
    parameter_holders(root, |template, holder, pointer| {
        if let Some(list) = holder.get_mut("parameters").and_then(Value::as_array_mut) {
            visit(list, &child(pointer, "parameters"), template);
        }
    });
}

/// Visits every parameter that is an object, with its pointer and path template. Removes the
/// parameter if the visitor returns `false`.
pub(crate) fn parameters(
    root: &mut Value,
    mut keep: impl FnMut(&mut Map<String, Value>, &str, &str) -> bool,
) {
    parameter_lists(root, |list, pointer, template| {
        for (position, parameter) in list.iter_mut().enumerate() {
            if let Some(map) = parameter.as_object_mut()
                && !keep(map, &index(pointer, position), template)
            {
                *parameter = Value::Null;
            }
        }
    });
}

/// Visits every response, with its status and pointer.
pub(crate) fn responses(root: &mut Value, mut visit: impl FnMut(&str, &mut Value, &str)) {
    operations(root, |_, operation, pointer| {
        let pointer = child(pointer, "responses");
        for (status, response) in map_at(operation, "responses").into_iter().flatten() {
            visit(status, response, &child(&pointer, status));
        }
    });
}

/// Visits `content` of every request body and response, with its pointer.
pub(crate) fn contents(root: &mut Value, mut visit: impl FnMut(&mut Map<String, Value>, &str)) {
    let mut holder = |holder: Option<&mut Value>, pointer: &str| {
        let content = holder.and_then(|holder| holder.get_mut("content"));
        if let Some(content) = content.and_then(Value::as_object_mut) {
            visit(content, &child(pointer, "content"));
        }
    };
    operations(root, |_, operation, pointer| {
        holder(
            operation.get_mut("requestBody"),
            &child(pointer, "requestBody"),
        );
        let pointer = child(pointer, "responses");
        for (status, response) in map_at(operation, "responses").into_iter().flatten() {
            holder(Some(response), &child(&pointer, status));
        }
    });
}

/// Returns `components.schemas` of the spec.
pub(crate) fn named_schemas(root: &mut Value) -> Option<&mut Map<String, Value>> {
    map_at(map_at(root.as_object_mut()?, "components")?, "schemas")
}

/// Visits every schema in the spec, parents before children, with its pointer.
///
/// The visitor may replace the schema; the children of the replacement are visited next.
pub(crate) fn schemas(root: &mut Value, visit: &mut dyn FnMut(&mut Value, &str)) {
    for (name, schema) in named_schemas(root).into_iter().flatten() {
        subschemas(schema, &mut child("/components/schemas", name), visit);
    }
    parameters(root, |parameter, pointer, _| {
        if let Some(schema) = parameter.get_mut("schema") {
            subschemas(schema, &mut child(pointer, "schema"), visit);
        }
        for (media_type, entry) in map_at(parameter, "content").into_iter().flatten() {
            if let Some(schema) = entry.get_mut("schema") {
                let pointer = child(&child(pointer, "content"), media_type);
                subschemas(schema, &mut child(&pointer, "schema"), visit);
            }
        }
        true
    });
    contents(root, |content, pointer| {
        for (media_type, entry) in content {
            if let Some(schema) = entry.get_mut("schema") {
                let pointer = child(pointer, media_type);
                subschemas(schema, &mut child(&pointer, "schema"), visit);
            }
        }
    });
}

/// Visits a schema and its children. All pointers share a buffer, because few of them are used.
fn subschemas(schema: &mut Value, pointer: &mut String, visit: &mut dyn FnMut(&mut Value, &str)) {
    visit(schema, pointer);
    let Some(schema) = schema.as_object_mut() else {
        return;
    };
    for key in ["properties", "patternProperties"] {
        for (name, property) in map_at(schema, key).into_iter().flatten() {
            below(pointer, &[key, name], |pointer| {
                subschemas(property, pointer, visit)
            });
        }
    }
    for key in ["items", "additionalProperties", "allOf", "oneOf", "anyOf"] {
        match schema.get_mut(key) {
            // `additionalProperties: true`
            None | Some(Value::Bool(_)) => {}
            Some(Value::Array(list)) => {
                for (position, inner) in list.iter_mut().enumerate() {
                    below(pointer, &[key, &position.to_string()], |pointer| {
                        subschemas(inner, pointer, visit);
                    });
                }
            }
            Some(inner) => below(pointer, &[key], |pointer| subschemas(inner, pointer, visit)),
        }
    }
}

/// Appends segments to the pointer for the duration of the call.
fn below(pointer: &mut String, steps: &[&str], visit: impl FnOnce(&mut String)) {
    let here = pointer.len();
    for step in steps {
        push(pointer, step);
    }
    visit(pointer);
    pointer.truncate(here);
}
