//! API keys.

use std::collections::HashSet;
use std::fmt;

/// The accepted API keys.
#[derive(Default)]
pub(crate) struct ApiKeys(HashSet<String>);

impl ApiKeys {
    pub(crate) fn add(&mut self, key: String) {
        self.0.insert(key);
    }

    /// Returns whether a key is accepted. If no keys are configured, every key is.
    pub(crate) fn accepts(&self, key: &str) -> bool {
        self.0.is_empty() || self.0.contains(key)
    }
}

impl fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} API keys", self.0.len())
    }
}
