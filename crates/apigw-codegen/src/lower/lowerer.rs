//! Lowers schemas on demand, so that unused ones are skipped.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::lowered::{Enum, Field, Lowered, Slot, Struct};
use super::merge;
use super::schema::{
    alternatives, docs_of, has_properties, is_nullable, kind, nullable_form, plain, refer,
    reference, required, string_values,
};
use crate::constraints::constraints;
use crate::directions::{OMITTED, OPTIONAL};
use crate::types::choices::TypeChoices;
use crate::types::engine::REST;
use apigw_spec::api::Schema;
use apigw_spec::names;
use apigw_spec::report::Report;

/// The maximum nesting of inline objects; deeper ones are left untyped.
const MAX_INLINE: usize = 32;

/// Lowers schemas on demand, so that unused ones are skipped.
#[derive(Debug)]
pub(crate) struct Lowerer<'a> {
    pub(super) schemas: &'a IndexMap<String, Schema>,
    /// The Rust names of the named schemas.
    pub(super) names: HashMap<String, String>,
    /// Existing types, by schema name and by format.
    existing: BTreeMap<String, String>,
    formats: BTreeMap<String, String>,
    pub(super) taken: HashSet<String>,
    pub(super) started: HashSet<String>,
    /// The aliases being resolved, to detect cycles.
    pub(super) aliases: Vec<String>,
    /// The resolved aliases: named schemas that do not become a type.
    pub(super) resolved: HashMap<String, Value>,
    /// The number of alias cycles found.
    pub(super) cycles: usize,
    /// The types of inline `allOf`s, by their JSON, so that a recursive one becomes a single type.
    pub(super) merged: HashMap<String, String>,
    pub(super) slots: HashMap<String, Slot>,
    /// Types that are named but not yet defined, since schemas may be recursive.
    waiting: VecDeque<Waiting>,
    pub(super) inline: usize,
    pub(super) place: String,
    pub(super) report: Report,
    pub(super) lowered: Lowered,
}

/// A type to be defined.
#[derive(Debug)]
struct Waiting {
    name: String,
    map: Map<String, Value>,
    inline: usize,
    place: String,
}

impl<'a> Lowerer<'a> {
    /// Creates a lowerer; `names` are the unique Rust names of the named schemas.
    pub(crate) fn new(
        schemas: &'a IndexMap<String, Schema>,
        names: HashMap<String, String>,
        choices: &TypeChoices,
    ) -> Self {
        Self {
            schemas,
            existing: choices.schemas.clone(),
            formats: choices.formats.clone(),
            taken: names.values().cloned().collect(),
            names,
            started: HashSet::new(),
            aliases: Vec::new(),
            resolved: HashMap::new(),
            cycles: 0,
            merged: HashMap::new(),
            slots: HashMap::new(),
            waiting: VecDeque::new(),
            inline: 0,
            place: String::new(),
            report: Report::new(),
            lowered: Lowered::default(),
        }
    }

    /// Sets the place in the spec for the following entries of the report.
    pub(crate) fn at(&mut self, pointer: &str) {
        pointer.clone_into(&mut self.place);
    }

    /// Returns whether the schema describes objects with fields, or arrays.
    pub(crate) fn is_structured(&self, schema: &Schema) -> bool {
        let resolved = self.resolved(schema);
        has_properties(&resolved) || kind(&resolved) == Some("array")
    }

    /// Returns whether the schema describes a string.
    pub(crate) fn is_text(&self, schema: &Schema) -> bool {
        kind(&self.resolved(schema)) == Some("string")
    }

    /// Returns the schema of the items of an array.
    pub(crate) fn items(&self, schema: &Schema) -> Option<Schema> {
        let resolved = self.resolved(schema);
        let items = resolved.get("items").cloned();
        items.filter(|_| kind(&resolved) == Some("array"))
    }

    /// Adds an entry for the current place to the report.
    pub(crate) fn add(&mut self, rule: &'static str, problem: String, action: &str) {
        self.report.add(rule, &self.place, problem, action);
    }

    /// Reports a name that is reserved, or that another one has in Rust already.
    pub(crate) fn duplicate(&mut self, what: &str, wire: &str, wanted: &str, name: &str) {
        if name != wanted {
            self.add(
                "duplicate-name",
                format!("the Rust name `{wanted}` of {what} `{wire}` is taken or reserved"),
                &format!("using `{name}`"),
            );
        }
    }

