//! A plan in words: cargo's voice, and columns.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use similar::TextDiff;

use apigw_codegen::Files;
use apigw_regen::{Changes, Effect, Plan, Planned, State};
use apigw_spec::{Diagnostic, Report};

use super::table::table;

/// The APIs in columns: name, package, operations, state, endpoint.
#[must_use]
pub fn list(plan: &Plan) -> String {
    let mut rows = vec![
        ["name", "package", "operations", "state", "endpoint"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.extend(plan.apis().iter().map(|api| {
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

/// How much of a plan is told.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Telling<'a> {
    /// Only what failed.
    pub quiet: bool,
    /// Every fix of a spec, too.
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

/// Nobody else prints the causes: a plan with failures is not an error.
fn with_causes(diagnostic: &Diagnostic) -> String {
    let mut text = format!("{diagnostic}\n");
    let mut cause = diagnostic.source();
    while let Some(error) = cause {
        text.push_str(&format!("cause: {error}\n"));
        cause = error.source();
    }
    text
}

/// A plan in cargo's voice: a verb in twelve columns, then what it is about.
#[must_use]
pub fn plan(plan: &Plan, telling: &Telling<'_>) -> String {
    plan.apis().iter().map(|api| one(api, telling)).collect()
}

fn one(api: &Planned, telling: &Telling<'_>) -> String {
    if telling.quiet && !matches!(api.state, State::Failed(_)) {
        return String::new();
    }
    let (verb, about) = match &api.state {
        State::Fresh => ("Fresh", summary(api)),
        State::New => ("New", summary(api)),
        State::Stale(changes) => ("Stale", summary(api) + &changes_summary(changes)),
        State::Orphaned => ("Orphaned", " not in specs/apis.toml any more".to_owned()),
        State::Failed(_) => ("Failed", String::new()),
    };
    let mut text = format!("{verb:>12} {}{about}\n", api.name);
    match &api.state {
        State::Stale(changes) => text.push_str(&changed(changes)),
        State::Failed(diagnostic) => text.push_str(&(telling.diagnostic)(diagnostic)),
        State::Fresh | State::New | State::Orphaned => {}
    }
    if telling.verbose {
        for fix in api.report.iter().flat_map(Report::fixes) {
            text.push_str(&format!("{:>12} {fix}\n", "Fixed"));
        }
    }
    if telling.full_diff {
        text.push_str(&diff(api));
    }
    text
}

/// The files as they are against the files as they should be, as a unified diff; empty
/// for a crate that is fresh, new or cannot be made.
#[must_use]
pub fn diff(api: &Planned) -> String {
    let State::Stale(changes) = &api.state else {
        return String::new();
    };
    let text = |files: &Files, path: &PathBuf| files.get(path).cloned().unwrap_or_default();
    let diff = |path: &PathBuf| {
        let (old, new) = (text(api.current(), path), text(api.files(), path));
        let name = format!("crates/generated/{}/{}", api.name, path.display());
        TextDiff::from_lines(&old, &new)
            .unified_diff()
            .header(&name, &name)
            .to_string()
    };
    changes.files.iter().map(diff).collect()
}

fn summary(api: &Planned) -> String {
    format!(
        " ({}, {})",
        count(api.operations, "operation"),
        count(api.fixes, "fix")
    )
}

fn count(number: usize, of: &str) -> String {
    let plural = if of.ends_with('x') { "es" } else { "s" };
    match number {
        1 => format!("1 {of}"),
        number => format!("{number} {of}{plural}"),
    }
}

/// What changes: first what breaks whom, then what does not, then the version.
fn changed(changes: &Changes) -> String {
    let mut text = String::new();
    for change in &changes.changes {
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
        text.push_str(&format!(
            "{verb:>width$} {}{colon}{}",
            change.subject, change.text
        ));
        text.push('\n');
    }
    let files: Vec<String> = changes
        .files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    text.push_str(&format!("{:>12} {}\n", "Files", files.join(", ")));
    let why = match changes.is_breaking() {
        true => " (breaking)",
        false => "",
    };
    text.push_str(&format!(
        "{:>12} {} -> {}{why}\n",
        "Version", changes.version, changes.next_version
    ));
    text
}

/// How many operations and types come, go, and are not as they were.
fn changes_summary(changes: &Changes) -> String {
    let operations = [
        (changes.added.len(), "added"),
        (changes.removed.len(), "removed"),
        (changes.renamed.len(), "renamed"),
        (changes.moved.len(), "moved"),
    ];
    let types = [
        (changes.types.added.len(), "added"),
        (changes.types.removed.len(), "removed"),
        (changes.types.changed.len(), "changed"),
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
