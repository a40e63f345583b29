//! Environment variables.

use std::fmt;
use std::sync::Arc;

/// The environment variables of the process, or those set by [`ClientBuilder::environment`](crate::ClientBuilder::environment).
#[derive(Clone)]
pub(crate) struct Environment(Arc<Lookup>);

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

impl Environment {
    /// Reads the environment of the process.
    pub(crate) fn process() -> Self {
        // lossy, so that a value that is not UTF-8 is rejected by name where it is used, and not treated as unset
        Self::new(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    pub(crate) fn new(lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(lookup))
    }

    /// Returns the value of a variable. An empty value counts as unset, as in the AWS SDKs.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment") // its values may be secrets
    }
}
