//! What was changed in a spec, and why: nothing is fixed in silence.

use std::fmt;

/// One change that a fix made to a spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// The fix's name, for example `missing-operation-id`.
    pub rule: &'static str,
    /// Where in the spec, as a JSON pointer (RFC 6901); empty for the spec itself.
    pub pointer: String,
    /// What was wrong.
    pub problem: String,
    /// What was done about it.
    pub action: String,
}

impl fmt::Display for Fix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() {
            "/"
        } else {
            &self.pointer
        };
        write!(
            f,
            "{place}: {}: {} [{}]",
            self.problem, self.action, self.rule
        )
    }
}

/// All changes made to one spec, in the order they were made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    fixes: Vec<Fix>,
}

impl Report {
    /// An empty report.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Records one change.
    pub fn add(
        &mut self,
        rule: &'static str,
        pointer: impl Into<String>,
        problem: impl Into<String>,
        action: impl Into<String>,
    ) {
        self.fixes.push(Fix {
            rule,
            pointer: pointer.into(),
            problem: problem.into(),
            action: action.into(),
        });
    }

    /// The changes, in the order they were made.
    #[must_use]
    pub fn fixes(&self) -> &[Fix] {
        &self.fixes
    }
}
