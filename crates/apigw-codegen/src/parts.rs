//! The parts of a form with files (`multipart/form-data`).

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::lower::{Lowerer, Slot};
use apigw_spec::api::{Content, Encoding, FormStyle, Schema};
use apigw_spec::media_type::{is_json, is_text};
use apigw_spec::names;

/// A part of a form.
#[derive(Debug)]
pub(crate) struct Part {
    /// The name in requests.
    pub(crate) name: String,
    /// The name of the argument or setter.
    pub(crate) ident: String,
    pub(crate) required: bool,
    pub(crate) schema: Schema,
    pub(crate) kind: Kind,
    /// The content type, if it is not the default.
    pub(crate) content_type: Option<String>,
    /// The media types to choose from, if the spec declares several.
    pub(crate) choice: Option<String>,
}

/// What a part contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A file, or any other data that the caller serializes.
    File,
    /// Several files with the same name.
    Files,
    /// A value or, if it is a list, several parts with the same name. Sent as text if possible.
    Value(Slot),
    /// A value that is always sent as JSON.
    Json(Slot),
    /// A list whose values are separated by a string.
    Joined(Slot, char),
}

impl Part {
    /// Returns the type of the value, unless it is a file.
    pub(crate) fn slot(&self) -> Option<Slot> {
        match self.kind {
            Kind::File | Kind::Files => None,
            Kind::Value(slot) | Kind::Json(slot) | Kind::Joined(slot, _) => Some(slot),
        }
    }

    pub(crate) fn description(&self) -> Option<&str> {
        self.schema.get("description")?.as_str()
    }

    pub(crate) fn is_deprecated(&self) -> bool {
        self.schema.get("deprecated") == Some(&Value::Bool(true))
    }

    /// Returns whether the spec declares base64 text, which the caller has to encode.
    pub(crate) fn is_base64(&self) -> bool {
        let schema = self.schema.get("items").unwrap_or(&self.schema);
        schema.get("format").and_then(Value::as_str) == Some("byte")
    }
}

/// Returns the parts of a form, in the order of the spec, or `None` if its schema does not describe them.
pub(crate) fn parts(content: &Content, lowerer: &mut Lowerer<'_>, base: &str) -> Option<Vec<Part>> {
    let schema = lowerer.resolved(content.schema.as_ref()?);
    let properties = schema.get("properties").and_then(Value::as_object);
    let Some(properties) = properties.filter(|properties| !properties.is_empty()) else {
        if schema.contains_key("oneOf") || schema.contains_key("anyOf") {
            let problem = "alternative schemas of a `multipart/form-data` body";
            let action = "not typed (the caller builds the form)";
            lowerer.add("untyped-form", problem.to_owned(), action);
        }
        return None;
    };
    let required = schema.get("required").and_then(Value::as_array);
    let required: HashSet<&str> = required
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for undeclared in required
        .iter()
        .filter(|name| !properties.contains_key(**name))
    {
        let problem = format!("undeclared required part `{undeclared}`");
        let action = "ignored (build the whole form to send it)";
        lowerer.add("untyped-form", problem, action);
    }
    let default = Encoding::default();
    let parts = properties.iter().filter_map(|(name, schema)| {
        let resolved = lowerer.resolved(schema);
        // only responses contain it (OpenAPI 3.0, "Schema Object")
        let read_only = |map: &Map<String, Value>| map.get("readOnly") == Some(&Value::Bool(true));
        if read_only(&resolved) || schema.as_object().is_some_and(read_only) {
            return None;
        }
        let encoding = content.encoding.get(name).unwrap_or(&default);
        let inline = format!("{base}{}", names::pascal(name, "Part"));
        let kind = kind(name, schema, encoding, lowerer, &inline);
        let declared = encoding.content_type.clone();
        let is_one = |declared: &String| !declared.contains([',', '*']);
        let declared = declared.or_else(|| media_type_of(&resolved));
        let (content_type, choice) = match declared {
            Some(one) if is_one(&one) => (Some(one), None),
            several => (None, several),
        };
        Some(Part {
            required: required.contains(name.as_str()),
            ident: names::snake(name, "part"),
            name: name.clone(),
            schema: described(schema, resolved),
            kind,
            content_type,
            choice,
        })
    });
    Some(parts.collect())
}

/// Returns the schema with its constraints, and the description beside a reference to it.
fn described(schema: &Schema, mut resolved: Map<String, Value>) -> Schema {
    if let Some(description) = schema.get("description") {
        resolved.insert("description".to_owned(), description.clone());
    }
    Value::Object(resolved)
}

fn kind(
    name: &str,
    schema: &Schema,
    encoding: &Encoding,
    lowerer: &mut Lowerer<'_>,
    inline: &str,
) -> Kind {
    let resolved = lowerer.resolved(schema);
    let is_list = type_of(&resolved) == Some("array");
    let item = match resolved.get("items") {
        Some(items) if is_list => lowerer.resolved(items),
        _ => resolved,
    };
    let content_type = encoding.content_type.as_deref();
    if is_file(&item, content_type) {
        return if is_list { Kind::Files } else { Kind::File };
    }
    let is_object = matches!(type_of(&item), Some("object" | "array") | None);
    if let Some(other) = content_type.filter(|of| is_object && !is_json(of)) {
        lowerer.add(
            "part-encoding",
            format!("part `{name}` is an object of media type `{other}`"),
            "treated as a file (the caller serializes it)",
        );
        return if is_list { Kind::Files } else { Kind::File };
    }
    let slot = lowerer.slot(schema, inline);
    match (encoding.style, encoding.style.separator()) {
        (_, Some(separator)) if is_list && !is_object => return Kind::Joined(slot, separator),
        (FormStyle::Repeated, _) => {}
        _ => lowerer.add(
            "part-encoding",
            format!("unsupported style of part `{name}`"),
            "using the default: a part for each value, and JSON for objects",
        ),
    }
    match content_type.is_some_and(is_json) {
        true => Kind::Json(slot),
        false => Kind::Value(slot),
    }
}

/// Returns whether a part is binary (OpenAPI 3.0 and 3.1, "Considerations for File Uploads"), or data
/// of unknown type.
fn is_file(schema: &Map<String, Value>, content_type: Option<&str>) -> bool {
    let has = |key: &str| schema.contains_key(key);
    let has_media_type = has("contentMediaType") || has("contentEncoding");
    let format = schema.get("format").and_then(Value::as_str);
    match type_of(schema) {
        Some("string") => {
            let is_binary = matches!(format, Some("binary" | "byte"));
            let is_plain = format.is_none() && !has("enum");
            let is_other = content_type.is_some_and(|of| !is_text(of) && !is_json(of));
            is_binary || has_media_type || (is_plain && is_other)
        }
        Some(_) => false,
        None => {
            let describes = [
                "oneOf",
                "anyOf",
                "properties",
                "additionalProperties",
                "enum",
            ];
            has_media_type || !describes.iter().any(|key| has(key))
        }
    }
}

/// Returns the media type that a schema declares (OpenAPI 3.1).
fn media_type_of(schema: &Map<String, Value>) -> Option<String> {
    let of = |map: &Map<String, Value>| Some(map.get("contentMediaType")?.as_str()?.to_owned());
    let items = schema.get("items").and_then(Value::as_object);
    of(schema).or_else(|| of(items?))
}

fn type_of(schema: &Map<String, Value>) -> Option<&str> {
    schema.get("type").and_then(Value::as_str)
}
