//! Body and form parameters, which OpenAPI 3.0 declares in `requestBody`.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::defaults::Defaults;
use super::part::Part;
use super::{parameter, schema};
use crate::Report;
use crate::pointer;

const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";

/// Returns the parts of the path item that the operation does not override. A body overrides the
/// body, and a form field the field with the same name.
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

/// Converts `parts`, which must not be empty, to a request body.
pub(super) fn request_body(
    parts: Vec<Part>,
    consumes: &[String],
    place: &str,
    defaults: &Defaults,
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
            format!("form field `{}` alongside a body parameter", field.name()),
            "removed",
        );
    }
    match bodies.pop() {
        Some(only) if bodies.is_empty() => single(only, consumes),
        last => {
            bodies.extend(last);
            several(bodies, consumes, place, defaults, report)
        }
    }
}

/// Converts a single body parameter. All its members except `name` and `in` are kept.
fn single(part: Part, consumes: &[String]) -> Value {
    let mut body = part.parameter;
    body.shift_remove("name");
    body.shift_remove("in");
    let schema = schema::take(&mut body);
    body.insert("content".to_owned(), content(consumes, schema));
    Value::Object(body)
}

/// Converts several body parameters, which the specification forbids.
///
/// Exports repeat the body for each content type of the method request, with the same model or with
/// another one, so they are alternatives: a single body, one per media type of `consumes` if the
/// numbers match, or else `oneOf`. Only scalars with different names are the fields of an object.
fn several(
    parts: Vec<Part>,
    consumes: &[String],
    place: &str,
    defaults: &Defaults,
    report: &mut Report,
) -> Value {
    let required = parts.iter().any(Part::is_required);
    let described = parts.iter().find_map(|part| part.text("description"));
    let described = described.map(str::to_owned);
    let mut schemas: Vec<Option<Value>> = parts
        .iter()
        .map(|part| schema::take(&mut part.parameter.clone()))
        .collect();
    let mut typed: Vec<&Value> = Vec::new();
    for schema in schemas.iter().flatten() {
        if !typed.contains(&schema) {
            typed.push(schema);
        }
    }
    let names: HashSet<String> = parts.iter().map(Part::name).collect();
    let is_scalar = |schema: &Option<Value>| {
        let schema = schema.as_ref();
        schema.is_some_and(|schema| defaults.is_scalar(schema))
    };
    let are_fields = names.len() == parts.len() && schemas.iter().all(is_scalar);
    let (content, action) = match typed.as_slice() {
        _ if are_fields => {
            let (schema, _) = object(parts.into_iter(), report);
            (
                content(consumes, Some(schema)),
                "combined into one object, as none has fields",
            )
        }
        [] | [_] => {
            let schema = typed.first().map(|only| (*only).clone());
            (
                content(consumes, schema),
                "kept one, as they have the same schema",
            )
        }
        _ if schemas.len() == consumes.len() || typed.len() == consumes.len() => {
            if schemas.len() != consumes.len() {
                schemas = typed.into_iter().cloned().map(Some).collect();
            }
            let each = consumes.iter().zip(schemas);
            let each = each.map(|(name, schema)| (name.clone(), media_type(schema)));
            (
                Value::Object(each.collect()),
                "using one for each media type in `consumes`, in this order",
            )
        }
        _ => (
            content(consumes, Some(json!({ "oneOf": typed }))),
            "converted to `oneOf`",
        ),
    };
    report.add(
        "several-bodies",
        pointer::child(place, "parameters"),
        "multiple body parameters",
        action,
    );
    let mut body = with_content(required, content);
    if let Some(text) = described {
        body["description"] = Value::from(text);
    }
    body
}

/// Returns a request body.
fn with_content(required: bool, content: Value) -> Value {
    match required {
        true => json!({"required": true, "content": content}),
        false => json!({"content": content}),
    }
}

