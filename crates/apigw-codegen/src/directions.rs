//! Gives schemas with `readOnly` or `writeOnly` properties one form for requests and one for
//! responses.
//!
//! A `readOnly` property is not sent, and a response may omit a `writeOnly` one (OpenAPI 3.0, "Schema
//! Object"). Schemas that travel in one direction are changed in place; those that travel in both
//! get a copy for requests, named after them with the suffix `Request`.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::render::openapi::reachable;
use crate::types::choices::TypeChoices;
use crate::types::names::without_hash;
use apigw_spec::api::{Api, Schema};
use apigw_spec::pointer;
use apigw_spec::report::Report;
use apigw_spec::schema::reference;

/// Marks a property that the type does not have.
pub(crate) const OMITTED: &str = "x-omitted";

/// Marks a property that may be missing, although the schema requires it.
pub(crate) const OPTIONAL: &str = "x-optional";

/// The suffix of copies for requests.
const SUFFIX: &str = "Request";

const SCHEMAS: &str = "#/components/schemas/";

/// Returns the API with the forms of its schemas, and the type names with those of the copies.
pub(crate) fn split<'a>(
    api: &'a Api,
    mut choices: TypeChoices,
    report: &mut Report,
) -> (Cow<'a, Api>, TypeChoices) {
    let plain: Map<String, Value> = api
        .schemas
        .iter()
        .map(|(name, schema)| (name.clone(), schema.clone()))
        .collect();
    let has_direction = |schema: &Value| has(schema, "readOnly") || has(schema, "writeOnly");
    let all = plain.values().chain(sent(api)).chain(received(api));
    if !all.into_iter().any(has_direction) {
        return (Cow::Borrowed(api), choices);
    }
    let in_requests = reached(sent(api).cloned().collect(), &plain);
    let in_responses = reached(received(api).cloned().collect(), &plain);
    // a schema differs by direction if it, or one that it refers to, has such a property
    let differs = |name: &String| {
        let refers = reached(vec![refer(name)], &plain);
        let mut refers = refers.iter().filter_map(|name| plain.get(name));
        refers.any(has_direction)
    };
    let mut copies: BTreeMap<String, String> = BTreeMap::new();
    for name in in_requests
        .intersection(&in_responses)
        .filter(|name| differs(name))
    {
        let copy = copy_name(name, |wanted| {
            plain.contains_key(wanted) || copies.values().any(|copy| copy == wanted)
        });
        if let Some(own) = choices.names.get(name) {
            choices.names.insert(copy.clone(), format!("{own}{SUFFIX}"));
        }
        copies.insert(name.clone(), copy);
    }
    let mut api = api.clone();
    let mut schemas = indexmap::IndexMap::new();
    for (name, schema) in &api.schemas {
        let at = pointer::child("/components/schemas", name);
        let mut own = schema.clone();
        match (copies.get(name), in_requests.contains(name)) {
            (None, true) => for_requests(&mut own, &at, &copies, report),
            (None, false) => for_responses(&mut own),
            (Some(copy), _) => {
                for_responses(&mut own);
                let mut request = schema.clone();
                for_requests(&mut request, &at, &copies, report);
                schemas.insert(name.clone(), own);
                schemas.insert(copy.clone(), request);
                continue;
            }
        }
        schemas.insert(name.clone(), own);
    }
    api.schemas = schemas;
    for operation in &mut api.operations {
        let at = pointer::child(&operation.pointer, "parameters");
        for parameter in &mut operation.parameters {
            for_requests(&mut parameter.schema, &at, &copies, report);
        }
        let at = format!("{}/requestBody/content", operation.pointer);
        for content in operation.body.iter_mut().flat_map(|body| &mut body.content) {
            let at = pointer::child(&pointer::child(&at, &content.media_type), "schema");
            if let Some(schema) = &mut content.schema {
                for_requests(schema, &at, &copies, report);
            }
        }
        let responses = operation.responses.iter_mut();
        for content in responses.flat_map(|response| &mut response.content) {
            if let Some(schema) = &mut content.schema {
                for_responses(schema);
            }
        }
    }
    (Cow::Owned(api), choices)
}

fn refer(name: &str) -> Value {
    let target = pointer::child("", name);
    json!({ "$ref": format!("{SCHEMAS}{}", target.trim_start_matches('/')) })
}

/// Returns the names of the schemas that these ones refer to, and of those that extend one of them.
fn reached(mut from: Vec<Value>, schemas: &Map<String, Value>) -> BTreeSet<String> {
    loop {
        let reached = reachable(&Value::Array(from.clone()), schemas);
        let is_base = |name: &str| {
            let base = schemas.get(name).filter(|_| reached.contains(name));
            base.is_some_and(|base| base.get("discriminator").is_some())
        };
        let extends = |schema: &Value| {
            let parts = schema.get("allOf").and_then(Value::as_array);
            let mut parts = parts.into_iter().flatten().filter_map(reference);
            parts.any(is_base)
        };
        let more: Vec<Value> = schemas
            .iter()
            .filter(|(name, schema)| !reached.contains(*name) && extends(schema))
            .map(|(name, _)| refer(name))
            .collect();
        if more.is_empty() {
            return reached;
        }
        from.extend(more);
    }
}

