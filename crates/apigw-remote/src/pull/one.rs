//! Pulls a single API.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use apigw_spec::aws::Origin;
use apigw_spec::spec::Syntax;
use apigw_spec::{Api, Report, Spec, write};

use super::control_plane::ControlPlane;
use super::error::Error;
use super::locate;
use super::redact::{Redacted, redact};

/// Options of [`one`].
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Keep integrations, the functions of authorizers, policies and account IDs. See
    /// [`redact`](super::redact()).
    pub keep_integrations: bool,
}

/// The result of a pull.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    /// The change of the file.
    pub change: Change,
    /// The JSON pointers of the parts that were removed from the export.
    pub cut: Vec<String>,
}

/// The change of a spec file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The file was created.
    New {
        /// The number of operations.
        operations: usize,
    },
    /// The file is already up to date, and was not written.
    Unchanged,
    /// The file was changed.
    Updated {
        /// The added operations, as method and path: `GET /orders`.
        added: Vec<String>,
        /// The removed operations.
        removed: Vec<String>,
    },
}

/// Exports an API to a file, as YAML if the file name ends in `.yaml` or `.yml`, or else as JSON.
///
/// The file is replaced atomically, and only if it changes.
///
/// # Errors
///
/// Returns an [`Error`] if the export fails. The file is not changed in this case.
pub async fn one(
    plane: &ControlPlane,
    origin: &Origin,
    file: &Path,
    options: &Options,
) -> Result<Pulled, Error> {
    let export = locate::export(plane, origin, Syntax::of_name(file)).await?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let Redacted { text, cut } = redact(&name, &export, options.keep_integrations)?;
    let change = write_if_changed(file, &name, &text)?;
    Ok(Pulled { change, cut })
}

/// Writes a file, unless it is up to date.
fn write_if_changed(file: &Path, name: &str, text: &str) -> Result<Change, Error> {
    let old = match fs_err::read(file) {
        Ok(old) => Some(old),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    if old.as_deref() == Some(text.as_bytes()) {
        return Ok(Change::Unchanged);
    }
    write::file(file, text)?;
    let new = routes(name, text.as_bytes());
    Ok(match old {
        None => Change::New {
            operations: new.len(),
        },
        Some(old) => {
            let old = routes(name, &old);
            Change::Updated {
                added: new.difference(&old).cloned().collect(),
                removed: old.difference(&new).cloned().collect(),
            }
        }
    })
}

/// Returns the operations of a spec, or none if it is invalid.
fn routes(name: &str, text: &[u8]) -> BTreeSet<String> {
    let Ok(spec) = Spec::parse(name, text) else {
        return BTreeSet::new();
    };
    let api = Api::read(&spec, &mut Report::new());
    api.operations
        .iter()
        .map(|operation| operation.route())
        .collect()
}

impl Pulled {
    /// Returns whether the file was written.
    #[must_use]
    pub fn is_change(&self) -> bool {
        self.change != Change::Unchanged
    }
}

impl fmt::Display for Pulled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.change)?;
        match self.cut.len() {
            0 => Ok(()),
            1 => f.write_str(", 1 part removed"),
            parts => write!(f, ", {parts} parts removed"),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::New { operations: 1 } => f.write_str("new, 1 operation"),
            Self::New { operations } => write!(f, "new, {operations} operations"),
            Self::Unchanged => f.write_str("unchanged"),
            Self::Updated { added, removed } => {
                f.write_str("updated")?;
                let signed = [('+', added), ('-', removed)];
                for (sign, routes) in signed {
                    for route in routes {
                        write!(f, ", {sign} {route}")?;
                    }
                }
                Ok(())
            }
        }
    }
}
