//! Keeps the order of a client that was generated before.
//!
//! Required fields and parameters become positional arguments, but exports do not promise an order.
//! What the client on disk has keeps its place; the rest follows, sorted by name. So the order never
//! depends on the spec once a client exists.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::api::{Api, Content, Method, Operation, Place};
use crate::fixes::walk;
use crate::names::without_parameter_names;
use crate::schema::without_docs;

/// Arranges an API like the spec recorded in its client, `openapi.json`.
pub(crate) fn keep(api: &mut Api, recorded: &Value) {
    let operations = Operations::of(recorded);
    let routes = api.operations.iter().map(route).collect();
    for operation in &mut api.operations {
        let known = operations.find(operation, &routes);
        arrange(operation, known.unwrap_or(&Value::Null));
    }
    api.operations
        .sort_by_cached_key(|operation| operations.place(operation));
    let schemas = recorded.pointer("/components/schemas");
    for (name, schema) in &mut api.schemas {
        let old = schemas.and_then(|schemas| schemas.get(name));
        align(schema, old.unwrap_or(&Value::Null));
    }
    let places = places(schemas.unwrap_or(&Value::Null));
    api.schemas.sort_by(|one, _, other, _| {
        let place = |name: &String| (known(&places, name), name.clone());
        place(one).cmp(&place(other))
    });
}

/// The operations of the recorded spec.
struct Operations<'a> {
    /// By method and path without the names of parameters, with their places.
    routes: HashMap<(String, String), (usize, &'a Value)>,
    /// By name, with their methods and paths.
    names: HashMap<&'a str, (String, String)>,
    /// The places of paths, without the names of their parameters.
    paths: HashMap<String, usize>,
}

impl<'a> Operations<'a> {
    fn of(recorded: &'a Value) -> Self {
        let mut operations = Self {
            routes: HashMap::new(),
            names: HashMap::new(),
            paths: HashMap::new(),
        };
        let recorded = recorded.get("paths").and_then(Value::as_object);
        for (place, (path, item)) in recorded.into_iter().flatten().enumerate() {
            let path = without_parameter_names(path);
            operations.paths.entry(path.clone()).or_insert(place);
            for (place, (method, described)) in item.as_object().into_iter().flatten().enumerate() {
                let route = (method.clone(), path.clone());
                if let Some(name) = described.get("operationId").and_then(Value::as_str) {
                    operations.names.entry(name).or_insert(route.clone());
                }
                operations.routes.entry(route).or_insert((place, described));
            }
        }
        operations
    }

    /// Returns the recorded operation with the same route or, if that one is gone, the same name.
    fn find(&self, operation: &Operation, routes: &HashSet<(String, String)>) -> Option<&'a Value> {
        let moved = || {
            let from = self.names.get(operation.name.as_str())?;
            self.routes.get(from).filter(|_| !routes.contains(from))
        };
        let found = self.routes.get(&route(operation)).or_else(moved);
        found.map(|(_, described)| *described)
    }

    /// Returns the sort key of an operation: by path, then by method.
    fn place(&self, operation: &Operation) -> (usize, String, usize, String) {
        let route = route(operation);
        let in_path = self
            .routes
            .get(&route)
            .map_or(usize::MAX, |(place, _)| *place);
        let (method, path) = route;
        (
            known(&self.paths, &path),
            operation.path.clone(),
            in_path,
            method,
        )
    }
}

/// Returns the method and the path without the names of parameters.
fn route(operation: &Operation) -> (String, String) {
    (
        key(&operation.method),
        without_parameter_names(&operation.path),
    )
}

fn key(method: &Method) -> String {
    match method {
        Method::One(method) => method.to_ascii_lowercase(),
        Method::Any => walk::ANY_METHOD.to_owned(),
    }
}

