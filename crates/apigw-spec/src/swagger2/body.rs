//! Parameters in the body and in forms: one `requestBody` in OpenAPI 3.0.

use serde_json::{Map, Value, json};

use super::part::Part;
use super::{parameter, schema};
use crate::Report;
use crate::pointer;

const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";

/// The parts that a path item shares and the operation does not replace: its one body
/// replaces the body, a form field the field of the same name.
pub(super) fn not_overridden(shared: &[Part], own: &[Part]) -> Vec<Part> {
    shared
        .iter()
        .filter(|shared| {
            !own.iter().any(|own| {
                own.is_form() == shared.is_form() && (!own.is_form() || own.name() == shared.name())
            })
        })
        .cloned()
        .collect()
}

/// The request body that `parts`, at least one, make up.
pub(super) fn request_body(
    parts: Vec<Part>,
    consumes: &[String],
    place: &str,
    report: &mut Report,
) -> Value {
    let (fields, mut bodies): (Vec<_>, Vec<_>) = parts.into_iter().partition(Part::is_form);
    if bodies.is_empty() {
        return form(fields, consumes, place, report);
    }
    for field in fields {
        report.add(
            "form-beside-body",
            field.place.as_str(),
            format!("the form field `{}` is there beside a body", field.name()),
            "the body is used",
        );
    }
    match bodies.pop() {
        Some(only) if bodies.is_empty() => single(only, consumes),
        last => several(bodies.into_iter().chain(last), consumes, place, report),
    }
}

/// One body parameter; all it says except its name is kept.
fn single(part: Part, consumes: &[String]) -> Value {
    let mut body = part.parameter;
    body.shift_remove("name");
    body.shift_remove("in");
    let schema = schema::take(&mut body);
    body.insert("content".to_owned(), content(consumes, schema));
    Value::Object(body)
}

/// Several body parameters, which the specification forbids: fields of one object, as
/// those who write them mean it.
fn several(
    parts: impl Iterator<Item = Part>,
    consumes: &[String],
    place: &str,
    report: &mut Report,
) -> Value {
    report.add(
        "several-bodies",
        pointer::child(place, "parameters"),
        "there are several body parameters",
        "they are the fields of one object",
    );
    let (schema, _) = object(parts, report);
    let required = schema.get("required").is_some();
    with_content(required, content(consumes, Some(schema)))
}

/// A body is demanded when any part of it is.
fn with_content(required: bool, content: Value) -> Value {
    match required {
        true => json!({"required": true, "content": content}),
        false => json!({"content": content}),
    }
}

/// Form fields, sent as `multipart/form-data` if one is a file.
fn form(fields: Vec<Part>, consumes: &[String], place: &str, report: &mut Report) -> Value {
    let has_file = fields.iter().any(|field| schema::is_file(&field.parameter));
    let carries_form = |media_type: &str| {
        media_type.starts_with(MULTIPART) || (media_type.starts_with(FORM) && !has_file)
    };
    let (mut media_types, others): (Vec<_>, Vec<_>) = consumes
        .iter()
        .cloned()
        .partition(|media_type| carries_form(media_type));
    for media_type in others {
        report.add(
            "form-media-type",
            pointer::child(place, "consumes"),
            format!("`{media_type}` cannot carry these form fields"),
            "it is left out",
        );
    }
    if media_types.is_empty() {
        media_types.push(if has_file { MULTIPART } else { FORM }.to_owned());
    }
    let (schema, encoding) = object(fields.into_iter(), report);
    let required = schema.get("required").is_some();
    let mut content = content(&media_types, Some(schema));
    if !encoding.is_empty() {
        for media_type in content
            .as_object_mut()
            .into_iter()
            .flat_map(Map::values_mut)
        {
            media_type["encoding"] = Value::Object(encoding.clone());
        }
    }
    with_content(required, content)
}

/// An object schema with a property for each part, and how its lists are written in a form.
fn object(parts: impl Iterator<Item = Part>, report: &mut Report) -> (Value, Map<String, Value>) {
    let mut properties = Map::new();
    let mut required = Vec::new();
    let mut encoding = Map::new();
    for part in parts {
        let name = part.name();
        if part.is_required() {
            required.push(Value::from(name.as_str()));
        }
        let is_form = part.is_form();
        let mut parameter = part.parameter;
        let format = parameter.shift_remove("collectionFormat");
        let mut schema = schema::take(&mut parameter).unwrap_or_else(|| json!({}));
        if is_form && schema["type"] == "array" {
            let style = parameter::list_style(format.as_ref(), true, &part.place, report);
            encoding.insert(name.clone(), Value::Object(style));
        }
        if let (Value::Object(schema), Some(description)) =
            (&mut schema, parameter.shift_remove("description"))
        {
            schema.entry("description").or_insert(description);
        }
        properties.insert(name, schema);
    }
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = Value::Array(required);
    }
    (schema, encoding)
}

