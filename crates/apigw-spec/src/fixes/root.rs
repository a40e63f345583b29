//! Fixes for the top level of a spec: `info`, `components`, `paths`.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::log::Log;
use super::references::{target, unresolved};
use super::walk::{METHODS, map_at, paths};
use crate::pointer::{child, index};

/// Adds `info`, its title and its version if they are missing.
pub(super) fn info(root: &mut Value, log: &mut Log<'_>) {
    let Some(root) = root.as_object_mut() else {
        return;
    };
    if !root.get("info").is_some_and(Value::is_object) {
        root.insert("info".to_owned(), json!({}));
        log.add("/info", "missing `info`", "added");
    }
    let Some(info) = map_at(root, "info") else {
        return;
    };
    for (key, fallback) in [("title", "API"), ("version", "0")] {
        if info.get(key).is_none_or(Value::is_null) {
            info.insert(key.to_owned(), json!(fallback));
            log.add(
                child("/info", key),
                format!("missing `{key}`"),
                format!("using `{fallback}`"),
            );
        }
    }
}

/// Keys with string values.
const TEXTS: [&str; 5] = ["title", "description", "summary", "url", "version"];

/// Objects whose keys are names chosen by the author of the spec.
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

/// Replaces CloudFormation functions in place of a string: `title: {Fn::Sub: …}`.
pub(super) fn intrinsic_text(root: &mut Value, log: &mut Log<'_>) {
    fix_strings(root, "", false, log);
}

fn fix_strings(value: &mut Value, pointer: &str, keys_are_names: bool, log: &mut Log<'_>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let place = child(pointer, key);
                if keys_are_names {
                    fix_strings(inner, &place, false, log);
                    continue;
                }
                // extensions and values may contain any JSON
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
                        Some(text) => format!("using `{text}`"),
                        None => "using an empty string".to_owned(),
                    };
                    log.add(place, format!("`{key}` is not a string"), action);
                    *inner = Value::String(text.unwrap_or_default());
                } else {
                    let names = NAMED.contains(&key.as_str());
                    fix_strings(inner, &place, names, log);
                }
            }
        }
        Value::Array(list) => {
            for (position, inner) in list.iter_mut().enumerate() {
                fix_strings(inner, &index(pointer, position), false, log);
            }
        }
        _ => {}
    }
}

/// Returns the string in `{Ref: X}`, `{Fn::Sub: X}`, `{Fn::Sub: [X, …]}` and similar values.
fn text_in(value: &Value) -> Option<String> {
    match value {
        // the first part of `Fn::Join` is the separator, which is often empty
        Value::String(text) => (!text.is_empty()).then(|| text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Array(list) => list.iter().find_map(text_in),
        Value::Object(map) => map.values().find_map(text_in),
        Value::Null => None,
    }
}

/// Adds or replaces `components`, and removes sections that are not objects.
pub(super) fn components(root: &mut Value, log: &mut Log<'_>) {
    let spec = log.spec;
    let Some(root) = root.as_object_mut() else {
        return;
    };
    let components = root.entry("components").or_insert_with(|| json!({}));
    let Some(components) = components.as_object_mut() else {
        *components = json!({});
        log.add("/components", "`components` is not an object", "removed");
        return;
    };
    components.retain(|part, value| {
        let place = child("/components", part);
        // a whole section may be in another file
        if let Some(Err(problem)) = value
            .as_object_mut()
            .and_then(|map| merge_target(spec, map))
        {
            log.add(&place, problem, "skipped the definitions there");
        }
        let known = value.is_object() || part.starts_with("x-");
        if !known {
            log.add(place, format!("`{part}` is not an object"), "removed");
        }
        known
    });
}

/// Replaces `paths` that are missing, null or an array.
pub(super) fn missing_paths(root: &mut Value, log: &mut Log<'_>) {
    let spec = log.spec;
    let Some(root) = root.as_object_mut() else {
        return;
    };
    if let Some(Err(problem)) = map_at(root, "paths").and_then(|paths| merge_target(spec, paths)) {
        log.add("/paths", problem, "skipped the operations there");
    }
    let problem = match root.get("paths") {
        Some(Value::Object(_)) => return,
        Some(Value::Null) | None => "missing `paths`",
        Some(_) => "`paths` is not an object",
    };
    root.insert("paths".to_owned(), json!({}));
    log.add("/paths", problem, "treated as an API without operations");
}

/// Replaces path items that are not objects, and resolves references to other path items.
pub(super) fn path_item(root: &mut Value, log: &mut Log<'_>) {
    let spec = log.spec;
    let Some(paths) = paths(root) else {
        return;
    };
    paths.retain(|template, _| !template.starts_with("x-"));
    for (template, item) in paths {
        let pointer = child("/paths", template);
        let Some(own) = item.as_object_mut() else {
            if !item.is_null() {
                log.add(
                    pointer,
                    "path item is not an object",
                    "treated as a path without operations",
                );
            }
            *item = json!({});
            continue;
        };
        match merge_target(spec, own) {
            None => {}
            Some(Ok(reference)) => log.add(
                pointer,
                format!("reference to path item `{reference}`"),
                "copied its operations",
            ),
            Some(Err(problem)) => log.add(pointer, problem, "skipped the operations there"),
        }
    }
}

/// Merges the target of a `$ref` into the object that contains it, which overrides the target.
///
/// Returns the reference, or the problem for the report.
fn merge_target(spec: &Value, own: &mut Map<String, Value>) -> Option<Result<String, String>> {
    let mut next = own.shift_remove("$ref");
    let first = next.as_ref()?.as_str().unwrap_or_default().to_owned();
    let mut followed = HashSet::new();
    while let Some(reference) = next {
        let reference = reference.as_str().unwrap_or_default().to_owned();
        let Some(found) = target(spec, &reference).and_then(Value::as_object) else {
            return Some(Err(unresolved(&reference)));
        };
        for (key, value) in found.iter().filter(|(key, _)| *key != "$ref") {
            own.entry(key).or_insert_with(|| value.clone());
        }
        next = found.get("$ref").cloned();
        if !followed.insert(reference.clone()) {
            return Some(Err(format!("circular reference `{reference}`")));
        }
    }
    Some(Ok(first))
}

/// Renames methods in upper case, and removes unknown keys.
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
                    format!("method `{key}` is not in lower case"),
                    format!("using `{method}`"),
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
                    format!("unknown key `{key}`"),
                    "removed",
                );
            }
            known
        });
    }
}

/// Adds the leading slash to paths without one.
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
                "path without a leading slash",
                format!("using `{with_slash}`"),
            );
            with_slash
        };
        // merges two spellings of one path; the first takes precedence
        let Some(known) = map_at(&mut fixed, &with_slash) else {
            fixed.insert(with_slash, item);
            continue;
        };
        let Value::Object(item) = item else { continue };
        for (key, value) in item {
            if known.contains_key(&key) {
                log.add(
                    child(&pointer, &key),
                    format!("duplicate `{key}` of `{with_slash}`"),
                    "kept the first",
                );
            } else {
                known.insert(key, value);
            }
        }
    }
    *paths = fixed;
}
