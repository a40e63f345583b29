//! Values of a schema, as it is written.

use anyhow::{Result, bail};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

use crate::document::Document;

/// Which optional properties a value has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fill {
    /// All, with values.
    All,
    /// None.
    Least,
    /// All; those that may be `null` are.
    Nulls,
}

/// Creates values of schemas.
pub(crate) struct Sampler<'a> {
    pub(crate) document: &'a Document,
    pub(crate) fill: Fill,
    /// Which of several alternatives to use.
    pub(crate) turn: usize,
    /// Whether the value is only a part of another, which may declare what this one requires.
    pub(crate) is_part: bool,
}

/// The depth at which optional properties and items end.
const DEPTH: usize = 5;
/// The depth that required properties can reach.
const LIMIT: usize = 24;

impl Sampler<'_> {
    /// Returns a value of the schema.
    pub(crate) fn value(&self, schema: &Value) -> Result<Value> {
        self.at(schema, "value", 0)
    }

    fn at(&self, schema: &Value, name: &str, depth: usize) -> Result<Value> {
        if depth > LIMIT {
            bail!("has no end");
        }
        if let Some(flag) = schema.as_bool() {
            return if flag {
                Ok(any())
            } else {
                bail!("allows nothing")
            };
        }
        let resolved = self.document.resolved(schema)?;
        if self.fill == Fill::Nulls && depth > 0 && (is_nullable(schema) || is_nullable(resolved)) {
            return Ok(Value::Null);
        }
        if schema.get("$ref").is_some() {
            return self.at(resolved, name, depth);
        }
        if let Some(only) = schema.get("const") {
            return Ok(only.clone());
        }
        let kind = self.kind(schema);
        let values: Vec<&Value> = list(schema, "enum")
            .iter()
            .filter(|value| !value.is_null() && kind.is_none_or(|kind| is_of(value, kind)))
            .collect();
        if let Some(value) = self.chosen(&values) {
            return Ok((*value).clone());
        }
        let parts = list(schema, "allOf");
        let alternatives = ["oneOf", "anyOf"]
            .into_iter()
            .map(|key| list(schema, key))
            .find(|list| !list.is_empty())
            .unwrap_or_default();
        let alternatives: Vec<&Value> = alternatives
            .iter()
            .filter(|one| one.get("type") != Some(&json!("null")))
            .collect();
        if parts.is_empty() && alternatives.is_empty() {
            return self.plain(schema, kind, name, depth);
        }
        let as_part = Self {
            is_part: true,
            ..*self
        };
        let mut value = match kind {
            Some("object") => as_part.object(schema, depth)?,
            _ => Value::Null,
        };
        for part in parts {
            value = joined(value, as_part.at(part, name, depth + 1)?);
        }
        if let Some(one) = self.chosen(&alternatives) {
            let of_parts = match value.is_null() {
                true => self.at(one, name, depth + 1)?,
                false => as_part.at(one, name, depth + 1)?,
            };
            value = joined(value, of_parts);
            tag(schema, one, &mut value);
        }
        if let Some(object) = value.as_object_mut().filter(|_| !self.is_part) {
            for name in self.all_required(schema, 0) {
                object.entry(name).or_insert_with(any);
            }
        }
        Ok(value)
    }

    /// The required properties of an object and its parts that none of them declares.
    fn all_required(&self, schema: &Value, depth: usize) -> Vec<String> {
        let resolved = self.document.resolved(schema).unwrap_or(schema);
        let own = list(resolved, "required").iter().filter_map(Value::as_str);
        let mut names: Vec<String> = own.map(str::to_owned).collect();
        if depth < DEPTH {
            for part in list(resolved, "allOf") {
                names.extend(self.all_required(part, depth + 1));
            }
        }
        names.retain(|name| !self.declares(schema, name, 0));
        names
    }

    fn declares(&self, schema: &Value, name: &str, depth: usize) -> bool {
        let resolved = self.document.resolved(schema).unwrap_or(schema);
        let mut parts = list(resolved, "allOf").iter();
        resolved
            .get("properties")
            .is_some_and(|properties| properties.get(name).is_some())
            || (depth < DEPTH && parts.any(|part| self.declares(part, name, depth + 1)))
    }

    fn plain(&self, schema: &Value, kind: Option<&str>, name: &str, depth: usize) -> Result<Value> {
        Ok(match kind {
            Some("object") => self.object(schema, depth)?,
            Some("array") => self.array(schema, name, depth)?,
            Some("string") => json!(self.string(schema, name)?),
            Some("integer") => self.integer(schema),
            Some("number") => self.number(schema),
            Some("boolean") => json!(self.turn.is_multiple_of(2)),
            Some("null") => Value::Null,
            Some(other) => bail!("unknown type {other}"),
            None => any(),
        })
    }

    /// The type; of several, the one whose turn it is.
    fn kind<'s>(&self, schema: &'s Value) -> Option<&'s str> {
        match schema.get("type") {
            Some(Value::String(kind)) => Some(kind),
            Some(Value::Array(several)) => {
                let kinds: Vec<&str> = several.iter().filter_map(Value::as_str).collect();
                let kinds: Vec<&str> = kinds.into_iter().filter(|kind| *kind != "null").collect();
                self.chosen(&kinds).copied()
            }
            _ if schema.get("properties").is_some() => Some("object"),
            _ if schema.get("required").is_some() => Some("object"),
            _ if schema.get("items").is_some() => Some("array"),
            _ => None,
        }
    }

    fn chosen<'s, T>(&self, several: &'s [T]) -> Option<&'s T> {
        several.get(self.turn.checked_rem(several.len())?)
    }

    fn object(&self, schema: &Value, depth: usize) -> Result<Value> {
        let whole = Self {
            is_part: false,
            ..*self
        };
        let mut object = Map::new();
        let required: Vec<&str> = list(schema, "required")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            let is_required = required.contains(&name.as_str());
            let is_wanted = self.fill != Fill::Least && depth < DEPTH;
            // in turns, since a response may omit it
            let is_written = property.get("writeOnly") == Some(&json!(true));
            let least = schema.get("minProperties").and_then(Value::as_u64);
            let is_few = least.is_some_and(|least| (object.len() as u64) < least);
            if (is_written && self.turn % 2 == 1) || !(is_required || is_wanted || is_few) {
                continue;
            }
            match whole.at(property, name, depth + 1) {
                Ok(value) => {
                    object.insert(name.clone(), value);
                }
                Err(error) if is_required => return Err(error),
                Err(_) => {}
            }
        }
        for name in required.into_iter().filter(|_| !self.is_part) {
            let is_declared = properties.is_some_and(|properties| properties.contains_key(name));
            if !is_declared {
                object.insert(name.to_owned(), any());
            }
        }
        let additional = schema.get("additionalProperties");
        if self.fill != Fill::Least && depth < DEPTH {
            match additional {
                Some(Value::Bool(true)) => {
                    object.insert("more é".to_owned(), any());
                }
                Some(values @ Value::Object(_)) => {
                    if let Ok(value) = whole.at(values, "more", depth + 1) {
                        object.insert("more é".to_owned(), value);
                    }
                }
                _ => {}
            }
        }
        Ok(Value::Object(object))
    }

    fn array(&self, schema: &Value, name: &str, depth: usize) -> Result<Value> {
        let count = |key: &str| schema.get(key).and_then(Value::as_u64);
        let least = count("minItems").unwrap_or(0);
        let most = count("maxItems").unwrap_or(u64::MAX);
        let wanted = match self.fill {
            Fill::Least => least,
            _ if depth >= DEPTH => least,
            _ => least.max(2).min(most),
        };
        let places = list(schema, "prefixItems");
        let mut items = Vec::new();
        for index in 0..usize::try_from(wanted)?.max(places.len()) {
            let items_of = schema.get("items").filter(|items| !items.is_array());
            let schema = places.get(index).or(items_of).unwrap_or(&Value::Bool(true));
            let next = Sampler {
                turn: self.turn + index,
                is_part: false,
                ..*self
            };
            match next.at(schema, name, depth + 1) {
                Ok(value) if !items.contains(&value) => items.push(value),
                Ok(_) => {}
                Err(error) if wanted == least => return Err(error),
                Err(_) => {}
            }
        }
        Ok(Value::Array(items))
    }

    fn string(&self, schema: &Value, name: &str) -> Result<String> {
        let text = |key: &str| schema.get(key).and_then(Value::as_str);
        let in_turn = |several: &[&str]| several[self.turn % several.len()].to_owned();
        if let Some(pattern) = text("pattern") {
            return matching(pattern, schema, self.turn);
        }
        Ok(match text("format") {
            Some("date-time") => in_turn(&[
                "2024-02-29T23:59:59Z",
                "2024-01-01T00:00:00",
                "2024-01-01T02:00:00.120+02:00",
                "2024-01-01T00:00:00.000Z",
            ]),
            Some("date") => "2024-02-29".to_owned(),
            Some("time") => "12:30:00Z".to_owned(),
            Some("uuid") => "67e55044-10b1-426f-9247-bb680e5fe0c8".to_owned(),
            Some("email") => "a@example.com".to_owned(),
            Some("uri" | "url") => "https://example.com/a?b=%20".to_owned(),
            Some("ipv4") => "192.0.2.1".to_owned(),
            Some("byte") => "w6k=".to_owned(),
            _ => {
                let bound = |key: &str| schema.get(key).and_then(Value::as_u64);
                let mut text = format!("{name} é {}", self.turn);
                let least = usize::try_from(bound("minLength").unwrap_or(0))?;
                if least > 1_000_000 {
                    bail!("a text of {least} characters");
                }
                while text.chars().count() < least {
                    text.push('x');
                }
                match bound("maxLength") {
                    Some(most) => text.chars().take(usize::try_from(most)?).collect(),
                    None => text,
                }
            }
        })
    }

    fn integer(&self, schema: &Value) -> Value {
        let format = schema.get("format").and_then(Value::as_str);
        let usual = match format {
            Some("int64") => json!(9_007_199_254_740_993_i64),
            Some("uint64") => json!(18_446_744_073_709_551_615_u64),
            _ => json!(7 + self.turn),
        };
        match bounded(schema, usual, self.turn) {
            // `maximum: 5.0`
            value if value.is_f64() => value
                .to_string()
                .strip_suffix(".0")
                .and_then(|text| text.parse::<i64>().ok())
                .map_or(value, Value::from),
            value => value,
        }
    }

    fn number(&self, schema: &Value) -> Value {
        let usual = [
            json!(25_676_536.560_058_594),
            json!(600),
            json!(0.1),
            json!(-1.5e-7),
        ];
        bounded(schema, usual[self.turn % usual.len()].clone(), self.turn)
    }
}