/// The same schema for every media type; JSON where none is said.
fn content(media_types: &[String], schema: Option<Value>) -> Value {
    let media_type = match schema {
        Some(schema) => json!({"schema": schema}),
        None => json!({}),
    };
    let json = ["application/json".to_owned()];
    let media_types = if media_types.is_empty() {
        &json
    } else {
        media_types
    };
    media_types
        .iter()
        .map(|name| (name.clone(), media_type.clone()))
        .collect::<Map<_, _>>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::swagger2::defaults::Defaults;

    /// The request body of these parameters, and the rules that were reported.
    fn body(parameters: Value, consumes: &[&str]) -> (Value, Vec<&'static str>) {
        let defaults = Defaults {
            consumes: Vec::new(),
            produces: Vec::new(),
            parameters: Map::new(),
        };
        let parts = parameters.as_array().unwrap().iter();
        let parts = parts.map(|part| Part::of(part, "/p", &defaults).unwrap());
        let consumes: Vec<_> = consumes.iter().map(|&text| text.to_owned()).collect();
        let mut report = Report::new();
        let body = request_body(parts.collect(), &consumes, "/o", &mut report);
        let rules = report.fixes().iter().map(|fix| fix.rule);
        (body, rules.collect())
    }

    #[test]
    fn a_body_parameter_is_the_request_body_in_every_media_type() {
        let parameter = json!([{
            "name": "Order", "in": "body", "required": true, "description": "New.",
            "x-kept": 1, "schema": {"$ref": "#/definitions/Order"}
        }]);
        let media_type = json!({"schema": {"$ref": "#/definitions/Order"}});
        assert_eq!(
            body(parameter, &["application/json", "application/xml"]),
            (
                json!({
                    "required": true, "description": "New.", "x-kept": 1,
                    "content": {"application/json": media_type, "application/xml": media_type}
                }),
                vec![]
            )
        );
    }

    #[test]
    fn a_body_without_a_media_type_is_json_and_without_a_schema_anything() {
        let (body, _) = body(json!([{"name": "b", "in": "body"}]), &[]);
        assert_eq!(body, json!({"content": {"application/json": {}}}));
    }

    #[test]
    fn form_fields_are_the_properties_of_one_object() {
        let fields = json!([
            {"name": "id", "in": "formData", "required": true, "type": "string"},
            {"name": "tags", "in": "formData", "type": "array", "items": {"type": "string"},
             "collectionFormat": "multi", "description": "Any."}
        ]);
        assert_eq!(
            body(fields, &["application/x-www-form-urlencoded"]),
            (
                json!({"required": true, "content": {"application/x-www-form-urlencoded": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "id": {"type": "string"},
                            "tags": {
                                "type": "array", "items": {"type": "string"}, "description": "Any."
                            }
                        },
                        "required": ["id"]
                    },
                    "encoding": {"tags": {"style": "form", "explode": true}}
                }}}),
                vec![]
            )
        );
    }

    #[test]
    fn a_file_makes_the_form_multipart() {
        let fields = json!([{"name": "scan", "in": "formData", "type": "file"}]);
        let (body, rules) = body(fields, &["application/x-www-form-urlencoded"]);
        assert_eq!(
            body,
            json!({"content": {"multipart/form-data": {"schema": {
                "type": "object",
                "properties": {"scan": {"type": "string", "format": "binary"}}
            }}}})
        );
        assert_eq!(rules, ["form-media-type"]);
    }

    #[test]
    fn a_media_type_that_carries_no_form_is_left_out_and_reported() {
        let fields = json!([{"name": "id", "in": "formData", "type": "string"}]);
        let consumes = ["application/json", "application/x-www-form-urlencoded"];
        let (body, rules) = body(fields, &consumes);
        let media_types: Vec<_> = body["content"].as_object().unwrap().keys().collect();
        assert_eq!(media_types, ["application/x-www-form-urlencoded"]);
        assert_eq!(rules, ["form-media-type"]);
    }

    #[test]
    fn several_bodies_are_the_fields_of_one_object_and_reported() {
        let parameters = json!([
            {"name": "a", "in": "body", "required": true, "schema": {"type": "string"}},
            {"name": "b", "in": "body", "schema": {"$ref": "#/definitions/B"}}
        ]);
        assert_eq!(
            body(parameters, &[]),
            (
                json!({"required": true, "content": {"application/json": {"schema": {
                    "type": "object",
                    "properties": {"a": {"type": "string"}, "b": {"$ref": "#/definitions/B"}},
                    "required": ["a"]
                }}}}),
                vec!["several-bodies"]
            )
        );
    }

    #[test]
    fn a_form_field_beside_a_body_is_reported() {
        let parameters = json!([
            {"name": "b", "in": "body", "schema": {"type": "object"}},
            {"name": "f", "in": "formData", "type": "string"}
        ]);
        let (body, rules) = body(parameters, &[]);
        assert_eq!(
            body,
            json!({"content": {"application/json": {"schema": {"type": "object"}}}})
        );
        assert_eq!(rules, ["form-beside-body"]);
    }
}