/// Converts form fields. They are sent as `multipart/form-data` if one is a file.
fn form(fields: Vec<Part>, consumes: &[String], place: &str, report: &mut Report) -> Value {
    let has_file = fields.iter().any(|field| schema::is_file(&field.parameter));
    let supports_form = |media_type: &str| {
        media_type.starts_with(MULTIPART) || (media_type.starts_with(FORM) && !has_file)
    };
    let (mut media_types, others): (Vec<_>, Vec<_>) = consumes
        .iter()
        .cloned()
        .partition(|media_type| supports_form(media_type));
    for media_type in others {
        report.add(
            "form-media-type",
            pointer::child(place, "consumes"),
            format!("media type `{media_type}` does not support these form fields"),
            "removed",
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

/// Returns an object schema with one property per part, and the encoding of arrays in forms.
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

/// Returns `content` with the schema for every media type, by default JSON.
fn content(media_types: &[String], schema: Option<Value>) -> Value {
    let media_type = media_type(schema);
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

fn media_type(schema: Option<Value>) -> Value {
    match schema {
        Some(schema) => json!({"schema": schema}),
        None => json!({}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Converts the parameters, and returns the request body and the reported rules.
    fn body(parameters: Value, consumes: &[&str]) -> (Value, Vec<&'static str>) {
        let defaults = Defaults {
            consumes: Vec::new(),
            produces: Vec::new(),
            parameters: Map::new(),
            scalars: ["Sku".to_owned()].into(),
        };
        let parts = parameters.as_array().unwrap().iter();
        let parts = parts.map(|part| Part::of(part, "/p", &defaults).unwrap());
        let consumes: Vec<_> = consumes.iter().map(|&text| text.to_owned()).collect();
        let mut report = Report::new();
        let body = request_body(parts.collect(), &consumes, "/o", &defaults, &mut report);
        let rules = report.fixes().iter().map(|fix| fix.rule);
        (body, rules.collect())
    }

    #[test]
    fn a_body_parameter_is_converted_for_every_media_type() {
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
    fn without_media_type_and_schema_a_body_is_any_json() {
        let (body, _) = body(json!([{"name": "b", "in": "body"}]), &[]);
        assert_eq!(body, json!({"content": {"application/json": {}}}));
    }

    #[test]
    fn form_fields_are_combined_into_an_object() {
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
    fn a_form_with_a_file_is_multipart() {
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
    fn a_media_type_without_form_support_is_removed_and_reported() {
        let fields = json!([{"name": "id", "in": "formData", "type": "string"}]);
        let consumes = ["application/json", "application/x-www-form-urlencoded"];
        let (body, rules) = body(fields, &consumes);
        let media_types: Vec<_> = body["content"].as_object().unwrap().keys().collect();
        assert_eq!(media_types, ["application/x-www-form-urlencoded"]);
        assert_eq!(rules, ["form-media-type"]);
    }

    #[test]
    fn a_repeated_body_is_one_body() {
        let model = json!({"$ref": "#/definitions/A"});
        let parameters = json!([
            {"name": "A", "in": "body", "schema": model},
            {"name": "A", "in": "body", "required": true, "schema": model, "description": "New."},
            {"name": "untyped", "in": "body"}
        ]);
        let media_type = json!({"schema": model});
        assert_eq!(
            body(parameters, &["application/json", "application/xml"]),
            (
                json!({"required": true, "description": "New.", "content": {
                    "application/json": media_type, "application/xml": media_type
                }}),
                vec!["several-bodies"]
            )
        );
    }

    #[test]
    fn several_models_belong_to_the_media_types_if_their_numbers_match() {
        let [a, b] = ["A", "B"].map(|name| json!({"$ref": format!("#/definitions/{name}")}));
        let of = |models: &[&Value], consumes: &[&str]| {
            let parameters = models.iter();
            let parameters = parameters.map(|model| json!({"in": "body", "schema": model}));
            let (body, rules) = body(parameters.collect(), consumes);
            assert_eq!(rules, ["several-bodies"]);
            body["content"].clone()
        };
        let each = json!({"application/json": {"schema": a}, "text/xml": {"schema": b}});
        assert_eq!(of(&[&a, &b], &["application/json", "text/xml"]), each);
        assert_eq!(of(&[&a, &b, &a], &["application/json", "text/xml"]), each);
        let any = json!({"application/json": {"schema": {"oneOf": [a, b]}}});
        assert_eq!(of(&[&a, &b], &["application/json"]), any);
        let any = json!({"application/json": {"schema": {"oneOf": [a, {"type": "string"}]}}});
        assert_eq!(of(&[&a, &json!({"type": "string"})], &[]), any);
    }

    #[test]
    fn several_scalars_are_the_fields_of_an_object() {
        let parameters = json!([
            {"name": "a", "in": "body", "required": true, "schema": {"type": "string"}},
            {"name": "b", "in": "body", "schema": {"$ref": "#/definitions/Sku"}},
            {"name": "c", "in": "body", "schema": {"type": "string"}}
        ]);
        assert_eq!(
            body(parameters, &[]),
            (
                json!({"required": true, "content": {"application/json": {"schema": {
                    "type": "object",
                    "properties": {
                        "a": {"type": "string"}, "b": {"$ref": "#/definitions/Sku"},
                        "c": {"type": "string"}
                    },
                    "required": ["a"]
                }}}}),
                vec!["several-bodies"]
            )
        );
    }

    #[test]
    fn a_form_field_alongside_a_body_is_removed_and_reported() {
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
