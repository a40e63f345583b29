//! Lowers `oneOf` and `anyOf` to unions, and determines how to select the variant.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::lowered::{Distinction, Enum, Union};
use super::lowerer::{Lowerer, variant_names};
use super::merge;
use super::schema::{docs_of, has_properties, kind, reference, required, string_values};
use apigw_spec::names;

impl Lowerer<'_> {
    pub(super) fn define_union(
        &mut self,
        map: &Map<String, Value>,
        alternatives: &[&Value],
        name: &str,
    ) {
        let mut variants: Vec<Variant<'_>> = alternatives
            .iter()
            .map(|schema| self.variant(schema))
            .collect();
        let distinction = match tag(map, &mut variants) {
            Some(tag) => Distinction::Tag(tag),
            None => {
                // the first match is used, so the most specific variant comes first
                variants.sort_by_key(|variant| std::cmp::Reverse(variant.specificity()));
                self.by_shape(&variants)
            }
        };
        let mut taken = variant_names();
        let lowered = variants
            .into_iter()
            .map(|variant| {
                let own = names::unique(&mut taken, &variant.name, "");
                let slot = self.slot(variant.schema, &format!("{name}{own}"));
                (own, slot, variant.tags)
            })
            .collect();
        self.lowered.unions.insert(
            name.to_owned(),
            Union {
                variants: lowered,
                distinction,
                docs: docs_of(map),
            },
        );
    }

    /// Sets the tag of the fields that contain the discriminator, for structs with a single tag value.
    pub(super) fn fix_tags(&mut self) {
        let mut tags: HashMap<(&str, &str), HashSet<&str>> = HashMap::new();
        for union in self.lowered.unions.values() {
            let Distinction::Tag(property) = &union.distinction else {
                continue;
            };
            for (_, slot, values) in &union.variants {
                let schema = self.lowered.slots.get(slot.0);
                if let Some(name) = schema.and_then(Value::as_object).and_then(reference) {
                    let known = tags.entry((name, property)).or_default();
                    known.extend(values.iter().map(String::as_str));
                }
            }
        }
        let single = |values: HashSet<&str>| match values.len() {
            1 => values.into_iter().next().map(str::to_owned),
            _ => None,
        };
        for ((name, property), values) in tags {
            let Some(found) = self.lowered.structs.get_mut(name) else {
                continue;
            };
            let mut fields = found.fields.iter_mut();
            if let Some(field) = fields.find(|field| field.wire == property) {
                let schema = found.schema.pointer(&format!("/properties/{}", field.key));
                let accepts =
                    schema.is_some_and(|schema| accepts_any_string(schema, &self.lowered.enums));
                field.tag = single(values).filter(|_| accepts);
            }
        }
    }

    fn by_shape(&mut self, variants: &[Variant<'_>]) -> Distinction {
        let Some((one, other)) = alike(variants) else {
            return Distinction::Shape;
        };
        self.report.add(
            "ambiguous-alternatives",
            &self.place,
            format!("alternatives `{one}` and `{other}` cannot be distinguished"),
            format!("using the one that matches more fields, or `{one}` if both match equally"),
        );
        Distinction::Fit
    }

    fn variant<'v>(&self, schema: &'v Value) -> Variant<'v> {
        let component = schema.as_object().and_then(reference);
        let resolved = self.resolved(schema);
        let name = component
            .and_then(|component| self.names.get(component).cloned())
            .unwrap_or_else(|| inline_name(&resolved));
        let tags = resolved
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .filter_map(|(property, schema)| {
                let schema = self.resolved(schema);
                let values: Vec<String> = string_values(&schema)?
                    .into_iter()
                    .map(str::to_owned)
                    .collect();
                Some((property.clone(), values))
            })
            .collect();
        Variant {
            schema,
            component,
            name,
            resolved,
            candidates: tags,
            tags: Vec::new(),
        }
    }

    /// Resolves references and `allOf` at the top level of a schema.
    pub(crate) fn resolved(&self, schema: &Value) -> Map<String, Value> {
        let mut map = schema.as_object().cloned().unwrap_or_default();
        let mut followed = HashSet::new();
        loop {
            let next = if let Some(target) = reference(&map) {
                if !followed.insert(target.to_owned()) {
                    return Map::new();
                }
                self.schemas.get(target).cloned()
            } else if map.contains_key("allOf") {
                // conflicts are reported when the type is defined
                Some(merge::merge(self.schemas, &map, &mut Vec::new()))
            } else {
                return map;
            };
            map = next
                .and_then(|next| next.as_object().cloned())
                .unwrap_or_default();
        }
    }
}

/// Returns whether the Rust type of a simple schema can be created from any string.
fn accepts_any_string(schema: &Value, enums: &IndexMap<String, Enum>) -> bool {
    let Some(map) = schema.as_object() else {
        return false;
    };
    if let Some(name) = reference(map) {
        return enums.contains_key(name);
    }
    match map
        .get("allOf")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
    {
        Some([only]) => accepts_any_string(only, enums),
        Some(_) => false,
        None => kind(map) == Some("string") && !map.contains_key("format"),
    }
}

