//! Media types of bodies, and bodies whose schema appears or disappears: drift stops there.

use serde_json::{Map, Value, json};

use super::narrowing::Direction;
use crate::compat::change::{Change, Effect};

/// Media types, and bodies of which the schema comes or goes: drift stops there.
pub(super) fn compare(route: &str, old: &mut Value, new: &mut Value) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut places = vec![(
        "/requestBody/content".to_owned(),
        "the request".to_owned(),
        Direction::Request,
    )];
    let responses = new.get("responses").and_then(Value::as_object);
    for status in responses.into_iter().flat_map(|map| map.keys()) {
        places.push((
            format!("/responses/{status}/content"),
            format!("the answer {status}"),
            Direction::Response,
        ));
    }
    for (pointer, place, direction) in places {
        let (Some(before), Some(after)) = (content(old, &pointer), content(new, &pointer)) else {
            changes.extend(undeclared(
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
        let lost: Vec<&String> = before
            .keys()
            .filter(|key| !after.contains_key(*key))
            .collect();
        let gained: Vec<&String> = after
            .keys()
            .filter(|key| !before.contains_key(*key))
            .collect();
        for media_type in lost {
            let text = format!("{place} is no {media_type} any more");
            changes.push(Change::breaks_wire(route, text));
        }
        for media_type in gained {
            let text = format!("{place} may be {media_type}");
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
                (had, has) => changes.extend(undeclared(route, &place, direction, had, has)),
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

/// A body that was declared and is not, or the other way round: the spec tells more
/// or less, and nobody knows of the service.
fn undeclared(route: &str, place: &str, direction: Direction, had: bool, has: bool) -> Vec<Change> {
    let mut changes = Vec::new();
    match (had, has, direction) {
        (false, true, Direction::Request) => {
            let text = format!("{place} is declared now; programs built before may send another");
            changes.push(Change::new(Effect::MayBreakWire, route, text));
        }
        (true, false, Direction::Response) => {
            let text =
                format!("{place} is not declared any more; programs built before may not read it");
            changes.push(Change::new(Effect::MayBreakWire, route, text));
        }
        (true, false, Direction::Request) => {
            changes.push(Change::new(
                Effect::Alters,
                route,
                format!("{place} is not declared any more"),
            ));
        }
        (false, true, Direction::Response) => {
            changes.push(Change::new(
                Effect::Adds,
                route,
                format!("{place} is declared"),
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
