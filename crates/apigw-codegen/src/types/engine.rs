//! Uses progenitor to turn schemas into Rust types.
//!
//! progenitor does not support several features of API Gateway specs, such as several bodies per
//! operation, the `ANY` method and greedy parameters, but it generates types from schemas well.
//! It is given a synthetic spec with one simple operation per slot, and the types are read from
//! the generated code.

use std::collections::{HashMap, HashSet};

use openapiv3::OpenAPI;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use progenitor::{GenerationSettings, Generator};
use serde_json::{Map, Value, json};
use syn::{Fields, ItemStruct};

use crate::catch_panic::catch_panic;
use crate::lower::{Lowered, Slot, Struct};
use crate::types::rust_type::RustType;
use apigw_spec::names;
use apigw_spec::report::Report;

/// The types that progenitor generated for the schemas of an API.
#[derive(Debug)]
pub(crate) struct Types {
    /// Structs by name.
    pub(crate) structs: HashMap<String, Made>,
    /// One type per slot.
    slots: Vec<RustType>,
}

/// The type that progenitor generated for one schema.
#[derive(Debug)]
pub(crate) enum Made {
    /// A struct with named fields, sorted by name.
    Fields(Vec<MadeField>),
    /// A newtype around another type.
    Wrapper(RustType),
}

/// A field of a generated struct.
#[derive(Debug)]
pub(crate) struct MadeField {
    /// The field's name in Rust.
    pub(crate) ident: String,
    /// The field's name in the schema passed to progenitor.
    pub(crate) key: String,
    pub(crate) of: RustType,
}

impl Types {
    /// Returns the type of a slot.
    pub(crate) fn slot(&self, slot: Slot) -> RustType {
        self.slots
            .get(slot.0)
            .cloned()
            .unwrap_or_else(RustType::any)
    }
}

/// An error of progenitor that no single schema causes.
#[derive(Debug, thiserror::Error)]
#[error("progenitor cannot generate types: {0}")]
pub(crate) struct EngineError(String);

/// Runs progenitor. Schemas that it rejects are left untyped and reported.
pub(crate) fn types(lowered: &mut Lowered, report: &mut Report) -> Result<Types, EngineError> {
    let mut types = match generate(lowered) {
        Err(_) if blame(lowered, report) => generate(lowered)?,
        result => result?,
    };
    for (name, found) in &lowered.structs {
        if let Some(Made::Fields(made)) = types.structs.get_mut(name) {
            complete(found, made);
        }
    }
    Ok(types)
}

/// progenitor's name for the field with additional properties.
pub(crate) const REST: &str = "extra";

/// Adds to the fields of a struct what progenitor cannot express.
fn complete(found: &Struct, made: &mut Vec<MadeField>) {
    let known = |made: &MadeField| found.fields.iter().find(|field| field.key == made.key);
    for made in &mut *made {
        if let Some(field) = known(made)
            && field.nullable
            && !field.required
        {
            made.of = std::mem::replace(&mut made.of, RustType::any()).nullable();
        }
    }
    if found.is_open && !made.is_empty() && !made.iter().any(|made| known(made).is_none()) {
        made.push(MadeField {
            ident: REST.to_owned(),
            key: String::new(),
            of: RustType::map_of_any(),
        });
    }
    // a declared property keeps its name, and the rest gives way
    let of_property = |made: &MadeField| known(made).is_some_and(|field| field.wire == REST);
    if !made.iter().any(of_property) {
        return;
    }
    let mut taken: HashSet<String> = made.iter().map(|made| made.ident.clone()).collect();
    for field in &mut *made {
        if of_property(field) {
            REST.clone_into(&mut field.ident);
        } else if known(field).is_none() {
            field.ident = names::unique(&mut taken, "additional_properties", "_");
        }
    }
}

