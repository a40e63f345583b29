//! A change of a client, and its effect on callers.

/// Changed types of a client, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TypeChanges {
    /// Added types.
    pub added: Vec<String>,
    /// Removed types.
    pub removed: Vec<String>,
    /// Types whose fields, variants or functions have changed.
    pub changed: Vec<String>,
}

/// A change of an API that is visible to callers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Change {
    /// The effect on callers.
    pub effect: Effect,
    /// The route, type or field that has changed.
    pub subject: String,
    /// A description of the change, and how to update callers if it is breaking.
    pub text: String,
}

/// The effect of a change on callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Code that uses the client may no longer compile.
    BreaksBuild,
    /// Programs built with the old client are rejected, or can't decode responses.
    BreaksWire,
    /// Programs built with the old client may break; this needs a manual check.
    MayBreakWire,
    /// Not breaking: something was added.
    Adds,
    /// Not breaking: something was changed.
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
    /// Returns whether callers must be updated, or at least checked.
    #[must_use]
    pub fn is_breaking(self) -> bool {
        matches!(
            self,
            Self::BreaksBuild | Self::BreaksWire | Self::MayBreakWire
        )
    }
}
