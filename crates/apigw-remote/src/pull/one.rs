//! Pulling one API.

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

/// What stays of an export.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Keep integrations, authorizers' functions, policies and account ids; see
    /// [`redact`](super::redact()).
    pub keep_integrations: bool,
}

/// What a pull has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    /// What became of the file.
    pub change: Change,
    /// What of the export is not in the file, as JSON pointers.
    pub cut: Vec<String>,
}

/// What a pull has done to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// There was no such file.
    New {
        /// Operations of the API.
        operations: usize,
    },
    /// The file is as it was: no byte was written.
    Unchanged,
    /// The file has a new text.
    Updated {
        /// Operations that came, by route: `GET /orders`.
        added: Vec<String>,
        /// Operations that went.
        removed: Vec<String>,
    },
}

/// Fetches one API's export into a file: YAML if the file is named so, JSON otherwise.
///
/// The file is replaced whole or not at all, and only where its bytes differ.
///
/// # Errors
///
/// Every [`Error`]; the file is then as it was.
pub async fn one(
    plane: &ControlPlane,
    origin: &Origin,
    file: &Path,
    options: &Options,
) -> Result<Pulled, Error> {
    let export = locate::export(plane, origin, Syntax::of_name(file)).await?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let Redacted { text, cut } = redact(&name, &export, options.keep_integrations)?;
    let change = put(file, &name, &text)?;
    Ok(Pulled { change, cut })
}

/// Gives the file a text, unless it has it already.
fn put(file: &Path, name: &str, text: &str) -> Result<Change, Error> {
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

/// The operations of a document; of one that cannot be read, none.
fn routes(name: &str, text: &[u8]) -> BTreeSet<String> {
    let Ok(document) = Spec::parse(name, text) else {
        return BTreeSet::new();
    };
    let api = Api::read(&document, &mut Report::new());
    api.operations
        .iter()
        .map(|operation| operation.route())
        .collect()
}

impl Pulled {
    /// Whether the file was written.
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
            1 => f.write_str(", 1 part left out"),
            parts => write!(f, ", {parts} parts left out"),
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
