//! Lowers an API's schemas to the plain ones that progenitor turns into types
//! without loss and without a panic.
//!
//! What Rust has a better form for is kept apart and rendered by us: enums of texts
//! (open, so that a new value breaks nobody) and unions. Aliases of plain types are
//! resolved where they are used. Every inline object, enum and union gets a name from
//! the place where it stands, so that no two types can meet under one name.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use crate::api::{Api, Schema};
use crate::names;

const SCHEMAS: &str = "#/components/schemas/";

/// Formats that have a Rust type of their own.
const FORMATS: [&str; 7] = [
    "int32", "int64", "float", "double", "date", "date-time", "uuid",
];

/// A place in the API that needs a Rust type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot(pub(crate) usize);

/// Everything progenitor and the renderer need to know about types.
#[derive(Debug, Default)]
pub(crate) struct Lowered {
    pub(crate) structs: IndexMap<String, Struct>,
    pub(crate) enums: IndexMap<String, Enum>,
    pub(crate) unions: IndexMap<String, Union>,
    /// One plain schema per slot, each only once.
    pub(crate) slots: Vec<Value>,
}

/// An object with known fields.
#[derive(Debug)]
pub(crate) struct Struct {
    /// What progenitor gets.
    pub(crate) schema: Value,
    pub(crate) fields: Vec<Field>,
    pub(crate) docs: Option<String>,
}

/// A field of an object.
#[derive(Debug)]
pub(crate) struct Field {
    /// The name progenitor gets: unique in its struct after casing.
    pub(crate) key: String,
    /// The name on the wire.
    pub(crate) wire: String,
    pub(crate) required: bool,
    pub(crate) docs: Option<String>,
}

/// An enum of texts: variant name and value on the wire.
#[derive(Debug)]
pub(crate) struct Enum {
    pub(crate) variants: Vec<(String, String)>,
    pub(crate) docs: Option<String>,
}

/// One of several types.
#[derive(Debug)]
pub(crate) struct Union {
    /// Variant name, its type, and the values of the tag that select it.
    pub(crate) variants: Vec<(String, Slot, Vec<String>)>,
    /// `discriminator.propertyName`.
    pub(crate) tag: Option<String>,
    pub(crate) docs: Option<String>,
}

/// Lowers schemas on demand: what no operation reaches is left out.
#[derive(Debug)]
pub(crate) struct Lowerer<'a> {
    schemas: &'a IndexMap<String, Schema>,
    /// Rust names of the named schemas.
    names: HashMap<&'a str, String>,
    taken: HashSet<String>,
    started: HashSet<String>,
    aliases: Vec<String>,
    slots: HashMap<String, Slot>,
    lowered: Lowered,
}

impl<'a> Lowerer<'a> {
    /// Names all schemas of the API; `given` are names from `apis.toml`.
    pub(crate) fn new(
        api: &'a Api,
        given: &std::collections::BTreeMap<String, String>,
    ) -> Self {
        let mut taken = HashSet::new();
        let mut named = HashMap::new();
        for schema in api.schemas.keys() {
            if let Some(name) = given.get(schema) {
                let name = names::unique(&mut taken, &names::type_name(name), "");
                named.insert(schema.as_str(), name);
            }
        }
        for schema in api.schemas.keys() {
            if !named.contains_key(schema.as_str()) {
                let name = names::unique(&mut taken, &names::type_name(schema), "");
                named.insert(schema.as_str(), name);
            }
        }
        Self {
            schemas: &api.schemas,
            names: named,
            taken,
            started: HashSet::new(),
            aliases: Vec::new(),
            slots: HashMap::new(),
            lowered: Lowered::default(),
        }
    }

    pub(crate) fn finish(self) -> Lowered {
        self.lowered
    }

    /// A slot for a schema; `name` is what an inline type in it is called.
    pub(crate) fn slot(&mut self, schema: &Schema, name: &str) -> Slot {
        let schema = self.schema(schema, name);
        let key = schema.to_string();
        if let Some(slot) = self.slots.get(&key) {
            return *slot;
        }
        let slot = Slot(self.lowered.slots.len());
        self.lowered.slots.push(schema);
        self.slots.insert(key, slot);
        slot
    }

    /// Whether a schema says nothing about the value: any JSON fits.
    pub(crate) fn is_untyped(&mut self, schema: &Schema) -> bool {
        let lowered = self.schema(schema, "Untyped");
        lowered.as_object().is_some_and(Map::is_empty)
    }

