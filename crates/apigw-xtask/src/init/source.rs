//! Where a workspace gets the crates of this project from.

use std::path::{Component, Path, PathBuf};

use anyhow::{Result, bail};
use toml_edit::{DocumentMut, InlineTable};

/// Where the dependencies `apigw-runtime` and `apigw-xtask` come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// The folder that contains the crates.
    Path(PathBuf),
    /// A Git repository.
    Git { url: String, rev: Option<String> },
    /// The registry.
    Version(String),
}

#[derive(Debug, clap::Args)]
#[group(id = "source", multiple = false)]
pub(super) struct Args {
    /// Use the crates in this checkout
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
    /// Use the crates in this Git repository
    #[arg(long, value_name = "URL")]
    git: Option<String>,
    /// Use this version from the registry
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
}

impl Source {
    /// Returns the source from the arguments, or else the one that this program was installed
    /// from.
    pub(super) fn of(args: &Args, rev: Option<&String>) -> Result<Self> {
        if let Some(path) = &args.path {
            let crates = [path.join("crates"), path.clone()];
            let found = crates
                .into_iter()
                .find(|path| path.join("apigw-runtime/Cargo.toml").is_file());
            return match found {
                Some(found) => Ok(Self::Path(found.canonicalize()?)),
                None => bail!("{} does not contain crates/apigw-runtime", path.display()),
            };
        }
        if let Some(url) = &args.git {
            return Ok(Self::Git {
                url: url.clone(),
                rev: rev.cloned(),
            });
        }
        if let Some(version) = &args.version {
            return Ok(Self::Version(version.clone()));
        }
        installed().or_else(built_in).map_or_else(
            || {
                bail!(
                    "cannot find out where apigw-runtime comes from: add --path, --git or --version"
                )
            },
            Ok,
        )
    }

    /// Returns a dependency on one of the crates, for a manifest in `folder`.
    pub(super) fn dependency(&self, krate: &str, folder: &Path) -> InlineTable {
        let mut table = InlineTable::new();
        match self {
            Self::Path(crates) => {
                let path = relative(&crates.join(krate), folder);
                table.insert("path", path.to_string_lossy().replace('\\', "/").into());
            }
            Self::Git { url, rev } => {
                table.insert("git", url.as_str().into());
                if let Some(rev) = rev {
                    table.insert("rev", rev.as_str().into());
                }
            }
            Self::Version(version) => {
                table.insert("version", version.as_str().into());
            }
        }
        table.insert("default-features", false.into());
        table
    }
}

/// Returns the source that cargo recorded when it installed this program.
fn installed() -> Option<Source> {
    let home = match std::env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => std::env::home_dir()?.join(".cargo"),
    };
    let program = std::env::current_exe().ok()?;
    if !program.starts_with(home.join("bin")) {
        return None;
    }
    recorded(&fs_err::read_to_string(home.join(".crates.toml")).ok()?)
}

/// Reads `.crates.toml`, whose keys are package ids: `apigw-xtask 0.1.0 (git+https://…#rev)`.
fn recorded(text: &str) -> Option<Source> {
    let list: DocumentMut = text.parse().ok()?;
    let packages = list.get("v1")?.as_table()?;
    let (id, _) = packages
        .iter()
        .find(|(id, _)| id.starts_with("apigw-xtask "))?;
    let (package, source) = id.strip_suffix(')')?.split_once(" (")?;
    if let Some(path) = source.strip_prefix("path+file://") {
        return Some(Source::Path(Path::new(path).parent()?.to_owned()));
    }
    if let Some(git) = source.strip_prefix("git+") {
        let (url, rev) = git.split_once('#')?;
        return Some(Source::Git {
            url: url.split('?').next()?.to_owned(),
            rev: Some(rev.to_owned()),
        });
    }
    let (_, version) = package.split_once(' ')?;
    Some(Source::Version(version.to_owned()))
}

/// Returns the checkout that this program was built in.
fn built_in() -> Option<Source> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let is_checkout = crates.join("apigw-runtime/Cargo.toml").is_file()
        // cargo's own copy of a repository may be removed at any time
        && !crates.components().any(|part| part.as_os_str() == "checkouts");
    is_checkout.then(|| Source::Path(crates.to_owned()))
}

/// Returns a path relative to a folder, or the path itself if they have nothing in common.
fn relative(path: &Path, folder: &Path) -> PathBuf {
    let mut common = 0;
    let mut parts = path.components().zip(folder.components());
    while parts.next().is_some_and(|(one, other)| one == other) {
        common += 1;
    }
    let named = path
        .components()
        .take(common)
        .filter(|part| matches!(part, Component::Normal(_)));
    if named.count() == 0 {
        return path.to_owned();
    }
    let up = folder
        .components()
        .skip(common)
        .map(|_| Component::ParentDir);
    up.chain(path.components().skip(common)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_is_read_from_the_record_of_cargo_install() {
        let record = |source: &str| {
            let text = format!(
                "[v1]\n\"ripgrep 1.0.0 (registry+u)\" = [\"rg\"]\n\"apigw-xtask 0.1.0 ({source})\" = [\"cargo-apigw\"]\n"
            );
            recorded(&text).unwrap()
        };
        assert_eq!(
            record("path+file:///src/apigw/crates/apigw-xtask"),
            Source::Path("/src/apigw/crates".into())
        );
        assert_eq!(
            record("git+https://example.com/apigw?branch=main#0123abc"),
            Source::Git {
                url: "https://example.com/apigw".to_owned(),
                rev: Some("0123abc".to_owned()),
            }
        );
        assert_eq!(
            record("registry+https://example.com/index"),
            Source::Version("0.1.0".to_owned())
        );
    }

    #[test]
    fn a_path_is_relative_where_it_can_be() {
        for (path, folder, expected) in [
            ("/src/apigw/crates/a", "/src/shop", "../apigw/crates/a"),
            ("/src/shop/vendor/a", "/src/shop", "vendor/a"),
            ("/opt/apigw/a", "/src/shop", "/opt/apigw/a"),
        ] {
            assert_eq!(
                relative(Path::new(path), Path::new(folder)),
                Path::new(expected)
            );
        }
    }
}
