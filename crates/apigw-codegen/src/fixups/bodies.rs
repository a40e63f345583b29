//! Request bodies and responses.

use serde_json::{Value, json};

use super::Log;
use super::walk::{contents, map_at, operations, step};

/// `$ref` to `components.requestBodies`.
pub(super) fn request_reference(root: &mut Value, log: &mut Log<'_>) {
    let whole = root.clone();
    operations(root, |_, _, operation, pointer| {
        if let Some(body) = operation.get_mut("requestBody") {
            resolve(&whole, body, &format!("{pointer}/requestBody"), log);
        }
    });
}

/// Follows a `$ref` in place; a dangling one leaves an empty map.
fn resolve(whole: &Value, value: &mut Value, place: &str, log: &mut Log<'_>) {
    // a reference may lead to a reference; a chain of more is a circle
    for _ in 0..8 {
        let Some(target) = value.get("$ref").and_then(Value::as_str) else {
            return;
        };
        match target.strip_prefix('#').and_then(|p| whole.pointer(p)) {
            Some(found) => *value = found.clone(),
            None => {
                log.add(
                    place,
                    format!("refers to {target}, which is not in this document"),
                    "read as a body that is not declared",
                );
                *value = json!({});
            }
        }
    }
    if value.get("$ref").is_some() {
        log.add(place, "references in a circle", "read as not declared");
        *value = json!({});
    }
}

/// A request body is a map with a `content` map.
pub(super) fn request_body(root: &mut Value, log: &mut Log<'_>) {
    operations(root, |_, _, operation, pointer| {
        let Some(body) = operation.get_mut("requestBody") else {
            return;
        };
        let place = format!("{pointer}/requestBody");
        if !body.is_object() {
            log.add(&place, "not a map", "left out");
            operation.shift_remove("requestBody");
            return;
        }
        if body.get("content").is_some_and(|found| !found.is_object()) {
            body["content"] = json!({});
            log.add(step(&place, "content"), "not a map", "left out");
        }
        if body.get("required").is_some_and(|found| !found.is_boolean()) {
            body["required"] = json!(false);
            log.add(step(&place, "required"), "not a boolean", "took false");
        }
    });
}

/// `responses` may be missing, null or a list.
pub(super) fn missing_responses(root: &mut Value, log: &mut Log<'_>) {
    operations(root, |_, _, operation, pointer| {
        if !operation.get("responses").is_some_and(Value::is_object) {
            operation.insert("responses".to_owned(), json!({}));
            log.add(
                format!("{pointer}/responses"),
                "no responses",
                "the response's body is handed over as it comes",
            );
        }
    });
}

/// `$ref` to `components.responses`.
pub(super) fn response_reference(root: &mut Value, log: &mut Log<'_>) {
    let whole = root.clone();
    operations(root, |_, _, operation, pointer| {
        let Some(responses) = operation
            .get_mut("responses")
            .and_then(Value::as_object_mut)
        else {
            return;
        };
        for (status, response) in responses {
            let place = step(&format!("{pointer}/responses"), status);
            resolve(&whole, response, &place, log);
        }
    });
}

/// A response's key is a status code, a class such as `4XX`, or `default`.
pub(super) fn response_status(root: &mut Value, log: &mut Log<'_>) {
    operations(root, |_, _, operation, pointer| {
        let Some(responses) = map_at_operation(operation) else {
            return;
        };
        responses.retain(|status, _| {
            let known = crate::api::Status::parse(status).is_some() || status.starts_with("x-");
            if !known {
                log.add(
                    step(&format!("{pointer}/responses"), status),
                    format!("{status} is no status code"),
                    "left out",
                );
            }
            known
        });
    });
}

fn map_at_operation(
    operation: &mut serde_json::Map<String, Value>,
) -> Option<&mut serde_json::Map<String, Value>> {
    operation.get_mut("responses")?.as_object_mut()
}

/// A response is a map whose `content`, where it has one, is a map too.
pub(super) fn response(root: &mut Value, log: &mut Log<'_>) {
    operations(root, |_, _, operation, pointer| {
        let Some(responses) = map_at_operation(operation) else {
            return;
        };
        for (status, response) in responses {
            let place = step(&format!("{pointer}/responses"), status);
            if !response.is_object() {
                *response = json!({});
                log.add(&place, "not a map", "read as a response without a body");
            }
            if response
                .get("content")
                .is_some_and(|found| !found.is_object())
            {
                response["content"] = json!({});
                log.add(step(&place, "content"), "not a map", "left out");
            }
            // Swagger 2.0 spelling in an OpenAPI 3 document
            if response.get("content").is_none()
                && let Some(schema) = map_at(response, "schema").map(|map| json!(map))
            {
                response["content"] = json!({ "application/json": { "schema": schema } });
                log.add(
                    step(&place, "schema"),
                    "a schema without a media type",
                    "read as application/json",
                );
            }
        }
    });
}

/// A media type may be declared without a schema: `application/json: {}`.
pub(super) fn media_type(root: &mut Value, log: &mut Log<'_>) {
    contents(root, |content, pointer| {
        for (media_type, entry) in content {
            if !entry.is_object() {
                *entry = json!({});
                log.add(step(pointer, media_type), "not a map", "left empty");
            }
        }
    });
}