/// Returns a number that is within the bounds: the usual one, or one of the bounds.
fn bounded(schema: &Value, usual: Value, turn: usize) -> Value {
    let bound = |key: &str| schema.get(key).filter(|value| value.is_number());
    let (least, most) = (bound("minimum"), bound("maximum"));
    let fits = |value: &Value| {
        let value = value.as_f64().unwrap_or_default();
        least
            .and_then(Value::as_f64)
            .is_none_or(|least| value > least)
            && most.and_then(Value::as_f64).is_none_or(|most| value < most)
    };
    if fits(&usual) && !(turn % 2 == 1 && most.is_some()) {
        return usual;
    }
    let bounds: Vec<&Value> = [most, least].into_iter().flatten().collect();
    match bounds.get(turn.checked_rem(bounds.len()).unwrap_or(0)) {
        Some(bound) => (*bound).clone(),
        None => usual,
    }
}

fn any() -> Value {
    json!({ "any": [1, "é", null, 0.5] })
}

/// How many texts to try for one that is as long as required.
const TRIES: usize = 100;

/// How many different texts to use for a pattern.
const VARIETY: usize = 4;

/// Returns a text that matches a regular expression, of the required length if one is found.
fn matching(pattern: &str, schema: &Value, turn: usize) -> Result<String> {
    // the library has no anchors: it makes whole matches
    let inner = pattern.trim_start_matches('^');
    let inner = match inner.strip_suffix('$') {
        Some(rest) if !rest.ends_with('\\') => rest,
        _ => inner,
    };
    let ascii = inner.replace("\\d", "[0-9]").replace("\\w", "[0-9A-Za-z_]");
    let made = [ascii.as_str(), inner].into_iter();
    let mut made = made.filter_map(|pattern| proptest::string::string_regex(pattern).ok());
    let Some(strategy) = made.next() else {
        bail!("no text for the pattern {pattern}");
    };
    let bound = |key: &str| schema.get(key).and_then(Value::as_u64);
    let fits = |text: &String| {
        let length = text.chars().count() as u64;
        bound("minLength").is_none_or(|least| length >= least)
            && bound("maxLength").is_none_or(|most| length <= most)
    };
    let mut runner = TestRunner::deterministic();
    let mut texts = (0..TRIES)
        .map_while(|_| strategy.new_tree(&mut runner).ok())
        .map(|tree| tree.current());
    match texts.by_ref().filter(fits).nth(turn % VARIETY) {
        Some(text) => Ok(text),
        None => bail!("no text of the required length for the pattern {pattern}"),
    }
}

