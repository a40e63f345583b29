//! Knowing without generating that a crate is as it should be.
//!
//! A run that finds a crate fresh, or writes it, notes a digest of all that the crate
//! depends on and of the crate itself, in `specs/.apigw/fresh`. As long as the digest stays
//! the same, so does the answer. It is a note about this checkout and not part of the
//! client: a fresh checkout generates once, and `--check` there compares real texts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::list;
use crate::workspace::apis::ApiConfig;
use apigw_codegen::{Files, RuntimeSource};

/// What was known of a client when it was fresh.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    /// The generator, the API's table, the spec and its overlay.
    inputs: String,
    /// Files beside the spec that it refers to, by path from its folder.
    beside: BTreeMap<PathBuf, String>,
    /// The crate.
    client: String,
    #[serde(flatten)]
    pub(crate) summary: Summary,
}

/// What is shown of a client when nothing has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Summary {
    pub(crate) operations: usize,
    pub(crate) fixes: usize,
    pub(crate) endpoint: Option<String>,
}

/// What one client depends on, and where it is.
#[derive(Debug)]
pub(crate) struct Inputs<'a> {
    /// The note's own file.
    pub(crate) note: PathBuf,
    pub(crate) config: &'a ApiConfig,
    pub(crate) runtime: &'a RuntimeSource,
    pub(crate) spec: PathBuf,
    /// What people add to the spec; there need not be any.
    pub(crate) overlay: PathBuf,
    /// The folder of the crate.
    pub(crate) folder: PathBuf,
}

/// How everything was before it was read.
#[derive(Debug)]
pub(crate) struct Stamp {
    inputs: String,
    /// `None` when there is no crate.
    client: Option<String>,
}

impl Inputs<'_> {
    /// The note, if the crate was fresh and nothing has changed since.
    pub(crate) fn unchanged(&self) -> Option<Note> {
        let note: Note = serde_json::from_slice(&fs_err::read(&self.note).ok()?).ok()?;
        let beside = note.beside.keys().cloned();
        let is_same = self.inputs()? == note.inputs
            && self.beside(beside) == note.beside
            && self.client()? == note.client;
        is_same.then_some(note)
    }

    /// How everything is; `None` when it cannot be told.
    pub(crate) fn stamp(&self) -> Option<Stamp> {
        Some(Stamp {
            inputs: self.inputs()?,
            client: self.client(),
        })
    }

    /// What to note of the crate that was there at the stamp, or of the one `written` since.
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

    /// What decides what the crate should be.
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

    /// What the crate is.
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
    /// Writes the note, for the next run to read.
    pub(crate) fn write(&self, regen: &Path, name: &str) -> std::io::Result<()> {
        apigw_spec::write::file(&place(regen, name), serde_json::to_string_pretty(self)?)
    }
}

/// Several texts as one digest.
#[derive(Default)]
struct Digests(Sha256);

impl Digests {
    fn add(&mut self, bytes: &[u8]) {
        // with its length first, no text can pass for two
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    /// A file, which need not be there: that counts, too, because it may come.
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

/// Which generator runs: the program with everything linked into it, told by its size and
/// the time at which it was built. The version alone does not change while the generator is
/// worked on, nor with its dependencies.
fn generator() -> Option<String> {
    let program = fs_err::metadata(std::env::current_exe().ok()?).ok()?;
    let built = program.modified().ok()?;
    Some(format!(
        "{} {} {built:?}",
        env!("CARGO_PKG_VERSION"),
        program.len()
    ))
}

/// Where the note about a client is.
pub(crate) fn place(regen: &Path, name: &str) -> PathBuf {
    regen.join("fresh").join(format!("{name}.json"))
}
