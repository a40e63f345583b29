//! The changes found so far, and helpers that both comparisons share.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use apigw_codegen::Files;

use crate::compat::change::{Change, Effect};
use crate::compat::surface::Public;

/// Names of operations, by route.
pub(super) type Names = BTreeMap<String, String>;

/// Public items, by path.
pub(super) type Items = BTreeMap<String, Public>;

#[derive(Default)]
pub(super) struct Comparison {
    pub(super) changes: Vec<Change>,
}

impl Comparison {
    pub(super) fn record(&mut self, effect: Effect, subject: &str, text: impl Into<String>) {
        self.changes.push(Change {
            effect,
            subject: subject.to_owned(),
            text: text.into(),
        });
    }

    pub(super) fn breaks(&mut self, subject: &str, text: impl Into<String>) {
        self.record(Effect::BreaksBuild, subject, text);
    }

    /// Compares the package name and the features, which callers write in their own manifests.
    pub(super) fn manifests(&mut self, old: &Files, new: &Files) {
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
                format!("package renamed to `{new}`; update your dependency"),
            );
        }
        let features = |table: &toml::Table| -> BTreeSet<String> {
            let features = table.get("features").and_then(toml::Value::as_table);
            let names = features.into_iter().flat_map(|table| table.keys());
            names.map(|name| format!("feature {name}")).collect()
        };
        let (old, new) = (features(&old), features(&new));
        for removed in old.difference(&new) {
            self.breaks(removed, "removed; delete it from your dependency");
        }
        for added in new.difference(&old) {
            self.record(Effect::Adds, added, "");
        }
    }
}

/// Returns the owner of an item: `types::Order` for `types::Order.total`, `types::Order::new()` and
/// `Default for types::Order`.
pub(super) fn owner(key: &str) -> Option<&str> {
    if let Some((_, owner)) = key.split_once(" for ") {
        return Some(owner);
    }
    let end = key.rfind('.').or_else(|| key.rfind("::"))?;
    key.get(..end)
}

/// Returns `true` if an item was added or removed only because its owner was.
pub(super) fn follows_its_owner(key: &str, here: &Items, there: &Items) -> bool {
    owner(key).is_some_and(|owner| here.contains_key(owner) && !there.contains_key(owner))
}
