//! A plan as text: status lines and columns.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use similar::TextDiff;

use apigw_codegen::Files;
use apigw_regen::{Changes, Effect, Plan, Planned, State};
use apigw_spec::{Diagnostic, Report};

use super::table::table;

/// Formats the APIs of a plan as a table.
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

/// How much of a plan is printed.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Options<'a> {
    /// Only failures.
    pub quiet: bool,
    /// Also every fix applied to a spec.
    pub verbose: bool,
    /// Also the diff of every generated file.
    pub full_diff: bool,
    /// Renders a diagnostic.
    pub diagnostic: &'a dyn Fn(&Diagnostic) -> String,
}

impl fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("quiet", &self.quiet)
            .field("verbose", &self.verbose)
            .field("full_diff", &self.full_diff)
            .finish_non_exhaustive()
    }
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            quiet: false,
            verbose: false,
            full_diff: false,
            diagnostic: &with_causes,
        }
    }
}

/// Includes the causes, which nothing else prints: a plan with failures is not an error.
fn with_causes(diagnostic: &Diagnostic) -> String {
    let mut text = format!("{diagnostic}\n");
    let mut cause = diagnostic.source();
    while let Some(error) = cause {
        text.push_str(&format!("cause: {error}\n"));
        cause = error.source();
    }
    text
}

/// Formats a plan in the style of Cargo: a verb in twelve columns, then its subject.
#[must_use]
pub fn plan(plan: &Plan, options: &Options<'_>) -> String {
    let apis = plan.apis().iter();
    apis.map(|api| one(plan, api, options)).collect()
}

fn one(plan: &Plan, api: &Planned, options: &Options<'_>) -> String {
    if options.quiet && !matches!(api.state, State::Failed(_)) {
        return String::new();
    }
    let (verb, about) = match &api.state {
        State::Fresh => ("Fresh", summary(api)),
        State::New => ("New", summary(api)),
        State::Stale(changes) => ("Stale", summary(api) + &changes_summary(changes)),
        State::Orphaned => ("Orphaned", " no longer in specs/apis.toml".to_owned()),
        State::Failed(_) => ("Failed", String::new()),
    };
    let mut text = format!("{verb:>12} {}{about}\n", api.name);
    match &api.state {
        State::Stale(changes) => text.push_str(&changed(changes)),
        State::Failed(diagnostic) => text.push_str(&(options.diagnostic)(diagnostic)),
        State::Fresh | State::New | State::Orphaned => {}
    }
    if options.verbose {
        for fix in api.report.iter().flat_map(Report::fixes) {
            text.push_str(&format!("{:>12} {fix}\n", "Fixed"));
        }
    }
    if options.full_diff {
        text.push_str(&diff(plan, api));
    }
    text
}

/// Returns a unified diff of the files of a stale client; empty in any other state.
#[must_use]
pub fn diff(plan: &Plan, api: &Planned) -> String {
    let State::Stale(changes) = &api.state else {
        return String::new();
    };
    let text = |files: &Files, path: &PathBuf| files.get(path).cloned().unwrap_or_default();
    let diff = |path: &PathBuf| {
        let (old, new) = (text(api.current(), path), text(api.files(), path));
        let name = plan.folder(&api.name).join(path).display().to_string();
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

/// Formats the changes, breaking ones first, then the files and the version.
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

/// Counts the operations and types that were added, removed or changed.
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

/// Formats counts: `1 operation added, 2 removed`.
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
