//! Merges an `allOf` into one schema.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::schema::{describes_values, docs_of, kind, reference, required};
use apigw_spec::api::Schema;

/// A part of an `allOf` that could not be merged, and what was done about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) what: String,
    pub(super) action: &'static str,
}

/// Merges the parts of an `allOf` into one schema, and adds conflicts to `problems`.
///
/// Objects become one object. Of other parts, the most specific one is used; the others only
/// constrain its values, which the service checks.
pub(super) fn merge(
    schemas: &IndexMap<String, Schema>,
    map: &Map<String, Value>,
    problems: &mut Vec<Problem>,
) -> Value {
    let parts = map.get("allOf").and_then(Value::as_array);
    let mut own = map.clone();
    own.shift_remove("allOf");
    let mut relevant: Vec<Value> = parts
        .into_iter()
        .flatten()
        .filter(|part| part.as_object().is_some_and(describes_values))
        .cloned()
        .collect();
    if describes_values(&own) {
        relevant.push(Value::Object(own.clone()));
    }
    if let [only] = relevant.as_slice() {
        return with_docs(only.clone(), &own);
    }
    let mut merger = Merger {
        schemas,
        path: Vec::new(),
        problems,
    };
    let kinds: Vec<Kind> = relevant.iter().map(|part| merger.kind(part)).collect();
    if kinds
        .iter()
        .all(|kind| *kind == Kind::Object || *kind == Kind::Anything)
    {
        let mut object = Object::default();
        for part in &relevant {
            merger.absorb(part, &mut object);
        }
        return with_docs(object.into_schema(), &own);
    }
    let one = relevant
        .into_iter()
        .reduce(|one, other| merger.both(one, other, "the value"));
    with_docs(one.unwrap_or_default(), &own)
}

/// Sets the description to the one next to the `allOf`, which is more specific than those inside.
fn with_docs(mut schema: Value, own: &Map<String, Value>) -> Value {
    if let (Some(schema), Some(text)) = (schema.as_object_mut(), docs_of(own)) {
        schema.insert("description".to_owned(), json!(text));
    }
    schema
}

/// The kind of values that a schema describes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Anything,
    Object,
    /// A `oneOf` or `anyOf` that is not only objects.
    Alternatives,
    /// A string, number, boolean or array, with its `type`.
    Plain(String),
}

struct Merger<'a> {
    schemas: &'a IndexMap<String, Schema>,
    /// The named schemas being visited, to detect recursion.
    path: Vec<String>,
    problems: &'a mut Vec<Problem>,
}

impl Merger<'_> {
    fn named(&mut self, target: &str) -> Option<Value> {
        if self.path.iter().any(|known| known == target) {
            return None;
        }
        let found = self.schemas.get(target)?.clone();
        self.path.push(target.to_owned());
        Some(found)
    }

    fn kind(&mut self, schema: &Value) -> Kind {
        let Some(map) = schema.as_object() else {
            return Kind::Anything;
        };
        if let Some(target) = reference(map) {
            let Some(found) = self.named(target) else {
                return Kind::Anything;
            };
            let kind = self.kind(&found);
            self.path.pop();
            return kind;
        }
        if map.contains_key("properties") {
            return Kind::Object;
        }
        match kind(map) {
            Some("object") => return Kind::Object,
            Some(kind) => return Kind::Plain(kind.to_owned()),
            None => {}
        }
        if let Some(parts) = map.get("allOf").and_then(Value::as_array) {
            let kinds = parts.iter().map(|part| self.kind(part));
            let mut kinds = kinds.filter(|kind| *kind != Kind::Anything);
            return kinds.next().unwrap_or(Kind::Anything);
        }
        let alternatives = ["oneOf", "anyOf"]
            .iter()
            .find_map(|key| map.get(*key).and_then(Value::as_array));
        match alternatives {
            // alternative objects are merged field by field
            Some(parts) if parts.iter().all(|part| self.kind(part) == Kind::Object) => Kind::Object,
            Some(_) => Kind::Alternatives,
            None if map.contains_key("required") || map.contains_key("additionalProperties") => {
                Kind::Object
            }
            None => Kind::Anything,
        }
    }

    /// Merges two schemas for the same value; `what` names the value in a problem.
    fn both(&mut self, one: Value, other: Value, what: &str) -> Value {
        if one == other {
            return one;
        }
        match (self.kind(&one), self.kind(&other)) {
            (Kind::Anything, _) => other,
            (_, Kind::Anything) => one,
            (Kind::Object, Kind::Object) => json!({ "allOf": [one, other] }),
            // the other schema is assumed to select an alternative
            (Kind::Alternatives, _) => other,
            (_, Kind::Alternatives) => one,
            (Kind::Plain(a), Kind::Plain(b)) if a == b => {
                let specific = ["enum", "format", "items", "$ref"];
                let is_specific =
                    |schema: &Value| specific.iter().any(|key| schema.get(key).is_some());
                if is_specific(&other) || !is_specific(&one) {
                    other
                } else {
                    one
                }
            }
            (Kind::Plain(a), Kind::Plain(b)) if a == "number" && b == "integer" => other,
            (Kind::Plain(a), Kind::Plain(b)) if a == "integer" && b == "number" => one,
            (a, b) => {
                let name = |kind: Kind| match kind {
                    Kind::Plain(kind) => kind,
                    _ => "object".to_owned(),
                };
                self.problems.push(Problem {
                    what: format!("{what} is both `{}` and `{}`", name(a), name(b)),
                    action: "treated as any JSON",
                });
                json!({})
            }
        }
    }

    /// Merges a part of an `allOf` into the object.
    fn absorb(&mut self, part: &Value, object: &mut Object) {
        let Some(part) = part.as_object() else {
            return;
        };
        if let Some(target) = reference(part) {
            if let Some(found) = self.named(target) {
                self.absorb(&found, object);
                self.path.pop();
            }
            return;
        }
        for inner in part
            .get("allOf")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            self.absorb(inner, object);
        }
        let properties = part.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            let merged = match object.properties.shift_remove(name) {
                Some(known) => self.both(known, property.clone(), &format!("`{name}`")),
                None => property.clone(),
            };
            object.properties.insert(name.clone(), merged);
        }
        object.required.extend(required(part).map(str::to_owned));
        if let Some(values) = part.get("additionalProperties") {
            object.additional = Some(values.clone());
        }
        if object.description.is_none() {
            object.description = docs_of(part);
        }
        // all fields of alternatives are optional
        for key in ["oneOf", "anyOf"] {
            let alternatives = part.get(key).and_then(Value::as_array);
            let before = object.properties.len();
            for inner in alternatives.into_iter().flatten() {
                let mut alternative = Object::default();
                self.absorb(inner, &mut alternative);
                for (name, property) in alternative.properties {
                    let merged = match object.properties.shift_remove(&name) {
                        Some(known) if known != property => json!({ "anyOf": [known, property] }),
                        _ => property,
                    };
                    object.properties.insert(name, merged);
                }
            }
            if object.properties.len() > before {
                self.problems.push(Problem {
                    what: format!("one part has `{key}`"),
                    action: "made the fields of every alternative optional",
                });
            }
        }
    }
}

