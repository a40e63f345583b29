//! The workspace that the current folder belongs to.

use std::path::Path;

use anyhow::{Context, Result};
use apigw_regen::Workspace;
use apigw_spec::Diagnostic;

use crate::door;

/// Returns the workspace that contains the current folder: the closest folder upwards with
/// `specs/apis.toml`.
///
/// # Errors
///
/// Returns an error if there is no such folder.
pub fn workspace() -> Result<Workspace> {
    let current = std::env::current_dir().context("cannot read the current folder")?;
    find(&current).with_context(|| {
        Diagnostic::new(format!(
            "no specs/apis.toml in {} or a parent folder",
            current.display()
        ))
        .help(format!("`{} init` creates it", door::command()))
    })
}

/// Returns the workspace, or `None` outside of one.
pub(crate) fn find(folder: &Path) -> Option<Workspace> {
    let root = folder
        .ancestors()
        .find(|folder| folder.join("specs/apis.toml").is_file());
    root.map(Workspace::new)
}

/// Returns a path relative to the current folder, for messages.
pub(crate) fn shown(path: &Path) -> String {
    let current = std::env::current_dir().unwrap_or_default();
    let mut above = String::new();
    for folder in current.ancestors() {
        if let Ok(inside) = path.strip_prefix(folder) {
            return format!("{above}{}", inside.display());
        }
        above.push_str("../");
    }
    path.display().to_string()
}
