//! Compares two public surfaces: what changes for callers' code.

mod comparison;
mod items;
mod operations;

use std::collections::BTreeMap;

use super::change::{Change, Effect, TypeChanges};
use super::surface::{Public, Surface};
use apigw_codegen::Files;
use comparison::{Comparison, Items, Names, owner};

/// The changes that callers' code sees.
#[derive(Default)]
pub(crate) struct Compared {
    pub(crate) changes: Vec<Change>,
    pub(crate) types: TypeChanges,
}

/// Compares the public surfaces of two crates.
pub(crate) fn compare(old: &Files, new: &Files, before: &Names, after: &Names) -> Compared {
    let (Some(old_surface), Some(new_surface)) = (Surface::read(old), Surface::read(new)) else {
        return Compared {
            changes: vec![Change {
                effect: Effect::Alters,
                subject: "src".to_owned(),
                text: "not valid Rust, so the old crate could not be compared".to_owned(),
            }],
            types: TypeChanges::default(),
        };
    };
    let mut comparison = Comparison::default();
    comparison.manifests(old, new);
    let (old, old_rest) = operations::split(old_surface.items, before);
    let (new, new_rest) = operations::split(new_surface.items, after);
    comparison.operations(&old, &new);
    comparison.rest(&old_rest, &new_rest);
    Compared {
        types: types(&old_rest, &new_rest),
        changes: comparison.changes,
    }
}

/// Finds the types that were added, removed or changed.
fn types(old: &Items, new: &Items) -> TypeChanges {
    let (before, after) = (by_type(old), by_type(new));
    let without = |all: &BTreeMap<&str, Vec<_>>, known: &BTreeMap<&str, Vec<_>>| {
        let names = all.keys().filter(|name| !known.contains_key(*name));
        names.map(|name| (*name).to_owned()).collect()
    };
    TypeChanges {
        added: without(&after, &before),
        removed: without(&before, &after),
        changed: before
            .iter()
            .filter(|(name, items)| after.get(*name).is_some_and(|now| now != *items))
            .map(|(name, _)| (*name).to_owned())
            .collect(),
    }
}

/// Groups the items of each type of the API by its name.
fn by_type(items: &Items) -> BTreeMap<&str, Vec<(&str, &Public)>> {
    let mut types: BTreeMap<&str, Vec<(&str, &Public)>> = BTreeMap::new();
    for (key, item) in items {
        let of = match item {
            Public::Type { .. } => Some(key.as_str()),
            _ => owner(key),
        };
        if let Some(name) = of.and_then(|of| of.strip_prefix("types::")) {
            types.entry(name).or_default().push((key, item));
        }
    }
    types
}
