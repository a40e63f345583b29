//! Validation of the shape of a value against a schema.
//!
//! The shape consists of types, enums, required properties and alternatives. Limits, patterns and
//! formats are not part of it; only the service checks them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jsonschema::Draft;
use jsonschema::error::{TypeKind, ValidationError, ValidationErrorKind};
use serde_json::{Map, Value, json};

use super::reference;
use crate::api::{Api, Schema};

/// A mismatch between a value and its schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The location in the value, as a JSON pointer (RFC 6901). Empty for the value itself.
    pub pointer: String,
    /// The values that the schema allows there.
    pub expected: Expected,
    /// The actual value.
    pub found: Value,
}

/// The values that a schema allows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expected {
    /// A value of this JSON Schema type, for example `integer`.
    Type(String),
    /// One of these values.
    OneOf(Vec<Value>),
    /// An object with this property.
    Property(String),
    /// A value that matches one of several schemas.
    Alternative,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type(kind) => f.write_str(match kind.as_str() {
                "integer" => "an integer",
                "number" => "a number",
                "boolean" => "true or false",
                "array" => "a list",
                "object" => "an object",
                "null" => "null",
                _ => "a string",
            }),
            Self::OneOf(values) => {
                let values: Vec<String> = values.iter().map(spelling).collect();
                write!(f, "one of {}", values.join(", "))
            }
            Self::Property(name) => write!(f, "an object with `{name}`"),
            Self::Alternative => f.write_str("one of the alternatives in the spec"),
        }
    }
}