/// Replaces every schema that fails on its own with an untyped one.
fn blame(lowered: &mut Lowered, report: &mut Report) -> bool {
    let mut found = false;
    let names: Vec<String> = lowered.structs.keys().cloned().collect();
    for name in names {
        let schema = lowered.structs[&name].schema.clone();
        let mut alone = lowered
            .structs
            .keys()
            .chain(lowered.enums.keys())
            .chain(lowered.unions.keys())
            .chain(lowered.externals.values())
            .map(|name| (name.clone(), json!({})))
            .collect::<Map<_, _>>();
        alone.insert(name.clone(), schema);
        if let Err(error) = run(alone, &[], &[]) {
            found = true;
            lowered.census.lost += 1;
            report.add(
                "untyped-schema",
                format!("/components/schemas/{name}"),
                format!("progenitor rejected the schema: {}", error.0),
                "treated as any JSON",
            );
            if let Some(found) = lowered.structs.get_mut(&name) {
                found.schema = json!({});
                found.fields.clear();
            }
        }
    }
    found
}

fn generate(lowered: &Lowered) -> Result<Types, EngineError> {
    let mut schemas: Map<String, Value> = lowered
        .structs
        .iter()
        .map(|(name, found)| (name.clone(), found.schema.clone()))
        .collect();
    // rendered by this crate, so progenitor only needs their names
    let ours = lowered.enums.keys().chain(lowered.unions.keys());
    let ours = ours.map(|name| (name.as_str(), format!("types::{name}")));
    let externals = lowered.externals.iter();
    let externals = externals.map(|(path, name)| (name.as_str(), path.clone()));
    let replaced: Vec<(&str, String)> = ours.chain(externals).collect();
    for (name, _) in &replaced {
        schemas.insert((*name).to_owned(), json!({ "type": "string" }));
    }
    let code = run(schemas, &replaced, &lowered.slots)?;
    read(code, lowered.slots.len()).map_err(|error| EngineError(error.to_string()))
}

fn run(
    schemas: Map<String, Value>,
    replaced: &[(&str, String)],
    slots: &[Value],
) -> Result<TokenStream, EngineError> {
    let paths: Map<String, Value> = slots
        .iter()
        .enumerate()
        .map(|(index, schema)| {
            let operation = json!({ "get": {
                "operationId": slot_name(index),
                "responses": { "200": {
                    "description": "",
                    "content": { "application/json": { "schema": schema } },
                } },
            } });
            (format!("/{}", slot_name(index)), operation)
        })
        .collect();
    let spec = json!({
        "openapi": "3.0.3",
        "info": { "title": "types", "version": "0" },
        "paths": paths,
        "components": { "schemas": schemas },
    });
    let spec: OpenAPI =
        serde_json::from_value(spec).map_err(|error| EngineError(error.to_string()))?;
    let mut settings = GenerationSettings::new();
    settings.with_map_type("::std::collections::BTreeMap");
    for (name, path) in replaced {
        settings.with_replacement(*name, path, std::iter::empty());
    }
    catch_panic(|| Generator::new(&settings).generate_tokens(&spec))
        .map_err(EngineError)?
        .map_err(|error| EngineError(error.to_string()))
}

fn slot_name(index: usize) -> String {
    format!("slot_{index}")
}

/// Reads the structs and slots from the generated code and skips the rest.
fn read(code: TokenStream, slots: usize) -> syn::Result<Types> {
    let mut structs = HashMap::new();
    let mut found: Vec<Option<RustType>> = vec![None; slots];
    for item in items(code) {
        let Some(block) = block(&item) else { continue };
        if follows(&item, "mod", "types") {
            for item in items(block) {
                if item.iter().any(|token| is_word(token, "struct")) {
                    let item: ItemStruct = syn::parse2(item.into_iter().collect())?;
                    structs.insert(item.ident.to_string(), made(&item));
                }
            }
        } else if item.iter().any(|token| is_word(token, "impl")) {
            for method in items(block) {
                if let Some((index, of)) = slot(&method)?
                    && let Some(slot) = found.get_mut(index)
                {
                    *slot = Some(of);
                }
            }
        }
    }
    let slots = found
        .into_iter()
        .map(|slot| slot.unwrap_or_else(RustType::any))
        .collect();
    Ok(Types { structs, slots })
}