    /// The plain form of a schema.
    fn schema(&mut self, schema: &Schema, name: &str) -> Value {
        let Some(map) = schema.as_object() else {
            return json!({});
        };
        let nullable = map.get("nullable") == Some(&json!(true));
        let plain = self.not_null(map, name);
        if nullable { nullable_form(plain) } else { plain }
    }

    fn not_null(&mut self, map: &Map<String, Value>, name: &str) -> Value {
        if let Some(target) = reference(map) {
            return self.reference(target);
        }
        if map.contains_key("allOf") {
            let merged = self.merge(map, &mut Vec::new());
            return match merged.as_object() {
                Some(map) => self.not_null(map, name),
                None => json!({}),
            };
        }
        if let Some(values) = texts(map) {
            return self.new_enum(map, values, name);
        }
        match variants(map).as_deref() {
            Some([only]) => return self.schema(only, name),
            Some(several) => return self.union(map, several, name),
            None => {}
        }
        match map.get("type").and_then(Value::as_str) {
            Some("array") => {
                let items = map.get("items").cloned().unwrap_or_default();
                let items = self.schema(&items, &format!("{name}Item"));
                json!({ "type": "array", "items": items })
            }
            Some("object") | None if has_properties(map) => {
                let name = names::unique(&mut self.taken, name, "");
                self.started.insert(name.clone());
                self.new_struct(map, &name);
                refer(&name)
            }
            Some("object") => match map.get("additionalProperties") {
                Some(values) if values.as_object().is_some_and(|map| !map.is_empty()) => {
                    let values = self.schema(values, &format!("{name}Value"));
                    json!({ "type": "object", "additionalProperties": values })
                }
                _ => json!({}),
            },
            Some(kind) => {
                let format = map.get("format").and_then(Value::as_str);
                match format.filter(|format| FORMATS.contains(format)) {
                    Some(format) if suits(kind, format) => json!({ "type": kind, "format": format }),
                    _ => json!({ "type": kind }),
                }
            }
            None => json!({}),
        }
    }

    fn reference(&mut self, target: &str) -> Value {
        let Some((component, schema)) = self.schemas.get_key_value(target) else {
            return json!({});
        };
        let Some(map) = schema.as_object() else {
            return json!({});
        };
        let nullable = map.get("nullable") == Some(&json!(true));
        let resolved = if map.contains_key("allOf") {
            self.merge(map, &mut vec![target.to_owned()])
        } else {
            schema.clone()
        };
        let Some(map) = resolved.as_object() else {
            return json!({});
        };
        let is_own = reference(map).is_none()
            && (texts(map).is_some()
                || variants(map).is_some_and(|several| several.len() > 1)
                || (has_properties(map)
                    && matches!(map.get("type").and_then(Value::as_str), Some("object") | None)));
        let name = self.names.get(component.as_str()).cloned().unwrap_or_default();
        let plain = if is_own {
            if self.started.insert(name.clone()) {
                // the name is this schema's own: give it back for `unique` to find it free
                self.taken.remove(&name);
                if let Some(values) = texts(map) {
                    self.new_enum(map, values, &name);
                } else if let Some(variants) = variants(map) {
                    self.union(map, &variants, &name);
                } else {
                    self.taken.insert(name.clone());
                    self.new_struct(map, &name);
                }
            }
            refer(&name)
        } else {
            // an alias of a plain type, resolved here; one that leads back to itself is anything
            if self.aliases.contains(component) {
                return json!({});
            }
            self.aliases.push(component.clone());
            let plain = self.not_null(map, &name);
            self.aliases.pop();
            plain
        };
        if nullable { nullable_form(plain) } else { plain }
    }

    fn new_struct(&mut self, map: &Map<String, Value>, name: &str) {
        let required = names_of(map);
        let mut keys = HashSet::new();
        let mut fields = Vec::new();
        let mut properties = Map::new();
        let mut required_keys = Vec::new();
        let declared = map.get("properties").and_then(Value::as_object);
        for (wire, property) in declared.into_iter().flatten() {
            let key = names::unique(&mut keys, &names::snake(wire, "field"), "_");
            let is_required = required.contains(wire.as_str());
            let inline = format!("{name}{}", names::pascal(wire, "Field"));
            let mut plain = self.schema(property, &inline);
            if is_required {
                required_keys.push(json!(key));
            } else if matches!(plain.get("type").and_then(Value::as_str), Some("array" | "object"))
            {
                // absent and empty are different things
                plain = nullable_form(plain);
            }
            properties.insert(key.clone(), plain);
            fields.push(Field {
                key,
                wire: wire.clone(),
                required: is_required,
                docs: docs(property),
            });
        }
        let mut schema = json!({ "type": "object", "properties": properties });
        if !required_keys.is_empty() {
            schema["required"] = Value::Array(required_keys);
        }
        if let Some(values) = map
            .get("additionalProperties")
            .filter(|values| values.as_object().is_some_and(|map| !map.is_empty()))
        {
            schema["additionalProperties"] = self.schema(values, &format!("{name}Value"));
        }
        self.lowered.structs.insert(
            name.to_owned(),
            Struct {
                schema,
                fields,
                docs: docs_of(map),
            },
        );
    }

