//! Defaults of a spec.

use serde_json::{Map, Value};

/// What holds for every operation that does not say otherwise.
pub(super) struct Defaults {
    pub(super) consumes: Vec<String>,
    pub(super) produces: Vec<String>,
    pub(super) parameters: Map<String, Value>,
}
