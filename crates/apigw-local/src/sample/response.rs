//! Sample responses of operations: the example from the spec, or a value generated from the schema.

use apigw_spec::Api;
use apigw_spec::api::{Content, Operation, Status};
use apigw_spec::media_type::is_json;
use apigw_spec::schema::{self, Direction};
use http::StatusCode;
use serde_json::{Value, json};

use crate::sample::pages::pages;
use crate::sample::value;
use crate::server::request::Request;
use crate::server::response::Response;

/// The responses of an operation without a handler.
#[derive(Debug)]
pub(crate) struct Sample {
    first: Response,
    /// The query parameter that requests the last page, and its response.
    last: Option<(String, Response)>,
}

impl Sample {
    /// Samples the first declared success, or else the `default` response, or else the first declared response.
    pub(crate) fn of(api: &Api, operation: &Operation) -> Self {
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
        let only = |first| Self { first, last: None };
        let Some(declared) = declared else {
            return only(Response::empty(StatusCode::OK));
        };
        let status = status(declared.status);
        let content = declared
            .content
            .iter()
            .find(|content| is_json(&content.media_type))
            .or_else(|| declared.content.first());
        let Some(content) = content else {
            return only(Response::empty(status));
        };
        let mut body = value(api, content);
        let last = match (is_json(&content.media_type), &content.schema) {
            (true, Some(schema)) => pages(api, operation, schema, &mut body),
            _ => None,
        };
        let response = |body| {
            let media_type = concrete(&content.media_type);
            Response::bytes(status, media_type, text(content, body))
        };
        Self {
            first: response(body),
            last: last.map(|last| (last.parameter, response(last.body))),
        }
    }

    /// Returns the response to a request: the first page, or the last one if the request contains a token.
    pub(crate) fn response(&self, request: &Request) -> Response {
        let has_token = |parameter: &str| {
            let token = request.query(parameter);
            token.is_some_and(|token| !token.is_empty())
        };
        match &self.last {
            Some((parameter, last)) if has_token(parameter) => last.clone(),
            _ => self.first.clone(),
        }
    }
}

fn status(declared: Status) -> StatusCode {
    let code = match declared {
        Status::Code(code) => code,
        Status::Class(class) => u16::from(class) * 100,
        Status::Default => 200,
    };
    // an informational status can't be the final one
    StatusCode::from_u16(code)
        .ok()
        .filter(|status| !status.is_informational())
        .unwrap_or(StatusCode::OK)
}

/// Returns the example of the content, if it conforms to its schema, or else a generated value.
fn value(api: &Api, content: &Content) -> Value {
    let any = json!({});
    let schema = content.schema.as_ref().unwrap_or(&any);
    let example = content
        .example
        .clone()
        .filter(|example| schema::check(api, schema, example, Direction::Response).is_ok());
    example.unwrap_or_else(|| value::sample(api, schema))
}

/// Returns a value as text of the media type.
fn text(content: &Content, value: Value) -> String {
    match value {
        value if is_json(concrete(&content.media_type)) => value.to_string(),
        Value::String(text) if is_event_stream(content) => format!("data: {text}\n\n"),
        value if is_event_stream(content) => format!("data: {value}\n\n"),
        value if content.media_type.contains("ndjson") => format!("{value}\n"),
        Value::String(text) => text,
        undeclared if undeclared == json!({}) => "sample".to_owned(),
        other => other.to_string(),
    }
}

fn is_event_stream(content: &Content) -> bool {
    content.media_type.starts_with("text/event-stream")
}

/// Returns a concrete media type. The spec may declare a range, such as `image/*`.
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

    fn sample(responses: &[(Status, &[Content])]) -> Response {
        let mut operation = iam_operation("GET /o").unwrap();
        for (status, content) in responses {
            operation.responses.push(api::Response {
                status: *status,
                description: String::new(),
                content: content.to_vec(),
                headers: Vec::new(),
            });
        }
        Sample::of(&Api::default(), &operation).first
    }

    fn content(media_type: &str, schema: Option<Value>, example: Option<Value>) -> Content {
        Content {
            media_type: media_type.into(),
            schema,
            example,
            encoding: Default::default(),
        }
    }

    #[test]
    fn a_success_takes_precedence_over_default_and_default_over_an_error() {
        let (ok, default, failure) = (Status::Code(202), Status::Default, Status::Code(404));
        assert_eq!(
            sample(&[(failure, &[]), (default, &[]), (ok, &[])]).status(),
            202
        );
        assert_eq!(sample(&[(failure, &[]), (default, &[])]).status(), 200);
        assert_eq!(sample(&[(failure, &[])]).status(), 404);
        assert_eq!(sample(&[(Status::Class(2), &[])]).status(), 200);
        assert_eq!(sample(&[(Status::Code(100), &[])]).status(), 200);
        assert_eq!(sample(&[]).status(), 200);
    }

    #[test]
    fn json_takes_precedence_over_other_content() {
        let xml = content("application/xml", None, None);
        let json = content(
            "application/problem+json",
            None,
            Some(json!({ "title": "t" })),
        );
        let response = sample(&[(Status::Code(200), &[xml, json])]);
        assert_eq!(response.content_type(), Some("application/problem+json"));
        assert_eq!(response.body(), r#"{"title":"t"}"#);
    }

    #[test]
    fn other_content_is_a_short_text() {
        for (content, content_type, body) in [
            (
                content("text/plain", Some(json!({ "type": "string" })), None),
                "text/plain",
                "string",
            ),
            (
                content(
                    "text/event-stream",
                    Some(json!({ "type": "integer" })),
                    None,
                ),
                "text/event-stream",
                "data: 1\n\n",
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
            let response = sample(&[(Status::Code(200), &[content])]);
            assert_eq!(response.content_type(), Some(content_type));
            assert_eq!(response.body(), body);
        }
    }
}
