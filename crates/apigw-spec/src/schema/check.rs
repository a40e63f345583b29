//! Validation of a value against a schema.
//!
//! The `jsonschema` crate checks the value; this module translates the schema to JSON Schema. Two
//! things are left to the service: `not`, and that only one alternative of a `oneOf` matches.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jsonschema::Draft;
use jsonschema::error::{TypeKind, ValidationError, ValidationErrorKind};
use serde_json::{Map, Value, json};

use super::{reference, resolve};
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
    /// Whether the schema marks the value as a secret, which must not be shown: `format: password` or
    /// `writeOnly`.
    pub secret: bool,
}

/// Which messages a value is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// A request: properties that are `readOnly` are not required.
    Request,
    /// A response: properties that are `writeOnly` are not required.
    Response,
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
    /// An object without this property.
    NoProperty(String),
    /// A value that satisfies another rule, in words: `at least 1`.
    Rule(String),
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
            Self::NoProperty(name) => write!(f, "an object without `{name}`"),
            Self::Rule(rule) => f.write_str(rule),
        }
    }
}

fn spelling(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// Checks a value against a schema of the API: types, limits, lengths, patterns, formats, enums,
/// required properties and alternatives.
///
/// Invalid rules of a schema allow any value.
///
/// # Errors
///
/// Returns the first [`Mismatch`] if the value does not match.
pub fn check(
    api: &Api,
    schema: &Schema,
    value: &Value,
    direction: Direction,
) -> Result<(), Box<Mismatch>> {
    let root = root(api, schema, direction);
    let validator = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .build(&root);
    let Ok(validator) = validator else {
        return Ok(());
    };
    match validator
        .iter_errors(value)
        .find_map(|error| mismatch(&error, &root))
    {
        None => Ok(()),
        Some(mismatch) => Err(Box::new(mismatch)),
    }
}

fn mismatch(error: &ValidationError<'_>, root: &Value) -> Option<Mismatch> {
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
                return only.first().and_then(|error| mismatch(error, root));
            }
            _ => Expected::Alternative,
        },
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            Expected::NoProperty(unexpected.first()?.clone())
        }
        ValidationErrorKind::Constant { expected_value } => {
            Expected::OneOf(vec![expected_value.as_ref().clone()])
        }
        kind => Expected::Rule(rule(kind)?),
    };
    let location = error.schema_path().to_string();
    let schema = location
        .rsplit_once('/')
        .and_then(|(schema, _)| root.pointer(schema));
    Some(Mismatch {
        pointer: error.instance_path().to_string(),
        expected,
        found: error.instance().clone().into_owned(),
        secret: schema.is_some_and(|schema| {
            schema.get("format") == Some(&json!("password"))
                || schema.get("writeOnly") == Some(&json!(true))
        }),
    })
}

