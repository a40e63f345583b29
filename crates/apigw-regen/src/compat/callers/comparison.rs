//! What two surfaces are compared with, and the changes found so far.

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
    pub(super) fn say(&mut self, effect: Effect, subject: &str, text: impl Into<String>) {
        self.changes.push(Change {
            effect,
            subject: subject.to_owned(),
            text: text.into(),
        });
    }

    pub(super) fn breaks(&mut self, subject: &str, text: impl Into<String>) {
        self.say(Effect::BreaksBuild, subject, text);
    }

    /// The package's name and features, which callers write in their own manifests.
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
pub(super) fn owner(key: &str) -> Option<&str> {
    if let Some((_, owner)) = key.split_once(" for ") {
        return Some(owner);
    }
    let end = key.rfind('.').or_else(|| key.rfind("::"))?;
    key.get(..end)
}

/// Whether an item comes or goes only because what holds it does.
pub(super) fn goes_with_its_owner(key: &str, here: &Items, there: &Items) -> bool {
    owner(key).is_some_and(|owner| here.contains_key(owner) && !there.contains_key(owner))
}
