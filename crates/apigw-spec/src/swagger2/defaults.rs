//! Top-level defaults of a spec.

use serde_json::{Map, Value};

/// Top-level settings that apply to operations without their own, and shared parameters.
pub(super) struct Defaults {
    pub(super) consumes: Vec<String>,
    pub(super) produces: Vec<String>,
    pub(super) parameters: Map<String, Value>,
}