    /// Defines all types that the slots use, and returns them.
    pub(crate) fn finish(mut self, report: &mut Report) -> Lowered {
        while let Some(next) = self.waiting.pop_front() {
            self.inline = next.inline;
            self.place = next.place;
            match alternatives(&next.map) {
                Some(several) => self.define_union(&next.map, &several, &next.name),
                None => self.define_struct(&next.map, &next.name),
            }
        }
        self.fix_tags();
        for fix in self.report.fixes() {
            report.add(fix.rule, &fix.pointer, &fix.problem, &fix.action);
        }
        self.lowered
    }

    /// Returns the slot for a schema; `name` is used for inline types in it.
    pub(crate) fn slot(&mut self, schema: &Schema, name: &str) -> Slot {
        let schema = self.schema(schema, name);
        self.slot_of(schema)
    }

    /// Returns the slot for a schema, or `None` if the schema allows any JSON.
    pub(crate) fn typed_slot(&mut self, schema: &Schema, name: &str) -> Option<Slot> {
        let schema = self.schema(schema, name);
        let untyped = schema.as_object().is_some_and(Map::is_empty);
        (!untyped).then(|| self.slot_of(schema))
    }

    fn slot_of(&mut self, schema: Value) -> Slot {
        let next = Slot(self.lowered.slots.len());
        let slot = *self.slots.entry(schema.to_string()).or_insert(next);
        if slot == next {
            self.lowered.slots.push(schema);
        }
        slot
    }

    /// Returns the simple form of a schema.
    fn schema(&mut self, schema: &Schema, name: &str) -> Value {
        let Some(map) = schema.as_object() else {
            return self.open();
        };
        let plain = self.not_null(map, name);
        if is_nullable(map) {
            nullable_form(plain)
        } else {
            plain
        }
    }

    fn not_null(&mut self, map: &Map<String, Value>, name: &str) -> Value {
        if let Some(target) = reference(map) {
            return self.reference(target);
        }
        if map.contains_key("allOf") {
            let key = Value::Object(map.clone()).to_string();
            if let Some(known) = self.merged.get(&key) {
                return refer(known);
            }
            let plain = match self.merge(map).as_object() {
                Some(merged) => self.not_null(merged, name),
                None => self.open(),
            };
            if let Some(own) = plain.as_object().and_then(reference) {
                self.merged.insert(key, own.to_owned());
            }
            return plain;
        }
        if let Some(path) = self.existing_type(map) {
            return self.external(&path);
        }
        if let Some(values) = string_values(map) {
            let name = self.inline_name(name);
            // `deprecated` is about the field or parameter
            self.define_enum(map, &values, &name, false);
            return refer(&name);
        }
        if let Some([only]) = alternatives(map).as_deref() {
            return self.schema(only, name);
        }
        if is_own_type(map) {
            if self.inline == MAX_INLINE {
                let problem = format!("more than {MAX_INLINE} nested objects");
                return self.lost("nested-schema", problem);
            }
            let name = self.inline_name(name);
            self.waiting.push_back(Waiting {
                name: name.clone(),
                map: map.clone(),
                inline: self.inline + 1,
                place: self.place.clone(),
            });
            return refer(&name);
        }
        match kind(map) {
            Some("array") => {
                let items = map.get("items").cloned().unwrap_or_default();
                let items = self.schema(&items, &format!("{name}Item"));
                json!({ "type": "array", "items": items })
            }
            Some("object") => match values_of(map) {
                Some(values) => {
                    let values = self.schema(values, &format!("{name}Value"));
                    json!({ "type": "object", "additionalProperties": values })
                }
                None => self.open(),
            },
            Some(kind) => plain(kind, map),
            None => match unread(map) {
                Some(key) => self.lost("untyped-schema", format!("a schema with only `{key}`")),
                None => self.open(),
            },
        }
    }

    /// Returns the schema of any JSON, for a schema that says no more.
    fn open(&mut self) -> Value {
        self.lowered.census.open += 1;
        json!({})
    }

    /// Returns the schema of any JSON, for a schema that says more than a type can hold.
    fn lost(&mut self, rule: &'static str, problem: String) -> Value {
        self.lowered.census.lost += 1;
        self.add(rule, problem, "treated as any JSON");
        json!({})
    }

    /// Returns the existing type for the format of a plain value.
    fn existing_type(&self, map: &Map<String, Value>) -> Option<String> {
        let is_plain = matches!(kind(map), Some("string" | "number" | "integer" | "boolean"));
        let format = map.get("format")?.as_str()?;
        let path = self.formats.get(format)?;
        (is_plain && !map.contains_key("enum")).then(|| path.clone())
    }

