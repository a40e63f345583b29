//! Knowing without generating that a crate is as it should be.
//!
//! A run that finds a crate fresh, or writes it, notes a digest of all that the crate
//! depends on and of the crate itself, in `target/regen/fresh`. As long as the digest stays
//! the same, so does the answer. It is a note about this checkout and not part of the
//! client: a fresh checkout generates once, and `--check` there compares real texts.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::present;
use crate::config::ApiConfig;

/// What was known of a client when it was fresh.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    digest: String,
    /// Files beside the document that it refers to, by path from its folder.
    beside: Vec<PathBuf>,
    pub(super) operations: usize,
    pub(super) repairs: usize,
    pub(super) endpoint: Option<String>,
}

/// What one client depends on, and where it is.
#[derive(Debug)]
pub(super) struct Inputs<'a> {
    /// The note's own file.
    pub(super) note: PathBuf,
    pub(super) config: &'a ApiConfig,
    pub(super) document: PathBuf,
    /// What people add to the document; there need not be any.
    pub(super) overlay: PathBuf,
    /// The folder of the crate.
    pub(super) folder: PathBuf,
}

impl Inputs<'_> {
    /// The note, if the crate was fresh and nothing has changed since.
    pub(super) fn unchanged(&self) -> Option<Note> {
        let note: Note = serde_json::from_slice(&fs_err::read(&self.note).ok()?).ok()?;
        (self.digest(&note.beside)? == note.digest).then_some(note)
    }

    /// Notes that the crate on disk is fresh.
    pub(super) fn note(
        &self,
        beside: &[PathBuf],
        operations: usize,
        repairs: usize,
        endpoint: Option<&str>,
    ) -> std::io::Result<()> {
        let Some(digest) = self.digest(beside) else {
            // nothing can be known, so nothing is noted
            return Ok(());
        };
        let note = Note {
            digest,
            beside: beside.to_vec(),
            operations,
            repairs,
            endpoint: endpoint.map(str::to_owned),
        };
        crate::write::file(&self.note, &serde_json::to_string_pretty(&note)?)
    }

    /// A digest of everything that decides what the crate should be, and of what it is;
    /// `None` when something of it cannot be read.
    fn digest(&self, beside: &[PathBuf]) -> Option<String> {
        let mut digest = Sha256::new();
        // with its length first, no text can pass for two
        let mut add = |bytes: &[u8]| {
            digest.update((bytes.len() as u64).to_le_bytes());
            digest.update(bytes);
        };
        add(generator()?.as_bytes());
        add(format!("{:?}", self.config).as_bytes());
        add(&fs_err::read(&self.document).ok()?);
        add(&fs_err::read(&self.overlay).unwrap_or_default());
        for path in beside {
            add(path.as_os_str().as_encoded_bytes());
            let file = self.document.parent()?.join(path);
            // one that is not there counts, too: it may come
            add(&fs_err::read(file).unwrap_or_default());
        }
        for path in present::list(&self.folder).ok()? {
            add(path.as_os_str().as_encoded_bytes());
            add(&fs_err::read(self.folder.join(path)).ok()?);
        }
        let digest = digest.finalize();
        Some(digest.iter().map(|byte| format!("{byte:02x}")).collect())
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
pub(super) fn place(regen: &Path, name: &str) -> PathBuf {
    regen.join("fresh").join(format!("{name}.json"))
}