fn arrange(operation: &mut Operation, recorded: &Value) {
    let parameters: Vec<&Value> = recorded
        .get("parameters")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .collect();
    let find = |place: Place, name: &str| {
        let is_same = |known: &&Value| {
            known.get("in").and_then(Value::as_str) == Some(place.name())
                && known.get("name").and_then(Value::as_str) == Some(name)
        };
        parameters.iter().position(is_same)
    };
    for parameter in &mut operation.parameters {
        let old = find(parameter.place, &parameter.name)
            .and_then(|place| parameters.get(place))
            .and_then(|old| {
                let content = || old.get("content")?.as_object()?.values().next();
                old.get("schema").or_else(|| content()?.get("schema"))
            });
        align(&mut parameter.schema, old.unwrap_or(&Value::Null));
    }
    operation.parameters.sort_by_cached_key(|parameter| {
        let is_new_in_path = matches!(parameter.place, Place::Path { .. });
        (
            find(parameter.place, &parameter.name).unwrap_or(usize::MAX),
            !is_new_in_path,
            parameter.name.clone(),
            parameter.place.name(),
        )
    });
    if let Some(body) = &mut operation.body {
        let old = recorded.get("requestBody");
        arrange_content(&mut body.content, old.unwrap_or(&Value::Null));
    }
    let old = recorded.get("responses").unwrap_or(&Value::Null);
    let places = places(old);
    for response in &mut operation.responses {
        let old = old.get(response.status.key());
        arrange_content(&mut response.content, old.unwrap_or(&Value::Null));
    }
    operation
        .responses
        .sort_by_cached_key(|response| (known(&places, &response.status.key()), response.status));
}

fn arrange_content(content: &mut [Content], recorded: &Value) {
    let old = recorded.get("content").unwrap_or(&Value::Null);
    let places = places(old);
    for content in &mut *content {
        let old = old
            .get(&content.media_type)
            .and_then(|old| old.get("schema"));
        if let Some(schema) = &mut content.schema {
            align(schema, old.unwrap_or(&Value::Null));
        }
    }
    content.sort_by_cached_key(|content| {
        (
            known(&places, &content.media_type),
            content.media_type.clone(),
        )
    });
}

/// Returns the place of every key.
fn places(map: &Value) -> HashMap<String, usize> {
    let keys = map.as_object().into_iter().flat_map(Map::keys);
    keys.cloned().zip(0..).collect()
}

fn known(places: &HashMap<String, usize>, key: &str) -> usize {
    places.get(key).copied().unwrap_or(usize::MAX)
}

/// Arranges the keys and the lists of names in a schema like those of the recorded one.
fn align(schema: &mut Value, recorded: &Value) {
    match schema {
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                let old = recorded.get(key.as_str()).unwrap_or(&Value::Null);
                match (key.as_str(), value) {
                    ("required" | "enum", Value::Array(names)) => align_names(names, old),
                    ("allOf" | "anyOf" | "oneOf", Value::Array(parts)) => align_parts(parts, old),
                    (_, value) => align(value, old),
                }
            }
            let places = places(recorded);
            let mut entries: Vec<(String, Value)> = std::mem::take(map).into_iter().collect();
            entries.sort_by_cached_key(|(key, _)| (known(&places, key), key.clone()));
            map.extend(entries);
        }
        Value::Array(list) => {
            for (index, value) in list.iter_mut().enumerate() {
                align(value, recorded.get(index).unwrap_or(&Value::Null));
            }
        }
        _ => {}
    }
}

/// Arranges a list of strings; other lists keep their order.
fn align_names(names: &mut [Value], recorded: &Value) {
    if !names.iter().all(Value::is_string) {
        return;
    }
    let old = recorded.as_array().into_iter().flatten();
    let places: HashMap<String, usize> = old
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .zip(0..)
        .collect();
    names.sort_by_cached_key(|name| {
        let name = name.as_str().unwrap_or_default();
        (known(&places, name), name.to_owned())
    });
}

/// Arranges the parts of a schema: those that did not change take the place of their equal.
fn align_parts(parts: &mut Vec<Value>, recorded: &Value) {
    let old = recorded.as_array().map(Vec::as_slice).unwrap_or_default();
    let sorted = |schema: &Value| {
        let mut schema = without_docs(schema);
        align(&mut schema, &Value::Null);
        schema
    };
    let before: Vec<Value> = old.iter().map(sorted).collect();
    let mut placed: Vec<(usize, Value)> = std::mem::take(parts)
        .into_iter()
        .enumerate()
        .map(|(index, mut part)| {
            let same = sorted(&part);
            let place = before.iter().position(|before| *before == same);
            let place = place.unwrap_or(index);
            align(&mut part, old.get(place).unwrap_or(&Value::Null));
            (place, part)
        })
        .collect();
    placed.sort_by_key(|(place, _)| *place);
    parts.extend(placed.into_iter().map(|(_, part)| part));
}