    fn new_enum(&mut self, map: &Map<String, Value>, values: Vec<&str>, name: &str) -> Value {
        let name = names::unique(&mut self.taken, name, "");
        self.started.insert(name.clone());
        // the name of the catch-all
        let mut taken = HashSet::from(["Unknown".to_owned(), "Self".to_owned()]);
        let variants = values
            .into_iter()
            .map(|value| {
                let variant = names::unique(&mut taken, &names::pascal(value, "Empty"), "");
                (variant, value.to_owned())
            })
            .collect();
        self.lowered.enums.insert(
            name.clone(),
            Enum {
                variants,
                docs: docs_of(map),
            },
        );
        refer(&name)
    }

    fn union(&mut self, map: &Map<String, Value>, variants: &[&Value], name: &str) -> Value {
        let name = names::unique(&mut self.taken, name, "");
        self.started.insert(name.clone());
        // in its place before its parts: a part may refer to the union itself
        self.lowered.unions.insert(
            name.clone(),
            Union {
                variants: Vec::new(),
                tag: None,
                docs: docs_of(map),
            },
        );
        let discriminator = map.get("discriminator");
        let tag = discriminator
            .and_then(|found| found.get("propertyName"))
            .and_then(Value::as_str)
            .map(str::to_owned);
        let mapping = discriminator
            .and_then(|found| found.get("mapping"))
            .and_then(Value::as_object);
        let mut taken = HashSet::from(["Unknown".to_owned(), "Self".to_owned()]);
        let mut lowered = Vec::new();
        for variant in variants {
            let component = variant.as_object().and_then(reference);
            let variant_name = component
                .and_then(|component| self.names.get(component).cloned())
                .unwrap_or_else(|| variant_name(variant));
            let variant_name = names::unique(&mut taken, &variant_name, "");
            let slot = self.slot(variant, &format!("{name}{variant_name}"));
            let mut tags: Vec<String> = mapping
                .into_iter()
                .flatten()
                .filter(|(_, target)| {
                    target.as_str().is_some_and(|target| {
                        component.is_some_and(|component| {
                            target == component || target == format!("{SCHEMAS}{component}")
                        })
                    })
                })
                .map(|(value, _)| value.clone())
                .collect();
            if tags.is_empty() {
                // without a mapping, the schema's name is the value (OpenAPI 3.0, "Discriminator Object")
                tags.extend(component.map(str::to_owned));
            }
            lowered.push((variant_name, slot, tags));
        }
        let tag = tag.filter(|_| lowered.iter().all(|(_, _, tags)| !tags.is_empty()));
        if let Some(union) = self.lowered.unions.get_mut(&name) {
            union.variants = lowered;
            union.tag = tag;
        }
        refer(&name)
    }

    /// One schema for an `allOf`: the only part that says something, or all objects in one.
    fn merge(&self, map: &Map<String, Value>, seen: &mut Vec<String>) -> Value {
        let parts = map.get("allOf").and_then(Value::as_array);
        let mut own = map.clone();
        own.shift_remove("allOf");
        let telling: Vec<&Value> = parts
            .into_iter()
            .flatten()
            .filter(|part| part.as_object().is_some_and(says_something))
            .collect();
        if let ([only], false) = (telling.as_slice(), says_something(&own)) {
            let mut only = (*only).clone();
            if let (Some(only), Some(true)) = (
                only.as_object_mut(),
                map.get("nullable").and_then(Value::as_bool),
            ) && !only.contains_key("$ref")
            {
                only.insert("nullable".to_owned(), json!(true));
            }
            return match only.as_object() {
                Some(inner) if inner.contains_key("allOf") => self.merge(inner, seen),
                _ => only,
            };
        }
        let mut object = Object::default();
        for part in telling {
            self.absorb(part, &mut object, seen);
        }
        self.absorb(&Value::Object(own), &mut object, seen);
        object.into_schema(map)
    }

