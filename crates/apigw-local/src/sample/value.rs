//! Sample values, generated from schemas.

use apigw_spec::Api;
use serde_json::{Map, Value, json};

use apigw_spec::pointer::unescape;
use apigw_spec::schema::{self, Direction};

use crate::sample::pattern;

/// The maximum depth of optional values. Required values are always generated.
const MAX_DEPTH: usize = 8;
/// The number of values from which on optional ones are omitted.
const MAX_VALUES: usize = 1000;

/// Returns a value that conforms to the schema, or `null` if the schema requires infinite nesting.
pub(crate) fn sample(api: &Api, schema: &Value) -> Value {
    let mut sampler = Sampler {
        api,
        open: Vec::new(),
        depth: 0,
        values: 0,
    };
    sampler.value(schema).unwrap_or(Value::Null)
}

struct Sampler<'a> {
    api: &'a Api,
    /// The named schemas around the current value, to detect recursion.
    open: Vec<&'a str>,
    depth: usize,
    values: usize,
}

impl<'a> Sampler<'a> {
    /// Returns a value, or `None` if it would be nested infinitely.
    fn value(&mut self, schema: &'a Value) -> Option<Value> {
        self.values += 1;
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            return self.reference(reference);
        }
        if let Some(declared) = declared(self.api, schema) {
            return Some(declared.clone());
        }
        self.depth += 1;
        let value = if schema.get("allOf").is_some() {
            self.all_of(schema)
        } else if let Some(variants) = list(schema, "oneOf").or_else(|| list(schema, "anyOf")) {
            self.one_of(schema, variants)
        } else {
            self.plain(schema)
        };
        self.depth -= 1;
        value
    }

    fn reference(&mut self, reference: &'a str) -> Option<Value> {
        let name = reference.rsplit('/').next().unwrap_or(reference);
        let Some((name, schema)) = self.api.schemas.get_key_value(unescape(name).as_ref()) else {
            return Some(json!({}));
        };
        if self.open.contains(&name.as_str()) {
            return None;
        }
        self.open.push(name);
        let value = self.value(schema);
        self.open.pop();
        value
    }

    /// Merges the objects of `allOf`. If a part has another type, its value is used instead.
    fn all_of(&mut self, schema: &'a Value) -> Option<Value> {
        let mut merged = self.object(schema)?;
        let mut other = None;
        for part in list(schema, "allOf").unwrap_or_default() {
            match self.value(part)? {
                Value::Object(object) => merge(&mut merged, object),
                value => other = Some(value),
            }
        }
        Some(other.unwrap_or(Value::Object(merged)))
    }

    /// Returns the first variant that is not infinite, merged with the properties beside the variants.
    fn one_of(&mut self, schema: &'a Value, variants: &'a [Value]) -> Option<Value> {
        let (variant, value) = variants
            .iter()
            .filter(|variant| variant.get("type") != Some(&json!("null")))
            .find_map(|variant| Some((variant, self.value(variant)?)))?;
        let Value::Object(object) = value else {
            return Some(value);
        };
        let mut merged = self.object(schema)?;
        merge(&mut merged, object);
        if let Some((property, tag)) = discriminator(schema, variant) {
            merged.insert(property.to_owned(), Value::String(tag));
        }
        Some(Value::Object(merged))
    }

    fn plain(&mut self, schema: &'a Value) -> Option<Value> {
        match type_of(schema) {
            Some("string") => Some(Value::String(string(schema))),
            Some("integer" | "number") => Some(number(schema)),
            Some("boolean") => Some(Value::Bool(true)),
            Some("null") => Some(Value::Null),
            Some("array") => self.array(schema),
            _ => self.object(schema).map(Value::Object),
        }
    }

    fn array(&mut self, schema: &'a Value) -> Option<Value> {
        let min = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        let max = schema
            .get("maxItems")
            .and_then(Value::as_u64)
            .unwrap_or(u64::MAX);
        let count = if self.include_optional() {
            min.max(1).min(max)
        } else {
            min
        };
        let mut items = Vec::new();
        for _ in 0..count {
            match schema
                .get("items")
                .map_or(Some(json!({})), |schema| self.value(schema))
            {
                Some(item) => items.push(item),
                None if min == 0 => break,
                None => return None,
            }
        }
        Some(Value::Array(items))
    }

    fn object(&mut self, schema: &'a Value) -> Option<Map<String, Value>> {
        let required: Vec<&str> = list(schema, "required")
            .unwrap_or_default()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let mut object = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            let is_required = required.contains(&name.as_str());
            let write_only = property.get("writeOnly") == Some(&Value::Bool(true));
            if !is_required && (write_only || !self.include_optional()) {
                continue;
            }
            match self.value(property) {
                Some(value) => {
                    object.insert(name.clone(), value);
                }
                None if is_required => return None,
                None => {}
            }
        }
        let additional = schema
            .get("additionalProperties")
            .filter(|schema| schema.is_object());
        if let Some(additional) =
            additional.filter(|_| properties.is_none() && self.include_optional())
            && let Some(value) = self.value(additional)
        {
            object.insert("key".to_owned(), value);
        }
        for name in required {
            if !object.contains_key(name) {
                let value = additional.map_or(Some(json!({})), |schema| self.value(schema))?;
                object.insert(name.to_owned(), value);
            }
        }
        Some(object)
    }

    fn include_optional(&self) -> bool {
        self.depth <= MAX_DEPTH && self.values < MAX_VALUES
    }
}

