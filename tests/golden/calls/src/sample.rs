//! Sample values of schemas; strings contain the name of their property.

use std::cell::Cell;

use serde_json::{Map, Value, json};

use super::spec::{Spec, entries, list, text};

/// Which properties of an object are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fill {
    Required,
    All,
}

/// Whether a schema gives a type of its own: not so a dangling reference, `{}`, `not`, or an object without properties
/// such as API Gateway's model `Empty`.
pub(super) fn is_typed(spec: &Spec, schema: &Value) -> bool {
    let Some(schema) = spec.resolved(schema) else {
        return false;
    };
    let says = |names: &[&str]| names.iter().any(|name| schema.get(name).is_some());
    match kind(schema) {
        Some("null") => false,
        Some("object") | None => says(&[
            "properties",
            "additionalProperties",
            "allOf",
            "oneOf",
            "anyOf",
        ]),
        Some(_) => true,
    }
}

/// Whether a schema is an object with declared properties only.
pub(super) fn is_closed(spec: &Spec, schema: &Value) -> bool {
    let schema = spec.resolved(schema).unwrap_or(&Value::Null);
    let says = |name: &str| schema.get(name).is_some_and(Value::is_object);
    kind(schema) == Some("object")
        && says("properties")
        && schema.get("additionalProperties") != Some(&json!(true))
        && !["additionalProperties", "patternProperties"]
            .into_iter()
            .any(says)
}

/// Returns as few values as needed to contain every enum value and every alternative of a schema.
pub(super) fn samples(spec: &Spec, schema: &Value, name: &str) -> Vec<Value> {
    let mut samples = Vec::new();
    let mut sampler = Sampler::new(spec, Fill::All);
    while sampler.turn < sampler.turns() {
        let sample = sampler.value(schema, name);
        if !samples.contains(&sample) {
            samples.push(sample);
        }
        sampler.turn += 1;
    }
    sampler.turn = 0;
    sampler.nulls = true;
    let sample = sampler.value(schema, name);
    if !samples.contains(&sample) {
        samples.push(sample);
    }
    samples
}

/// Creates values; strings begin with the name of their property.
pub(super) struct Sampler<'a> {
    pub(super) spec: &'a Spec,
    pub(super) fill: Fill,
    /// Which alternative to select, wherever a schema has several.
    pub(super) turn: usize,
    /// Whether string enums have a value that the spec does not declare.
    pub(super) beyond_enums: bool,
    /// Whether properties that may be `null` are.
    pub(super) nulls: bool,
    /// Whether the values are sent. A request has no `readOnly` properties, a response no `writeOnly` ones.
    pub(super) sent: bool,
    /// The largest number of alternatives so far.
    turns: Cell<usize>,
}

/// The depth at which recursive schemas end.
const DEPTH: usize = 3;

impl<'a> Sampler<'a> {
    pub(super) fn new(spec: &'a Spec, fill: Fill) -> Self {
        let turns = Cell::new(1);
        Self {
            spec,
            fill,
            turn: 0,
            beyond_enums: false,
            nulls: false,
            sent: false,
            turns,
        }
    }

    /// Returns how many turns it takes to select every alternative of the values so far.
    pub(super) fn turns(&self) -> usize {
        self.turns.get()
    }

    /// Returns a value of the schema.
    pub(super) fn value(&self, schema: &Value, name: &str) -> Value {
        self.inner(schema, name, 0)
    }

    /// Selects one of several by the current turn.
    fn chosen<T: Copy>(&self, several: &[T]) -> Option<T> {
        self.turns.set(self.turns().max(several.len()));
        let turn = self.turn.checked_rem(several.len())?;
        several.get(turn).copied()
    }

