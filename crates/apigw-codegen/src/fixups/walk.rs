//! Walking a document with the place at hand.

use serde_json::{Map, Value};

/// The HTTP methods a path item may hold, and API Gateway's catch-all.
pub(crate) const METHODS: [&str; 9] = [
    "get",
    "put",
    "post",
    "delete",
    "options",
    "head",
    "patch",
    "trace",
    ANY_METHOD,
];

/// The path item key of an operation for every method.
pub(crate) const ANY_METHOD: &str = "x-amazon-apigateway-any-method";

/// Appends one step to a JSON pointer (RFC 6901).
pub(crate) fn step(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// A member that is a map.
pub(crate) fn map_at<'a>(value: &'a mut Value, key: &str) -> Option<&'a mut Map<String, Value>> {
    value.get_mut(key)?.as_object_mut()
}

/// Visits every path item: template, item, pointer.
pub(crate) fn path_items(
    root: &mut Value,
    mut visit: impl FnMut(&str, &mut Map<String, Value>, &str),
) {
    let Some(paths) = map_at(root, "paths") else {
        return;
    };
    for (template, item) in paths {
        if let Some(item) = item.as_object_mut() {
            visit(template, item, &step("/paths", template));
        }
    }
}

/// Visits every operation: template, method key, operation, pointer.
pub(crate) fn operations(
    root: &mut Value,
    mut visit: impl FnMut(&str, &str, &mut Map<String, Value>, &str),
) {
    path_items(root, |template, item, pointer| {
        for method in METHODS {
            if let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) {
                visit(template, method, operation, &step(pointer, method));
            }
        }
    });
}

/// Visits every list of parameters: of path items, of operations, of components.
pub(crate) fn parameter_lists(
    root: &mut Value,
    mut visit: impl FnMut(&mut Vec<Value>, &str, Option<&str>),
) {
    path_items(root, |template, item, pointer| {
        if let Some(list) = item.get_mut("parameters").and_then(Value::as_array_mut) {
            visit(list, &step(pointer, "parameters"), Some(template));
        }
        for method in METHODS {
            let place = step(&step(pointer, method), "parameters");
            if let Some(list) = item
                .get_mut(method)
                .and_then(|operation| operation.get_mut("parameters"))
                .and_then(Value::as_array_mut)
            {
                visit(list, &place, Some(template));
            }
        }
    });
}

/// Visits every media type map (`content`) of request bodies and responses.
pub(crate) fn contents(root: &mut Value, mut visit: impl FnMut(&mut Map<String, Value>, &str)) {
    operations(root, |_, _, operation, pointer| {
        if let Some(content) = operation
            .get_mut("requestBody")
            .and_then(|body| map_at(body, "content"))
        {
            visit(content, &format!("{pointer}/requestBody/content"));
        }
        let Some(responses) = operation
            .get_mut("responses")
            .and_then(Value::as_object_mut)
        else {
            return;
        };
        for (status, response) in responses {
            if let Some(content) = map_at(response, "content") {
                let place = step(&format!("{pointer}/responses"), status);
                visit(content, &format!("{place}/content"));
            }
        }
    });
}

/// Visits every schema, outermost first, wherever schemas occur.
///
/// The visitor may replace the schema; what it leaves is walked next.
pub(crate) fn schemas(root: &mut Value, visit: &mut dyn FnMut(&mut Value, &str)) {
    if let Some(named) = root
        .get_mut("components")
        .and_then(|components| map_at(components, "schemas"))
    {
        for (name, schema) in named {
            subschemas(schema, &step("/components/schemas", name), visit);
        }
    }
    parameter_lists(root, |parameters, pointer, _| {
        for (index, parameter) in parameters.iter_mut().enumerate() {
            if let Some(schema) = parameter.get_mut("schema") {
                subschemas(schema, &format!("{pointer}/{index}/schema"), visit);
            }
        }
    });
    contents(root, |content, pointer| {
        for (media_type, entry) in content {
            if let Some(schema) = entry.get_mut("schema") {
                let place = step(pointer, media_type);
                subschemas(schema, &format!("{place}/schema"), visit);
            }
        }
    });
}

fn subschemas(schema: &mut Value, pointer: &str, visit: &mut dyn FnMut(&mut Value, &str)) {
    visit(schema, pointer);
    let Some(schema) = schema.as_object_mut() else {
        return;
    };
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        let place = step(pointer, "properties");
        for (name, property) in properties {
            subschemas(property, &step(&place, name), visit);
        }
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = schema.get_mut(key).filter(|inner| !inner.is_boolean()) {
            subschemas(inner, &step(pointer, key), visit);
        }
    }
    for key in ["allOf", "oneOf", "anyOf"] {
        if let Some(list) = schema.get_mut(key).and_then(Value::as_array_mut) {
            let place = step(pointer, key);
            for (index, inner) in list.iter_mut().enumerate() {
                subschemas(inner, &format!("{place}/{index}"), visit);
            }
        }
    }
}
