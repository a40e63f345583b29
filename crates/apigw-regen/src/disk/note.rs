//! Detects without generating that a crate is up to date.
//!
//! After a run, `specs/.apigw/fresh` contains digests of each crate and its inputs. While they stay
//! the same, the crate is up to date. The notes belong to a checkout and are not part of the client:
//! the first run in a new checkout, including `--check`, always generates.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::list;
use crate::workspace::apis::ApiConfig;
use apigw_codegen::{Files, RuntimeSource};

/// Digests of a client that was up to date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    /// The digest of the generator, the API's table, the spec and its overlay.
    inputs: String,
    /// The digests of files that the spec refers to, by path relative to its folder.
    beside: BTreeMap<PathBuf, String>,
    /// The digest of the crate.
    client: String,
    #[serde(flatten)]
    pub(crate) summary: Summary,
}

/// The information shown for an unchanged client.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Summary {
    pub(crate) operations: usize,
    pub(crate) fixes: usize,
    pub(crate) endpoint: Option<String>,
}

/// The inputs of a client, and its location.
#[derive(Debug)]
pub(crate) struct Inputs<'a> {
    /// The path of the note.
    pub(crate) note: PathBuf,
    pub(crate) config: &'a ApiConfig,
    pub(crate) runtime: &'a RuntimeSource,
    pub(crate) spec: PathBuf,
    /// The path of the overlay, which may not exist.
    pub(crate) overlay: PathBuf,
    /// The folder of the crate.
    pub(crate) folder: PathBuf,
}

/// The digests before anything was read.
#[derive(Debug)]
pub(crate) struct Stamp {
    inputs: String,
    /// `None` if the crate does not exist.
    client: Option<String>,
}

impl Inputs<'_> {
    /// Returns the note if the crate was up to date and nothing has changed since.
    pub(crate) fn unchanged(&self) -> Option<Note> {
        let note: Note = serde_json::from_slice(&fs_err::read(&self.note).ok()?).ok()?;
        let beside = note.beside.keys().cloned();
        let is_same = self.inputs()? == note.inputs
            && self.beside(beside) == note.beside
            && self.client()? == note.client;
        is_same.then_some(note)
    }

    /// Returns the current digests; `None` if the generator can't be identified.
    pub(crate) fn stamp(&self) -> Option<Stamp> {
        Some(Stamp {
            inputs: self.inputs()?,
            client: self.client(),
        })
    }

    /// Creates the note for the crate that existed at the stamp, or for the files `written` since.
    pub(crate) fn note(
        &self,
        stamp: Stamp,
        beside: Vec<PathBuf>,
        written: Option<&Files>,
        summary: Summary,
    ) -> Option<Note> {
        let client = match written {
            Some(files) => {
                let mut digest = Digests::default();
                for (path, text) in files {
                    digest.add(path.as_os_str().as_encoded_bytes());
                    digest.add(text.as_bytes());
                }
                digest.finish()
            }
            None => stamp.client?,
        };
        Some(Note {
            inputs: stamp.inputs,
            beside: self.beside(beside),
            client,
            summary,
        })
    }

    /// Returns the digest of everything that determines the generated crate.
    fn inputs(&self) -> Option<String> {
        let mut digest = Digests::default();
        digest.add(generator()?.as_bytes());
        digest.add(format!("{:?} {:?}", self.config, self.runtime).as_bytes());
        digest.add_file(&self.spec);
        digest.add_file(&self.overlay);
        Some(digest.finish())
    }

    fn beside(&self, paths: impl IntoIterator<Item = PathBuf>) -> BTreeMap<PathBuf, String> {
        let folder = self.spec.parent().unwrap_or(Path::new(""));
        let digest = |path: PathBuf| {
            let mut digest = Digests::default();
            digest.add_file(&folder.join(&path));
            (path, digest.finish())
        };
        paths.into_iter().map(digest).collect()
    }

    /// Returns the digest of the crate.
    fn client(&self) -> Option<String> {
        let mut digest = Digests::default();
        for path in list(&self.folder).ok()? {
            digest.add(path.as_os_str().as_encoded_bytes());
            digest.add(&fs_err::read(self.folder.join(path)).ok()?);
        }
        Some(digest.finish())
    }
}

impl Note {
    /// Writes the note for the next run.
    pub(crate) fn write(&self, regen: &Path, name: &str) -> std::io::Result<()> {
        apigw_spec::write::file(&place(regen, name), serde_json::to_string_pretty(self)?)
    }
}

/// Computes one digest of several inputs.
#[derive(Default)]
struct Digests(Sha256);

impl Digests {
    fn add(&mut self, bytes: &[u8]) {
        // the length makes the boundaries unambiguous
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    /// Adds a file; a missing file counts as well, since it may be created later.
    fn add_file(&mut self, path: &Path) {
        match fs_err::read(path) {
            Ok(bytes) => self.add(&bytes),
            Err(_) => self.0.update(u64::MAX.to_le_bytes()),
        }
    }

    fn finish(self) -> String {
        let digest = self.0.finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Identifies the running generator by the size and modification time of the executable.
///
/// The version alone does not change during development or when dependencies are updated.
fn generator() -> Option<String> {
    let program = fs_err::metadata(std::env::current_exe().ok()?).ok()?;
    let built = program.modified().ok()?;
    Some(format!(
        "{} {} {built:?}",
        env!("CARGO_PKG_VERSION"),
        program.len()
    ))
}

/// Returns the path of the note for a client.
pub(crate) fn place(regen: &Path, name: &str) -> PathBuf {
    regen.join("fresh").join(format!("{name}.json"))
}
