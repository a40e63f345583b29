//! The frame of a spec: `info`, `components`, `paths`.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::log::Log;
use super::references::{elsewhere, target};
use super::walk::{METHODS, map_at, paths};
use crate::pointer::{child, index};

/// `info`, its title and its version may be missing.
pub(super) fn info(root: &mut Value, log: &mut Log<'_>) {
    let Some(root) = root.as_object_mut() else {
        return;
    };
    if !root.get("info").is_some_and(Value::is_object) {
        root.insert("info".to_owned(), json!({}));
        log.add("/info", "no info", "added an empty one");
    }
    let Some(info) = map_at(root, "info") else {
        return;
    };
    for (key, fallback) in [("title", "API"), ("version", "0")] {
        if info.get(key).is_none_or(Value::is_null) {
            info.insert(key.to_owned(), json!(fallback));
            log.add(
                child("/info", key),
                format!("no {key}"),
                format!("took \"{fallback}\""),
            );
        }
    }
}

/// Texts that documentation is made of.
const TEXTS: [&str; 5] = ["title", "description", "summary", "url", "version"];

/// Maps whose keys are names that the spec's author chose.
const NAMED: [&str; 19] = [
    "$defs",
    "callbacks",
    "content",
    "definitions",
    "encoding",
    "headers",
    "links",
    "mapping",
    "parameters",
    "pathItems",
    "paths",
    "patternProperties",
    "properties",
    "requestBodies",
    "responses",
    "schemas",
    "securitySchemes",
    "variables",
    "webhooks",
];

/// CloudFormation functions stand where a text belongs: `title: {Fn::Sub: …}`.
pub(super) fn intrinsic_text(root: &mut Value, log: &mut Log<'_>) {
    texts(root, "", false, log);
}

fn texts(value: &mut Value, pointer: &str, keys_are_names: bool, log: &mut Log<'_>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let place = child(pointer, key);
                if keys_are_names {
                    texts(inner, &place, false, log);
                    continue;
                }
                // extensions are API Gateway's own, and values are anything
                const VALUES: [&str; 6] = [
                    "const", "default", "enum", "example", "examples", "security",
                ];
                let is_foreign = key.starts_with("x-") || VALUES.contains(&key.as_str());
                if is_foreign {
                    continue;
                }
                if TEXTS.contains(&key.as_str()) && !inner.is_string() {
                    let text = text_in(inner);
                    let action = match &text {
                        Some(text) => format!("read as \"{text}\""),
                        None => "left empty".to_owned(),
                    };
                    log.add(place, "not a text", action);
                    *inner = Value::String(text.unwrap_or_default());
                } else {
                    let names = NAMED.contains(&key.as_str());
                    texts(inner, &place, names, log);
                }
            }
        }
        Value::Array(list) => {
            for (position, inner) in list.iter_mut().enumerate() {
                texts(inner, &index(pointer, position), false, log);
            }
        }
        _ => {}
    }
}