/// An object being merged from the parts of an `allOf`.
#[derive(Default)]
struct Object {
    properties: Map<String, Value>,
    required: Vec<String>,
    additional: Option<Value>,
    description: Option<String>,
}

impl Object {
    fn into_schema(self) -> Value {
        let mut schema = json!({ "type": "object", "properties": self.properties });
        if !self.required.is_empty() {
            schema["required"] = json!(self.required);
        }
        if let Some(values) = self.additional {
            schema["additionalProperties"] = values;
        }
        if let Some(docs) = self.description {
            schema["description"] = json!(docs);
        }
        schema
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(schemas: Value, schema: Value) -> (Value, Vec<Problem>) {
        let schemas = schemas.as_object().unwrap().clone().into_iter().collect();
        let mut problems = Vec::new();
        let merged = merge(&schemas, schema.as_object().unwrap(), &mut problems);
        (merged, problems)
    }

    #[test]
    fn objects_are_merged_with_all_fields_and_required_names() {
        let (schema, problems) = merged(
            json!({ "Base": { "type": "object", "required": ["id"],
                              "properties": { "id": { "type": "string" } } } }),
            json!({
                "description": "An order.",
                "allOf": [{ "$ref": "#/components/schemas/Base" }, { "required": ["total"] }],
                "properties": { "total": { "type": "number" } },
            }),
        );
        assert_eq!(
            schema,
            json!({
                "type": "object",
                "properties": { "id": { "type": "string" }, "total": { "type": "number" } },
                "required": ["id", "total"],
                "description": "An order.",
            })
        );
        assert!(problems.is_empty());
    }

    #[test]
    fn recursive_parts_are_skipped() {
        let (schema, _) = merged(
            json!({ "A": { "allOf": [{ "$ref": "#/components/schemas/A" },
                                     { "properties": { "x": { "type": "string" } } }] } }),
            json!({ "allOf": [{ "$ref": "#/components/schemas/A" },
                              { "properties": { "y": { "type": "string" } } }] }),
        );
        let fields: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
        assert_eq!(fields, ["x", "y"]);
    }

    #[test]
    fn a_later_part_may_restrict_an_earlier_one() {
        for (one, other, both) in [
            (
                json!({ "type": "string" }),
                json!({ "type": "string", "enum": ["a"] }),
                json!({ "type": "string", "enum": ["a"] }),
            ),
            (
                json!({ "type": "string", "format": "uuid" }),
                json!({ "type": "string", "minLength": 1 }),
                json!({ "type": "string", "format": "uuid" }),
            ),
            (
                json!({ "type": "number" }),
                json!({ "type": "integer" }),
                json!({ "type": "integer" }),
            ),
        ] {
            let (schema, problems) = merged(
                json!({}),
                json!({ "allOf": [
                    { "properties": { "a": one } }, { "properties": { "a": other } },
                ] }),
            );
            assert_eq!(schema["properties"]["a"], both);
            assert!(problems.is_empty());
            let (schema, _) = merged(json!({}), json!({ "allOf": [one, other] }));
            assert_eq!(schema, both);
        }
    }

    #[test]
    fn conflicting_types_are_untyped_and_reported() {
        let (schema, problems) = merged(
            json!({}),
            json!({ "allOf": [
                { "properties": { "id": { "type": "string" } } },
                { "properties": { "id": { "type": "integer" } } },
            ] }),
        );
        assert_eq!(schema["properties"]["id"], json!({}));
        let [problem] = problems.as_slice() else {
            panic!("{problems:?}");
        };
        assert_eq!(problem.what, "`id` is both `string` and `integer`");
    }
}
