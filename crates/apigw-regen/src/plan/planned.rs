//! What is to be done for one API.

use apigw_codegen::Files;
use apigw_spec::{Diagnostic, Report};

use crate::compat::Changes;
use crate::disk::note::{Note, Summary};

/// What is to be done for one API.
#[derive(Debug)]
pub struct Planned {
    /// The API's name in `apis.toml`, or the folder's where it is no longer there.
    pub name: String,
    /// What is there, compared with what should be.
    pub state: State,
    /// How many fixes were applied to the spec.
    pub fixes: usize,
    /// Each of the fixes; `None` if nothing had changed and so nothing was generated.
    pub report: Option<Report>,
    /// The generated package's name.
    pub package: String,
    /// Operations of the API.
    pub operations: usize,
    /// The URL that the client calls by default, if the spec names one.
    pub endpoint: Option<String>,
    /// The files on disk.
    pub(crate) current: Files,
    /// The files that should be there.
    pub(crate) files: Files,
    /// What to note about the client once it is on disk.
    pub(crate) note: Option<Note>,
}

/// What is there, compared with what should be.
#[derive(Debug)]
pub enum State {
    /// The crate is as it should be.
    Fresh,
    /// There is no crate yet.
    New,
    /// The crate differs from what its spec gives.
    Stale(Box<Changes>),
    /// The crate's API is no longer in `apis.toml`.
    Orphaned,
    /// No crate can be generated.
    Failed(Diagnostic),
}

impl Planned {
    /// The files on disk, by path inside the crate.
    #[must_use]
    pub fn current(&self) -> &Files {
        &self.current
    }

    /// The files that should be there, by path inside the crate.
    #[must_use]
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// What nothing is generated for.
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

    /// A client that is fresh because nothing has changed since it was noted.
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