/// Adds the members of one part to those of the others.
///
/// An empty object never replaces a value: it is the sample of a member that the part requires without declaring a schema.
fn merge(into: &mut Map<String, Value>, part: Map<String, Value>) {
    for (name, value) in part {
        if value != json!({}) || !into.contains_key(&name) {
            into.insert(name, value);
        }
    }
}

/// Returns a value from the schema: an example, the default, the constant or an enum value. Examples and defaults that
/// don't conform to the schema are ignored, since they are mistakes in the spec.
fn declared<'a>(api: &Api, schema: &'a Value) -> Option<&'a Value> {
    schema
        .get("example")
        .or_else(|| list(schema, "examples")?.first())
        .or_else(|| schema.get("default"))
        .filter(|example| schema::check(api, schema, example, Direction::Response).is_ok())
        .or_else(|| schema.get("const"))
        .or_else(|| list(schema, "enum")?.iter().find(|value| !value.is_null()))
}

/// Returns the discriminator property, and its value for this variant.
fn discriminator<'a>(schema: &'a Value, variant: &Value) -> Option<(&'a str, String)> {
    let discriminator = schema.get("discriminator")?;
    let property = discriminator.get("propertyName")?.as_str()?;
    let reference = variant.get("$ref")?;
    let mapped = discriminator
        .get("mapping")
        .and_then(Value::as_object)
        .and_then(|mapping| mapping.iter().find(|(_, target)| *target == reference));
    let tag = match mapped {
        Some((tag, _)) => tag.clone(),
        None => unescape(reference.as_str()?.rsplit("/").next()?).into_owned(),
    };
    Some((property, tag))
}

fn string(schema: &Value) -> String {
    let text = match schema.get("format").and_then(Value::as_str) {
        Some("date-time") => "2026-01-01T00:00:00Z",
        Some("date") => "2026-01-01",
        Some("time") => "00:00:00Z",
        Some("duration") => "P1D",
        Some("uuid") => "00000000-0000-4000-8000-000000000000",
        Some("email") => "someone@example.com",
        Some("uri" | "url") => "https://example.com/",
        Some("hostname") => "example.com",
        Some("ipv4") => "192.0.2.1",
        Some("ipv6") => "2001:db8::1",
        Some("byte") => "c2FtcGxl",
        _ => return free_text(schema),
    };
    text.to_owned()
}

/// Returns a string that matches the pattern, if it is supported, or else has the required length.
fn free_text(schema: &Value) -> String {
    let bound = |name| {
        let bound = schema.get(name).and_then(Value::as_u64);
        bound.and_then(|bound| usize::try_from(bound).ok())
    };
    let min = bound("minLength").unwrap_or(0);
    let max = bound("maxLength").unwrap_or(usize::MAX);
    let pattern = schema.get("pattern").and_then(Value::as_str);
    pattern
        .and_then(|pattern| pattern::sample(pattern, min))
        .unwrap_or_else(|| {
            let text = "string";
            text.chars()
                .cycle()
                .take(text.len().max(min).min(max))
                .collect()
        })
}

