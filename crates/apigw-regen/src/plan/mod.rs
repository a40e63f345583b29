//! What `regen` would do, and doing it.
//!
//! One value says per API what is there and what should be. `regen --check` prints it and
//! `regen` prints and applies it, so that the two cannot disagree.

mod client;
mod planned;

use std::io;

use crate::disk::{Lock, Replacer};
use crate::workspace::Workspace;

use apigw_spec::diagnostic::Diagnostic;
pub use planned::{Planned, State};

/// What is to be done for every API.
#[derive(Debug)]
pub struct Plan {
    workspace: Workspace,
    apis: Vec<Planned>,
}

impl Plan {
    /// Plans for the APIs named, or for all when none is; orphans are looked for with all.
    ///
    /// # Errors
    ///
    /// When `apis.toml` cannot be used, or a name is not in it. What is wrong with one
    /// spec is the [`State`] of its API.
    pub fn new(workspace: &Workspace, only: &[String]) -> Result<Self, Diagnostic> {
        Self::with_progress(workspace, only, |_| {})
    }

    /// As [`new`](Self::new); `generating` is called with an API's name before its client is
    /// generated, which may take a while.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
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

    /// Every API and what is to be done for it.
    #[must_use]
    pub fn apis(&self) -> &[Planned] {
        &self.apis
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.apis
            .iter()
            .all(|api| matches!(api.state, State::Fresh))
    }

    /// Whether some crate cannot be made; then [`apply`](Self::apply) does nothing.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.apis
            .iter()
            .any(|api| matches!(api.state, State::Failed(_)))
    }

    /// Writes what is to be written, one crate at a time and each whole or not at all, even
    /// when the process is killed; notes what is fresh, for the next plan to be quick.
    ///
    /// When any API has failed, nothing is written: a half-renewed set of clients would
    /// hide which spec is to blame.
    ///
    /// # Errors
    ///
    /// When a file cannot be written; crates written before that stay.
    pub fn apply(&self, lock: &Lock) -> io::Result<()> {
        if self.has_failed() {
            return Ok(());
        }
        let (regen, crates) = (self.workspace.regen(), self.workspace.generated());
        let mut nobody_stops_us = || {};
        let mut replacer = Replacer::new(lock, &regen, &crates, &mut nobody_stops_us);
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