    /// Returns a reference to an existing type.
    fn external(&mut self, path: &str) -> Value {
        if let Some(name) = self.lowered.externals.get(path) {
            return refer(name);
        }
        let name = self.inline_name("External");
        self.lowered.externals.insert(path.to_owned(), name.clone());
        refer(&name)
    }

    /// Returns an unused name in progenitor's spelling, for example `OrderXy` for `OrderXY`.
    fn inline_name(&mut self, wanted: &str) -> String {
        names::unique(&mut self.taken, &names::pascal(wanted, "Model"), "")
    }

    /// Merges an `allOf` into one schema, and reports conflicts.
    fn merge(&mut self, map: &Map<String, Value>) -> Value {
        let mut problems = Vec::new();
        let merged = merge::merge(self.schemas, map, &mut problems);
        for problem in problems {
            self.report.add(
                "conflicting-schemas",
                &self.place,
                format!("in `allOf`, {}", problem.what),
                problem.action,
            );
        }
        merged
    }

    fn reference(&mut self, target: &str) -> Value {
        let Some((component, schema)) = self.schemas.get_key_value(target) else {
            return self.open();
        };
        let Some(map) = schema.as_object() else {
            return self.open();
        };
        if let Some(path) = self.existing.get(component).cloned() {
            let plain = self.external(&path);
            return match is_nullable(map) {
                true => nullable_form(plain),
                false => plain,
            };
        }
        let name = self.names.get(component).cloned().unwrap_or_default();
        let here = std::mem::replace(
            &mut self.place,
            apigw_spec::pointer::child("/components/schemas", component),
        );
        let plain = if self.started.contains(&name) {
            refer(&name)
        } else {
            self.named(map, component, name)
        };
        self.place = here;
        if is_nullable(map) {
            nullable_form(plain)
        } else {
            plain
        }
    }

    /// Lowers a named schema that is used for the first time, or that is an alias.
    fn named(&mut self, map: &Map<String, Value>, component: &str, name: String) -> Value {
        let merged;
        let map = match map.contains_key("allOf") {
            true => {
                merged = self.merge(map);
                match merged.as_object() {
                    Some(map) => map,
                    None => return self.open(),
                }
            }
            false => map,
        };
        if reference(map).is_none() && !map.contains_key("allOf") {
            if let Some(values) = string_values(map) {
                let deprecated = map.get("deprecated") == Some(&json!(true));
                self.define_enum(map, &values, &name, deprecated);
                self.started.insert(name.clone());
                return refer(&name);
            }
            let family = self.subtypes(component, map);
            let map = family.as_ref().unwrap_or(map);
            if is_own_type(map) {
                self.started.insert(name.clone());
                self.waiting.push_back(Waiting {
                    name: name.clone(),
                    map: map.clone(),
                    inline: 0,
                    place: self.place.clone(),
                });
                return refer(&name);
            }
        }
        // an alias of a simple type; a cyclic alias allows any value
        if self.aliases.iter().any(|known| known == component) {
            self.cycles += 1;
            return self.open();
        }
        if let Some(known) = self.resolved.get(component) {
            return known.clone();
        }
        let cycles = self.cycles;
        self.aliases.push(component.to_owned());
        let plain = self.not_null(map, &name);
        self.aliases.pop();
        // inside a cycle the result is incomplete, so it must not be cached
        if self.cycles == cycles {
            self.resolved.insert(component.to_owned(), plain.clone());
        }
        plain
    }

    fn define_struct(&mut self, map: &Map<String, Value>, name: &str) {
        let mut required_names: HashSet<&str> = required(map).collect();
        let mut keys = HashSet::new();
        if values_of(map).is_some() {
            // progenitor's name for the field with additional properties
            keys.insert(REST.to_owned());
        }
        let mut fields = Vec::new();
        let mut properties = Map::new();
        let mut required_keys = Vec::new();
        let declared = self.declared(map, &mut required_names);
        for (wire, property) in &declared {
            let wanted = names::snake(wire, "field");
            let key = names::unique(&mut keys, &wanted, "_");
            self.duplicate("property", wire, &wanted, &key);
            let is_required = required_names.contains(wire.as_str());
            let inline = format!("{name}{}", names::pascal(wire, "Field"));
            let mut plain = self.schema(property, &inline);
            let nullable = plain.get("nullable") == Some(&json!(true));
            if is_required {
                required_keys.push(json!(key));
            } else if matches!(
                plain.get("type").and_then(Value::as_str),
                Some("array" | "object")
            ) {
                // distinguishes an absent collection from an empty one
                plain = nullable_form(plain);
            }
            properties.insert(key.clone(), plain);
            fields.push(Field {
                key,
                wire: wire.clone(),
                required: is_required,
                nullable,
                docs: property.as_object().and_then(docs_of),
                tag: None,
                limits: constraints(property),
                deprecated: is_deprecated(property),
            });
        }
        let mut schema = json!({ "type": "object", "properties": properties });
        if !required_keys.is_empty() {
            schema["required"] = Value::Array(required_keys);
        }
        if let Some(values) = values_of(map) {
            schema["additionalProperties"] = self.schema(values, &format!("{name}Value"));
        }
        self.lowered.structs.insert(
            name.to_owned(),
            Struct {
                schema,
                fields,
                is_open: is_open(map),
                docs: docs_of(map),
            },
        );
    }