/// Returns 1, or the nearest number within the bounds.
fn number(schema: &Value) -> Value {
    let whole = type_of(schema) == Some("integer");
    let step = schema
        .get("multipleOf")
        .and_then(Value::as_f64)
        .filter(|step| *step > 0.0)
        .unwrap_or(if whole { 1.0 } else { 0.5 });
    // `exclusiveMinimum` is a flag in JSON Schema draft 4, and a bound in later drafts
    let bound = |inclusive: &str, exclusive: &str, offset: f64| {
        let plain = schema.get(inclusive).and_then(Value::as_f64);
        match schema.get(exclusive) {
            Some(Value::Bool(true)) => plain.map(|bound| bound + offset),
            Some(Value::Number(bound)) => bound.as_f64().map(|bound| bound + offset),
            _ => plain,
        }
    };
    let min = bound("minimum", "exclusiveMinimum", step).map(|min| (min / step).ceil() * step);
    let max = bound("maximum", "exclusiveMaximum", -step).map(|max| (max / step).floor() * step);
    let one = (1.0 / step).ceil() * step;
    let value = one
        .max(min.unwrap_or(one))
        .min(max.unwrap_or(f64::INFINITY));
    if whole || value.fract() == 0.0 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "bounds outside i64 are clamped"
        )]
        let value = value as i64;
        json!(value)
    } else {
        json!(value)
    }
}

/// Returns the type of a schema. If it has several, this is the first that is not `null`.
fn type_of(schema: &Value) -> Option<&str> {
    match schema.get("type") {
        Some(Value::String(one)) => Some(one),
        Some(Value::Array(several)) => several
            .iter()
            .filter_map(Value::as_str)
            .find(|one| *one != "null"),
        _ if schema.get("properties").is_some() => Some("object"),
        _ if schema.get("items").is_some() => Some("array"),
        _ => None,
    }
}