/// The text inside `{Ref: X}`, `{Fn::Sub: X}`, `{Fn::Sub: [X, …]}` and the like.
fn text_in(value: &Value) -> Option<String> {
    match value {
        // the first part of `Fn::Join` is what stands between the others, often nothing
        Value::String(text) => (!text.is_empty()).then(|| text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Array(list) => list.iter().find_map(text_in),
        Value::Object(map) => map.values().find_map(text_in),
        Value::Null => None,
    }
}

/// `components` and its parts may be missing, null or lists.
pub(super) fn components(root: &mut Value, log: &mut Log<'_>) {
    let whole = log.whole;
    let Some(root) = root.as_object_mut() else {
        return;
    };
    let components = root.entry("components").or_insert_with(|| json!({}));
    let Some(components) = components.as_object_mut() else {
        *components = json!({});
        log.add("/components", "not a map", "left out");
        return;
    };
    components.retain(|part, value| {
        let place = child("/components", part);
        // a whole section may stand in a file of its own
        if let Some(Err(problem)) = value.as_object_mut().and_then(|map| share(whole, map)) {
            log.add(&place, problem, "nothing is known of what is there");
        }
        let known = value.is_object() || part.starts_with("x-");
        if !known {
            log.add(place, "not a map", "left out");
        }
        known
    });
}

/// `paths` may be missing, null or a list.
pub(super) fn missing_paths(root: &mut Value, log: &mut Log<'_>) {
    let whole = log.whole;
    let Some(root) = root.as_object_mut() else {
        return;
    };
    if let Some(Err(problem)) = map_at(root, "paths").and_then(|paths| share(whole, paths)) {
        log.add(
            "/paths",
            problem,
            "nothing is known of the operations there",
        );
    }
    let problem = match root.get("paths") {
        Some(Value::Object(_)) => return,
        Some(Value::Null) | None => "no paths",
        Some(_) => "the paths are not a map",
    };
    root.insert("paths".to_owned(), json!({}));
    log.add("/paths", problem, "the API has no operations");
}

/// A path item may be empty, or refer to another one.
pub(super) fn path_item(root: &mut Value, log: &mut Log<'_>) {
    let whole = log.whole;
    let Some(paths) = paths(root) else {
        return;
    };
    paths.retain(|template, _| !template.starts_with("x-"));
    for (template, item) in paths {
        let pointer = child("/paths", template);
        let Some(own) = item.as_object_mut() else {
            if !item.is_null() {
                log.add(pointer, "not a map", "the path has no operations");
            }
            *item = json!({});
            continue;
        };
        match share(whole, own) {
            None => {}
            Some(Ok(reference)) => log.add(
                pointer,
                format!("refers to {reference}"),
                "took that path item's operations",
            ),
            Some(Err(problem)) => log.add(pointer, problem, "nothing is known of its operations"),
        }
    }
}

/// Adds to a map what its `$ref` leads to; what stands beside the reference comes first.
/// Gives the reference, or what is wrong with it.
fn share(whole: &Value, own: &mut Map<String, Value>) -> Option<Result<String, String>> {
    let mut next = own.shift_remove("$ref");
    let first = next.as_ref()?.as_str().unwrap_or_default().to_owned();
    let mut followed = HashSet::new();
    while let Some(reference) = next {
        let reference = reference.as_str().unwrap_or_default().to_owned();
        let Some(found) = target(whole, &reference).and_then(Value::as_object) else {
            return Some(Err(elsewhere(&reference)));
        };
        for (key, value) in found.iter().filter(|(key, _)| *key != "$ref") {
            own.entry(key).or_insert_with(|| value.clone());
        }
        next = found.get("$ref").cloned();
        if !followed.insert(reference.clone()) {
            return Some(Err(format!("{reference} refers to itself")));
        }
    }
    Some(Ok(first))
}

/// Methods in upper case, and keys that are nothing at all.
pub(super) fn path_item_key(root: &mut Value, log: &mut Log<'_>) {
    for (template, item) in paths(root).into_iter().flatten() {
        let pointer = child("/paths", template);
        let Some(item) = item.as_object_mut() else {
            continue;
        };
        for key in item.keys().cloned().collect::<Vec<_>>() {
            let method = key.to_ascii_lowercase();
            let is_upper = key != method && METHODS.contains(&method.as_str());
            if is_upper
                && !item.contains_key(&method)
                && let Some(operation) = item.shift_remove(&key)
            {
                log.add(
                    child(&pointer, &key),
                    "a method in upper case",
                    "read as lower case",
                );
                item.insert(method, operation);
            }
        }
        item.retain(|key, _| {
            let known = METHODS.contains(&key.as_str())
                || key.starts_with("x-")
                || matches!(
                    key.as_str(),
                    "parameters" | "summary" | "description" | "servers"
                );
            if !known {
                log.add(
                    child(&pointer, key),
                    "neither a method nor a known key",
                    "left out",
                );
            }
            known
        });
    }
}

/// Some paths lack the slash in front.
pub(super) fn path_without_slash(root: &mut Value, log: &mut Log<'_>) {
    let Some(paths) = paths(root) else {
        return;
    };
    if paths.keys().all(|template| template.starts_with('/')) {
        return;
    }
    let mut fixed = Map::new();
    for (template, item) in std::mem::take(paths) {
        let pointer = child("/paths", &template);
        let with_slash = if template.starts_with('/') {
            template
        } else {
            let with_slash = format!("/{template}");
            log.add(
                &pointer,
                "the path does not start with a slash",
                format!("read as {with_slash}"),
            );
            with_slash
        };
        // two spellings of one path: what the first lacks comes from the second
        let Some(known) = map_at(&mut fixed, &with_slash) else {
            fixed.insert(with_slash, item);
            continue;
        };
        let Value::Object(item) = item else { continue };
        for (key, value) in item {
            if known.contains_key(&key) {
                log.add(
                    child(&pointer, &key),
                    format!("{with_slash} has {key} already"),
                    "left out",
                );
            } else {
                known.insert(key, value);
            }
        }
    }
    *paths = fixed;
}
