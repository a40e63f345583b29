//! The plan for one API.

use apigw_codegen::Files;
use apigw_spec::{Diagnostic, Report};

use crate::compat::Changes;
use crate::disk::note::{Note, Summary};

/// The plan for one API.
#[derive(Debug)]
pub struct Planned {
    /// The API's name in `apis.toml`, or the folder name if the API is no longer listed.
    pub name: String,
    /// The state of the crate on disk.
    pub state: State,
    /// The number of fixes applied to the spec.
    pub fixes: usize,
    /// The fixes applied to the spec; `None` if the client was unchanged and not generated again.
    pub report: Option<Report>,
    /// The generated package's name.
    pub package: String,
    /// The number of operations.
    pub operations: usize,
    /// The client's default endpoint, if the spec has one.
    pub endpoint: Option<String>,
    /// The files on disk.
    pub(crate) current: Files,
    /// The generated files.
    pub(crate) files: Files,
    /// The note to write once the client is on disk.
    pub(crate) note: Option<Note>,
}

/// The state of a crate on disk.
#[derive(Debug)]
pub enum State {
    /// The crate is up to date.
    Fresh,
    /// There is no crate yet.
    New,
    /// The crate differs from the one generated from its spec.
    Stale(Box<Changes>),
    /// The crate's API is no longer in `apis.toml`, so the crate will be removed.
    Orphaned,
    /// The crate can't be generated.
    Failed(Diagnostic),
}

impl Planned {
    /// Returns the files on disk, by path inside the crate.
    #[must_use]
    pub fn current(&self) -> &Files {
        &self.current
    }

    /// Returns the generated files, by path inside the crate.
    #[must_use]
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// Creates a plan without generated files.
    pub(crate) fn without_files(name: &str, package: String, state: State) -> Self {
        Self {
            name: name.to_owned(),
            state,
            fixes: 0,
            report: None,
            package,
            operations: 0,
            endpoint: None,
            current: Files::new(),
            files: Files::new(),
            note: None,
        }
    }

    /// Creates a plan for a client that has not changed since it was recorded.
    pub(crate) fn unchanged(name: &str, package: String, summary: Summary) -> Self {
        let Summary {
            operations,
            fixes,
            endpoint,
        } = summary;
        Self {
            operations,
            fixes,
            endpoint,
            ..Self::without_files(name, package, State::Fresh)
        }
    }
}