fn list<'a>(schema: &'a Value, name: &str) -> Option<&'a [Value]> {
    schema.get(name)?.as_array().map(Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(schemas: Value) -> Api {
        let Value::Object(schemas) = schemas else {
            panic!("schemas are an object")
        };
        Api {
            schemas: schemas.into_iter().collect(),
            ..Api::default()
        }
    }

    fn sample(schema: Value) -> Value {
        super::sample(&Api::default(), &schema)
    }

    #[test]
    fn strings_have_their_format_and_length() {
        for (schema, expected) in [
            (json!({ "type": "string" }), "string"),
            (
                json!({ "type": "string", "format": "date-time" }),
                "2026-01-01T00:00:00Z",
            ),
            (
                json!({ "type": "string", "format": "uuid" }),
                "00000000-0000-4000-8000-000000000000",
            ),
            (json!({ "type": "string", "minLength": 8 }), "stringst"),
            (json!({ "type": "string", "maxLength": 2 }), "st"),
            (json!({ "type": "string", "pattern": "^[A-Z]{2}$" }), "AA"),
            (
                json!({ "type": "string", "pattern": "^(?=x)", "maxLength": 3 }),
                "str",
            ),
            (
                json!({ "type": ["null", "string"], "format": "unheard-of" }),
                "string",
            ),
        ] {
            assert_eq!(sample(schema.clone()), expected, "{schema}");
        }
    }

    #[test]
    fn numbers_are_within_their_bounds() {
        for (schema, expected) in [
            (json!({ "type": "integer" }), json!(1)),
            (json!({ "type": "integer", "minimum": 10 }), json!(10)),
            (
                json!({ "type": "integer", "minimum": 10, "exclusiveMinimum": true }),
                json!(11),
            ),
            (
                json!({ "type": "integer", "exclusiveMinimum": 10 }),
                json!(11),
            ),
            (json!({ "type": "integer", "maximum": -3 }), json!(-3)),
            (
                json!({ "type": "integer", "multipleOf": 7, "minimum": 8 }),
                json!(14),
            ),
            (json!({ "type": "number", "maximum": 0.75 }), json!(0.5)),
        ] {
            assert_eq!(sample(schema.clone()), expected, "{schema}");
        }
    }

    #[test]
    fn values_from_the_schema_take_precedence() {
        for (schema, expected) in [
            (json!({ "type": "string", "example": "ex" }), json!("ex")),
            (json!({ "type": "integer", "default": 3 }), json!(3)),
            (json!({ "type": "string", "enum": ["a", "b"] }), json!("a")),
            (
                json!({ "type": "string", "enum": ["a", "b"], "default": "b" }),
                json!("b"),
            ),
            (json!({ "const": "only" }), json!("only")),
        ] {
            assert_eq!(sample(schema.clone()), expected, "{schema}");
        }
    }

    #[test]
    fn an_example_of_the_wrong_type_is_not_used() {
        assert_eq!(
            sample(json!({ "type": "integer", "example": "12" })),
            json!(1)
        );
        assert_eq!(
            sample(json!({ "type": "string", "enum": ["a"], "example": "z" })),
            json!("a")
        );
    }

    #[test]
    fn an_example_with_an_invalid_nested_value_is_not_used() {
        let schema = json!({
            "type": "object",
            "properties": { "inner": { "type": "object", "required": ["id"], "properties": { "id": { "type": "integer" } } } },
            "example": { "inner": { "id": "7" } }
        });
        assert_eq!(sample(schema), json!({ "inner": { "id": 1 } }));
    }

    #[test]
    fn a_required_member_is_generated_from_the_part_that_declares_it() {
        for parts in ["anyOf", "allOf"] {
            let schema = json!({
                "type": "object",
                "properties": { "a": { "type": "string" } },
                parts: [{ "required": ["a"] }]
            });
            assert_eq!(sample(schema), json!({ "a": "string" }), "{parts}");
        }
    }

    #[test]
    fn objects_have_their_declared_and_required_properties() {
        let schema = json!({
            "type": "object",
            "required": ["id", "undeclared"],
            "properties": {
                "id": { "type": "integer" },
                "tags": { "type": "array", "items": { "type": "string" } },
                "secret": { "type": "string", "writeOnly": true },
                "labels": { "type": "object", "additionalProperties": { "type": "boolean" } }
            }
        });
        let expected =
            json!({ "id": 1, "tags": ["string"], "labels": { "key": true }, "undeclared": {} });
        assert_eq!(sample(schema), expected);
    }

    #[test]
    fn arrays_have_the_required_number_of_items() {
        let items = json!({ "type": "boolean" });
        assert_eq!(
            sample(json!({ "type": "array", "items": items })),
            json!([true])
        );
        assert_eq!(
            sample(json!({ "type": "array", "items": items, "minItems": 2 })),
            json!([true, true])
        );
        assert_eq!(
            sample(json!({ "type": "array", "items": items, "maxItems": 0 })),
            json!([])
        );
    }

    #[test]
    fn all_of_is_merged_and_the_first_variant_is_used() {
        let api = api(json!({
            "Pet": { "type": "object", "required": ["kind"], "properties": { "kind": { "type": "string" } } },
            "Dog": { "allOf": [
                { "$ref": "#/components/schemas/Pet" },
                { "type": "object", "properties": { "barks": { "type": "boolean" } } }
            ] }
        }));
        let schema = json!({
            "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Dog" }],
            "discriminator": { "propertyName": "kind", "mapping": { "dog": "#/components/schemas/Dog" } }
        });
        assert_eq!(
            super::sample(&api, &schema),
            json!({ "kind": "dog", "barks": true })
        );
    }

    #[test]
    fn recursion_ends_at_optional_values() {
        let reference = json!({ "$ref": "#/components/schemas/Node" });
        let api = api(json!({
            "Node": {
                "type": "object",
                "required": ["name", "children"],
                "properties": {
                    "name": { "type": "string" },
                    "parent": reference,
                    "children": { "type": "array", "items": reference },
                    "named": { "type": "object", "additionalProperties": reference }
                }
            },
            "Endless": { "type": "object", "required": ["next"], "properties": { "next": { "$ref": "#/components/schemas/Endless" } } }
        }));
        assert_eq!(
            super::sample(&api, &reference),
            json!({ "name": "string", "children": [], "named": {} })
        );
        let endless = json!({ "$ref": "#/components/schemas/Endless" });
        assert_eq!(super::sample(&api, &endless), Value::Null);
    }

    #[test]
    fn mutually_recursive_schemas_have_samples_of_bounded_size() {
        // 30 schemas that all contain each other: the complete value would not fit in memory
        let names: Vec<String> = (0..30).map(|n| format!("S{n}")).collect();
        let properties: Map<String, Value> = names
            .iter()
            .map(|name| {
                (
                    name.clone(),
                    json!({ "$ref": format!("#/components/schemas/{name}") }),
                )
            })
            .collect();
        let schemas = names
            .iter()
            .map(|name| {
                (
                    name.clone(),
                    json!({ "type": "object", "properties": properties }),
                )
            })
            .collect();
        let value = super::sample(
            &api(Value::Object(schemas)),
            &json!({ "$ref": "#/components/schemas/S0" }),
        );
        assert!(value.to_string().len() < 100_000);
    }
}
