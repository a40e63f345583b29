//! Adds the APIs of an account to `apis.toml`.

use std::collections::{BTreeMap, BTreeSet};

use apigw_spec::aws::{Origin, OriginKind};
use toml_edit::{DocumentMut, InlineTable, Item, Table, value};

use super::access::Access;
use super::error::Error;
use super::inventory::Deployed;

/// A new entry of `apis.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adopted {
    /// The name of the table, derived from the name of the API.
    pub name: String,
    /// The spec file, in the folder of `apis.toml`.
    pub spec: String,
    /// The API to export.
    pub origin: Origin,
    /// Other stages of the API, which have no entry.
    pub other_stages: Vec<String>,
}

/// Returns an entry for each API that is not yet in the tables, for its first stage.
///
/// APIs without a stage are skipped, since they can't be exported. An API is already in the tables
/// if one of them has its ID or its name.
#[must_use]
pub fn entries(
    deployed: &[Deployed],
    tables: &BTreeMap<String, Option<Origin>>,
    access: &Access,
) -> Vec<Adopted> {
    let mut taken: BTreeSet<String> = tables.keys().cloned().collect();
    let known = |api: &Deployed| {
        tables.values().filter_map(Option::as_ref).any(|origin| {
            origin.id.as_ref() == Some(&api.id) || origin.name.as_ref() == Some(&api.name)
        })
    };
    let mut entries = Vec::new();
    for api in deployed.iter().filter(|api| !known(api)) {
        let [stage, other_stages @ ..] = api.stages.as_slice() else {
            continue;
        };
        let mut name = table_name(&api.name);
        if !taken.insert(name.clone()) {
            name = format!("{name}-{}", api.id.to_ascii_lowercase());
            taken.insert(name.clone());
        }
        entries.push(Adopted {
            spec: format!("{name}.json"),
            name,
            origin: Origin {
                id: Some(api.id.clone()),
                name: None,
                kind: Some(api.kind),
                stage: Some(stage.clone()),
                region: access.region.clone(),
                profile: access.profile.clone(),
                role: access.role.clone(),
            },
            other_stages: other_stages.to_vec(),
        });
    }
    entries
}

/// Appends entries to the text of `apis.toml`. The existing text, including comments, does not change.
///
/// # Errors
///
/// Returns [`Error::List`] if the text is not valid TOML.
pub fn adopt(apis_toml: &str, entries: &[Adopted]) -> Result<String, Error> {
    let mut list: DocumentMut = apis_toml.parse()?;
    for entry in entries {
        let mut table = Table::new();
        table["spec"] = value(&entry.spec);
        table["aws"] = Item::Value(origin(&entry.origin).into());
        let decor = table.decor_mut();
        decor.set_prefix("\n");
        if !entry.other_stages.is_empty() {
            let others = entry.other_stages.join(", ");
            decor.set_suffix(format!(" # other stages: {others}"));
        }
        list.insert(&entry.name, Item::Table(table));
    }
    Ok(list.to_string())
}

fn origin(origin: &Origin) -> InlineTable {
    let kind = origin.kind.map(|kind| match kind {
        OriginKind::Rest => "rest",
        OriginKind::Http => "http",
    });
    let members = [
        ("id", origin.id.as_deref()),
        ("name", origin.name.as_deref()),
        ("kind", kind),
        ("stage", origin.stage.as_deref()),
        ("region", origin.region.as_deref()),
        ("profile", origin.profile.as_deref()),
        ("role", origin.role.as_deref()),
    ];
    members
        .into_iter()
        .filter_map(|(key, text)| Some((key, text?)))
        .collect()
}

/// Returns a valid crate name: lowercase letters, digits and dashes, starting with a letter.
fn table_name(name: &str) -> String {
    let dashed: String = name
        .chars()
        .map(|c| match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => c,
            _ => '-',
        })
        .collect();
    let words: Vec<&str> = dashed.split('-').filter(|word| !word.is_empty()).collect();
    let name = words.join("-");
    match name.chars().next() {
        Some(c) if c.is_ascii_lowercase() => name,
        _ => format!("api-{name}").trim_end_matches('-').to_owned(),
    }
}
