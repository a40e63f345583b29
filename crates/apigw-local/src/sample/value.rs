//! Sample values, generated from schemas.

use apigw_spec::Api;
use serde_json::{Map, Value, json};

use apigw_spec::pointer::unescape;
use apigw_spec::schema::{self, Direction};

use crate::sample::merge::{alternatives, intersect};
use crate::sample::pattern;

/// The maximum depth of optional values. Required values are always generated.
const MAX_DEPTH: usize = 8;
/// The number of values from which on optional ones are omitted.
const MAX_VALUES: usize = 1000;

/// The smallest fraction of a number.
const MIN_STEP: f64 = 1e-9;

/// Returns a value that conforms to the schema, or `null` if the schema requires infinite nesting.
pub(crate) fn sample(api: &Api, schema: &Value) -> Value {
    let mut sampler = Sampler {
        api,
        open: Vec::new(),
        outer: 0,
        depth: 0,
        values: 0,
    };
    sampler.value(schema).unwrap_or(Value::Null)
}

struct Sampler<'a> {
    api: &'a Api,
    /// The named schemas around the current value, to detect recursion.
    open: Vec<&'a str>,
    /// How many of them are around the value, rather than schemas of the value itself.
    outer: usize,
    depth: usize,
    values: usize,
}

impl<'a> Sampler<'a> {
    /// Returns a value, or `None` if it would be nested infinitely.
    fn value(&mut self, schema: &Value) -> Option<Value> {
        self.values += 1;
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            return self.reference(reference);
        }
        if let Some(declared) = declared(self.api, schema) {
            return Some(declared.clone());
        }
        if schema.get("allOf").is_some() {
            return self.all_of(schema);
        }
        if let Some(variants) = alternatives(schema) {
            return self.one_of(schema, &variants);
        }
        self.depth += 1;
        let value = self.plain(schema);
        self.depth -= 1;
        value
    }

    fn reference(&mut self, reference: &str) -> Option<Value> {
        let Some((name, schema)) = self.named(reference) else {
            return Some(json!({}));
        };
        if self.open.contains(&name) {
            return None;
        }
        self.open.push(name);
        let value = self.value(schema);
        self.open.pop();
        value
    }

    /// Returns a value of all parts of `allOf` and the rules beside them, merged to one schema.
    fn all_of(&mut self, schema: &Value) -> Option<Value> {
        let open = self.open.len();
        let merged = self.merged(schema, false);
        let value = merged.and_then(|merged| self.value(&Value::Object(merged)));
        self.open.truncate(open);
        value
    }

    /// Merges a schema with the parts of its `allOf`, and opens the named schemas among them. Returns `None` if one of
    /// them is open: it would be nested infinitely.
    ///
    /// A part that contradicts those before it is a mistake in the spec, and its other rules still apply. With `strict`,
    /// the result is `None`.
    fn merged(&mut self, schema: &Value, strict: bool) -> Option<Map<String, Value>> {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let Some((name, target)) = self.named(reference) else {
                return Some(Map::new());
            };
            match self.open.iter().position(|open| *open == name) {
                Some(position) if position < self.outer => return None,
                // its rules are already among those of the value
                Some(_) => return Some(Map::new()),
                None => {}
            }
            self.open.push(name);
            return self.merged(target, strict);
        }
        let mut merged = schema.as_object().cloned().unwrap_or_default();
        let parts = merged.shift_remove("allOf");
        for part in parts
            .as_ref()
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let part = with_examples_of_properties(self.merged(part, strict)?);
            let agreed = intersect(&mut merged, part);
            if strict {
                agreed?;
            }
        }
        Some(merged)
    }

    /// Returns a value of the first variant that is not infinite, and does not contradict the rules beside the variants.
    fn one_of(&mut self, schema: &Value, variants: &[Value]) -> Option<Value> {
        let mut beside = schema.as_object().cloned().unwrap_or_default();
        for key in ["oneOf", "anyOf", "discriminator"] {
            beside.shift_remove(key);
        }
        let not_null = || {
            let variants = variants.iter();
            variants.filter(|variant| variant.get("type") != Some(&json!("null")))
        };
        // if all variants contradict the rules, the first one has to do
        for (strict, variant) in [true, false]
            .into_iter()
            .flat_map(|strict| not_null().map(move |variant| (strict, variant)))
        {
            let open = self.open.len();
            let merged = self.merged(variant, strict).and_then(|variant| {
                let mut merged = beside.clone();
                let agreed = intersect(&mut merged, variant);
                agreed.or((!strict).then_some(()))?;
                Some(merged)
            });
            let value = merged.and_then(|merged| self.value(&Value::Object(merged)));
            self.open.truncate(open);
            let Some(mut value) = value else {
                continue;
            };
            if let Some(object) = value.as_object_mut()
                && let Some((property, tag)) = discriminator(schema, variant)
            {
                object.insert(property.to_owned(), Value::String(tag));
            }
            return Some(value);
        }
        None
    }

    /// Returns the value of an item or a property.
    fn nested(&mut self, schema: &Value) -> Option<Value> {
        let outer = std::mem::replace(&mut self.outer, self.open.len());
        let value = self.value(schema);
        self.outer = outer;
        value
    }

    fn plain(&mut self, schema: &Value) -> Option<Value> {
        match type_of(schema) {
            Some("string") => Some(Value::String(string(self.api, schema))),
            Some("integer" | "number") => Some(number(schema)),
            Some("boolean") => Some(Value::Bool(true)),
            Some("null") => Some(Value::Null),
            Some("array") => self.array(schema),
            _ => self.object(schema).map(Value::Object),
        }
    }

    fn array(&mut self, schema: &Value) -> Option<Value> {
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
        let is_unique = schema.get("uniqueItems") == Some(&Value::Bool(true));
        let mut items = Vec::new();
        for index in 0..count {
            let item = match schema.get("items") {
                Some(schema) => self.nested(schema),
                None => Some(json!({})),
            };
            match item {
                Some(item) if is_unique && items.contains(&item) => {
                    let of = schema.get("items").unwrap_or(&Value::Null);
                    items.extend(another(self.api, of, &item, index, &items));
                }
                Some(item) => items.push(item),
                None if min == 0 => break,
                None => return None,
            }
        }
        Some(Value::Array(items))
    }

    /// Returns the name and the schema that a reference is to.
    fn named(&self, reference: &str) -> Option<(&'a str, &'a Value)> {
        let name = reference.rsplit('/').next().unwrap_or(reference);
        let (name, schema) = self.api.schemas.get_key_value(unescape(name).as_ref())?;
        Some((name, schema))
    }

    fn object(&mut self, schema: &Value) -> Option<Map<String, Value>> {
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
            match self.nested(property) {
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
            && let Some(value) = self.nested(additional)
        {
            object.insert("key".to_owned(), value);
        }
        for name in required {
            if !object.contains_key(name) {
                let value = additional.map_or(Some(json!({})), |schema| self.nested(schema))?;
                object.insert(name.to_owned(), value);
            }
        }
        let bound = |name| schema.get(name).and_then(Value::as_u64);
        let min = bound("minProperties").unwrap_or(0).min(MAX_VALUES as u64);
        let mut number = 1;
        while (object.len() as u64) < min && number <= 2 * min {
            let value = additional.map_or(Some(json!({})), |schema| self.nested(schema))?;
            object.insert(format!("key{number}"), value);
            number += 1;
        }
        if let Some(max) = bound("maxProperties") {
            let surplus = (object.len() as u64).saturating_sub(max);
            let mut optional: Vec<String> = object.keys().cloned().collect();
            optional.retain(|name| {
                !list(schema, "required")
                    .unwrap_or_default()
                    .contains(&json!(name))
            });
            for name in optional
                .iter()
                .rev()
                .take(usize::try_from(surplus).unwrap_or(usize::MAX))
            {
                object.shift_remove(name);
            }
        }
        Some(object)
    }

    fn include_optional(&self) -> bool {
        self.depth <= MAX_DEPTH && self.values < MAX_VALUES
    }
}

