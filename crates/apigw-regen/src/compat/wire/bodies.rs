//! Media types of bodies, and bodies whose schema was added or removed.

use serde_json::{Map, Value, json};

use super::narrowing::Direction;
use crate::compat::change::{Change, Effect};

/// Compares what `drift` does not: media types, and schemas that were added or removed.
pub(super) fn compare(route: &str, old: &mut Value, new: &mut Value) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut places = vec![(
        "/requestBody/content".to_owned(),
        "the request body".to_owned(),
        Direction::Request,
    )];
    let responses = new.get("responses").and_then(Value::as_object);
    for status in responses.into_iter().flat_map(|map| map.keys()) {
        places.push((
            format!("/responses/{status}/content"),
            format!("the {status} response"),
            Direction::Response,
        ));
    }
    for (pointer, place, direction) in places {
        let (Some(before), Some(after)) = (content(old, &pointer), content(new, &pointer)) else {
            changes.extend(schema_presence(
                route,
                &place,
                direction,
                content(old, &pointer).is_some(),
                content(new, &pointer).is_some(),
            ));
            for operation in [&mut *old, &mut *new] {
                remove(operation, &pointer);
            }
            continue;
        };
        let removed: Vec<&String> = before
            .keys()
            .filter(|key| !after.contains_key(*key))
            .collect();
        let added: Vec<&String> = after
            .keys()
            .filter(|key| !before.contains_key(*key))
            .collect();
        for media_type in removed {
            let text = format!("{place} can no longer be {media_type}");
            changes.push(Change::breaks_wire(route, text));
        }
        for media_type in added {
            let text = format!("{place} can now be {media_type}");
            changes.push(Change::new(Effect::Adds, route, text));
        }
        let mut comparable = Vec::new();
        for (media_type, described) in &before {
            let Some(now) = after.get(media_type) else {
                continue;
            };
            match (
                described.get("schema").is_some(),
                now.get("schema").is_some(),
            ) {
                (true, true) => comparable.push(media_type.clone()),
                (had, has) => changes.extend(schema_presence(route, &place, direction, had, has)),
            }
        }
        for operation in [&mut *old, &mut *new] {
            if let Some(content) = operation
                .pointer_mut(&pointer)
                .and_then(Value::as_object_mut)
            {
                content.retain(|media_type, _| comparable.contains(media_type));
            }
        }
    }
    changes
}

/// Reports a body whose schema was added or removed: the spec changed, the service may not have.
fn schema_presence(
    route: &str,
    place: &str,
    direction: Direction,
    had: bool,
    has: bool,
) -> Vec<Change> {
    let mut changes = Vec::new();
    match (had, has, direction) {
        (false, true, Direction::Request) => {
            let text =
                format!("{place} now has a schema; existing clients may send something else");
            changes.push(Change::new(Effect::MayBreakWire, route, text));
        }
        (true, false, Direction::Response) => {
            let text =
                format!("{place} no longer has a schema; existing clients may fail to read it");
            changes.push(Change::new(Effect::MayBreakWire, route, text));
        }
        (true, false, Direction::Request) => {
            changes.push(Change::new(
                Effect::Alters,
                route,
                format!("{place} no longer has a schema"),
            ));
        }
        (false, true, Direction::Response) => {
            changes.push(Change::new(
                Effect::Adds,
                route,
                format!("{place} now has a schema"),
            ));
        }
        _ => {}
    }
    changes
}

fn content(operation: &Value, pointer: &str) -> Option<Map<String, Value>> {
    let content = operation.pointer(pointer)?.as_object()?;
    Some(content.clone()).filter(|content| !content.is_empty())
}

fn remove(operation: &mut Value, pointer: &str) {
    if let Some(content) = operation.pointer_mut(pointer) {
        *content = json!({});
    }
}
