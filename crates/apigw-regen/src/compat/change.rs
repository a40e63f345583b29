//! One change of a client, and whom it breaks.

/// Types of a client, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TypeChanges {
    /// Types to come.
    pub added: Vec<String>,
    /// Types to go.
    pub removed: Vec<String>,
    /// Types with other fields, variants or functions.
    pub changed: Vec<String>,
}

/// One change of an API, as its callers see it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Change {
    /// Whom it breaks.
    pub effect: Effect,
    /// What changes: a route, a type or a field.
    pub subject: String,
    /// How it changes, and what callers have to do about it if it breaks them.
    pub text: String,
}

/// Whom a change breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Code that calls the client does not compile any more.
    BreaksBuild,
    /// Programs that were built with the client before are refused, or cannot read the answers.
    BreaksWire,
    /// Nobody can tell without looking whether programs built before still work.
    MayBreakWire,
    /// Nobody; something comes.
    Adds,
    /// Nobody; something is not as it was.
    Alters,
}

impl Change {
    pub(crate) fn new(effect: Effect, subject: &str, text: impl Into<String>) -> Self {
        Self {
            effect,
            subject: subject.to_owned(),
            text: text.into(),
        }
    }

    pub(crate) fn breaks_wire(subject: &str, text: impl Into<String>) -> Self {
        Self::new(Effect::BreaksWire, subject, text)
    }
}

impl Effect {
    /// Whether callers have to do something, or at least to look.
    #[must_use]
    pub fn is_breaking(self) -> bool {
        matches!(
            self,
            Self::BreaksBuild | Self::BreaksWire | Self::MayBreakWire
        )
    }
}
