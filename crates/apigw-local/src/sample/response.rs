//! What an operation answers when no handler does: the example of its document, or a value that its schema allows.

use apigw_spec::Api;
use apigw_spec::api::{Content, Operation, Status};
use apigw_spec::media_type::is_json;
use apigw_spec::schema;
use http::StatusCode;
use serde_json::{Value, json};

use crate::sample::value;
use crate::server::response::Response;

/// The first success that the operation declares, else its default response, else whatever it declares first.
pub(crate) fn response(api: &Api, operation: &Operation) -> Response {
    let responses = &operation.responses;
    let declared = responses
        .iter()
        .find(|response| response.status.is_success())
        .or_else(|| {
            responses
                .iter()
                .find(|response| response.status == Status::Default)
        })
        .or_else(|| responses.first());
    let Some(declared) = declared else {
        return Response::empty(StatusCode::OK);
    };
    let status = status(declared.status);
    let content = declared
        .content
        .iter()
        .find(|content| is_json(&content.media_type))
        .or_else(|| declared.content.first());
    match content {
        None => Response::empty(status),
        Some(content) => Response::bytes(status, concrete(&content.media_type), body(api, content)),
    }
}

fn status(declared: Status) -> StatusCode {
    let code = match declared {
        Status::Code(code) => code,
        Status::Class(class) => u16::from(class) * 100,
        Status::Default => 200,
    };
    // an informational status cannot be the answer to a request
    StatusCode::from_u16(code)
        .ok()
        .filter(|status| !status.is_informational())
        .unwrap_or(StatusCode::OK)
}

fn body(api: &Api, content: &Content) -> String {
    let any = json!({});
    let schema = content.schema.as_ref().unwrap_or(&any);
    let example = content
        .example
        .clone()
        .filter(|example| schema::check_shape(api, schema, example).is_ok());
    let value = example.unwrap_or_else(|| value::sample(api, schema));
    match value {
        value if is_json(concrete(&content.media_type)) => value.to_string(),
        Value::String(text) => text,
        undeclared if undeclared == any => "sample".to_owned(),
        other => other.to_string(),
    }
}

/// A response has one type, where a document may allow a range of them.
fn concrete(media_type: &str) -> &str {
    match media_type {
        "*/*" | "application/*" => "application/json",
        range if range.ends_with("/*") => "application/octet-stream",
        one => one,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::route::iam_operation;
    use apigw_spec::api;

    fn answer(responses: &[(Status, &[Content])]) -> Response {
        let mut operation = iam_operation("GET /o").unwrap();
        for (status, content) in responses {
            operation.responses.push(api::Response {
                status: *status,
                description: String::new(),
                content: content.to_vec(),
                headers: Vec::new(),
            });
        }
        response(&Api::default(), &operation)
    }

    fn content(media_type: &str, schema: Option<Value>, example: Option<Value>) -> Content {
        Content {
            media_type: media_type.into(),
            schema,
            example,
        }
    }

    #[test]
    fn a_success_goes_before_the_default_and_the_default_before_a_failure() {
        let (ok, default, failure) = (Status::Code(202), Status::Default, Status::Code(404));
        assert_eq!(
            answer(&[(failure, &[]), (default, &[]), (ok, &[])]).status(),
            202
        );
        assert_eq!(answer(&[(failure, &[]), (default, &[])]).status(), 200);
        assert_eq!(answer(&[(failure, &[])]).status(), 404);
        assert_eq!(answer(&[(Status::Class(2), &[])]).status(), 200);
        assert_eq!(answer(&[(Status::Code(100), &[])]).status(), 200);
        assert_eq!(answer(&[]).status(), 200);
    }

    #[test]
    fn json_goes_before_other_content() {
        let xml = content("application/xml", None, None);
        let json = content(
            "application/problem+json",
            None,
            Some(json!({ "title": "t" })),
        );
        let response = answer(&[(Status::Code(200), &[xml, json])]);
        assert_eq!(response.content_type(), Some("application/problem+json"));
        assert_eq!(response.body(), r#"{"title":"t"}"#);
    }

    #[test]
    fn other_content_is_text_or_a_few_bytes() {
        for (content, content_type, body) in [
            (
                content("text/plain", Some(json!({ "type": "string" })), None),
                "text/plain",
                "string",
            ),
            (
                content("text/csv", None, Some(json!("a,b"))),
                "text/csv",
                "a,b",
            ),
            (
                content("application/pdf", None, None),
                "application/pdf",
                "sample",
            ),
            (
                content("image/*", None, None),
                "application/octet-stream",
                "sample",
            ),
            (content("*/*", None, None), "application/json", "{}"),
        ] {
            let response = answer(&[(Status::Code(200), &[content])]);
            assert_eq!(response.content_type(), Some(content_type));
            assert_eq!(response.body(), body);
        }
    }
}