/// Moves the example of an object to its properties, so that it remains in use if others are added.
fn with_examples_of_properties(mut schema: Map<String, Value>) -> Map<String, Value> {
    let example = schema.get("example").and_then(Value::as_object).cloned();
    let (Some(example), Some(properties)) = (
        example,
        schema.get_mut("properties").and_then(Value::as_object_mut),
    ) else {
        return schema;
    };
    for (name, value) in example {
        if let Some(property) = properties.get_mut(&name) {
            *property = json!({ "allOf": [property], "example": value });
        }
    }
    schema.shift_remove("example");
    schema
}

/// Returns a value that conforms to the schema, and is not in a list.
fn another(api: &Api, schema: &Value, first: &Value, index: u64, list: &[Value]) -> Option<Value> {
    let of = schema::resolve(api, schema);
    let mut others: Vec<Value> = self::list(of, "enum").unwrap_or_default().to_vec();
    match first {
        Value::Number(number) => {
            let step = of.get("multipleOf").and_then(Value::as_u64).unwrap_or(1);
            let more = step.saturating_mul(index);
            others.extend(
                number
                    .as_i64()
                    .and_then(|own| Some(json!(own.checked_add_unsigned(more)?))),
            );
            others.extend(
                number
                    .as_i64()
                    .and_then(|own| Some(json!(own.checked_sub_unsigned(more)?))),
            );
            others.extend(number.as_f64().map(|own| json!(own + more as f64)));
        }
        Value::String(text) => {
            others.push(json!(format!("{text}{index}")));
            let kept = text.chars().count().saturating_sub(index.to_string().len());
            let start: String = text.chars().take(kept).collect();
            others.push(json!(format!("{start}{index}")));
        }
        Value::Bool(own) => others.push(json!(!own)),
        _ => {}
    }
    others.into_iter().find(|other| {
        !list.contains(other) && schema::check(api, schema, other, Direction::Response).is_ok()
    })
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

/// Returns a string in the format, if it has no other rules that forbid it.
fn string(api: &Api, schema: &Value) -> String {
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
        _ => return free_text(api, schema),
    };
    let has_rules = ["pattern", "minLength", "maxLength"]
        .iter()
        .any(|rule| schema.get(*rule).is_some());
    let conforms =
        |text: &str| schema::check(api, schema, &json!(text), Direction::Response).is_ok();
    match has_rules && !conforms(text) {
        true => free_text(api, schema),
        false => text.to_owned(),
    }
}