fn joined(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Object(mut one), Value::Object(other)) => {
            one.extend(other);
            Value::Object(one)
        }
        (Value::Null, other) => other,
        (one, _) => one,
    }
}

/// Sets the discriminator to the name of the alternative (OpenAPI 3.0.3, "Discriminator Object").
fn tag(schema: &Value, one: &Value, value: &mut Value) {
    let discriminator = schema.get("discriminator");
    let property = discriminator.and_then(|found| found.get("propertyName")?.as_str());
    let reference = one.get("$ref").and_then(Value::as_str);
    let (Some(property), Some(reference)) = (property, reference) else {
        return;
    };
    let name = reference.rsplit('/').next().unwrap_or_default();
    let mapping = discriminator.and_then(|found| found.get("mapping")?.as_object());
    let mapped = mapping
        .into_iter()
        .flatten()
        .find(|(_, target)| *target == reference || *target == name);
    let text = mapped.map_or(name, |(tag, _)| tag);
    if let Some(object) = value.as_object_mut() {
        object.insert(property.to_owned(), json!(text));
    }
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    }
}

fn is_nullable(schema: &Value) -> bool {
    let null = json!("null");
    ["nullable", "x-nullable"]
        .iter()
        .any(|flag| schema.get(*flag) == Some(&json!(true)))
        || list(schema, "type").contains(&null)
        || ["anyOf", "oneOf"].iter().any(|key| {
            list(schema, key)
                .iter()
                .any(|one| one.get("type") == Some(&null))
        })
}

fn list<'s>(schema: &'s Value, key: &str) -> &'s [Value] {
    schema
        .get(key)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}
