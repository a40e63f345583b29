//! Plans and applies what `regen` does.
//!
//! `regen --check` prints a plan, and `regen` prints and applies it, so that the two always agree.

mod client;
mod planned;

use std::io;
use std::path::PathBuf;

use crate::disk::{Lock, Replacer};
use crate::workspace::Workspace;

use apigw_spec::diagnostic::Diagnostic;
pub use planned::{Planned, State};

/// The changes to make for every API.
#[derive(Debug)]
pub struct Plan {
    workspace: Workspace,
    apis: Vec<Planned>,
}

impl Plan {
    /// Plans for the named APIs, or for all if `only` is empty.
    ///
    /// A plan for all APIs also removes crates whose API is no longer listed.
    ///
    /// # Errors
    ///
    /// Returns an error if `apis.toml` is invalid, or if a name is not listed in it. An error in a
    /// spec is reported as [`State::Failed`].
    pub fn new(workspace: &Workspace, only: &[String]) -> Result<Self, Diagnostic> {
        Self::with_progress(workspace, only, |_| {})
    }

    /// Like [`new`](Self::new), but calls `generating` with the name of each API before generating
    /// its client, which may take a while.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`new`](Self::new).
    pub fn with_progress(
        workspace: &Workspace,
        only: &[String],
        mut generating: impl FnMut(&str),
    ) -> Result<Self, Diagnostic> {
        let configs = workspace.apis()?;
        for name in only {
            configs.table(name)?;
        }
        let mut apis: Vec<Planned> = configs
            .tables
            .iter()
            .filter(|(name, _)| only.is_empty() || only.contains(name))
            .map(|(name, config)| client::plan(workspace, &configs, name, config, &mut generating))
            .collect();
        if only.is_empty() {
            workspace.refuse_stray_overlay(&configs)?;
            apis.extend(client::orphans(workspace, &configs.tables));
        }
        Ok(Self {
            workspace: workspace.clone(),
            apis,
        })
    }

    /// Returns the folder of a client, relative to the root of the workspace.
    #[must_use]
    pub fn folder(&self, api: &str) -> PathBuf {
        let folder = self.workspace.client(api);
        match folder.strip_prefix(self.workspace.root()) {
            Ok(inside) => inside.to_owned(),
            Err(_) => folder,
        }
    }

    /// Returns the plan for each API.
    #[must_use]
    pub fn apis(&self) -> &[Planned] {
        &self.apis
    }

    /// Returns whether all clients are up to date.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.apis
            .iter()
            .all(|api| matches!(api.state, State::Fresh))
    }

    /// Returns whether any client cannot be generated; if so, [`apply`](Self::apply) does nothing.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.apis
            .iter()
            .any(|api| matches!(api.state, State::Failed(_)))
    }

    /// Writes the planned files.
    ///
    /// Crates are replaced one at a time, each atomically, even if the process is killed. Up-to-date
    /// clients are recorded to speed up the next plan.
    ///
    /// If any API has failed, nothing is written, so that clients are never partially updated.
    ///
    /// # Errors
    ///
    /// Returns an error if a file can't be written. Crates that were already written are kept.
    pub fn apply(&self, lock: &Lock) -> io::Result<()> {
        if self.has_failed() {
            return Ok(());
        }
        let (regen, crates) = (self.workspace.regen(), self.workspace.generated());
        let mut before_step = || {};
        let mut replacer = Replacer::new(lock, &regen, &crates, &mut before_step);
        for api in &self.apis {
            match api.state {
                State::New | State::Stale(_) => replacer.replace(&api.name, &api.files)?,
                State::Orphaned => replacer.remove(&api.name)?,
                State::Fresh | State::Failed(_) => {}
            }
            if let Some(note) = &api.note {
                note.write(&regen, &api.name)?;
            }
        }
        Ok(())
    }
}
