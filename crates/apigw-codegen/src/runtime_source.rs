//! Where generated crates get `apigw-runtime`, their only dependency, from.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Where a generated crate gets `apigw-runtime` from.
///
/// In `apis.toml`, it is `"workspace"` or a table with the keys of a Cargo dependency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub enum RuntimeSource {
    /// `[workspace.dependencies]` of the workspace that the crate belongs to.
    #[default]
    Workspace,
    /// This version in the registry.
    Version(String),
    /// A Git repository.
    Git {
        /// The URL of the repository.
        url: String,
        /// The commit; the default branch if it is `None`.
        rev: Option<String>,
    },
    /// This folder. In `apis.toml`, it is relative to the root of the workspace.
    Path(PathBuf),
}

impl RuntimeSource {
    /// Returns the source with a relative path replaced by `base` and that path.
    #[must_use]
    pub fn relative_to(self, base: &Path) -> Self {
        match self {
            Self::Path(path) if path.is_relative() => Self::Path(base.join(path)),
            other => other,
        }
    }

    /// Returns the dependency as an inline table of a manifest.
    #[must_use]
    pub fn dependency(&self, features: &[&str]) -> String {
        let mut keys = match self {
            Self::Workspace => vec!["workspace = true".to_owned()],
            Self::Version(version) => vec![format!("version = {}", quoted(version))],
            Self::Git { url, rev } => {
                let rev = rev.iter().map(|rev| format!("rev = {}", quoted(rev)));
                let url = format!("git = {}", quoted(url));
                std::iter::once(url).chain(rev).collect()
            }
            // forward slashes work on every system
            Self::Path(path) => {
                let path = path.to_string_lossy().replace('\\', "/");
                vec![format!("path = {}", quoted(&path))]
            }
        };
        if *self != Self::Workspace {
            keys.push("default-features = false".to_owned());
        }
        if !features.is_empty() {
            let features: Vec<String> = features.iter().map(|name| quoted(name)).collect();
            keys.push(format!("features = [{}]", features.join(", ")));
        }
        format!("{{ {} }}", keys.join(", "))
    }
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// The source as it is written in `apis.toml`.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "`runtime` must be \"workspace\", or a table with `version`, `git` and `rev`, or `path`"
)]
enum Written {
    Word(String),
    Table(Table),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    version: Option<String>,
    git: Option<String>,
    rev: Option<String>,
    path: Option<PathBuf>,
}

impl TryFrom<Written> for RuntimeSource {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, &'static str> {
        let table = match written {
            Written::Word(word) if word == "workspace" => return Ok(Self::Workspace),
            Written::Word(_) => return Err("`runtime` must be \"workspace\" or a table"),
            Written::Table(table) => table,
        };
        match table {
            Table {
                version: Some(version),
                git: None,
                rev: None,
                path: None,
            } => Ok(Self::Version(version)),
            Table {
                version: None,
                git: Some(url),
                rev,
                path: None,
            } => Ok(Self::Git { url, rev }),
            Table {
                version: None,
                git: None,
                rev: None,
                path: Some(path),
            } => Ok(Self::Path(path)),
            _ => Err("`runtime` must have one of `version`, `git` (with `rev`) and `path`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct File {
        runtime: RuntimeSource,
    }

    fn read(text: &str) -> Result<String, String> {
        let file: File = toml::from_str(&format!("runtime = {text}"))
            .map_err(|error| error.message().to_owned())?;
        Ok(file.runtime.dependency(&["uuid"]))
    }

    #[test]
    fn a_source_is_written_as_a_dependency() {
        let workspace = r#"{ workspace = true, features = ["uuid"] }"#;
        assert_eq!(read("\"workspace\"").unwrap(), workspace);
        for (written, dependency) in [
            (r#"{ version = "0.1" }"#, r#"version = "0.1""#),
            (r#"{ git = "u", rev = "r" }"#, r#"git = "u", rev = "r""#),
            (r#"{ git = "u" }"#, r#"git = "u""#),
            (r#"{ path = "../a" }"#, r#"path = "../a""#),
        ] {
            let expected =
                format!("{{ {dependency}, default-features = false, features = [\"uuid\"] }}");
            assert_eq!(read(written).unwrap(), expected);
        }
    }

    #[test]
    fn an_ambiguous_source_is_refused() {
        for written in [
            "\"registry\"",
            "{}",
            "{ rev = \"r\" }",
            "{ version = \"1\", path = \"a\" }",
            "{ paht = \"a\" }",
            "7",
        ] {
            let error = read(written).unwrap_err();
            assert!(error.starts_with("`runtime` must"), "{written}: {error}");
        }
    }
}