fn spelling(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// Checks that a value has the shape of a schema of the API.
///
/// Invalid schemas allow any value.
///
/// # Errors
///
/// Returns the first [`Mismatch`] if the value does not match.
pub fn check_shape(api: &Api, schema: &Schema, value: &Value) -> Result<(), Box<Mismatch>> {
    let validator = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .build(&root(api, schema));
    let Ok(validator) = validator else {
        return Ok(());
    };
    match validator
        .iter_errors(value)
        .find_map(|error| mismatch(&error))
    {
        None => Ok(()),
        Some(mismatch) => Err(Box::new(mismatch)),
    }
}

fn mismatch(error: &ValidationError<'_>) -> Option<Mismatch> {
    let expected = match error.kind() {
        ValidationErrorKind::Type {
            kind: TypeKind::Single(kind),
        } => Expected::Type(kind.to_string()),
        ValidationErrorKind::Enum { options } => {
            Expected::OneOf(options.as_array().cloned().unwrap_or_default())
        }
        ValidationErrorKind::Required { property } => Expected::Property(spelling(property)),
        ValidationErrorKind::AnyOf { context } => match context.as_slice() {
            // a nullable schema
            [null, only] if is_about_null(null) => {
                return only.first().and_then(mismatch);
            }
            _ => Expected::Alternative,
        },
        _ => return None,
    };
    Some(Mismatch {
        pointer: error.instance_path().to_string(),
        expected,
        found: error.instance().clone().into_owned(),
    })
}

fn is_about_null(errors: &[ValidationError<'_>]) -> bool {
    errors.iter().any(|error| match error.kind() {
        ValidationErrorKind::Type {
            kind: TypeKind::Single(kind),
        } => kind.to_string() == "null",
        _ => false,
    })
}

/// Returns a self-contained schema, with the referenced schemas in `$defs`.
fn root(api: &Api, schema: &Schema) -> Value {
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    let mut waiting = vec![schema];
    while let Some(next) = waiting.pop() {
        for name in references(next) {
            if let Some((name, schema)) = api.schemas.get_key_value(name)
                && !names.contains_key(name.as_str())
            {
                names.insert(name, names.len());
                waiting.push(schema);
            }
        }
    }
    let cyclic = cyclic(api, names.keys().copied());
    let shapes = Shapes { names, cyclic };
    let definitions: Map<String, Value> = shapes
        .names
        .iter()
        .filter_map(|(name, index)| {
            let schema = api.schemas.get(*name)?;
            Some((index.to_string(), shapes.of(schema, Some(name))))
        })
        .collect();
    json!({ "$defs": definitions, "allOf": [shapes.of(schema, None)] })
}

/// Returns the named schemas that apply to the same value as this schema.
fn in_place(schema: &Schema) -> Vec<&str> {
    let mut found: Vec<&str> = reference(schema).into_iter().collect();
    for key in ["allOf", "anyOf", "oneOf"] {
        let parts = schema.get(key).and_then(Value::as_array);
        found.extend(parts.into_iter().flatten().flat_map(in_place));
    }
    found
}

/// Returns all named schemas that a schema references.
fn references(schema: &Value) -> Vec<&str> {
    match schema {
        Value::Object(map) => reference(schema)
            .into_iter()
            .chain(map.values().flat_map(references))
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// Returns the named schemas that include themselves, for example by `allOf`. Such a reference does
/// not restrict the value.
fn cyclic<'a>(api: &'a Api, names: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let is_cyclic = |name: &str| {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![name];
        while let Some(next) = waiting.pop() {
            for found in api.schemas.get(next).map(in_place).unwrap_or_default() {
                if found == name {
                    return true;
                }
                if seen.insert(found) {
                    waiting.push(found);
                }
            }
        }
        false
    };
    names.filter(|name| is_cyclic(name)).collect()
}

struct Shapes<'a> {
    /// The key of each named schema in `$defs`.
    names: BTreeMap<&'a str, usize>,
    cyclic: BTreeSet<&'a str>,
}

impl Shapes<'_> {
    /// Returns the part of a schema that is checked. `inside` is the named schema that contains this
    /// one, if both apply to the same value.
    fn of(&self, schema: &Schema, inside: Option<&str>) -> Value {
        if let Some(name) = reference(schema) {
            let is_infinite = inside.is_some_and(|_| self.cyclic.contains(name));
            return match self.names.get(name).filter(|_| !is_infinite) {
                Some(index) => json!({ "$ref": format!("#/$defs/{index}") }),
                None => json!(true),
            };
        }
        let Some(map) = schema.as_object() else {
            return json!(true);
        };
        let mut shape = Map::new();
        if let Some(kind) = map.get("type").filter(|kind| is_type(kind)) {
            shape.insert("type".to_owned(), kind.clone());
        }
        if let Some(values) = map.get("enum").and_then(Value::as_array)
            && !values.is_empty()
        {
            shape.insert("enum".to_owned(), json!(values));
        }
        if let Some(required) = map.get("required").and_then(Value::as_array) {
            let names: BTreeSet<&str> = required.iter().filter_map(Value::as_str).collect();
            shape.insert("required".to_owned(), json!(names));
        }
        if let Some(properties) = map.get("properties").and_then(Value::as_object) {
            let properties = properties
                .iter()
                .map(|(name, schema)| (name.clone(), self.of(schema, None)));
            shape.insert(
                "properties".to_owned(),
                properties.collect::<Map<_, _>>().into(),
            );
        }
        if let Some(items) = map.get("items") {
            shape.insert("items".to_owned(), self.of(items, None));
        }
        let parts = |key: &str| {
            let parts = map.get(key).and_then(Value::as_array);
            let parts = parts.filter(|parts| !parts.is_empty())?;
            let parts = parts.iter().map(|part| self.of(part, inside));
            Some(parts.collect::<Vec<Value>>())
        };
        let mut all = parts("allOf").unwrap_or_default();
        // only the service checks that exactly one alternative of a `oneOf` matches
        let alternatives = ["anyOf", "oneOf"].into_iter().filter_map(parts);
        all.extend(alternatives.map(|parts| json!({ "anyOf": parts })));
        if !all.is_empty() {
            shape.insert("allOf".to_owned(), json!(all));
        }
        match map.get("nullable") == Some(&Value::Bool(true)) {
            true => json!({ "anyOf": [{ "type": "null" }, shape] }),
            false => shape.into(),
        }
    }
}

fn is_type(kind: &Value) -> bool {
    const TYPES: [&str; 7] = [
        "array", "boolean", "integer", "null", "number", "object", "string",
    ];
    kind.as_str().is_some_and(|kind| TYPES.contains(&kind))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Report, Spec};

    fn api(schemas: &Value) -> Api {
        let spec = json!({
            "openapi": "3.0.1",
            "info": { "title": "t", "version": "1" },
            "paths": {},
            "components": { "schemas": schemas },
        });
        let spec = Spec::parse("a.json", spec.to_string().as_bytes()).unwrap();
        Api::read(&spec, &mut Report::new())
    }

    fn checked(schemas: &Value, schema: &Value, value: &Value) -> Result<(), String> {
        check_shape(&api(schemas), schema, value)
            .map_err(|found| format!("{}: {}", found.pointer, found.expected))
    }

    #[test]
    fn a_mismatch_has_the_location_and_the_expected_value() {
        let schemas = json!({
            "Order": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": { "type": "string", "maxLength": 2 },
                    "state": { "type": "string", "enum": ["open", "closed"] },
                    "lines": { "type": "array", "items": { "$ref": "#/components/schemas/Line" } },
                    "note": { "type": "string", "nullable": true },
                },
            },
            "Line": { "type": "object", "properties": { "count": { "type": "integer" } } },
            "Either": { "oneOf": [{ "type": "string" }, { "type": "integer" }] },
            "a/b~c": { "type": "boolean" },
            "Circle": { "allOf": [{ "$ref": "#/components/schemas/Circle" }] },
            "Tree": {
                "type": "object",
                "properties": { "next": { "$ref": "#/components/schemas/Tree" } },
            },
        });
        let of = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        for (schema, value, expected) in [
            ("Order", json!({ "id": "longer" }), Ok(())),
            (
                "Order",
                json!({ "id": "a", "note": null, "more": 1 }),
                Ok(()),
            ),
            ("Order", json!({}), Err(": an object with `id`")),
            ("Order", json!(1), Err(": an object")),
            ("Order", json!({ "id": 1 }), Err("/id: a string")),
            (
                "Order",
                json!({ "id": "a", "note": 1 }),
                Err("/note: a string"),
            ),
            (
                "Order",
                json!({ "id": "a", "state": "gone" }),
                Err("/state: one of open, closed"),
            ),
            (
                "Order",
                json!({ "id": "a", "lines": [{ "count": 1 }, { "count": 1.0 }, { "count": "x" }] }),
                Err("/lines/2/count: an integer"),
            ),
            (
                "Either",
                json!(1.5),
                Err(": one of the alternatives in the spec"),
            ),
            ("Either", json!("a"), Ok(())),
            ("a/b~c", json!(true), Ok(())),
            ("a/b~c", json!("a"), Err(": true or false")),
            ("Circle", json!(1), Ok(())),
            (
                "Tree",
                json!({ "next": { "next": 1 } }),
                Err("/next/next: an object"),
            ),
            ("Unknown", json!(1), Ok(())),
        ] {
            let expected = expected.map_err(str::to_owned);
            assert_eq!(
                checked(&schemas, &of(schema), &value),
                expected,
                "{schema} {value}"
            );
        }
    }

    fn json_values() -> impl Strategy<Value = Value> {
        let key = prop::sample::select(vec![
            "type",
            "enum",
            "required",
            "properties",
            "items",
            "allOf",
            "oneOf",
            "anyOf",
            "$ref",
            "nullable",
            "a",
        ]);
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i8>().prop_map(Value::from),
            prop::sample::select(vec![
                "object",
                "array",
                "string",
                "a",
                "#/components/schemas/A"
            ])
            .prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(key.clone().prop_map(str::to_owned), inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_schema_and_value_can_be_checked(a in json_values(), schema in json_values(), value in json_values()) {
            let mut api = api(&json!({}));
            api.schemas.insert("A".to_owned(), a);
            let _ = check_shape(&api, &schema, &value);
        }
    }
}