    /// Returns the properties of an object, including those that are only listed in `required`.
    ///
    /// The latter become optional, so that a misspelled name in `required` does not make decoding
    /// fail.
    fn declared(
        &mut self,
        map: &Map<String, Value>,
        required_names: &mut HashSet<&str>,
    ) -> Map<String, Value> {
        let properties = map.get("properties").and_then(Value::as_object);
        let mut declared = properties.cloned().unwrap_or_default();
        for wire in required(map) {
            if declared.contains_key(wire) {
                continue;
            }
            let values = values_of(map).cloned().unwrap_or_else(|| json!({}));
            declared.insert(wire.to_owned(), values);
            required_names.remove(wire);
            self.lowered.census.open += 1;
            self.report.add(
                "undescribed-property",
                &self.place,
                format!("undeclared required property `{wire}`"),
                "added as an optional field of any JSON",
            );
        }
        declared.retain(|_, property| !is_marked(property, OMITTED));
        for (wire, property) in &declared {
            if is_marked(property, OPTIONAL) {
                required_names.remove(wire.as_str());
            }
        }
        declared
    }

    fn define_enum(
        &mut self,
        map: &Map<String, Value>,
        values: &[&str],
        name: &str,
        deprecated: bool,
    ) {
        let mut taken = variant_names();
        let variants = values
            .iter()
            .map(|value| {
                let wanted = names::pascal(value, "Empty");
                let variant = names::unique(&mut taken, &wanted, "");
                self.duplicate("enum value", value, &wanted, &variant);
                (variant, (*value).to_owned())
            })
            .collect();
        self.lowered.enums.insert(
            name.to_owned(),
            Enum {
                variants,
                docs: docs_of(map),
                deprecated,
            },
        );
    }
}

/// Returns reserved variant names: the catch-all variant and the keyword `Self`.
pub(super) fn variant_names() -> HashSet<String> {
    HashSet::from(["Unknown".to_owned(), "Self".to_owned()])
}

/// Returns whether a schema marks the property that has it as deprecated.
fn is_deprecated(property: &Value) -> bool {
    property.get("deprecated") == Some(&json!(true))
}

/// Returns whether a schema becomes a struct or a union.
fn is_own_type(map: &Map<String, Value>) -> bool {
    alternatives(map).is_some_and(|several| several.len() > 1)
        || (has_properties(map) && matches!(kind(map), Some("object") | None))
}

/// Returns whether a property, or a part of it, has a mark of its direction.
fn is_marked(property: &Value, mark: &str) -> bool {
    let parts = property.get("allOf").and_then(Value::as_array);
    property.get(mark).is_some()
        || parts
            .into_iter()
            .flatten()
            .any(|part| is_marked(part, mark))
}

/// Returns a keyword that restricts values, of a schema without a type.
fn unread(map: &Map<String, Value>) -> Option<&str> {
    const KEYWORDS: [&str; 4] = ["anyOf", "enum", "items", "oneOf"];
    KEYWORDS.into_iter().find(|key| map.contains_key(*key))
}

/// Returns whether the schema says that other properties may follow, without a schema for them.
fn is_open(map: &Map<String, Value>) -> bool {
    match map.get("additionalProperties") {
        Some(Value::Bool(open)) => *open,
        Some(Value::Object(values)) => values.is_empty(),
        _ => false,
    }
}

/// Returns `additionalProperties` if it is a non-empty schema.
fn values_of(map: &Map<String, Value>) -> Option<&Value> {
    let values = map.get("additionalProperties")?;
    values.as_object().filter(|values| !values.is_empty())?;
    Some(values)
}
