//! Fixes for references: to other places in the spec, to other specs, and unresolved ones.

use std::collections::{HashMap, HashSet};

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::log::Log;
use super::walk::{named_schemas, schemas};
use crate::names;
use crate::pointer;

const SCHEMAS: &str = "#/components/schemas/";

/// Returns the value that a reference points to inside the spec.
///
/// The part after `#` is a percent-encoded JSON pointer (RFC 6901, section 6).
pub(crate) fn target<'a>(spec: &'a Value, reference: &str) -> Option<&'a Value> {
    spec.pointer(&decoded(reference.strip_prefix('#')?))
}

fn decoded(fragment: &str) -> String {
    percent_decode_str(fragment)
        .decode_utf8_lossy()
        .into_owned()
}

/// Replaces a reference by its target, keeping a description alongside the reference
/// (OpenAPI 3.1, "Reference Object").
///
/// # Errors
///
/// Returns the problem for the report if the reference is unresolved or circular.
pub(super) fn follow(spec: &Value, value: &mut Value) -> Result<(), String> {
    let mut followed = HashSet::new();
    while let Some(reference) = value.get("$ref").and_then(Value::as_str) {
        if !followed.insert(reference.to_owned()) {
            return Err(format!("circular reference `{reference}`"));
        }
        let Some(found) = target(spec, reference) else {
            return Err(unresolved(reference));
        };
        let mut found = found.clone();
        if let (Some(found), Some(text)) = (found.as_object_mut(), value.get("description")) {
            found.insert("description".to_owned(), text.clone());
        }
        *value = found;
    }
    Ok(())
}

/// Returns the problem for the report of a reference without a target in the spec.
pub(super) fn unresolved(reference: &str) -> String {
    format!("unresolved reference `{reference}`")
}

/// Replaces every schema reference for which `change` returns a new one.
fn each_reference(root: &mut Value, mut change: impl FnMut(&str, &str) -> Option<String>) {
    schemas(root, &mut |schema, pointer| {
        let Some(reference) = schema.get("$ref").and_then(Value::as_str) else {
            return;
        };
        if let Some(changed) = change(reference, pointer) {
            schema["$ref"] = json!(changed);
        }
    });
}

/// Replaces the URLs of API Gateway models:
/// `https://apigateway.amazonaws.com/restapis/<id>/models/<Model>`.
pub(super) fn model_url(root: &mut Value, log: &mut Log<'_>) {
    each_reference(root, |reference, pointer| {
        let (_, model) = reference
            .strip_prefix("https://apigateway.")?
            .split_once("/models/")?;
        log.add(
            pointer,
            format!("model URL `{reference}`"),
            format!("using schema `{model}`"),
        );
        Some(format!("{SCHEMAS}{model}"))
    });
}

/// Corrects references to the Swagger 2.0 location, and to a schema by its bare name.
pub(super) fn reference_path(root: &mut Value, log: &mut Log<'_>) {
    let known = names_of_schemas(root);
    each_reference(root, |reference, pointer| {
        if let Some(name) = reference.strip_prefix(SCHEMAS) {
            // later fixes compare names without percent-encoding
            let plain = pointer::unescape(&decoded(name)).into_owned();
            return (!known.contains(name) && known.contains(&plain))
                .then(|| format!("{SCHEMAS}{plain}"));
        }
        let name = reference
            .strip_prefix("#/definitions/")
            .or_else(|| reference.strip_prefix("#/models/"))
            .or_else(|| reference.strip_prefix("#/"))
            .unwrap_or(reference);
        known.contains(name).then(|| {
            let corrected = format!("{SCHEMAS}{name}");
            log.add(
                pointer,
                format!("invalid reference `{reference}`"),
                format!("using `{corrected}`"),
            );
            corrected
        })
    });
}

fn names_of_schemas(root: &mut Value) -> HashSet<String> {
    named_schemas(root)
        .map(|named| named.keys().cloned().collect())
        .unwrap_or_default()
}

