//! A plan in words: cargo's voice, and columns.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use similar::TextDiff;

use super::{Changes, Effect, Plan, Planned, State};
use crate::diagnostic::Diagnostic;
use crate::render::Files;
use crate::report::Report;
use crate::table::table;

impl Plan {
    /// The APIs in columns: name, package, operations, state, endpoint.
    #[must_use]
    pub fn list(&self) -> String {
        let mut rows = vec![
            ["name", "package", "operations", "state", "endpoint"]
                .map(str::to_owned)
                .to_vec(),
        ];
        rows.extend(self.apis.iter().map(|api| {
            let state = match api.state {
                State::Fresh => "fresh",
                State::New => "new",
                State::Stale(_) => "stale",
                State::Orphaned => "orphaned",
                State::Failed(_) => "failed",
            };
            let endpoint = api.endpoint.as_deref().unwrap_or("-");
            vec![
                api.name.clone(),
                api.package.clone(),
                api.operations.to_string(),
                state.to_owned(),
                endpoint.to_owned(),
            ]
        }));
        table(&rows, &[20, 30, 10, 8])
    }
}

/// How much of a plan is told.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Telling<'a> {
    /// Only what failed.
    pub quiet: bool,
    /// Every repair of a document, too.
    pub verbose: bool,
    /// Every line of a generated file that comes or goes, too.
    pub full_diff: bool,
    /// How a message is shown.
    pub diagnostic: &'a dyn Fn(&Diagnostic) -> String,
}

impl fmt::Debug for Telling<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telling")
            .field("quiet", &self.quiet)
            .field("verbose", &self.verbose)
            .field("full_diff", &self.full_diff)
            .finish_non_exhaustive()
    }
}

impl Default for Telling<'_> {
    fn default() -> Self {
        Self {
            quiet: false,
            verbose: false,
            full_diff: false,
            diagnostic: &with_causes,
        }
    }
}

/// Nobody else prints the causes: a plan with failures is no error.
fn with_causes(diagnostic: &Diagnostic) -> String {
    let mut text = format!("{diagnostic}\n");
    let mut cause = diagnostic.source();
    while let Some(error) = cause {
        text.push_str(&format!("cause: {error}\n"));
        cause = error.source();
    }
    text
}

/// As [`Plan::told`] tells it by default.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told(&Telling::default()))
    }
}

impl Plan {
    /// The plan in cargo's voice: a verb in twelve columns, then what it is about.
    #[must_use]
    pub fn told(&self, telling: &Telling<'_>) -> String {
        self.apis.iter().map(|api| api.told(telling)).collect()
    }
}

impl Planned {
    fn told(&self, telling: &Telling<'_>) -> String {
        if telling.quiet && !matches!(self.state, State::Failed(_)) {
            return String::new();
        }
        let (verb, about) = match &self.state {
            State::Fresh => ("Fresh", self.summary()),
            State::New => ("New", self.summary()),
            State::Stale(changes) => ("Stale", self.summary() + &changes.summary()),
            State::Orphaned => ("Orphaned", " not in specs/apis.toml any more".to_owned()),
            State::Failed(_) => ("Failed", String::new()),
        };
        let mut text = format!("{verb:>12} {}{about}\n", self.name);
        match &self.state {
            State::Stale(changes) => text.push_str(&changes.to_string()),
            State::Failed(diagnostic) => text.push_str(&(telling.diagnostic)(diagnostic)),
            State::Fresh | State::New | State::Orphaned => {}
        }
        if telling.verbose {
            for fixup in self.report.iter().flat_map(Report::fixups) {
                text.push_str(&format!("{:>12} {fixup}\n", "Repaired"));
            }
        }
        if telling.full_diff {
            text.push_str(&self.diff());
        }
        text
    }

    /// The files as they are against the files as they should be, as a unified diff; empty
    /// for a crate that is fresh, new or cannot be made.
    #[must_use]
    pub fn diff(&self) -> String {
        let State::Stale(changes) = &self.state else {
            return String::new();
        };
        let text = |files: &Files, path: &PathBuf| files.get(path).cloned().unwrap_or_default();
        let diff = |path: &PathBuf| {
            let (old, new) = (text(&self.current, path), text(&self.files, path));
            let name = format!("crates/generated/{}/{}", self.name, path.display());
            TextDiff::from_lines(&old, &new)
                .unified_diff()
                .header(&name, &name)
                .to_string()
        };
        changes.files.iter().map(diff).collect()
    }
}

impl Planned {
    fn summary(&self) -> String {
        format!(
            " ({}, {})",
            count(self.operations, "operation"),
            count(self.repairs, "repair")
        )
    }
}

fn count(number: usize, of: &str) -> String {
    match number {
        1 => format!("1 {of}"),
        number => format!("{number} {of}s"),
    }
}

/// What changes: first what breaks whom, then what does not, then the version.
impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for change in &self.changes {
            let verb = match change.effect {
                Effect::BreaksBuild => "Breaks build",
                Effect::BreaksWire => "Breaks wire",
                Effect::MayBreakWire => "May break",
                Effect::Adds => "+",
                Effect::Alters => "~",
            };
            let width = match change.effect.is_breaking() {
                true => 12,
                false => 14,
            };
            let colon = match change.text.is_empty() {
                true => "",
                false => ": ",
            };
            writeln!(f, "{verb:>width$} {}{colon}{}", change.subject, change.text)?;
        }
        let files: Vec<String> = self
            .files
            .iter()
            .map(|file| file.display().to_string())
            .collect();
        writeln!(f, "{:>12} {}", "Files", files.join(", "))?;
        let why = match self.is_breaking() {
            true => " (breaking)",
            false => "",
        };
        writeln!(
            f,
            "{:>12} {} -> {}{why}",
            "Version", self.version, self.next_version
        )
    }
}

impl Changes {
    /// How many operations and types come, go, and are not as they were.
    fn summary(&self) -> String {
        let operations = [
            (self.added.len(), "added"),
            (self.removed.len(), "removed"),
            (self.renamed.len(), "renamed"),
            (self.moved.len(), "moved"),
        ];
        let types = [
            (self.types.added.len(), "added"),
            (self.types.removed.len(), "removed"),
            (self.types.changed.len(), "changed"),
        ];
        let counts = [counts("operation", &operations), counts("type", &types)];
        let counts: Vec<&str> = counts
            .iter()
            .map(String::as_str)
            .filter(|text| !text.is_empty())
            .collect();
        match counts.is_empty() {
            true => String::new(),
            false => format!(": {}", counts.join("; ")),
        }
    }
}

/// `1 operation added, 2 removed`.
fn counts(of: &str, counts: &[(usize, &str)]) -> String {
    let mut text = String::new();
    for (number, what) in counts.iter().filter(|(number, _)| *number > 0) {
        text = match text.is_empty() {
            true => format!("{} {what}", count(*number, of)),
            false => format!("{text}, {number} {what}"),
        };
    }
    text
}
