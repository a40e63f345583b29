//! Request bodies and responses.

use serde_json::{Value, json};

use super::log::Log;
use super::references::follow;
use super::walk::{contents, map_at, operations, responses};
use crate::api::Status;
use crate::pointer::child;

/// `$ref` to `components.requestBodies`.
pub(super) fn request_reference(root: &mut Value, log: &mut Log<'_>) {
    let whole = log.whole;
    operations(root, |_, operation, pointer| {
        if let Some(body) = operation.get_mut("requestBody")
            && let Err(problem) = follow(whole, body)
        {
            *body = json!({});
            log.add(
                child(pointer, "requestBody"),
                problem,
                "read as a body that is not described",
            );
        }
    });
}

/// A request body is a map with a `content` map.
pub(super) fn request_body(root: &mut Value, log: &mut Log<'_>) {
    operations(root, |_, operation, pointer| {
        let pointer = child(pointer, "requestBody");
        let Some(body) = operation.get_mut("requestBody") else {
            return;
        };
        let Some(body) = body.as_object_mut() else {
            operation.shift_remove("requestBody");
            log.add(pointer, "the request body is not a map", "left out");
            return;
        };
        if body.get("content").is_some_and(|found| !found.is_object()) {
            body.shift_remove("content");
            log.add(child(&pointer, "content"), "not a map", "left out");
        }
        if body
            .get("required")
            .is_some_and(|found| !found.is_boolean())
        {
            body.shift_remove("required");
            log.add(
                child(&pointer, "required"),
                "not a boolean",
                "the body is optional",
            );
        }
    });
}

/// `responses` may be missing, null or a list.
pub(super) fn missing_responses(root: &mut Value, log: &mut Log<'_>) {
    operations(root, |_, operation, pointer| {
        let problem = match operation.get("responses") {
            Some(Value::Object(_)) => return,
            Some(Value::Null) | None => "no responses",
            Some(_) => "the responses are not a map",
        };
        operation.insert("responses".to_owned(), json!({}));
        log.add(
            child(pointer, "responses"),
            problem,
            "the response's body is handed over as it comes",
        );
    });
}

/// `$ref` to `components.responses`.
pub(super) fn response_reference(root: &mut Value, log: &mut Log<'_>) {
    let whole = log.whole;
    responses(root, |_, response, pointer| {
        if let Err(problem) = follow(whole, response) {
            *response = json!({});
            log.add(
                pointer,
                problem,
                "the response's body is handed over as it comes",
            );
        }
    });
}

/// A response's key is a status code, a class such as `4XX`, or `default`.
pub(super) fn response_status(root: &mut Value, log: &mut Log<'_>) {
    operations(root, |_, operation, pointer| {
        let pointer = child(pointer, "responses");
        let Some(responses) = map_at(operation, "responses") else {
            return;
        };
        responses.retain(|status, _| {
            let known = Status::parse(status).is_some() || status.starts_with("x-");
            if !known {
                log.add(
                    child(&pointer, status),
                    format!("{status} is no status code"),
                    "left out: no status would select this response",
                );
            }
            known
        });
    });
}

/// A response is a map whose `content`, where it has one, is a map too.
pub(super) fn response(root: &mut Value, log: &mut Log<'_>) {
    responses(root, |status, response, pointer| {
        if status.starts_with("x-") {
            return;
        }
        let Some(map) = response.as_object_mut() else {
            *response = json!({});
            log.add(
                pointer,
                "the response is not a map",
                "the response's body is handed over as it comes",
            );
            return;
        };
        if map.get("content").is_some_and(|found| !found.is_object()) {
            map.shift_remove("content");
            log.add(child(pointer, "content"), "not a map", "left out");
        }
        // Swagger 2.0 spelling in an OpenAPI 3 spec
        if let Some(schema) = map.shift_remove("schema") {
            let action = if map.contains_key("content") {
                "left out: the content says what the body is"
            } else {
                map.insert(
                    "content".to_owned(),
                    json!({ "application/json": { "schema": schema } }),
                );
                "read as application/json"
            };
            log.add(
                child(pointer, "schema"),
                "a schema without a media type",
                action,
            );
        }
    });
}

/// A media type may be declared without a schema: `application/json: {}`, but not without a map.
pub(super) fn media_type(root: &mut Value, log: &mut Log<'_>) {
    contents(root, |content, pointer| {
        for (media_type, entry) in content {
            if !entry.is_object() {
                *entry = json!({});
                log.add(
                    child(pointer, media_type),
                    "the media type is not a map",
                    "read as a body that is not described",
                );
            }
        }
    });
}