    /// Adds what a part of an `allOf` says to the object.
    fn absorb(&self, part: &Value, object: &mut Object, seen: &mut Vec<String>) {
        let Some(part) = part.as_object() else {
            return;
        };
        if let Some(target) = reference(part) {
            if seen.iter().any(|known| known == target) {
                return;
            }
            if let Some(found) = self.schemas.get(target) {
                seen.push(target.to_owned());
                self.absorb(found, object, seen);
                seen.pop();
            }
            return;
        }
        for inner in part.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.absorb(inner, object, seen);
        }
        let properties = part.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            object.properties.insert(name.clone(), property.clone());
        }
        object.required.extend(names_of(part).into_iter().map(str::to_owned));
        if let Some(values) = part.get("additionalProperties") {
            object.additional = Some(values.clone());
        }
        if object.description.is_none() {
            object.description = docs_of(part);
        }
        // of alternatives, everything may be there and nothing must
        for key in ["oneOf", "anyOf"] {
            for inner in part.get(key).and_then(Value::as_array).into_iter().flatten() {
                let mut alternative = Object::default();
                self.absorb(inner, &mut alternative, seen);
                for (name, property) in alternative.properties {
                    object.properties.entry(name).or_insert(property);
                }
            }
        }
    }
}

/// An object as an `allOf` puts it together.
#[derive(Default)]
struct Object {
    properties: Map<String, Value>,
    required: Vec<String>,
    additional: Option<Value>,
    description: Option<String>,
}

impl Object {
    fn into_schema(self, whole: &Map<String, Value>) -> Value {
        let mut schema = json!({ "type": "object", "properties": self.properties });
        if !self.required.is_empty() {
            schema["required"] = json!(self.required);
        }
        if let Some(values) = self.additional {
            schema["additionalProperties"] = values;
        }
        if let Some(docs) = docs_of(whole).or(self.description) {
            schema["description"] = json!(docs);
        }
        schema
    }
}

fn refer(name: &str) -> Value {
    json!({ "$ref": format!("{SCHEMAS}{name}") })
}

/// The named schema that a reference means.
fn reference(map: &Map<String, Value>) -> Option<&str> {
    map.get("$ref")?.as_str()?.strip_prefix(SCHEMAS)
}

fn nullable_form(plain: Value) -> Value {
    match plain {
        Value::Object(map) if map.contains_key("$ref") => {
            json!({ "nullable": true, "allOf": [map] })
        }
        // any value may be null
        Value::Object(map) if map.is_empty() => Value::Object(map),
        Value::Object(mut map) => {
            map.insert("nullable".to_owned(), json!(true));
            Value::Object(map)
        }
        other => other,
    }
}

/// The values of an enum of texts.
fn texts(map: &Map<String, Value>) -> Option<Vec<&str>> {
    if map.get("type").and_then(Value::as_str) != Some("string") {
        return None;
    }
    map.get("enum")?.as_array()?.iter().map(Value::as_str).collect()
}

/// The alternatives of a schema that is nothing but alternatives.
fn variants(map: &Map<String, Value>) -> Option<Vec<&Value>> {
    if has_properties(map) {
        return None;
    }
    let list = ["oneOf", "anyOf"]
        .iter()
        .find_map(|key| map.get(*key).and_then(Value::as_array))?;
    let telling: Vec<&Value> = list
        .iter()
        .filter(|part| part.as_object().is_some_and(says_something))
        .collect();
    (!telling.is_empty()).then_some(telling)
}

fn has_properties(map: &Map<String, Value>) -> bool {
    map.get("properties")
        .and_then(Value::as_object)
        .is_some_and(|properties| !properties.is_empty())
}

/// Whether a schema says more than how it is described.
fn says_something(map: &Map<String, Value>) -> bool {
    [
        "$ref", "type", "properties", "enum", "allOf", "oneOf", "anyOf", "items",
        "additionalProperties", "required",
    ]
    .iter()
    .any(|key| match (*key, map.get(*key)) {
        (_, None) => false,
        // `type: object` beside an `allOf` adds nothing
        ("type", Some(kind)) => kind != "object",
        _ => true,
    })
}

fn names_of(map: &Map<String, Value>) -> HashSet<&str> {
    map.get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn suits(kind: &str, format: &str) -> bool {
    match format {
        "int32" | "int64" => kind == "integer",
        "float" | "double" => kind == "number",
        _ => kind == "string",
    }
}

fn variant_name(variant: &Value) -> String {
    let kind = variant.get("type").and_then(Value::as_str);
    match kind {
        Some("string") => "Text".to_owned(),
        Some("array") => "List".to_owned(),
        Some(kind) => names::pascal(kind, "Object"),
        None => "Object".to_owned(),
    }
}

fn docs(property: &Value) -> Option<String> {
    property.as_object().and_then(docs_of)
}

fn docs_of(map: &Map<String, Value>) -> Option<String> {
    let text = map.get("description")?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
