//! Edits of the root manifest that keep everything else as it is.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use glob::{MatchOptions, Pattern};
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value};

/// A root manifest.
pub(crate) struct Manifest {
    pub(crate) path: PathBuf,
    document: DocumentMut,
}

impl Manifest {
    /// Finds the manifest of the cargo workspace that contains a folder, or else of the package.
    pub(crate) fn find(folder: &Path) -> Result<Option<Self>> {
        let mut package = None;
        for folder in folder.ancestors() {
            let path = folder.join("Cargo.toml");
            if !path.is_file() {
                continue;
            }
            let manifest = Self::read(path)?;
            if manifest.document.contains_key("workspace") {
                return Ok(Some(manifest));
            }
            package.get_or_insert(manifest);
        }
        Ok(package)
    }

    fn read(path: PathBuf) -> Result<Self> {
        let text = fs_err::read_to_string(&path)?;
        let document = text
            .parse()
            .with_context(|| format!("{} is not valid TOML", path.display()))?;
        Ok(Self { path, document })
    }

    /// A manifest for a new, virtual workspace.
    pub(crate) fn new(folder: &Path) -> Self {
        let mut document = DocumentMut::new();
        let mut workspace = Table::new();
        workspace.insert("resolver", toml_edit::value("3"));
        document.insert("workspace", Item::Table(workspace));
        Self {
            path: folder.join("Cargo.toml"),
            document,
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    pub(crate) fn text(&self) -> String {
        self.document.to_string()
    }

    /// Whether `[workspace.dependencies]` has a crate.
    pub(crate) fn has_dependency(&self, name: &str) -> bool {
        let workspace = self.document.get("workspace");
        let dependencies = workspace.and_then(|table| table.get("dependencies"));
        dependencies.is_some_and(|table| table.get(name).is_some())
    }

    /// Adds a dependency to `[workspace.dependencies]`, unless there is one of that name.
    pub(crate) fn add_dependency(&mut self, name: &str, dependency: InlineTable) -> Result<()> {
        if self.has_dependency(name) {
            return Ok(());
        }
        let table = self
            .workspace()?
            .entry("dependencies")
            .or_insert_with(|| Item::Table(Table::new()))
            .as_table_like_mut()
            .context("`workspace.dependencies` is not a table")?;
        table.insert(name, Item::Value(Value::InlineTable(dependency)));
        Ok(())
    }

    /// Adds a member to the workspace, unless a member or a pattern covers `path` already.
    /// Returns whether it was added.
    pub(crate) fn add_member(&mut self, member: &str, path: &Path) -> Result<bool> {
        if self.covers("members", path) {
            return Ok(false);
        }
        if self.covers("exclude", path) {
            bail!(
                "`exclude` in {} covers {}: remove it there",
                self.path.display(),
                path.display()
            );
        }
        let members = self
            .workspace()?
            .entry("members")
            .or_insert_with(|| toml_edit::value(Array::new()))
            .as_array_mut()
            .context("`workspace.members` is not an array")?;
        let mut value = Value::from(member);
        // on a line of its own if the others are
        let last = members.iter().last().and_then(|last| last.decor().prefix());
        let last = last.and_then(|prefix| prefix.as_str());
        if let Some(line) = last.filter(|prefix| prefix.contains('\n')) {
            let indent = line.rsplit('\n').next().unwrap_or_default();
            value.decor_mut().set_prefix(format!("\n{indent}"));
        } else if !members.is_empty() {
            value.decor_mut().set_prefix(" ");
        }
        members.push_formatted(value);
        Ok(true)
    }

    /// Removes a member that is written exactly like this. Returns whether there was one.
    pub(crate) fn remove_member(&mut self, member: &str) -> bool {
        let workspace = self.document.get_mut("workspace");
        let members = workspace.and_then(|table| table.get_mut("members"));
        let Some(members) = members.and_then(Item::as_array_mut) else {
            return false;
        };
        let before = members.len();
        members.retain(|value| value.as_str() != Some(member));
        members.len() != before
    }

    /// Whether a list of patterns covers a path relative to the root.
    fn covers(&self, list: &str, path: &Path) -> bool {
        // as cargo matches them
        let options = MatchOptions {
            require_literal_separator: true,
            ..MatchOptions::new()
        };
        let workspace = self.document.get("workspace");
        let list = workspace.and_then(|table| table.get(list));
        let patterns = list.and_then(Item::as_array).into_iter().flatten();
        let mut patterns = patterns
            .filter_map(Value::as_str)
            .map(|pattern| pattern.trim_start_matches("./").trim_end_matches('/'));
        patterns.any(|pattern| {
            Pattern::new(pattern).is_ok_and(|pattern| pattern.matches_path_with(path, options))
        })
    }

    fn workspace(&mut self) -> Result<&mut dyn toml_edit::TableLike> {
        self.document
            .entry("workspace")
            .or_insert_with(|| Item::Table(Table::new()))
            .as_table_like_mut()
            .context("`workspace` is not a table")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(text: &str) -> Manifest {
        Manifest {
            path: "Cargo.toml".into(),
            document: text.parse().unwrap(),
        }
    }

    #[test]
    fn a_member_is_added_in_the_style_of_the_others() {
        let mut one_line = manifest("[workspace] # ours\nmembers = [\"a\"]\n");
        assert!(one_line.add_member("xtask", Path::new("xtask")).unwrap());
        assert_eq!(
            one_line.text(),
            "[workspace] # ours\nmembers = [\"a\", \"xtask\"]\n"
        );
        let mut lines = manifest("[workspace]\nmembers = [\n    \"a\", # first\n    \"b\",\n]\n");
        assert!(lines.add_member("xtask", Path::new("xtask")).unwrap());
        assert_eq!(
            lines.text(),
            "[workspace]\nmembers = [\n    \"a\", # first\n    \"b\",\n    \"xtask\",\n]\n"
        );
    }

    #[test]
    fn a_member_that_a_pattern_covers_is_not_added() {
        let mut covered = manifest("[workspace]\nmembers = [\"crates/*\", \"./xtask\"]\n");
        for path in ["crates/a", "xtask"] {
            assert!(
                !covered.add_member(path, Path::new(path)).unwrap(),
                "{path}"
            );
        }
        let client = "crates/generated/orders";
        let deep = covered.add_member("crates/generated/*", Path::new(client));
        assert!(deep.unwrap(), "`*` does not match a separator");
        assert!(covered.remove_member("crates/generated/*"));
        assert!(!covered.remove_member("crates/generated/*"));
    }

    #[test]
    fn an_excluded_member_is_refused() {
        let mut excluded = manifest("[workspace]\nexclude = [\"xtask\"]\n");
        assert!(excluded.add_member("xtask", Path::new("xtask")).is_err());
    }

    #[test]
    fn a_package_becomes_the_root_of_a_workspace() {
        let mut package = manifest("[package]\nname = \"shop\" # the shop\n");
        package.add_member("xtask", Path::new("xtask")).unwrap();
        package
            .add_dependency("apigw-runtime", InlineTable::new())
            .unwrap();
        package
            .add_dependency("apigw-runtime", InlineTable::new())
            .unwrap();
        assert_eq!(
            package.text(),
            "[package]\nname = \"shop\" # the shop\n\n[workspace]\nmembers = [\"xtask\"]\n\n\
             [workspace.dependencies]\napigw-runtime = {}\n"
        );
    }
}
