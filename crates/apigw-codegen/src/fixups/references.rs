//! References between schemas.

use serde_json::{Value, json};

use super::Log;
use super::walk::schemas;

const SCHEMAS: &str = "#/components/schemas/";

/// Changes every schema reference for which `change` has an answer.
fn each_reference(root: &mut Value, mut change: impl FnMut(&str, &str) -> Option<Value>) {
    schemas(root, &mut |schema, pointer| {
        let Some(target) = schema.get("$ref").and_then(Value::as_str) else {
            return;
        };
        if let Some(changed) = change(target, pointer) {
            *schema = changed;
        }
    });
}

/// API Gateway names models by URL: `https://apigateway.amazonaws.com/restapis/<id>/models/<Model>`.
pub(super) fn model_url(root: &mut Value, log: &mut Log<'_>) {
    each_reference(root, |target, pointer| {
        let (_, model) = target
            .strip_prefix("https://apigateway.")?
            .split_once("/models/")?;
        log.add(pointer, format!("refers to {target}"), format!("read as model {model}"));
        Some(json!({ "$ref": format!("{SCHEMAS}{model}") }))
    });
}

/// References to the Swagger 2.0 place, or to a schema by its bare name.
pub(super) fn reference_path(root: &mut Value, log: &mut Log<'_>) {
    let known = root
        .pointer("/components/schemas")
        .and_then(Value::as_object)
        .map(|named| named.keys().cloned().collect::<Vec<_>>())
        .unwrap_or_default();
    each_reference(root, |target, pointer| {
        if target.starts_with(SCHEMAS) {
            return None;
        }
        let name = target
            .strip_prefix("#/definitions/")
            .or_else(|| target.strip_prefix("#/models/"))
            .or_else(|| target.strip_prefix("#/"))
            .unwrap_or(target);
        known.iter().any(|schema| schema == name).then(|| {
            log.add(
                pointer,
                format!("refers to {target}"),
                format!("read as {SCHEMAS}{name}"),
            );
            json!({ "$ref": format!("{SCHEMAS}{name}") })
        })
    });
}

/// References to other documents, to other places, and to nothing.
///
/// A place inside this document is copied; what is not here is left untyped.
pub(super) fn dangling(root: &mut Value, log: &mut Log<'_>) {
    let whole = root.clone();
    each_reference(root, |target, pointer| {
        let inside = target.strip_prefix('#');
        if let Some(name) = target.strip_prefix(SCHEMAS)
            && !name.contains('/')
            && whole.pointer(inside.unwrap_or_default()).is_some()
        {
            return None;
        }
        match inside.and_then(|place| whole.pointer(place)) {
            // a copy that refers on would have to be followed: only flat ones are copied
            Some(found) if !found.to_string().contains("\"$ref\"") => {
                log.add(
                    pointer,
                    format!("refers to {target}, which is no named schema"),
                    "copied what stands there",
                );
                Some(found.clone())
            }
            _ => {
                log.add(
                    pointer,
                    format!("refers to {target}, which is not in this document"),
                    "left untyped",
                );
                Some(json!({}))
            }
        }
    });
}