/// Names the schemas that are referenced at any other place, such as
/// `#/components/schemas/Order/properties/items`, so that recursive ones can be resolved.
pub(super) fn inner_reference(root: &mut Value, log: &mut Log<'_>) {
    let spec = log.spec;
    let mut taken = names_of_schemas(root);
    let mut named: HashMap<String, String> = HashMap::new();
    // a newly named schema may contain further references
    loop {
        let mut found: Map<String, Value> = Map::new();
        each_reference(root, |reference, pointer| {
            let name = reference.strip_prefix(SCHEMAS);
            if name.is_some_and(|name| taken.contains(name)) {
                return None;
            }
            if !named.contains_key(reference) {
                let schema = target(spec, reference)?.clone();
                let name = names::unique(&mut taken, &name_of_place(reference), "");
                named.insert(reference.to_owned(), name.clone());
                found.insert(name, schema);
            }
            let name = &named[reference];
            log.add(
                pointer,
                format!("reference to unnamed schema `{reference}`"),
                format!("named it `{name}`"),
            );
            Some(format!("{SCHEMAS}{name}"))
        });
        if found.is_empty() {
            return;
        }
        if let Some(schemas) = root
            .get_mut("components")
            .and_then(Value::as_object_mut)
            .map(|components| components.entry("schemas").or_insert_with(|| json!({})))
            .and_then(Value::as_object_mut)
        {
            schemas.extend(found);
        }
    }
}

/// Derives a name from the last meaningful segments of a pointer: `Order`, `OrderItems` for
/// `#/components/schemas/Order/properties/items`, or `Common` for the file `common.json`.
fn name_of_place(reference: &str) -> String {
    const FRAME: [&str; 8] = [
        "properties",
        "items",
        "schema",
        "schemas",
        "definitions",
        "$defs",
        "additionalProperties",
        "content",
    ];
    let fragment = decoded(reference.trim_start_matches('#'));
    let mut segments = pointer::segments(&fragment);
    let last = segments.pop().unwrap_or_default();
    let stem = |segment: &str| {
        let stem = segment.rsplit('/').next().unwrap_or_default();
        names::pascal(stem.split('.').next().unwrap_or_default(), "Schema")
    };
    let is_inside = segments.last().is_some_and(|before| before == "properties")
        || FRAME.contains(&last.as_ref());
    let around = segments
        .iter()
        .rev()
        .find(|segment| !FRAME.contains(&segment.as_ref()));
    match around {
        Some(around) if is_inside => format!("{}{}", stem(around), stem(&last)),
        _ => stem(&last),
    }
}

/// Replaces references to other specs and unresolved ones by schemas that accept any JSON.
pub(super) fn dangling(root: &mut Value, log: &mut Log<'_>) {
    let known = names_of_schemas(root);
    schemas(root, &mut |schema, pointer| {
        let Some(found) = schema.get("$ref") else {
            return;
        };
        let problem = match found.as_str() {
            Some(reference) => {
                if reference
                    .strip_prefix(SCHEMAS)
                    .is_some_and(|name| known.contains(name))
                {
                    return;
                }
                unresolved(reference)
            }
            None => "`$ref` is not a string".to_owned(),
        };
        *schema = json!({});
        log.add(pointer, problem, "treated as any JSON");
    });
}

/// Keywords allowed alongside a reference, because they do not restrict the value.
const NOTES: [&str; 11] = [
    "$ref",
    "default",
    "deprecated",
    "description",
    "example",
    "examples",
    "nullable",
    "readOnly",
    "summary",
    "title",
    "writeOnly",
];

/// Removes or merges keywords alongside a `$ref`: OpenAPI 3.0 ignores them ("Reference Object"),
/// and in OpenAPI 3.1 both apply (JSON Schema 2020-12, 8.2.3.1).
pub(super) fn siblings(root: &mut Value, log: &mut Log<'_>) {
    let both_apply = root
        .get("openapi")
        .and_then(Value::as_str)
        .is_some_and(|version| version.trim().starts_with("3.1"));
    schemas(root, &mut |schema, pointer| {
        let Some(map) = schema.as_object_mut() else {
            return;
        };
        if !map.contains_key("$ref") {
            return;
        }
        let keywords: Vec<String> = map
            .keys()
            .filter(|key| !NOTES.contains(&key.as_str()) && !key.starts_with("x-"))
            .cloned()
            .collect();
        if keywords.is_empty() {
            return;
        }
        let problem = format!("`{}` alongside `$ref`", keywords.join("`, `"));
        let mut siblings = Map::new();
        for key in keywords {
            if let Some(value) = map.shift_remove(&key) {
                siblings.insert(key, value);
            }
        }
        if both_apply {
            let reference = map.shift_remove("$ref");
            map.insert("allOf".to_owned(), json!([{ "$ref": reference }, siblings]));
            log.add(pointer, problem, "converted to `allOf`");
        } else {
            log.add(pointer, problem, "removed (OpenAPI 3.0 ignores them)");
        }
    });
}