struct Variant<'a> {
    schema: &'a Value,
    component: Option<&'a str>,
    name: String,
    resolved: Map<String, Value>,
    /// String enum fields and their values.
    candidates: Vec<(String, Vec<String>)>,
    /// The tag values that select this variant.
    tags: Vec<String>,
}

impl Variant<'_> {
    /// Returns how specific the schema is; higher values are tried first when decoding.
    fn specificity(&self) -> usize {
        let map = &self.resolved;
        match kind(map) {
            _ if has_properties(map) => 100 + required(map).count(),
            Some("object") if map.contains_key("additionalProperties") => 60,
            Some("array") => 50,
            Some("string") if map.contains_key("format") => 30,
            Some("integer") => 22,
            Some("number" | "boolean") => 20,
            Some("string") => 10,
            _ => 0,
        }
    }

    fn values_of(&self, property: &str) -> Option<&Vec<String>> {
        let mut candidates = self.candidates.iter();
        candidates.find_map(|(name, values)| (name == property).then_some(values))
    }

    fn requires(&self, property: &str) -> bool {
        required(&self.resolved).any(|name| name == property)
    }
}

/// Returns the property that distinguishes the variants, and sets their tags.
///
/// This is the `discriminator`, or else a required property with different values in each variant.
fn tag(map: &Map<String, Value>, variants: &mut [Variant<'_>]) -> Option<String> {
    let discriminator = map.get("discriminator");
    let declared = discriminator
        .and_then(|found| found.get("propertyName"))
        .and_then(Value::as_str);
    if let Some(property) = declared {
        let mapping = discriminator.and_then(|found| found.get("mapping"));
        for variant in &mut *variants {
            variant.tags = declared_tags(variant, property, mapping);
        }
        return are_distinct(variants).then(|| property.to_owned());
    }
    let candidates: Vec<String> = variants
        .first()?
        .candidates
        .iter()
        .map(|(name, _)| name.clone())
        .collect();
    let tag = candidates.into_iter().find(|property| {
        for variant in &mut *variants {
            variant.tags = match variant.values_of(property) {
                Some(values) if variant.requires(property) => values.clone(),
                _ => Vec::new(),
            };
        }
        are_distinct(variants)
    });
    if tag.is_none() {
        variants.iter_mut().for_each(|variant| variant.tags.clear());
    }
    tag
}

/// Returns whether every variant has tags, and no tag occurs twice.
fn are_distinct(variants: &[Variant<'_>]) -> bool {
    let mut seen = HashSet::new();
    variants.iter().all(|variant| {
        !variant.tags.is_empty() && variant.tags.iter().all(|tag| seen.insert(tag.as_str()))
    })
}

fn declared_tags(variant: &Variant<'_>, property: &str, mapping: Option<&Value>) -> Vec<String> {
    let Some(component) = variant.component else {
        return variant.values_of(property).cloned().unwrap_or_default();
    };
    // a mapping contains schema names or references
    let means = |target: &str| target.rsplit('/').next() == Some(component);
    let mapped: Vec<String> = mapping
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter(|(_, target)| target.as_str().is_some_and(means))
        .map(|(value, _)| value.clone())
        .collect();
    match variant.values_of(property) {
        _ if !mapped.is_empty() => mapped,
        Some(values) if variant.requires(property) || values.len() == 1 => values.clone(),
        // without a mapping, the schema's name is the value (OpenAPI 3.0, "Discriminator Object")
        _ => vec![component.to_owned()],
    }
}

/// Returns the names of two objects where a value of the second may also match the first.
fn alike<'a>(variants: &'a [Variant<'_>]) -> Option<(&'a str, &'a str)> {
    let objects: Vec<&Variant<'_>> = variants
        .iter()
        .filter(|variant| has_properties(&variant.resolved))
        .collect();
    objects.iter().enumerate().find_map(|(index, one)| {
        let other = objects[index + 1..].iter().find(|other| {
            let properties = other.resolved.get("properties");
            required(&one.resolved)
                .all(|name| properties.is_some_and(|found| found.get(name).is_some()))
        })?;
        Some((one.name.as_str(), other.name.as_str()))
    })
}

/// Returns the name of an inline alternative: its title if short enough, or its type.
fn inline_name(map: &Map<String, Value>) -> String {
    const LONG: usize = 40;
    let title = map.get("title").and_then(Value::as_str);
    if let Some(title) = title.filter(|title| title.len() <= LONG) {
        let name = names::pascal(title, "");
        if !name.is_empty() {
            return name;
        }
    }
    match kind(map) {
        Some("string") => "Text".to_owned(),
        Some("array") => "List".to_owned(),
        Some(kind) => names::pascal(kind, "Object"),
        None => "Object".to_owned(),
    }
}
