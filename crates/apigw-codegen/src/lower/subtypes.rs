//! Inheritance: a base schema with a `discriminator`, and schemas that include it in an `allOf`.

use serde_json::{Map, Value};

use super::lowerer::Lowerer;
use super::schema::{has_properties, refer, reference};

impl Lowerer<'_> {
    /// Returns a `oneOf` of the schemas that inherit from a base schema, selected by its
    /// `discriminator` (OpenAPI 3.0, "Discriminator Object"; Swagger 2.0, "Models with Polymorphism
    /// Support").
    ///
    /// Decoding a value as the base schema would drop the fields of the subtype.
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
            .filter(|(_, schema)| self.extends(base, schema, 0))
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

    /// Returns whether a schema extends `base`, directly or indirectly.
    fn extends(&self, base: &str, schema: &Value, depth: usize) -> bool {
        /// The maximum depth of inheritance, which also ends cycles.
        const MAX_DEPTH: usize = 16;
        let Some(parts) = schema.get("allOf").and_then(Value::as_array) else {
            return false;
        };
        let adds_fields = parts.len() > 1 || schema.get("properties").is_some();
        adds_fields
            && depth < MAX_DEPTH
            && parts.iter().filter_map(Value::as_object).any(|part| {
                reference(part).is_some_and(|target| {
                    target == base
                        || self
                            .schemas
                            .get(target)
                            .is_some_and(|next| self.extends(base, next, depth + 1))
                })
            })
    }
}
