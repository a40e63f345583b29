//! Renders `openapi.json`: the spec that a client was generated from, with all fixes applied.
//!
//! The next run compares it with the new spec to find changes on the wire, and other OpenAPI tools
//! can read it. Descriptions, examples and unused schemas are omitted, so that the file changes only
//! when the API does.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Target, header_text};
use apigw_spec::api::{Api, Auth, Content, Encoding, FormStyle, Method, Operation, Parameter};
use apigw_spec::schema::without_docs;

/// Marks an operation that accepts query parameters without declaring their names, for `Api::read` as
/// well.
pub const ANY_QUERY: &str = "x-apigw-client-any-query";

/// API Gateway's key for an operation that accepts any method.
pub const ANY: &str = "x-amazon-apigateway-any-method";

/// Returns the spec of an API as JSON.
pub(super) fn openapi_json(api: &Api, target: &Target) -> String {
    let mut spec = Map::new();
    spec.insert("x-generated".to_owned(), json!(header_text(target)));
    spec.insert("openapi".to_owned(), json!("3.0.3"));
    spec.insert(
        "info".to_owned(),
        json!({ "title": api.title, "version": api.version }),
    );
    if let Some(endpoint) = &api.endpoint {
        spec.insert("servers".to_owned(), json!([{ "url": endpoint }]));
    }
    let paths = paths(api);
    let schemas = reached(api, &Value::Object(paths.clone()));
    spec.insert("paths".to_owned(), Value::Object(paths));
    spec.insert(
        "components".to_owned(),
        json!({ "securitySchemes": schemes(api), "schemas": schemas }),
    );
    format!("{:#}\n", Value::Object(spec))
}

fn paths(api: &Api) -> Map<String, Value> {
    let mut paths = Map::new();
    for operation in &api.operations {
        let path = paths.entry(&operation.path).or_insert_with(|| json!({}));
        path[key(&operation.method)] = describe(operation);
    }
    paths
}

/// Returns the names of the schemas that operations use, directly or indirectly.
pub(crate) fn used_schemas(api: &Api) -> BTreeSet<String> {
    let schemas = api.schemas.iter();
    let schemas = schemas.map(|(name, schema)| (name.clone(), without_docs(schema)));
    reachable(&Value::Object(paths(api)), &schemas.collect())
}

fn key(method: &Method) -> String {
    match method {
        Method::One(method) => method.to_ascii_lowercase(),
        Method::Any => ANY.to_owned(),
    }
}

fn describe(operation: &Operation) -> Value {
    let mut described = Map::new();
    described.insert("operationId".to_owned(), json!(operation.name));
    if operation.deprecated {
        described.insert("deprecated".to_owned(), json!(true));
    }
    if operation.any_query && operation.method != Method::Any {
        described.insert(ANY_QUERY.to_owned(), json!(true));
    }
    if !operation.parameters.is_empty() {
        let parameters: Vec<Value> = operation.parameters.iter().map(parameter).collect();
        described.insert("parameters".to_owned(), json!(parameters));
    }
    if let Some(body) = &operation.body {
        described.insert(
            "requestBody".to_owned(),
            json!({ "required": body.required, "content": content(&body.content) }),
        );
    }
    let mut responses = Map::new();
    for response in &operation.responses {
        let mut described = json!({ "description": "" });
        if !response.content.is_empty() {
            described["content"] = content(&response.content);
        }
        responses.insert(response.status.key(), described);
    }
    described.insert("responses".to_owned(), Value::Object(responses));
    let security = security(&operation.auth);
    if !security.is_empty() {
        let all: Map<String, Value> = security.into_iter().map(|name| (name, json!([]))).collect();
        described.insert("security".to_owned(), json!([all]));
    }
    Value::Object(described)
}

fn parameter(parameter: &Parameter) -> Value {
    let place = parameter.place.name();
    let required = parameter.required || place == "path";
    let mut described = json!({ "name": parameter.name, "in": place, "required": required });
    if place == "query" && !parameter.explode {
        described["explode"] = json!(false);
    }
    match parameter.separator {
        ' ' => described["style"] = json!("spaceDelimited"),
        '|' => described["style"] = json!("pipeDelimited"),
        _ => {}
    }
    if parameter.deprecated {
        described["deprecated"] = json!(true);
    }
    let schema = without_docs(&parameter.schema);
    match parameter.json {
        true => described["content"] = json!({ "application/json": { "schema": schema } }),
        false => described["schema"] = schema,
    }
    described
}

