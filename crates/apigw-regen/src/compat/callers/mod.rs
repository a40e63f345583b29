//! What changes for callers' code: two public surfaces compared.

mod items;
mod operations;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::changes::{Change, Effect, TypeChanges};
use super::surface::{Public, Surface};
use apigw_codegen::Files;

/// Names of operations, by route.
type Names = BTreeMap<String, String>;

/// Public items, by path.
type Items = BTreeMap<String, Public>;

/// What changes for callers' code.
#[derive(Default)]
pub(crate) struct Compared {
    pub(crate) changes: Vec<Change>,
    pub(crate) types: TypeChanges,
}

/// Compares what callers can name in two crates.
pub(crate) fn compare(old: &Files, new: &Files, before: &Names, after: &Names) -> Compared {
    let (Some(old_surface), Some(new_surface)) = (Surface::read(old), Surface::read(new)) else {
        return Compared {
            changes: vec![Change {
                effect: Effect::Alters,
                subject: "src".to_owned(),
                text: "cannot be read as Rust, so there was nothing to compare".to_owned(),
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

/// Types that come, go, and are not as they were.
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

/// The items of every type of the API, by its name.
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

#[derive(Default)]
struct Comparison {
    changes: Vec<Change>,
}

impl Comparison {
    fn say(&mut self, effect: Effect, subject: &str, text: impl Into<String>) {
        self.changes.push(Change {
            effect,
            subject: subject.to_owned(),
            text: text.into(),
        });
    }

    fn breaks(&mut self, subject: &str, text: impl Into<String>) {
        self.say(Effect::BreaksBuild, subject, text);
    }

    /// The package's name and features, which callers write in their own manifests.
    fn manifests(&mut self, old: &Files, new: &Files) {
        let read = |files: &Files| -> Option<toml::Table> {
            files.get(Path::new("Cargo.toml"))?.parse().ok()
        };
        let (Some(old), Some(new)) = (read(old), read(new)) else {
            return;
        };
        let name = |table: &toml::Table| -> Option<String> {
            Some(table.get("package")?.get("name")?.as_str()?.to_owned())
        };
        if let (Some(old), Some(new)) = (name(&old), name(&new))
            && old != new
        {
            self.breaks(
                &old,
                format!("the package is now {new}; depend on it by that name"),
            );
        }
        let features = |table: &toml::Table| -> BTreeSet<String> {
            let features = table.get("features").and_then(toml::Value::as_table);
            let names = features.into_iter().flat_map(|table| table.keys());
            names.map(|name| format!("feature {name}")).collect()
        };
        let (old, new) = (features(&old), features(&new));
        for gone in old.difference(&new) {
            self.breaks(gone, "gone; do not ask for it");
        }
        for added in new.difference(&old) {
            self.say(Effect::Adds, added, "");
        }
    }
}

/// What holds an item: `types::Order` for `types::Order.total`, `types::Order::new()` and
/// `Default for types::Order`.
fn owner(key: &str) -> Option<&str> {
    if let Some((_, owner)) = key.split_once(" for ") {
        return Some(owner);
    }
    let end = key.rfind('.').or_else(|| key.rfind("::"))?;
    key.get(..end)
}

/// Whether an item comes or goes only because what holds it does.
fn goes_with_its_owner(key: &str, here: &Items, there: &Items) -> bool {
    owner(key).is_some_and(|owner| here.contains_key(owner) && !there.contains_key(owner))
}
