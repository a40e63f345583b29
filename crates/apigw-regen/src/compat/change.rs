//! One change to a client, and its effect on existing code.

/// The types of a client that changed, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TypeChanges {
    /// New types.
    pub added: Vec<String>,
    /// Removed types.
    pub removed: Vec<String>,
    /// Types whose fields, variants or functions changed.
    pub changed: Vec<String>,
}

/// One change to an API, from the point of view of its callers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Change {
    /// The effect on existing code.
    pub effect: Effect,
    /// The route, type or field that changed.
    pub subject: String,
    /// How it changed and, for a breaking change, what callers have to do.
    pub text: String,
}

/// The effect of a change on existing code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Code that calls the client no longer compiles.
    BreaksBuild,
    /// Programs built with the old client get an error, or fail to read responses.
    BreaksWire,
    /// Programs built with the old client may break; a person has to check.
    MayBreakWire,
    /// Adds something; nothing breaks.
    Adds,
    /// Changes something without breaking anything.
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
    /// Returns `true` if callers have to act, or at least to check.
    #[must_use]
    pub fn is_breaking(self) -> bool {
        matches!(
            self,
            Self::BreaksBuild | Self::BreaksWire | Self::MayBreakWire
        )
    }
}
