//! Request bodies and responses.

use serde_json::{Value, json};

use super::log::Log;
use super::references::follow;
use super::walk::{contents, map_at, operations, responses};
use crate::api::Status;
use crate::media_type::is_media_type;
use crate::pointer::child;

/// Resolves `$ref` to `components.requestBodies`.
pub(super) fn request_reference(root: &mut Value, log: &mut Log<'_>) {
    let spec = log.spec;
    operations(root, |_, operation, pointer| {
        if let Some(body) = operation.get_mut("requestBody")
            && let Err(problem) = follow(spec, body)
        {
            *body = json!({});
            log.add(
                child(pointer, "requestBody"),
                problem,
                "treated as a body without a schema",
            );
        }
    });
}

/// Removes a request body that is not an object, and its invalid `content` and `required`.
pub(super) fn request_body(root: &mut Value, log: &mut Log<'_>) {
    operations(root, |_, operation, pointer| {
        let pointer = child(pointer, "requestBody");
        let Some(body) = operation.get_mut("requestBody") else {
            return;
        };
        let Some(body) = body.as_object_mut() else {
            operation.shift_remove("requestBody");
            log.add(pointer, "`requestBody` is not an object", "removed");
            return;
        };
        if body.get("content").is_some_and(|found| !found.is_object()) {
            body.shift_remove("content");
            log.add(
                child(&pointer, "content"),
                "`content` is not an object",
                "removed",
            );
        }
        if body
            .get("required")
            .is_some_and(|found| !found.is_boolean())
        {
            body.shift_remove("required");
            log.add(
                child(&pointer, "required"),
                "`required` is not a boolean",
                "made the body optional",
            );
        }
    });
}

/// Replaces `responses` that are missing, null or an array.
pub(super) fn missing_responses(root: &mut Value, log: &mut Log<'_>) {
    operations(root, |_, operation, pointer| {
        let problem = match operation.get("responses") {
            Some(Value::Object(_)) => return,
            Some(Value::Null) | None => "missing `responses`",
            Some(_) => "`responses` is not an object",
        };
        operation.insert("responses".to_owned(), json!({}));
        log.add(
            child(pointer, "responses"),
            problem,
            "returning the response body unparsed",
        );
    });
}

/// Resolves `$ref` to `components.responses`.
pub(super) fn response_reference(root: &mut Value, log: &mut Log<'_>) {
    let spec = log.spec;
    responses(root, |_, response, pointer| {
        if let Err(problem) = follow(spec, response) {
            *response = json!({});
            log.add(pointer, problem, "returning the response body unparsed");
        }
    });
}

/// Removes responses whose key is not a status code, a class such as `4XX`, or `default`.
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
                    format!("`{status}` is not a status code"),
                    "removed",
                );
            }
            known
        });
    });
}

/// Replaces responses that are not objects, and removes `content` that is not an object.
pub(super) fn response(root: &mut Value, log: &mut Log<'_>) {
    responses(root, |status, response, pointer| {
        if status.starts_with("x-") {
            return;
        }
        let Some(map) = response.as_object_mut() else {
            *response = json!({});
            log.add(
                pointer,
                "response is not an object",
                "returning the response body unparsed",
            );
            return;
        };
        if map.get("content").is_some_and(|found| !found.is_object()) {
            map.shift_remove("content");
            log.add(
                child(pointer, "content"),
                "`content` is not an object",
                "removed",
            );
        }
        // Swagger 2.0 spelling in an OpenAPI 3 spec
        if let Some(schema) = map.shift_remove("schema") {
            let action = if map.contains_key("content") {
                "using `content` instead"
            } else {
                map.insert(
                    "content".to_owned(),
                    json!({ "application/json": { "schema": schema } }),
                );
                "using `application/json`"
            };
            log.add(
                child(pointer, "schema"),
                "`schema` without a media type",
                action,
            );
        }
    });
}

/// Replaces media types that are not objects. `application/json: {}` is valid.
pub(super) fn media_type(root: &mut Value, log: &mut Log<'_>) {
    contents(root, |content, pointer| {
        if content.keys().any(|name| is_media_type(name)) {
            content.retain(|name, _| {
                let is_known = is_media_type(name);
                if !is_known {
                    log.add(
                        child(pointer, name),
                        format!("`{name}` is not a media type"),
                        "removed",
                    );
                }
                is_known
            });
        }
        for (media_type, entry) in content {
            if !entry.is_object() {
                *entry = json!({});
                log.add(
                    child(pointer, media_type),
                    "media type is not an object",
                    "treated as a body without a schema",
                );
            }
        }
    });
}
