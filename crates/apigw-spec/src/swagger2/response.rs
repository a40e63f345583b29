//! Responses, whose `schema`, `examples` and `produces` are converted to `content`.

use serde_json::{Map, Value, json};

use super::schema;
use crate::media_type::is_media_type;

/// Converts a response of an operation with the media types `produces`.
pub(super) fn convert(response: &mut Value, produces: &[String]) {
    let Value::Object(response) = response else {
        return;
    };
    if response.contains_key("$ref") {
        return;
    }
    if let Some(Value::Object(headers)) = response.get_mut("headers") {
        headers.values_mut().for_each(header);
    }
    if response.contains_key("content") {
        return;
    }
    let content = content(response, produces);
    if !content.is_empty() {
        response.insert("content".to_owned(), Value::Object(content));
    }
}

fn header(header: &mut Value) {
    if let Value::Object(header) = header {
        // OpenAPI 3.0 always joins arrays in headers with commas
        header.shift_remove("collectionFormat");
        if let Some(schema) = schema::take(header) {
            header.insert("schema".to_owned(), schema);
        }
    }
}

fn content(response: &mut Map<String, Value>, produces: &[String]) -> Map<String, Value> {
    let mut content = Map::new();
    if let Some(mut schema) = response.shift_remove("schema") {
        let default = match &schema {
            Value::Object(schema) if schema::is_file(schema) => "application/octet-stream",
            _ => "application/json",
        };
        schema::convert(&mut schema);
        let default = [default.to_owned()];
        let produces = if produces.is_empty() {
            &default
        } else {
            produces
        };
        for media_type in produces {
            content.insert(media_type.clone(), json!({"schema": schema}));
        }
    }
    if let Some(Value::Object(examples)) = response.get("examples") {
        // examples can declare further media types; some specs have titles there
        for (media_type, example) in examples.iter().filter(|(name, _)| is_media_type(name)) {
            let entry = content.entry(media_type).or_insert_with(|| json!({}));
            entry["example"] = example.clone();
        }
        response.shift_remove("examples");
    }
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(produces: &[&str], mut response: Value) -> Value {
        let produces: Vec<_> = produces.iter().map(|&text| text.to_owned()).collect();
        convert(&mut response, &produces);
        response
    }

    #[test]
    fn a_schema_is_converted_for_every_produced_media_type() {
        assert_eq!(
            converted(
                &["application/json", "text/csv"],
                json!({"description": "ok", "schema": {"type": "string", "x-nullable": true}})
            ),
            json!({"description": "ok", "content": {
                "application/json": {"schema": {"type": "string", "nullable": true}},
                "text/csv": {"schema": {"type": "string", "nullable": true}},
            }})
        );
    }

    #[test]
    fn without_media_types_a_response_is_json_or_a_file() {
        assert_eq!(
            converted(&[], json!({"schema": {"type": "object"}})),
            json!({"content": {"application/json": {"schema": {"type": "object"}}}})
        );
        assert_eq!(
            converted(&[], json!({"schema": {"type": "file"}})),
            json!({"content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            }})
        );
    }

    #[test]
    fn a_response_without_a_schema_has_no_content() {
        let response = json!({"description": "200 response"});
        assert_eq!(converted(&["application/json"], response.clone()), response);
    }

    #[test]
    fn examples_move_to_their_media_types() {
        assert_eq!(
            converted(
                &["application/json"],
                json!({
                    "schema": {"type": "string"},
                    "examples": {"application/json": "a", "text/plain": "b", "a title": "c"}
                })
            ),
            json!({"content": {
                "application/json": {"schema": {"type": "string"}, "example": "a"},
                "text/plain": {"example": "b"},
            }})
        );
    }

    #[test]
    fn headers_have_a_schema() {
        assert_eq!(
            converted(
                &[],
                json!({"headers": {"X-A": {"type": "integer", "description": "Count."}}})
            ),
            json!({"headers": {"X-A": {"description": "Count.", "schema": {"type": "integer"}}}})
        );
    }

    #[test]
    fn other_responses_are_unchanged() {
        for odd in [
            json!(null),
            json!([1]),
            json!({"$ref": "#/responses/NotFound"}),
            json!({"content": {}, "examples": {"a": 1}}),
            json!({"headers": null, "examples": 5}),
        ] {
            assert_eq!(converted(&[], odd.clone()), odd);
        }
    }
}