/// Returns a string that matches the pattern, if it is supported, or else has the required length.
fn free_text(api: &Api, schema: &Value) -> String {
    let bound = |name| {
        let bound = schema.get(name).and_then(Value::as_u64);
        bound.and_then(|bound| usize::try_from(bound).ok())
    };
    let min = bound("minLength").unwrap_or(0);
    let max = bound("maxLength").unwrap_or(usize::MAX);
    let pattern = schema.get("pattern").and_then(Value::as_str);
    pattern
        .and_then(|pattern| {
            let rest = || pattern::sample(&pattern::without_look_around(pattern), min);
            let conforms = |text: &String| {
                schema::check(api, schema, &json!(text), Direction::Response).is_ok()
            };
            pattern::sample(pattern, min).or_else(|| rest().filter(conforms))
        })
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
    let mut step = schema
        .get("multipleOf")
        .and_then(Value::as_f64)
        .filter(|step| *step > 0.0)
        .unwrap_or(if whole { 1.0 } else { 0.5 });
    // `exclusiveMinimum` is a flag in JSON Schema draft 4, and a bound in later drafts
    let bound = |inclusive: &str, exclusive: &str| {
        let plain = schema.get(inclusive).and_then(Value::as_f64);
        match schema.get(exclusive) {
            Some(Value::Bool(true)) => [None, plain],
            Some(Value::Number(bound)) => [plain, bound.as_f64()],
            _ => [plain, None],
        }
    };
    let min = |step: f64| {
        let [inclusive, exclusive] = bound("minimum", "exclusiveMinimum");
        let inclusive = inclusive.map(|min| (min / step).ceil() * step);
        let exclusive = exclusive.map(|min| ((min / step).floor() + 1.0) * step);
        inclusive.into_iter().chain(exclusive).reduce(f64::max)
    };
    let max = |step: f64| {
        let [inclusive, exclusive] = bound("maximum", "exclusiveMaximum");
        let inclusive = inclusive.map(|max| (max / step).floor() * step);
        let exclusive = exclusive.map(|max| ((max / step).ceil() - 1.0) * step);
        inclusive.into_iter().chain(exclusive).reduce(f64::min)
    };
    // a range without a half may have a smaller fraction
    let is_fixed = whole || schema.get("multipleOf").is_some();
    while !is_fixed && step > MIN_STEP && min(step) > max(step).or(Some(f64::INFINITY)) {
        step /= 2.0;
    }
    let (min, max) = (min(step), max(step));
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
    use proptest::prelude::*;

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
                json!({ "type": "string", "pattern": "^(?=.{2,9}$)[a-z]+-[0-9]+$" }),
                "a-1",
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
    fn the_rules_of_all_parts_apply_to_one_value() {
        let api = api(json!({
            "Tags": { "type": "array", "items": { "type": "string" } },
            "Positive": { "type": "integer", "minimum": 1 },
            "Named": { "type": "object", "required": ["name"], "properties": { "name": { "type": "string" } },
                "example": { "name": "Ada" } },
        }));
        let of = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        for (schema, expected) in [
            (
                json!({ "allOf": [of("Tags"), { "minItems": 2, "description": "more" }] }),
                json!(["string", "string"]),
            ),
            (json!({ "allOf": [of("Tags")] }), json!(["string"])),
            (
                json!({ "allOf": [of("Positive"), { "minimum": 7 }], "maximum": 9 }),
                json!(7),
            ),
            (
                json!({ "allOf": [{ "type": "string" }, { "minLength": 8 }] }),
                json!("stringst"),
            ),
            (
                json!({ "allOf": [{ "enum": ["a", "b"] }, { "enum": ["b", "c"] }] }),
                json!("b"),
            ),
            (
                json!({ "allOf": [of("Named"), { "properties": { "name": { "maxLength": 3 }, "age": of("Positive") } }] }),
                json!({ "name": "Ada", "age": 1 }),
            ),
            (
                json!({ "allOf": [of("Named"), { "properties": { "name": { "maxLength": 2 } } }] }),
                json!({ "name": "st" }),
            ),
            (
                json!({ "oneOf": [of("Positive"), { "type": "string" }], "minimum": 5 }),
                json!(5),
            ),
            // the first variant contradicts the type beside it
            (
                json!({ "type": "string", "anyOf": [of("Positive"), { "minLength": 7 }] }),
                json!("strings"),
            ),
            (
                json!({ "allOf": [{ "oneOf": [of("Tags"), of("Positive")] }, { "oneOf": [of("Positive"), { "type": "boolean" }] }] }),
                json!(1),
            ),
        ] {
            assert_eq!(super::sample(&api, &schema), expected, "{schema}");
            let checked = schema::check(&api, &schema, &expected, Direction::Response);
            assert!(checked.is_ok(), "{checked:?}");
        }
    }

    #[test]
    fn a_variant_can_contain_its_parent() {
        let api = api(json!({
            "Pet": {
                "type": "object", "required": ["kind"], "properties": { "kind": { "type": "string" } },
                "oneOf": [{ "$ref": "#/components/schemas/Dog" }],
                "discriminator": { "propertyName": "kind" }
            },
            "Dog": { "allOf": [{ "$ref": "#/components/schemas/Pet" }, { "properties": { "barks": { "type": "boolean" } } }] }
        }));
        let pet = json!({ "$ref": "#/components/schemas/Pet" });
        assert_eq!(
            super::sample(&api, &pet),
            json!({ "kind": "Dog", "barks": true })
        );
    }

    #[test]
    fn a_format_gives_way_to_other_rules() {
        for (schema, expected) in [
            (
                json!({ "type": "string", "format": "uri", "maxLength": 4 }),
                "stri",
            ),
            (
                json!({ "type": "string", "format": "id", "pattern": "^[0-9]{4}$" }),
                "1111",
            ),
            (
                json!({ "type": "string", "format": "hostname", "pattern": "^[a-z]+$" }),
                "a",
            ),
            (
                json!({ "type": "string", "format": "date", "minLength": 10 }),
                "2026-01-01",
            ),
        ] {
            assert_eq!(sample(schema.clone()), expected, "{schema}");
        }
    }

    #[test]
    fn items_of_a_set_differ() {
        for (items, expected) in [
            (json!({ "type": "string" }), json!(["string", "string1"])),
            (
                json!({ "type": "string", "maxLength": 2 }),
                json!(["st", "s1"]),
            ),
            (json!({ "type": "integer", "maximum": 1 }), json!([1, 0])),
            (
                json!({ "type": "integer", "multipleOf": 5 }),
                json!([5, 10]),
            ),
            (
                json!({ "type": "string", "enum": ["a", "b"] }),
                json!(["a", "b"]),
            ),
            (json!({ "type": "boolean" }), json!([true, false])),
        ] {
            let schema =
                json!({ "type": "array", "items": items, "minItems": 2, "uniqueItems": true });
            assert_eq!(sample(schema), expected);
        }
    }

    #[test]
    fn a_fraction_is_within_narrow_bounds() {
        for (schema, expected) in [
            (
                json!({ "type": "number", "minimum": 0.1, "maximum": 0.3 }),
                json!(0.25),
            ),
            (
                json!({ "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.5 }),
                json!(0.25),
            ),
            (
                json!({ "type": "number", "minimum": 2, "exclusiveMinimum": 2 }),
                json!(2.5),
            ),
            (json!({ "type": "integer", "minimum": 1.5 }), json!(2)),
        ] {
            assert_eq!(sample(schema.clone()), expected, "{schema}");
        }
    }

    #[test]
    fn an_object_has_as_many_properties_as_it_must_and_may() {
        let more = json!({ "type": "object", "minProperties": 2, "additionalProperties": { "type": "integer" } });
        assert_eq!(sample(more), json!({ "key": 1, "key1": 1 }));
        let fewer = json!({
            "type": "object", "maxProperties": 1, "required": ["b"],
            "properties": { "a": { "type": "integer" }, "b": { "type": "integer" }, "c": { "type": "integer" } }
        });
        assert_eq!(sample(fewer), json!({ "b": 1 }));
    }

    /// Schemas that some value satisfies. Properties with one name have one type, so that parts of `allOf` agree.
    fn schemas() -> impl Strategy<Value = Value> {
        let text = (0..8_u64, 8..12_u64)
            .prop_map(|(min, max)| json!({ "type": "string", "minLength": min, "maxLength": max }));
        let integer = (-20..0_i64, 0..20_i64, any::<bool>()).prop_map(|(min, max, exclusive)| match exclusive {
            true => json!({ "type": "integer", "minimum": min - 1, "exclusiveMinimum": true, "maximum": max }),
            false => json!({ "type": "integer", "minimum": min, "maximum": max }),
        });
        let number = (-5.0..0.0, 0.0..5.0)
            .prop_map(|(min, max)| json!({ "type": "number", "minimum": min, "maximum": max }));
        let format = prop::sample::select(vec![
            "date-time",
            "date",
            "uuid",
            "email",
            "uri",
            "ipv4",
            "int",
        ])
        .prop_map(|format| json!({ "type": "string", "format": format }));
        let choice = Just(json!({ "type": "string", "enum": ["a", "b", "c"] }));
        let object = |names: Vec<&'static str>, text: Value, integer: Value| {
            let mut properties = Map::new();
            for name in &names {
                let schema = match *name {
                    "s" => text.clone(),
                    "i" => integer.clone(),
                    _ => json!({ "type": "array", "items": integer, "minItems": 2 }),
                };
                properties.insert((*name).to_owned(), schema);
            }
            json!({ "type": "object", "properties": properties, "required": names })
        };
        let names = prop::sample::subsequence(vec!["s", "i", "l"], 0..=3);
        let object = (names, text.clone(), integer.clone())
            .prop_map(move |(names, text, integer)| object(names, text, integer));
        let pair = |one: BoxedStrategy<Value>| {
            prop::collection::vec(one, 1..4).prop_map(|parts| json!({ "allOf": parts }))
        };
        let leaf = prop_oneof![
            pair(text.clone().boxed()),
            pair(integer.clone().boxed()),
            pair(object.clone().boxed()),
            text,
            integer,
            number,
            format,
            choice,
            object,
        ];
        leaf.prop_recursive(3, 16, 3, |inner| {
            prop_oneof![
                (inner.clone(), 0..3_u64).prop_map(|(items, min)| json!({ "type": "array", "items": items, "minItems": min })),
                prop::collection::vec(inner.clone(), 1..3).prop_map(|variants| json!({ "oneOf": variants })),
                prop::collection::vec(inner.clone(), 1..3).prop_map(|variants| json!({ "anyOf": [{ "type": "null" }, { "allOf": [{ "oneOf": variants }] }] })),
                inner.clone().prop_map(|a| json!({ "allOf": [{ "type": "object", "required": ["a"] }, { "properties": { "a": a } }] })),
                inner.prop_map(|a| json!({ "type": "object", "additionalProperties": a, "minProperties": 1 })),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_sample_conforms_to_its_schema(named in schemas(), schema in schemas()) {
            let api = api(json!({ "Named": named }));
            let schema = json!({ "type": "object", "required": ["a", "b"], "properties": {
                "a": schema, "b": { "$ref": "#/components/schemas/Named" } } });
            let value = super::sample(&api, &schema);
            let checked = schema::check(&api, &schema, &value, Direction::Response);
            prop_assert!(checked.is_ok(), "{value} {checked:?}");
        }
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
