//! Inheritance: a schema with a `discriminator`, and others that hold it in their `allOf`.

use serde_json::{Map, Value};

use super::lowerer::Lowerer;
use super::schema::{has_properties, refer, reference};

impl Lowerer<'_> {
    /// The alternatives that a base schema stands for where it is used: those that inherit
    /// from it, told apart by its `discriminator` (OpenAPI 3.0, "Discriminator Object";
    /// Swagger 2.0, "Models with Polymorphism Support").
    ///
    /// Read as the base alone, a value would lose what its own schema adds.
    pub(super) fn subtypes(
        &mut self,
        base: &str,
        map: &Map<String, Value>,
    ) -> Option<Map<String, Value>> {
        let discriminator = map.get("discriminator")?;
        if !has_properties(map) {
            return None;
        }
        let subtypes: Vec<Value> = self
            .schemas
            .iter()
            .filter(|(_, schema)| self.adds_to(base, schema, 0))
            .map(|(name, _)| refer(name))
            .collect();
        if subtypes.is_empty() {
            return None;
        }
        self.report.add(
            "inheritance",
            &self.place,
            format!("base schema `{base}` with {} subtypes", subtypes.len()),
            "using the subtype selected by the discriminator, or any JSON for other values",
        );
        let mut family = Map::new();
        family.insert("oneOf".to_owned(), Value::Array(subtypes));
        family.insert("discriminator".to_owned(), discriminator.clone());
        if let Some(text) = map.get("description") {
            family.insert("description".to_owned(), text.clone());
        }
        Some(family)
    }

    /// Whether a schema holds all of `base`, directly or through another, and more.
    fn adds_to(&self, base: &str, schema: &Value, depth: usize) -> bool {
        /// Generations that are looked through: more are a circle.
        const GENERATIONS: usize = 16;
        let Some(parts) = schema.get("allOf").and_then(Value::as_array) else {
            return false;
        };
        let says_more = parts.len() > 1 || schema.get("properties").is_some();
        says_more
            && depth < GENERATIONS
            && parts.iter().filter_map(Value::as_object).any(|part| {
                reference(part).is_some_and(|target| {
                    target == base
                        || self
                            .schemas
                            .get(target)
                            .is_some_and(|next| self.adds_to(base, next, depth + 1))
                })
            })
    }
}
