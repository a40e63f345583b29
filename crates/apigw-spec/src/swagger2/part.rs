//! Body and form parameters.

use serde_json::{Map, Value};

use super::defaults::Defaults;
use crate::pointer;

/// A parameter that is the request body (`in: body`) or a form field (`in: formData`).
#[derive(Clone)]
pub(super) struct Part {
    pub(super) parameter: Map<String, Value>,
    pub(super) place: String,
}

/// Returns whether a parameter is part of the request body.
pub(super) fn is_body(parameter: &Value) -> bool {
    matches!(parameter["in"].as_str(), Some("body" | "formData"))
}

impl Part {
    /// Returns the part for a parameter, or for the target of a reference, if it is in the body.
    pub(super) fn of(parameter: &Value, place: &str, defaults: &Defaults) -> Option<Self> {
        let target = parameter["$ref"]
            .as_str()
            .and_then(|reference| reference.strip_prefix("#/parameters/"))
            .and_then(|name| defaults.parameters.get(pointer::unescape(name).as_ref()))
            .unwrap_or(parameter);
        match target {
            Value::Object(map) if is_body(target) => Some(Self {
                parameter: map.clone(),
                place: place.to_owned(),
            }),
            _ => None,
        }
    }

    pub(super) fn is_form(&self) -> bool {
        self.text("in") == Some("formData")
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.parameter.get(key).and_then(Value::as_str)
    }

    pub(super) fn name(&self) -> String {
        self.text("name").unwrap_or("body").to_owned()
    }

    pub(super) fn is_required(&self) -> bool {
        self.parameter.get("required") == Some(&Value::Bool(true))
    }
}