/// Returns the schemas of all parameters and request bodies.
fn sent(api: &Api) -> impl Iterator<Item = &Schema> {
    api.operations.iter().flat_map(|operation| {
        let parameters = operation
            .parameters
            .iter()
            .map(|parameter| &parameter.schema);
        let bodies = operation.body.iter().flat_map(|body| &body.content);
        parameters.chain(bodies.filter_map(|content| content.schema.as_ref()))
    })
}

/// Returns the schemas of all response bodies.
fn received(api: &Api) -> impl Iterator<Item = &Schema> {
    api.operations.iter().flat_map(|operation| {
        let responses = operation.responses.iter();
        let contents = responses.flat_map(|response| &response.content);
        contents.filter_map(|content| content.schema.as_ref())
    })
}

fn copy_name(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut copy = format!("{}{SUFFIX}", without_hash(name).unwrap_or(name));
    while is_taken(&copy) {
        copy.push_str(SUFFIX);
    }
    copy
}

/// Returns whether a property in the schema has this flag.
fn has(schema: &Value, flag: &str) -> bool {
    let own = properties(schema).any(|(_, property)| is_set(property, flag));
    own || inner(schema).any(|schema| has(schema, flag))
}

fn is_set(property: &Value, flag: &str) -> bool {
    property.get(flag) == Some(&Value::Bool(true))
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.into_iter().flatten()
}

/// Returns the schemas directly inside a schema.
fn inner(schema: &Value) -> impl Iterator<Item = &Value> {
    let lists = ["allOf", "anyOf", "oneOf"].into_iter();
    let lists = lists
        .filter_map(|key| schema.get(key)?.as_array())
        .flatten();
    let single = ["items", "additionalProperties", "not"].into_iter();
    let single = single.filter_map(|key| schema.get(key));
    properties(schema)
        .map(|(_, schema)| schema)
        .chain(lists)
        .chain(single)
}

/// Returns the same as [`inner`], with their pointers in the schema.
fn inner_mut(schema: &mut Value) -> Vec<(String, &mut Value)> {
    let mut all = Vec::new();
    for (key, value) in schema.as_object_mut().into_iter().flatten() {
        let at = pointer::child("", key);
        match (key.as_str(), value) {
            ("properties", Value::Object(map)) => {
                let each = map.iter_mut();
                all.extend(each.map(|(name, value)| (pointer::child(&at, name), value)));
            }
            ("allOf" | "anyOf" | "oneOf", Value::Array(list)) => {
                let each = list.iter_mut().enumerate();
                all.extend(each.map(|(index, value)| (pointer::index(&at, index), value)));
            }
            ("items" | "additionalProperties" | "not", value) => all.push((at, value)),
            _ => {}
        }
    }
    all
}

/// Marks properties that are not sent, and refers to the copies for requests.
fn for_requests(
    schema: &mut Value,
    at: &str,
    copies: &BTreeMap<String, String>,
    report: &mut Report,
) {
    if let Some(copy) = reference(schema).and_then(|name| copies.get(name)) {
        let target = format!("{SCHEMAS}{copy}");
        schema["$ref"] = target.into();
        return;
    }
    if let Some(discriminator) = schema
        .get_mut("discriminator")
        .and_then(Value::as_object_mut)
    {
        map_to_copies(discriminator, copies);
    }
    let own = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (name, property) in own.into_iter().flatten() {
        if is_set(property, "readOnly") {
            mark(property, OMITTED);
            report.add(
                "read-only",
                pointer::child(&pointer::child(at, "properties"), name),
                format!("`{name}` is readOnly"),
                "left out of requests",
            );
        }
    }
    for (inside, schema) in inner_mut(schema) {
        for_requests(schema, &format!("{at}{inside}"), copies, report);
    }
}

/// Makes a discriminator select the copies, by the tags of their originals.
fn map_to_copies(discriminator: &mut Map<String, Value>, copies: &BTreeMap<String, String>) {
    let mapping = discriminator.entry("mapping").or_insert_with(|| json!({}));
    let Some(mapping) = mapping.as_object_mut() else {
        return;
    };
    let mut mapped = BTreeSet::new();
    for target in mapping.values_mut() {
        let name = target.as_str().unwrap_or_default();
        let name = name.strip_prefix(SCHEMAS).unwrap_or(name).to_owned();
        if let Some(copy) = copies.get(&name) {
            *target = format!("{SCHEMAS}{copy}").into();
            mapped.insert(name);
        }
    }
    for (name, copy) in copies {
        if !mapped.contains(name) && !mapping.contains_key(name) {
            mapping.insert(name.clone(), format!("{SCHEMAS}{copy}").into());
        }
    }
}

/// Marks properties that a response may omit.
fn for_responses(schema: &mut Value) {
    let own = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (_, property) in own.into_iter().flatten() {
        if is_set(property, "writeOnly") {
            mark(property, OPTIONAL);
        }
    }
    for (_, schema) in inner_mut(schema) {
        for_responses(schema);
    }
}

fn mark(property: &mut Value, with: &str) {
    if let Some(map) = property.as_object_mut() {
        map.insert(with.to_owned(), Value::Bool(true));
    }
}
