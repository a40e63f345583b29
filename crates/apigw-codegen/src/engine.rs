//! progenitor, asked for types.
//!
//! progenitor cannot express much of what API Gateway documents hold: several bodies
//! per operation, every method at once, greedy parameters. What it does well is turning
//! schemas into types. So it gets a document with one plain operation per slot, and the
//! types are read off what it makes of them.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use openapiv3::OpenAPI;
use progenitor::{GenerationSettings, Generator};
use serde_json::{Map, Value, json};
use syn::{GenericArgument, ImplItem, Item, ItemStruct, PathArguments, ReturnType, Type};

use crate::lower::Lowered;
use crate::report::Report;

/// What progenitor made of an API's schemas.
pub(crate) struct Types {
    pub(crate) structs: Vec<ItemStruct>,
    /// One type per slot.
    pub(crate) slots: Vec<Type>,
}

/// What progenitor did not take, when no single schema is to blame.
#[derive(Debug, thiserror::Error)]
#[error("progenitor cannot generate types: {0}")]
pub(crate) struct EngineError(String);

/// Runs progenitor; a schema that it cannot take is left untyped and reported.
pub(crate) fn types(lowered: &mut Lowered, report: &mut Report) -> Result<Types, EngineError> {
    match generate(lowered) {
        Ok(types) => Ok(types),
        Err(error) => {
            if blame(lowered, report) {
                generate(lowered)
            } else {
                Err(error)
            }
        }
    }
}

/// Replaces every schema that fails on its own by an untyped one.
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
            .map(|name| (name.clone(), json!({})))
            .collect::<Map<_, _>>();
        alone.insert(name.clone(), schema);
        if let Err(error) = run(alone, &[], &[]) {
            found = true;
            report.add(
                "untyped-schema",
                format!("/components/schemas/{name}"),
                format!("progenitor does not take it: {}", error.0),
                "left untyped",
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
    // types of our own, which progenitor only has to name
    let ours: Vec<&str> = lowered
        .enums
        .keys()
        .chain(lowered.unions.keys())
        .map(String::as_str)
        .collect();
    for name in &ours {
        schemas.insert((*name).to_owned(), json!({ "type": "string" }));
    }
    let file = run(schemas, &ours, &lowered.slots)?;
    read(file, lowered.slots.len())
}

fn run(
    schemas: Map<String, Value>,
    ours: &[&str],
    slots: &[Value],
) -> Result<syn::File, EngineError> {
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
    let document = json!({
        "openapi": "3.0.3",
        "info": { "title": "types", "version": "0" },
        "paths": paths,
        "components": { "schemas": schemas },
    });
    let document: OpenAPI =
        serde_json::from_value(document).map_err(|error| EngineError(error.to_string()))?;
    let mut settings = GenerationSettings::new();
    settings.with_map_type("::std::collections::BTreeMap");
    for name in ours {
        settings.with_replacement(*name, format!("types::{name}"), std::iter::empty());
    }
    let tokens = quietly(|| Generator::new(&settings).generate_tokens(&document))
        .map_err(EngineError)?
        .map_err(|error| EngineError(error.to_string()))?;
    syn::parse2(tokens).map_err(|error| EngineError(error.to_string()))
}

fn slot_name(index: usize) -> String {
    format!("slot_{index}")
}

/// progenitor and typify assert where they should answer; a panic is an answer here.
fn quietly<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                usual(info);
            }
        }));
    });
    QUIET.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    QUIET.set(false);
    result.map_err(|panic| message(panic.as_ref()))
}

thread_local! {
    /// Whether this thread's panics are answers, not accidents.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

fn message(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "it stopped without a message".to_owned())
}

fn read(file: syn::File, slots: usize) -> Result<Types, EngineError> {
    let mut structs = Vec::new();
    let mut found: Vec<Option<Type>> = vec![None; slots];
    for item in file.items {
        match item {
            Item::Mod(module) if module.ident == "types" => {
                let items = module.content.map(|(_, items)| items).unwrap_or_default();
                structs.extend(items.into_iter().filter_map(|item| match item {
                    Item::Struct(item) => Some(item),
                    _ => None,
                }));
            }
            Item::Impl(block) => {
                for item in block.items {
                    let ImplItem::Fn(method) = item else { continue };
                    let name = method.sig.ident.to_string();
                    let index = name
                        .strip_prefix("slot_")
                        .and_then(|digits| digits.parse::<usize>().ok());
                    if let Some(slot) = index.and_then(|index| found.get_mut(index)) {
                        *slot = body_type(&method.sig.output);
                    }
                }
            }
            _ => {}
        }
    }
    let slots = found
        .into_iter()
        .enumerate()
        .map(|(index, slot)| {
            slot.ok_or_else(|| EngineError(format!("no type for {}", slot_name(index))))
        })
        .collect::<Result<_, _>>()?;
    Ok(Types { structs, slots })
}

/// `T` of `Result<ResponseValue<T>, Error<()>>`.
fn body_type(output: &ReturnType) -> Option<Type> {
    let ReturnType::Type(_, result) = output else {
        return None;
    };
    first_argument(first_argument(result)?).cloned()
}

fn first_argument(of: &Type) -> Option<&Type> {
    let Type::Path(path) = of else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(found) => Some(found),
        _ => None,
    })
}
