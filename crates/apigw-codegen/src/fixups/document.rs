//! The frame of a document: `info`, `components`, `paths`.

use serde_json::{Map, Value, json};

use super::Log;
use super::walk::{METHODS, map_at, step};

/// `info`, its title and its version may be missing.
pub(super) fn info(root: &mut Value, log: &mut Log<'_>) {
    let Some(root) = root.as_object_mut() else {
        return;
    };
    if !root.get("info").is_some_and(Value::is_object) {
        root.insert("info".to_owned(), json!({}));
        log.add("/info", "no info", "added an empty one");
    }
    let Some(info) = root.get_mut("info").and_then(Value::as_object_mut) else {
        return;
    };
    for (key, fallback) in [("title", "API"), ("version", "0")] {
        match info.get(key) {
            Some(Value::String(_) | Value::Object(_) | Value::Array(_)) => {}
            Some(Value::Number(number)) => {
                let text = number.to_string();
                info.insert(key.to_owned(), json!(text));
                log.add(
                    format!("/info/{key}"),
                    "a number, not a text",
                    "read as text",
                );
            }
            _ => {
                info.insert(key.to_owned(), json!(fallback));
                log.add(
                    format!("/info/{key}"),
                    format!("no {key}"),
                    format!("took \"{fallback}\""),
                );
            }
        }
    }
}

/// CloudFormation functions stand where a text belongs: `title: {Fn::Sub: …}`.
pub(super) fn intrinsic_text(root: &mut Value, log: &mut Log<'_>) {
    texts(root, "", log);
}

fn texts(value: &mut Value, pointer: &str, log: &mut Log<'_>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map.iter_mut() {
                // extensions are API Gateway's own, examples and properties hold any name
                if key.starts_with("x-")
                    || matches!(key.as_str(), "properties" | "example" | "examples")
                {
                    continue;
                }
                let place = step(pointer, key);
                let is_text =
                    matches!(key.as_str(), "title" | "description" | "summary" | "url" | "version");
                if is_text && !inner.is_string() {
                    let text = intrinsic(inner);
                    log.add(
                        place,
                        "not a text",
                        match &text {
                            Some(text) => format!("read as \"{text}\""),
                            None => "left empty".to_owned(),
                        },
                    );
                    *inner = Value::String(text.unwrap_or_default());
                } else {
                    texts(inner, &place, log);
                }
            }
        }
        Value::Array(list) => {
            for (index, inner) in list.iter_mut().enumerate() {
                texts(inner, &format!("{pointer}/{index}"), log);
            }
        }
        _ => {}
    }
}

/// The text inside `{Ref: X}`, `{Fn::Sub: X}`, `{Fn::Sub: [X, …]}` and the like.
fn intrinsic(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Array(list) => list.iter().find_map(intrinsic),
        Value::Object(map) => map.values().find_map(intrinsic),
        Value::Null => None,
    }
}

/// `components` and its parts may be missing, null or lists.
pub(super) fn components(root: &mut Value, log: &mut Log<'_>) {
    let Some(root) = root.as_object_mut() else {
        return;
    };
    let components = root.entry("components").or_insert_with(|| json!({}));
    if !components.is_object() {
        *components = json!({});
        log.add("/components", "not a map", "left out");
    }
    let Some(components) = components.as_object_mut() else {
        return;
    };
    for (part, value) in components.iter_mut() {
        if !value.is_object() && !part.starts_with("x-") {
            *value = json!({});
            log.add(step("/components", part), "not a map", "left out");
        }
    }
}

/// `paths` may be missing, null or a list.
pub(super) fn paths(root: &mut Value, log: &mut Log<'_>) {
    let Some(root) = root.as_object_mut() else {
        return;
    };
    match root.get("paths") {
        Some(Value::Object(_)) => {}
        found => {
            let problem = if found.is_some() { "not a map" } else { "no paths" };
            log.add("/paths", problem, "the API has no operations");
            root.insert("paths".to_owned(), json!({}));
        }
    }
}

/// A path item may be empty, refer to another one, or hold foreign keys.
pub(super) fn path_item(root: &mut Value, log: &mut Log<'_>) {
    let whole = root.clone();
    let Some(paths) = map_at(root, "paths") else {
        return;
    };
    paths.retain(|template, _| !template.starts_with("x-"));
    for (template, item) in paths.iter_mut() {
        let place = step("/paths", template);
        if let Some(target) = item.get("$ref").and_then(Value::as_str) {
            let target = target.to_owned();
            match target.strip_prefix('#').and_then(|p| whole.pointer(p)) {
                Some(found) => {
                    log.add(
                        &place,
                        format!("refers to {target}"),
                        "took that path item's operations",
                    );
                    *item = found.clone();
                }
                None => {
                    log.add(
                        &place,
                        format!("refers to {target}, which is not in this document"),
                        "the path has no operations",
                    );
                    *item = json!({});
                }
            }
        }
        match item.as_object_mut() {
            Some(item) => foreign_keys(item, &place, log),
            None => {
                if !item.is_null() {
                    log.add(&place, "not a map", "the path has no operations");
                }
                *item = json!({});
            }
        }
    }
}

fn foreign_keys(item: &mut Map<String, Value>, place: &str, log: &mut Log<'_>) {
    // moto writes methods in upper case
    let upper: Vec<String> = item
        .keys()
        .filter(|key| {
            let lower = key.to_ascii_lowercase();
            **key != lower && METHODS.contains(&lower.as_str()) && !item.contains_key(&lower)
        })
        .cloned()
        .collect();
    for key in upper {
        if let Some(operation) = item.shift_remove(&key) {
            log.add(step(place, &key), "method in upper case", "read as lower case");
            item.insert(key.to_ascii_lowercase(), operation);
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
            log.add(step(place, key), "neither a method nor a known key", "left out");
        }
        known
    });
}

/// Some paths lack the slash in front.
pub(super) fn path_without_slash(root: &mut Value, log: &mut Log<'_>) {
    let Some(paths) = map_at(root, "paths") else {
        return;
    };
    if paths.keys().all(|template| template.starts_with('/')) {
        return;
    }
    let mut repaired = Map::new();
    for (template, item) in std::mem::take(paths) {
        let with_slash = if template.starts_with('/') {
            template
        } else {
            let with_slash = format!("/{template}");
            log.add(
                step("/paths", &template),
                "the path does not start with a slash",
                format!("read as {with_slash}"),
            );
            with_slash
        };
        // two spellings of one path: what the first lacks comes from the second
        match repaired.get_mut(&with_slash).and_then(Value::as_object_mut) {
            Some(known) => {
                if let Value::Object(item) = item {
                    for (key, value) in item {
                        known.entry(key).or_insert(value);
                    }
                }
            }
            None => {
                repaired.insert(with_slash, item);
            }
        }
    }
    *paths = repaired;
}