    fn inner(&self, schema: &Value, name: &str, depth: usize) -> Value {
        if self.nulls && depth > 0 && self.is_nullable(schema) {
            return Value::Null;
        }
        let component = text(schema, "$ref").and_then(|reference| reference.rsplit('/').next());
        let Some(schema) = self.spec.resolved(schema) else {
            return anything();
        };
        if let (Some(component), Some(property)) = (component, self.inherited_tag(schema)) {
            // Swagger 2.0, "Schema Object": the name of the schema, or of one that inherits from it
            let subtypes = self.spec.subtypes(schema);
            let (tag, schema) = self.chosen(&subtypes).unwrap_or((component, schema));
            let mut value = self.object(schema, depth);
            value[property] = Value::from(tag);
            return value;
        }
        if let Some(constant) = schema.get("const") {
            return self.known_or_not(constant);
        }
        let values: Vec<&Value> = list(schema, "enum")
            .iter()
            .filter(|value| !value.is_null() && is_allowed(schema, value))
            .collect();
        if let Some(value) = self.chosen(&values) {
            return self.known_or_not(value);
        }
        let parts = list(schema, "allOf");
        let alternatives: Vec<&Value> = alternatives(schema)
            .iter()
            .filter(|one| kind(one) != Some("null"))
            .collect();
        if let Some(one) = self.chosen(&alternatives) {
            return self.alternative(schema, one, name, depth);
        }
        match self.chosen(&kinds(schema)) {
            Some("object") => self.object(schema, depth),
            _ if let Some(part) = parts.iter().find(|part| self.is_list(part)) => {
                self.inner(part, name, depth)
            }
            _ if !parts.is_empty() => self.object(schema, depth),
            Some("array") if depth > DEPTH => json!([]),
            Some("array") => {
                let items = schema.get("items").unwrap_or(&Value::Null);
                json!([self.inner(items, name, depth + 1)])
            }
            Some("string") => Value::from(string(schema, name)),
            Some("integer") => integer(schema),
            Some("number") => number(schema),
            Some("boolean") => json!(true),
            _ => anything(),
        }
    }

    /// Returns whether the schema allows `null`, as OpenAPI 3.0 or 3.1 says it.
    fn is_nullable(&self, schema: &Value) -> bool {
        let resolved = self.spec.resolved(schema).unwrap_or(schema);
        let null = json!("null");
        [schema, resolved].into_iter().any(|schema| {
            schema.get("nullable") == Some(&json!(true))
                || list(schema, "type").contains(&null)
                || ["anyOf", "oneOf"].iter().any(|key| {
                    list(schema, key)
                        .iter()
                        .any(|one| one.get("type") == Some(&null))
                })
        })
    }

    fn is_list(&self, schema: &Value) -> bool {
        let schema = self.spec.resolved(schema).unwrap_or(schema);
        kind(schema) == Some("array")
    }

    fn known_or_not(&self, value: &Value) -> Value {
        match value.is_string() && self.beyond_enums {
            true => json!("a value since é"),
            false => value.clone(),
        }
    }

    fn object(&self, schema: &Value, depth: usize) -> Value {
        let mut object = Map::new();
        for part in list(schema, "allOf") {
            let part = self.spec.resolved(part).unwrap_or(part);
            if let Value::Object(part) = self.object(part, depth) {
                object.extend(part);
            }
        }
        let required = list(schema, "required");
        let is_required = |name: &str| required.iter().any(|required| required == name);
        for (name, schema) in entries(schema, "properties") {
            let wanted = self.fill == Fill::All && depth < DEPTH;
            if wanted || is_required(name) {
                object.insert(name.clone(), self.inner(schema, name, depth + 1));
            }
        }
        for name in required.iter().filter_map(Value::as_str) {
            let undescribed = || Value::from(string(&Value::Null, name));
            object.entry(name).or_insert_with(undescribed);
        }
        if let Some(more @ (Value::Object(_) | Value::Bool(true))) =
            schema.get("additionalProperties")
            && self.fill == Fill::All
        {
            object.insert("key é".to_owned(), self.inner(more, "value", depth + 1));
        }
        object.retain(|name, _| !self.is_other_way(schema, name));
        Value::Object(object)
    }

    /// Returns whether a property travels only in the other direction.
    fn is_other_way(&self, schema: &Value, name: &str) -> bool {
        let flag = if self.sent { "readOnly" } else { "writeOnly" };
        let own = schema.get("properties").and_then(|all| all.get(name));
        let is_own = own.and_then(|own| own.get(flag)) == Some(&json!(true));
        let mut parts = list(schema, "allOf").iter();
        is_own
            || parts.any(|part| self.is_other_way(self.spec.resolved(part).unwrap_or(part), name))
    }

    /// Returns the discriminator of a schema, or of one that it inherits from.
    fn inherited_tag<'s>(&'s self, schema: &'s Value) -> Option<&'s str> {
        if let Some(discriminator) = schema.get("discriminator") {
            let is_base = schema.get("properties").is_some();
            let named = text(discriminator, "propertyName");
            return discriminator.as_str().or(named).filter(|_| is_base);
        }
        let mut parts = list(schema, "allOf").iter();
        parts.find_map(|part| self.inherited_tag(self.spec.resolved(part)?))
    }

