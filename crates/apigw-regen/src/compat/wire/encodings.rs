//! The encoding of the parts and fields of forms.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::compat::change::{Change, Effect};

/// Compares encodings, which `drift` ignores, and removes them. `specs` resolve references.
pub(super) fn compare(
    route: &str,
    specs: [&Value; 2],
    old: &mut Value,
    new: &mut Value,
) -> Vec<Change> {
    let mut changes = Vec::new();
    let (before, after) = (forms(old), forms(new));
    for (media_type, before) in &before {
        let Some(after) = after.get(media_type) else {
            continue;
        };
        for name in names(before).union(&names(after)) {
            let [then, now] = [before, after].map(|form| encoding(form, name));
            let both = [(specs[0], before), (specs[1], after)];
            let is_kept = both.iter().all(|(spec, form)| has(spec, form, name));
            if then == now || !is_kept {
                continue;
            }
            let text = format!(
                "`{name}` in the request body is now sent {}, not {}; existing clients may be rejected",
                described(now),
                described(then)
            );
            // services often ignore the content type of a part, but not how values are separated
            let effect = match style(then) == style(now) {
                true => Effect::MayBreakWire,
                false => Effect::BreaksWire,
            };
            changes.push(Change::new(effect, route, text));
        }
    }
    for operation in [old, new] {
        let content = operation.pointer_mut("/requestBody/content");
        for form in content
            .and_then(Value::as_object_mut)
            .into_iter()
            .flat_map(Map::values_mut)
            .filter_map(Value::as_object_mut)
        {
            form.shift_remove("encoding");
        }
    }
    changes
}

fn forms(operation: &Value) -> Map<String, Value> {
    let content = operation.pointer("/requestBody/content");
    content
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default()
}

fn names(form: &Value) -> BTreeSet<&String> {
    let encoding = form.get("encoding").and_then(Value::as_object);
    encoding.into_iter().flat_map(Map::keys).collect()
}

fn encoding<'a>(form: &'a Value, name: &str) -> Option<&'a Value> {
    form.get("encoding")?.get(name)
}

/// Returns whether a form has a property, as far as its schema shows.
fn has(spec: &Value, form: &Value, name: &str) -> bool {
    let schema = form.get("schema");
    let reference = schema.and_then(|schema| schema.get("$ref")?.as_str()?.strip_prefix('#'));
    let schema = reference.map_or(schema, |pointer| spec.pointer(pointer));
    let properties = schema.and_then(|schema| schema.get("properties"));
    properties.is_none_or(|properties| properties.get(name).is_some())
}

fn style(encoding: Option<&Value>) -> Option<&str> {
    encoding?.get("style")?.as_str()
}

fn described(encoding: Option<&Value>) -> String {
    let content_type = encoding.and_then(|of| of.get("contentType")?.as_str());
    match (style(encoding), content_type) {
        (None, None) => "in the default encoding".to_owned(),
        (Some("form"), _) => "as one value separated by commas".to_owned(),
        (Some(style), _) => format!("in the style `{style}`"),
        (None, Some(content_type)) => format!("as `{content_type}`"),
    }
}
