//! The report of a single fix.

use serde_json::Value;

use crate::report::Report;

/// Adds entries of one fix to the report.
pub(super) struct Log<'a> {
    pub(super) rule: &'static str,
    pub(super) report: &'a mut Report,
    /// The spec before this fix, for resolving references.
    pub(super) spec: &'a Value,
}

impl Log<'_> {
    pub(super) fn add(
        &mut self,
        pointer: impl Into<String>,
        problem: impl Into<String>,
        action: impl Into<String>,
    ) {
        self.report.add(self.rule, pointer, problem, action);
    }
}