    fn alternative(&self, schema: &Value, one: &Value, name: &str, depth: usize) -> Value {
        let mut value = self.inner(one, name, depth + 1);
        let discriminator = schema.get("discriminator");
        if let Some(property) = discriminator.and_then(|d| text(d, "propertyName"))
            && let Some(reference) = text(one, "$ref")
        {
            // OpenAPI 3.0.3, "Discriminator Object": the name of the schema, unless the mapping has another; there, a name or a reference
            let named = reference.rsplit('/').next().unwrap_or_default();
            let is_it = |target: &Value| target == reference || target == named;
            let mapping = entries(discriminator.unwrap_or(&Value::Null), "mapping");
            let mapped = mapping.filter(|(_, target)| is_it(target));
            let tags: Vec<&str> = mapped.map(|(tag, _)| tag.as_str()).collect();
            // each alternative with its first name, then with its second
            let alternatives = alternatives(schema).len();
            self.turns.set(self.turns().max(alternatives * tags.len()));
            let turn = (self.turn / alternatives).checked_rem(tags.len());
            let tag = turn.map_or(named, |turn| tags[turn]);
            value[property] = Value::from(tag);
        }
        value
    }
}

/// Returns the alternatives of a schema that has no properties beside them.
fn alternatives(schema: &Value) -> &[Value] {
    if schema.get("properties").is_some() {
        return &[];
    }
    let alternatives = [list(schema, "oneOf"), list(schema, "anyOf")];
    let some = alternatives.into_iter().find(|list| !list.is_empty());
    some.unwrap_or_default()
}

/// Whether a value has the type of its schema: `enum` and `type` both have to accept it (JSON Schema
/// 2020-12, "Validation", 6.1). In YAML, an unquoted scalar among strings stands for a string.
fn is_allowed(schema: &Value, value: &Value) -> bool {
    match kind(schema) {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => !value.is_object() && !value.is_array(),
        Some("integer" | "number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        _ => true,
    }
}

fn anything() -> Value {
    json!({ "anything": [1, "é"] })
}

/// Returns the type; of several, the first that is not `null`.
pub(super) fn kind(schema: &Value) -> Option<&str> {
    let is_null = schema.get("type") == Some(&json!("null"));
    kinds(schema).first().copied().or(is_null.then_some("null"))
}

/// Returns the types except `null`.
fn kinds(schema: &Value) -> Vec<&str> {
    let kinds: Vec<&str> = match schema.get("type") {
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        Some(kind) => kind.as_str().into_iter().collect(),
        None if schema.get("properties").is_some() => vec!["object"],
        None => Vec::new(),
    };
    kinds.into_iter().filter(|kind| *kind != "null").collect()
}

fn string(schema: &Value, name: &str) -> String {
    let text = match text(schema, "format") {
        Some("date-time") => "2025-03-14T09:26:53Z",
        Some("date") => "2025-03-14",
        Some("uuid") => "67e55044-10b1-426f-9247-bb680e5fe0c8",
        Some("byte") => "w6k=",
        // clients do not check patterns; those of the specs here match letters
        _ if schema.get("pattern").is_some() => "letters",
        _ => return cut(format!("{name} é/ü +&=%"), schema),
    };
    text.to_owned()
}

fn cut(text: String, schema: &Value) -> String {
    let most = schema.get("maxLength").and_then(Value::as_u64);
    let most = most.and_then(|most| most.try_into().ok());
    text.chars().take(most.unwrap_or(usize::MAX)).collect()
}

fn integer(schema: &Value) -> Value {
    match (schema.get("maximum"), text(schema, "format")) {
        // `5.0` is an integer, too
        (Some(most), _) => match most.as_i64().is_none() && most.as_u64().is_none() {
            true => json!(most.as_f64().unwrap_or_default() as i64),
            false => most.clone(),
        },
        // not representable as a floating-point number
        (None, Some("int64")) => json!(9_007_199_254_740_993_i64),
        (None, _) => json!(1_000_007),
    }
}

fn number(schema: &Value) -> Value {
    schema.get("maximum").cloned().unwrap_or(json!(1234.5))
}