fn content(content: &[Content]) -> Value {
    let content: Map<String, Value> = content
        .iter()
        .map(|content| {
            let mut described = match &content.schema {
                Some(schema) => json!({ "schema": without_docs(schema) }),
                None => json!({}),
            };
            if !content.encoding.is_empty() {
                let encoding = content.encoding.iter();
                let encoding: Map<String, Value> = encoding
                    .map(|(name, declared)| (name.clone(), encoding_of(declared)))
                    .collect();
                described["encoding"] = Value::Object(encoding);
            }
            (content.media_type.clone(), described)
        })
        .collect();
    Value::Object(content)
}

fn encoding_of(encoding: &Encoding) -> Value {
    let mut described = match encoding.style {
        FormStyle::Repeated => json!({}),
        FormStyle::Commas => json!({ "style": "form", "explode": false }),
        FormStyle::Spaces => json!({ "style": "spaceDelimited", "explode": false }),
        FormStyle::Pipes => json!({ "style": "pipeDelimited", "explode": false }),
        FormStyle::Deep => json!({ "style": "deepObject", "explode": true }),
    };
    if let Some(content_type) = &encoding.content_type {
        described["contentType"] = json!(content_type);
    }
    described
}

/// Returns the names of an operation's security schemes.
fn security(auth: &Auth) -> Vec<String> {
    let iam = auth.iam.then(|| "sigv4".to_owned());
    let key = auth.api_key.then(|| "api_key".to_owned());
    iam.into_iter()
        .chain(key)
        .chain(auth.authorizer.clone())
        .collect()
}

fn schemes(api: &Api) -> Value {
    let mut schemes = Map::new();
    for operation in &api.operations {
        for name in security(&operation.auth) {
            let scheme = match name.as_str() {
                "sigv4" => json!({
                    "type": "apiKey", "name": "Authorization", "in": "header",
                    "x-amazon-apigateway-authtype": "awsSigv4",
                }),
                "api_key" => json!({ "type": "apiKey", "name": "x-api-key", "in": "header" }),
                _ => json!({
                    "type": "apiKey", "name": "Authorization", "in": "header",
                    "x-amazon-apigateway-authtype": "custom",
                }),
            };
            schemes.insert(name, scheme);
        }
    }
    Value::Object(schemes)
}

/// Returns the schemas that the operations use, in the order of the API.
fn reached(api: &Api, paths: &Value) -> Value {
    let plain: Map<String, Value> = api
        .schemas
        .iter()
        .map(|(name, schema)| (name.clone(), without_docs(schema)))
        .collect();
    let reached = reachable(paths, &plain);
    let reached: Map<String, Value> = plain
        .into_iter()
        .filter(|(name, _)| reached.contains(name))
        .collect();
    Value::Object(reached)
}

/// Returns the names of the schemas that a value refers to, directly or indirectly.
pub fn reachable(from: &Value, schemas: &Map<String, Value>) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![from];
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(map) => {
                if let Some(name) = map.get("$ref").and_then(Value::as_str).and_then(name_of)
                    && let Some(schema) = schemas.get(&name)
                    && reached.insert(name)
                {
                    waiting.push(schema);
                }
                waiting.extend(map.values());
            }
            Value::Array(list) => waiting.extend(list),
            _ => {}
        }
    }
    reached
}

/// Returns the schema name in a reference, with JSON Pointer escapes decoded (RFC 6901).
fn name_of(reference: &str) -> Option<String> {
    let name = reference.strip_prefix("#/components/schemas/")?;
    Some(apigw_spec::pointer::unescape(name).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_are_reachable_through_nested_and_recursive_references() {
        let to = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        let schemas = json!({ "A": to("B~1C"), "B/C": [to("A")], "D": to("A") });
        let reached = reachable(&json!({ "schema": to("A") }), schemas.as_object().unwrap());
        assert_eq!(reached, BTreeSet::from(["A".to_owned(), "B/C".to_owned()]));
    }
}