/// Splits code into items, each of which ends with a block or a semicolon.
fn items(code: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut items = Vec::new();
    let mut item = Vec::new();
    for token in code {
        let ends = match &token {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            TokenTree::Punct(sign) => sign.as_char() == ';',
            _ => false,
        };
        item.push(token);
        if ends {
            items.push(std::mem::take(&mut item));
        }
    }
    items
}

/// Returns the contents of the braces at the end of an item.
fn block(item: &[TokenTree]) -> Option<TokenStream> {
    match item.last()? {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
        _ => None,
    }
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

fn follows(item: &[TokenTree], first: &str, second: &str) -> bool {
    item.windows(2)
        .any(|pair| is_word(&pair[0], first) && is_word(&pair[1], second))
}

/// Returns the slot number of a method, and `T` of its `Result<ResponseValue<T>, Error<()>>`.
fn slot(method: &[TokenTree]) -> syn::Result<Option<(usize, RustType)>> {
    let name = method.windows(2).find(|pair| is_word(&pair[0], "fn"));
    let number = name.and_then(|pair| {
        pair[1]
            .to_string()
            .strip_prefix("slot_")?
            .parse::<usize>()
            .ok()
    });
    let arrow = method.windows(2).position(|pair| {
        let is =
            |token: &TokenTree, sign| matches!(token, TokenTree::Punct(p) if p.as_char() == sign);
        is(&pair[0], '-') && is(&pair[1], '>')
    });
    let (Some(number), Some(arrow)) = (number, arrow) else {
        return Ok(None);
    };
    let output: TokenStream = method[arrow + 2..method.len() - 1]
        .iter()
        .cloned()
        .collect();
    let output = RustType::read(&syn::parse2(output)?);
    Ok(output
        .inside("types::Result")
        .and_then(|result| result.inside("types::ResponseValue"))
        .map(|of| (number, of.clone())))
}

fn made(item: &ItemStruct) -> Made {
    let Fields::Named(fields) = &item.fields else {
        let inner = item
            .fields
            .iter()
            .next()
            .map(|field| RustType::read(&field.ty));
        return Made::Wrapper(inner.unwrap_or_else(RustType::any));
    };
    let fields = fields.named.iter().filter_map(|field| {
        let ident = field.ident.as_ref()?.to_string();
        Some(MadeField {
            key: renamed(field).unwrap_or_else(|| ident.clone()),
            ident,
            of: RustType::read(&field.ty),
        })
    });
    Made::Fields(fields.collect())
}

/// Returns the value of `#[serde(rename = "…")]`.
fn renamed(field: &syn::Field) -> Option<String> {
    let mut found = None;
    for attr in field
        .attrs
        .iter()
        .filter(|attr| attr.path().is_ident("serde"))
    {
        // other serde attributes, and errors in them, do not matter here
        let _ = attr.parse_nested_meta(|meta| {
            if meta.path.is_ident("rename") {
                found = Some(meta.value()?.parse::<syn::LitStr>()?.value());
            } else if let Ok(value) = meta.value() {
                value.parse::<syn::Lit>()?;
            }
            Ok(())
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_schemas_that_progenitor_rejects_are_left_untyped() {
        let object = |field: Value| Struct {
            schema: json!({ "type": "object", "properties": { "a": field } }),
            fields: Vec::new(),
            is_open: false,
            docs: None,
        };
        let mut lowered = Lowered::default();
        let structs = [
            ("Good", object(json!({ "type": "string" }))),
            ("Bad", object(json!({ "type": "string", "pattern": "(" }))),
        ];
        for (name, found) in structs {
            lowered.structs.insert(name.to_owned(), found);
        }
        let mut report = Report::new();
        let types = types(&mut lowered, &mut report).unwrap();

        assert!(matches!(&types.structs["Good"], Made::Fields(fields) if fields.len() == 1));
        assert!(matches!(&types.structs["Bad"], Made::Wrapper(of) if *of == RustType::any()));
        let [fix] = report.fixes() else {
            panic!("{report:?}")
        };
        assert_eq!(
            (fix.rule, fix.pointer.as_str(), fix.action.as_str()),
            (
                "untyped-schema",
                "/components/schemas/Bad",
                "treated as any JSON"
            )
        );
        assert!(fix.problem.contains("invalid pattern"), "{fix}");
    }
}
