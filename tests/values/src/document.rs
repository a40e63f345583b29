//! A spec as it is written, read without the generator's reader.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// A spec as it is written.
pub(crate) struct Document {
    pub(crate) root: Value,
    /// Whether `type` may be a list, and `$ref` have siblings: OpenAPI 3.1.
    pub(crate) is_31: bool,
}

/// The limit of references to follow one after another.
const MAX_STEPS: usize = 16;

impl Document {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let root: Value = match serde_json::from_str(text) {
            Ok(root) => root,
            Err(_) => serde_saphyr::from_str(text).context("neither JSON nor YAML")?,
        };
        let version = root.get("openapi").and_then(Value::as_str);
        Ok(Self {
            is_31: version.is_some_and(|version| version.starts_with("3.1")),
            root,
        })
    }

    /// The pointer of a named schema.
    pub(crate) fn named(&self, name: &str) -> String {
        let name = name.replace('~', "~0").replace('/', "~1");
        match self.root.get("swagger") {
            Some(_) => format!("/definitions/{name}"),
            None => format!("/components/schemas/{name}"),
        }
    }

    /// The schema of a JSON response, and its pointer.
    pub(crate) fn response(&self, route: &str, status: &str) -> Option<String> {
        let (method, path) = route.split_once(' ')?;
        let method = match method {
            "ANY" => "x-amazon-apigateway-any-method".to_owned(),
            method => method.to_ascii_lowercase(),
        };
        let escaped = path.replace('~', "~0").replace('/', "~1");
        let mut at = format!("/paths/{escaped}/{method}/responses/{status}");
        if self.root.pointer(&at).is_none() {
            at = format!(
                "/paths/{escaped}/{method}/responses/{}",
                status.to_ascii_lowercase()
            );
        }
        for _ in 0..MAX_STEPS {
            let Some(next) = self.root.pointer(&at)?.get("$ref") else {
                break;
            };
            at = next.as_str()?.strip_prefix('#')?.to_owned();
        }
        let response = self.root.pointer(&at)?;
        if response.get("schema").is_some() {
            return Some(format!("{at}/schema"));
        }
        let content = response.get("content")?.as_object()?;
        let is_json = |media: &&String| {
            let essence = media.split(';').next().unwrap_or_default().trim();
            essence == "application/json" || essence.ends_with("+json")
        };
        let media = content.keys().find(is_json)?;
        content.get(media)?.get("schema")?;
        let media = media.replace('~', "~0").replace('/', "~1");
        Some(format!("{at}/content/{media}/schema"))
    }

    /// Follows references to a schema that is none.
    pub(crate) fn resolved<'a>(&'a self, mut schema: &'a Value) -> Result<&'a Value> {
        for _ in 0..MAX_STEPS {
            let Some(reference) = schema.get("$ref").and_then(Value::as_str) else {
                return Ok(schema);
            };
            let Some(pointer) = reference.strip_prefix('#') else {
                bail!("refers to another file");
            };
            let pointer = percent_decoded(pointer);
            schema = self
                .root
                .pointer(&pointer)
                .with_context(|| format!("refers to nothing: {reference}"))?;
        }
        bail!("refers to itself")
    }

    /// A schema for the validator: the whole document, with the dialect's own keywords translated to
    /// those of JSON Schema.
    pub(crate) fn validating(&self, pointer: &str) -> Value {
        let mut root = self.root.clone();
        // braces in a path are not allowed in a reference
        root["x-target"] = root.pointer(pointer).cloned().unwrap_or_default();
        translate(&mut root);
        root["$ref"] = json!("#/x-target");
        root
    }
}

fn percent_decoded(pointer: &str) -> String {
    pointer
        .replace("%20", " ")
        .replace("%7B", "{")
        .replace("%7D", "}")
}

/// Translates `nullable`, exclusive bounds as flags, and what JSON Schema does not know.
fn translate(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(translate),
        Value::Object(map) => {
            map.values_mut().for_each(translate);
            for (flag, bound) in [
                ("exclusiveMinimum", "minimum"),
                ("exclusiveMaximum", "maximum"),
            ] {
                match map.get(flag) {
                    Some(Value::Bool(true)) => {
                        if let Some(value) = map.remove(bound) {
                            map.insert(flag.to_owned(), value);
                        }
                    }
                    Some(Value::Bool(false)) => {
                        map.remove(flag);
                    }
                    _ => {}
                }
            }
            // YAML reads `no` as false
            map.retain(|key, value| {
                !matches!(key.as_str(), "description" | "title")
                    || value.is_string()
                    || value.is_object()
            });
            // the discriminator selects one, whatever else fits
            if map.contains_key("discriminator")
                && let Some(one_of) = map.remove("oneOf")
            {
                map.insert("anyOf".to_owned(), one_of);
            }
            // a response may omit what is only written
            if let Some(Value::Object(properties)) = map.get("properties") {
                let written: Vec<String> = properties
                    .iter()
                    .filter(|(_, property)| property.get("writeOnly") == Some(&json!(true)))
                    .map(|(name, _)| name.clone())
                    .collect();
                if let Some(Value::Array(required)) = map.get_mut("required") {
                    let is_written = |name: &Value| {
                        written
                            .iter()
                            .any(|written| name.as_str() == Some(written.as_str()))
                    };
                    required.retain(|name| !is_written(name));
                }
            }
            let is_nullable = ["nullable", "x-nullable"]
                .iter()
                .any(|flag| map.get(*flag) == Some(&json!(true)));
            let is_schema = [
                "type",
                "$ref",
                "allOf",
                "oneOf",
                "anyOf",
                "enum",
                "properties",
            ]
            .iter()
            .any(|key| map.contains_key(*key));
            if is_nullable && is_schema {
                let inner = std::mem::take(map);
                *value = json!({ "anyOf": [inner, { "type": "null" }] });
            }
        }
        _ => {}
    }
}
