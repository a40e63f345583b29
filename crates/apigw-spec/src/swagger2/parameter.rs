//! Parameters in the path, the query and headers.

use serde_json::{Map, Value, json};

use super::defaults::Defaults;
use super::part::Part;
use super::schema;
use crate::Report;
use crate::pointer;

/// Converts the `parameters` of an operation or path item. Removes the parts of the request body
/// from them and returns these parts.
pub(super) fn convert_list(
    holder: &mut Map<String, Value>,
    place: &str,
    defaults: &Defaults,
    report: &mut Report,
) -> Vec<Part> {
    let Some(Value::Array(parameters)) = holder.get_mut("parameters") else {
        return Vec::new();
    };
    let place = pointer::child(place, "parameters");
    let mut parts = Vec::new();
    let mut kept = Vec::new();
    for (index, mut parameter) in std::mem::take(parameters).into_iter().enumerate() {
        let place = pointer::index(&place, index);
        match Part::of(&parameter, &place, defaults) {
            Some(part) => parts.push(part),
            None => {
                convert(&mut parameter, &place, report);
                kept.push(parameter);
            }
        }
    }
    if kept.is_empty() && !parts.is_empty() {
        holder.shift_remove("parameters");
    } else {
        *parameters = kept;
    }
    parts
}

/// Converts a parameter that is not part of the body.
pub(super) fn convert(parameter: &mut Value, place: &str, report: &mut Report) {
    let Value::Object(parameter) = parameter else {
        return;
    };
    if parameter.contains_key("$ref") {
        return;
    }
    let format = parameter.shift_remove("collectionFormat");
    let Some(schema) = schema::take(parameter) else {
        return;
    };
    if schema["type"] == "array" {
        let in_query = parameter.get("in").and_then(Value::as_str) == Some("query");
        let style = list_style(format.as_ref(), in_query, place, report);
        parameter.extend(style);
    }
    parameter.insert("schema".to_owned(), schema);
}

/// Converts `collectionFormat` to `style` and `explode`.
///
/// They are also set by default, because Swagger 2.0 joins values in the query with commas by
/// default, and OpenAPI 3.0 repeats the name.
pub(super) fn list_style(
    collection_format: Option<&Value>,
    in_query: bool,
    place: &str,
    report: &mut Report,
) -> Map<String, Value> {
    let format = collection_format.and_then(Value::as_str).unwrap_or("csv");
    let style = match (format, in_query) {
        ("csv", true) => json!({"style": "form", "explode": false}),
        ("multi", true) => json!({"style": "form", "explode": true}),
        ("ssv", true) => json!({"style": "spaceDelimited", "explode": false}),
        ("pipes", true) => json!({"style": "pipeDelimited", "explode": false}),
        ("csv", false) => json!({"style": "simple", "explode": false}),
        (_, _) => {
            report.add(
                "collection-format",
                place,
                format!("unsupported `collectionFormat: {format}`"),
                "joining the values with commas",
            );
            return list_style(None, in_query, place, report);
        }
    };
    match style {
        Value::Object(style) => style,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(mut parameter: Value) -> (Value, usize) {
        let mut report = Report::new();
        convert(&mut parameter, "/p", &mut report);
        (parameter, report.fixes().len())
    }

    #[test]
    fn type_and_constraints_move_into_the_schema() {
        let (parameter, _) = converted(json!({
            "name": "limit", "in": "query", "required": true, "description": "How many.",
            "type": "integer", "format": "int32", "minimum": 1, "maximum": 9, "default": 5,
            "x-example": 3
        }));
        assert_eq!(
            parameter,
            json!({
                "name": "limit", "in": "query", "required": true, "description": "How many.",
                "x-example": 3,
                "schema": {
                    "type": "integer", "format": "int32", "default": 5, "minimum": 1, "maximum": 9
                }
            })
        );
    }

    #[test]
    fn arrays_in_the_query_have_a_style() {
        for (format, style, explode) in [
            (None, "form", false),
            (Some("csv"), "form", false),
            (Some("multi"), "form", true),
            (Some("ssv"), "spaceDelimited", false),
            (Some("pipes"), "pipeDelimited", false),
        ] {
            let mut parameter = json!({
                "name": "id", "in": "query", "type": "array", "items": {"type": "string"}
            });
            if let Some(format) = format {
                parameter["collectionFormat"] = json!(format);
            }
            assert_eq!(
                converted(parameter),
                (
                    json!({
                        "name": "id", "in": "query", "style": style, "explode": explode,
                        "schema": {"type": "array", "items": {"type": "string"}}
                    }),
                    0
                ),
                "{format:?}"
            );
        }
    }

    #[test]
    fn an_unsupported_collection_format_is_reported() {
        let (parameter, reported) = converted(json!({
            "name": "id", "in": "header", "type": "array", "items": {"type": "string"},
            "collectionFormat": "tsv"
        }));
        assert_eq!((&parameter["style"], reported), (&json!("simple"), 1));
        assert_eq!(parameter.get("collectionFormat"), None);
    }

    #[test]
    fn a_parameter_without_a_type_is_unchanged() {
        let parameter = json!({"name": "id", "in": "path", "required": true});
        assert_eq!(converted(parameter.clone()), (parameter, 0));
    }

    #[test]
    fn a_parameter_with_a_schema_is_unchanged() {
        let parameter = json!({"name": "id", "in": "query", "schema": {"type": "string"}});
        assert_eq!(converted(parameter.clone()), (parameter, 0));
    }

    #[test]
    fn invalid_parameters_are_unchanged() {
        for odd in [
            json!(null),
            json!("x"),
            json!({"schema": 7}),
            json!({"$ref": 1, "type": 2}),
        ] {
            assert_eq!(converted(odd.clone()), (odd, 0));
        }
    }
}
