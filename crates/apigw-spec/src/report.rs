//! The report of all changes to a spec.

use std::fmt;

/// A change to a spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// The name of the fix, for example `missing-operation-id`.
    pub rule: &'static str,
    /// The location in the spec, as a JSON pointer (RFC 6901). Empty for the spec itself.
    pub pointer: String,
    /// The problem, for example ``missing `paths` ``.
    pub problem: String,
    /// The change, as a past participle or with -ing, for example `removed`.
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
            "{place}: {}; {} [{}]",
            self.problem, self.action, self.rule
        )
    }
}

/// All changes to a spec, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    fixes: Vec<Fix>,
}

impl Report {
    /// Creates an empty report.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a change.
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

    /// Returns the changes, in order.
    #[must_use]
    pub fn fixes(&self) -> &[Fix] {
        &self.fixes
    }
}
