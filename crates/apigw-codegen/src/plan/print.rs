//! A plan in words: cargo's voice, and columns.

use std::error::Error;
use std::fmt;

use super::{Changes, Effect, Plan, Planned, State};
use crate::diagnostic::Diagnostic;
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

/// Cargo's voice: a verb in twelve columns, then what it is about.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for api in &self.apis {
            let (verb, about) = match &api.state {
                State::Fresh => ("Fresh", api.summary()),
                State::New => ("New", api.summary()),
                State::Stale(changes) => ("Stale", api.summary() + &changes.summary()),
                State::Orphaned => ("Orphaned", " not in specs/apis.toml any more".to_owned()),
                State::Failed(_) => ("Failed", String::new()),
            };
            writeln!(f, "{verb:>12} {}{about}", api.name)?;
            match &api.state {
                State::Stale(changes) => write!(f, "{changes}")?,
                State::Failed(diagnostic) => write_with_causes(f, diagnostic)?,
                _ => {}
            }
        }
        Ok(())
    }
}

/// Nobody else prints the causes: a plan with failures is no error.
fn write_with_causes(f: &mut fmt::Formatter<'_>, diagnostic: &Diagnostic) -> fmt::Result {
    writeln!(f, "{diagnostic}")?;
    let mut cause = diagnostic.source();
    while let Some(error) = cause {
        writeln!(f, "cause: {error}")?;
        cause = error.source();
    }
    Ok(())
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
