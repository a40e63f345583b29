//! What was changed in a document, and why: nothing is repaired in silence.

use std::fmt;

/// One change that a fixup made to a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixup {
    /// The fixup's name, for example `missing-operation-id`.
    pub rule: &'static str,
    /// Where in the document, as a JSON pointer (RFC 6901); empty for the document itself.
    pub pointer: String,
    /// What was wrong.
    pub problem: String,
    /// What was done about it.
    pub action: String,
}

impl fmt::Display for Fixup {
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

/// All changes made to one document, in the order they were made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    fixups: Vec<Fixup>,
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
        self.fixups.push(Fixup {
            rule,
            pointer: pointer.into(),
            problem: problem.into(),
            action: action.into(),
        });
    }

    /// The changes, in the order they were made.
    #[must_use]
    pub fn fixups(&self) -> &[Fixup] {
        &self.fixups
    }
}