/// Returns a rule in words, to follow "must be".
fn rule(kind: &ValidationErrorKind) -> Option<String> {
    use ValidationErrorKind as Kind;
    let counted = |count: u64, one: &str| match count {
        1 => format!("1 {one}"),
        count if one.ends_with('y') => format!("{count} {}ies", one.trim_end_matches('y')),
        count => format!("{count} {one}s"),
    };
    Some(match kind {
        Kind::Minimum { limit } => format!("at least {limit}"),
        Kind::Maximum { limit } => format!("at most {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("greater than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("less than {limit}"),
        Kind::MultipleOf { multiple_of } => format!("a multiple of {multiple_of}"),
        Kind::MinLength { limit } => format!("at least {} long", counted(*limit, "character")),
        Kind::MaxLength { limit } => format!("at most {} long", counted(*limit, "character")),
        Kind::MinItems { limit } => format!("a list of at least {}", counted(*limit, "item")),
        Kind::MaxItems { limit } => format!("a list of at most {}", counted(*limit, "item")),
        Kind::UniqueItems => "a list without repeated items".to_owned(),
        Kind::MinProperties { limit } => {
            format!("an object with at least {}", counted(*limit, "property"))
        }
        Kind::MaxProperties { limit } => {
            format!("an object with at most {}", counted(*limit, "property"))
        }
        Kind::Pattern { pattern } => format!("text that matches the pattern {pattern}"),
        Kind::Format { format } => format!("text in the format {format}"),
        _ => return None,
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
fn root(api: &Api, schema: &Schema, direction: Direction) -> Value {
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
    let rules = Rules {
        api,
        names,
        cyclic,
        direction,
    };
    let definitions: Map<String, Value> = rules
        .names
        .iter()
        .filter_map(|(name, index)| {
            let schema = api.schemas.get(*name)?;
            Some((index.to_string(), rules.of(schema, Some(name))))
        })
        .collect();
    json!({ "$defs": definitions, "allOf": [rules.of(schema, None)] })
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

struct Rules<'a> {
    /// The key of each named schema in `$defs`.
    names: BTreeMap<&'a str, usize>,
    cyclic: BTreeSet<&'a str>,
    api: &'a Api,
    direction: Direction,
}

impl Rules<'_> {
    /// Returns a schema in terms of JSON Schema. `inside` is the named schema that contains this
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
        let mut rules = plain(map);
        if let Some(kind) = map.get("type").filter(|kind| is_type(kind)) {
            rules.insert("type".to_owned(), kind.clone());
        }
        if let Some(values) = map.get("enum").and_then(Value::as_array)
            && !values.is_empty()
        {
            rules.insert("enum".to_owned(), json!(values));
        }
        if let Some(required) = map.get("required").and_then(Value::as_array) {
            let mut names: BTreeSet<&str> = required.iter().filter_map(Value::as_str).collect();
            names.retain(|name| !self.is_optional(map, name));
            rules.insert("required".to_owned(), json!(names));
        }
        if let Some(properties) = map.get("properties").and_then(Value::as_object) {
            let properties = properties
                .iter()
                .map(|(name, schema)| (name.clone(), self.of(schema, None)));
            rules.insert(
                "properties".to_owned(),
                properties.collect::<Map<_, _>>().into(),
            );
        }
        match map.get("additionalProperties") {
            Some(closed @ Value::Bool(_)) => {
                rules.insert("additionalProperties".to_owned(), closed.clone());
            }
            Some(others @ Value::Object(_)) => {
                let others = self.of(others, None);
                rules.insert("additionalProperties".to_owned(), others);
            }
            _ => {}
        }
        if let Some(named) = map.get("patternProperties").and_then(Value::as_object) {
            let (valid, invalid): (Vec<_>, Vec<_>) =
                named.iter().partition(|(pattern, _)| is_pattern(pattern));
            let valid = valid
                .into_iter()
                .map(|(pattern, schema)| (pattern.clone(), self.of(schema, None)));
            rules.insert(
                "patternProperties".to_owned(),
                valid.collect::<Map<_, _>>().into(),
            );
            if !invalid.is_empty() {
                rules.remove("additionalProperties");
            }
        }
        if let Some(items) = map
            .get("items")
            .filter(|_| !map.contains_key("prefixItems"))
        {
            rules.insert("items".to_owned(), self.of(items, None));
        }
        let parts = |key: &str| {
            let parts = map.get(key).and_then(Value::as_array);
            let parts = parts.filter(|parts| !parts.is_empty())?;
            let parts = parts.iter().map(|part| self.of(part, inside));
            Some(parts.collect::<Vec<Value>>())
        };
        let mut all = parts("allOf").unwrap_or_default();
        all.extend(bounds_of_format(map));
        // only the service checks that exactly one alternative of a `oneOf` matches
        let alternatives = ["anyOf", "oneOf"].into_iter().filter_map(parts);
        all.extend(alternatives.map(|parts| json!({ "anyOf": parts })));
        if !all.is_empty() {
            rules.insert("allOf".to_owned(), json!(all));
        }
        match map.get("nullable") == Some(&Value::Bool(true)) {
            true => json!({ "anyOf": [{ "type": "null" }, rules] }),
            false => rules.into(),
        }
    }

    /// Returns whether a required property may be missing in this direction.
    fn is_optional(&self, schema: &Map<String, Value>, name: &str) -> bool {
        let flag = match self.direction {
            Direction::Request => "readOnly",
            Direction::Response => "writeOnly",
        };
        let property = schema.get("properties").and_then(|all| all.get(name));
        property.is_some_and(|property| {
            let target = resolve(self.api, property);
            [property, target]
                .iter()
                .any(|schema| schema.get(flag) == Some(&Value::Bool(true)))
        })
    }
}

/// Returns the rules without schemas in them that are valid, with the exclusive bounds of OpenAPI 3.0
/// as in JSON Schema.
fn plain(schema: &Map<String, Value>) -> Map<String, Value> {
    let mut rules = Map::new();
    for (key, value) in schema {
        let is_valid = match key.as_str() {
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => value.is_number(),
            "multipleOf" => value.as_f64().is_some_and(|step| step > 0.0),
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties"
            | "maxProperties" => value.is_u64(),
            "uniqueItems" | "writeOnly" => value.is_boolean(),
            "pattern" => value.as_str().is_some_and(is_pattern),
            "format" => value.is_string(),
            "const" => true,
            _ => false,
        };
        if is_valid {
            rules.insert(key.clone(), value.clone());
        }
    }
    for (bound, exclusive) in [
        ("minimum", "exclusiveMinimum"),
        ("maximum", "exclusiveMaximum"),
    ] {
        if schema.get(exclusive) == Some(&Value::Bool(true))
            && let Some(bound) = rules.remove(bound)
        {
            rules.insert(exclusive.to_owned(), bound);
        }
    }
    rules
}

/// Returns the bounds of the integer formats of OpenAPI.
fn bounds_of_format(schema: &Map<String, Value>) -> Option<Value> {
    if schema.get("type")? != "integer" {
        return None;
    }
    Some(match schema.get("format")?.as_str()? {
        "int32" => json!({ "minimum": i32::MIN, "maximum": i32::MAX }),
        "int64" => json!({ "minimum": i64::MIN, "maximum": i64::MAX }),
        "uint32" => json!({ "minimum": 0, "maximum": u32::MAX }),
        "uint64" => json!({ "minimum": 0, "maximum": u64::MAX }),
        _ => return None,
    })
}

/// Returns whether a pattern is a regular expression that can be checked.
fn is_pattern(pattern: &str) -> bool {
    let rules = json!({ "pattern": pattern });
    let options = jsonschema::options().with_draft(Draft::Draft202012);
    options.build(&rules).is_ok()
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
        check(&api(schemas), schema, value, Direction::Request)
            .map_err(|found| format!("{}: {}", found.pointer, found.expected))
    }

    #[test]
    fn a_mismatch_has_the_location_and_the_expected_value() {
        let schemas = json!({
            "Order": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": { "type": "string" },
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

    #[test]
    fn every_rule_of_a_schema_is_checked_and_named() {
        let password = json!({ "type": "string", "format": "password", "minLength": 3 });
        for (schema, value, expected) in [
            (json!({ "minimum": 1 }), json!(0), "at least 1"),
            (json!({ "maximum": 100 }), json!(101), "at most 100"),
            (
                json!({ "minimum": 0, "exclusiveMinimum": true }),
                json!(0),
                "greater than 0",
            ),
            (json!({ "exclusiveMinimum": 0 }), json!(0), "greater than 0"),
            (
                json!({ "maximum": 1.5, "exclusiveMaximum": true }),
                json!(1.5),
                "less than 1.5",
            ),
            (json!({ "multipleOf": 5 }), json!(6), "a multiple of 5"),
            (
                json!({ "type": "integer", "format": "int32" }),
                json!(2_147_483_648_i64),
                "at most 2147483647",
            ),
            (
                json!({ "minLength": 3 }),
                json!("é1"),
                "at least 3 characters long",
            ),
            (
                json!({ "maxLength": 1 }),
                json!("ab"),
                "at most 1 character long",
            ),
            (
                json!({ "pattern": "^[A-Z]+$" }),
                json!("a"),
                "text that matches the pattern ^[A-Z]+$",
            ),
            (
                json!({ "format": "date-time" }),
                json!("yesterday"),
                "text in the format date-time",
            ),
            (
                json!({ "format": "date" }),
                json!("2026-02-30"),
                "text in the format date",
            ),
            (
                json!({ "format": "uuid" }),
                json!("1"),
                "text in the format uuid",
            ),
            (
                json!({ "format": "email" }),
                json!("a"),
                "text in the format email",
            ),
            (
                json!({ "minItems": 2 }),
                json!([1]),
                "a list of at least 2 items",
            ),
            (
                json!({ "maxItems": 1 }),
                json!([1, 2]),
                "a list of at most 1 item",
            ),
            (
                json!({ "uniqueItems": true }),
                json!([1, 1]),
                "a list without repeated items",
            ),
            (
                json!({ "minProperties": 2 }),
                json!({}),
                "an object with at least 2 properties",
            ),
            (
                json!({ "maxProperties": 0 }),
                json!({ "a": 1 }),
                "an object with at most 0 properties",
            ),
            (
                json!({ "properties": { "a": {} }, "additionalProperties": false }),
                json!({ "b": 1 }),
                "an object without `b`",
            ),
            (
                json!({ "additionalProperties": { "type": "integer" } }),
                json!({ "b": "x" }),
                "an integer",
            ),
            (
                json!({ "patternProperties": { "^x-": { "type": "integer" } } }),
                json!({ "x-b": "x" }),
                "an integer",
            ),
            (json!({ "const": 2 }), json!(1), "one of 2"),
            (
                json!({ "allOf": [{ "minimum": 1 }, { "maximum": 3 }] }),
                json!(4),
                "at most 3",
            ),
            (
                json!({ "type": "string", "nullable": true, "maxLength": 1 }),
                json!("ab"),
                "at most 1 character long",
            ),
            (password.clone(), json!("ab"), "at least 3 characters long"),
        ] {
            let found = check(&api(&json!({})), &schema, &value, Direction::Request);
            let found = found.unwrap_err();
            assert_eq!(found.expected.to_string(), expected, "{schema} {value}");
            assert_eq!(found.secret, schema == password, "{schema}");
        }
    }

    #[test]
    fn an_invalid_rule_allows_any_value_and_the_others_still_hold() {
        for rule in [
            json!({ "pattern": "(" }),
            json!({ "minimum": "1" }),
            json!({ "maxLength": -1 }),
            json!({ "multipleOf": 0 }),
            json!({ "enum": [] }),
            json!({ "required": "a" }),
            json!({ "patternProperties": { "(": {} }, "additionalProperties": false }),
        ] {
            let mut schema = rule.clone();
            schema["properties"] = json!({ "a": { "type": "string" } });
            let checked = |value: Value| checked(&json!({}), &schema, &value);
            assert_eq!(checked(json!({ "a": "x", "b": 1 })), Ok(()), "{rule}");
            assert!(checked(json!({ "a": 1 })).is_err(), "{rule}");
        }
    }

    #[test]
    fn a_property_of_the_other_direction_is_not_required() {
        let schemas = json!({
            "Id": { "type": "string", "readOnly": true },
            "Thing": {
                "type": "object",
                "required": ["id", "name", "secret"],
                "properties": {
                    "id": { "$ref": "#/components/schemas/Id" },
                    "name": { "type": "string" },
                    "secret": { "type": "string", "writeOnly": true },
                },
            },
        });
        let api = api(&schemas);
        let thing = json!({ "$ref": "#/components/schemas/Thing" });
        let missing = |value: Value, direction| {
            let checked = check(&api, &thing, &value, direction);
            checked.map_err(|found| found.expected.to_string())
        };
        let full = json!({ "name": "n", "secret": "s" });
        assert_eq!(missing(full.clone(), Direction::Request), Ok(()));
        assert_eq!(
            missing(full, Direction::Response),
            Err("an object with `id`".to_owned())
        );
        let received = json!({ "id": "1", "name": "n" });
        assert_eq!(missing(received, Direction::Response), Ok(()));
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
            "pattern",
            "patternProperties",
            "additionalProperties",
            "format",
            "minimum",
            "exclusiveMinimum",
            "multipleOf",
            "maxLength",
            "uniqueItems",
            "writeOnly",
            "const",
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
                "(",
                "int32",
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
            let _ = check(&api, &schema, &value, Direction::Request);
        }
    }
}
