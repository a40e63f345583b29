//! Edits a spec as text, so that the rest of it does not change.

mod json;
mod yaml;

use std::collections::BTreeMap;

use apigw_spec::Spec;
use apigw_spec::spec::Syntax;
use serde_json::Value;

use super::error::Error;

/// The edits, by JSON pointer.
#[derive(Debug, Default)]
pub(crate) struct Edits(BTreeMap<String, Edit>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Edit {
    /// Removes the key and its value.
    Cut,
    /// Replaces a string. The new one must not need escapes.
    Replace(&'static str),
}

impl Edits {
    pub(crate) fn cut(&mut self, pointer: String) {
        self.0.insert(pointer, Edit::Cut);
    }

    pub(crate) fn replace(&mut self, pointer: &str, text: &'static str) {
        self.0.insert(pointer.to_owned(), Edit::Replace(text));
    }

    /// Returns the pointers of the removed parts.
    pub(crate) fn cuts(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(|(_, edit)| **edit == Edit::Cut)
            .map(|(pointer, _)| pointer.as_str())
    }

    fn get(&self, pointer: &str) -> Option<&Edit> {
        self.0.get(pointer)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Applies the edits to a value.
    fn apply(&self, value: &mut Value) {
        for (pointer, edit) in &self.0 {
            match edit {
                Edit::Replace(text) => {
                    if let Some(value) = value.pointer_mut(pointer) {
                        *value = Value::from(*text);
                    }
                }
                Edit::Cut => {
                    let Some((parent, key)) = pointer.rsplit_once('/') else {
                        continue;
                    };
                    let key = apigw_spec::pointer::unescape(key).into_owned();
                    if let Some(Value::Object(map)) = value.pointer_mut(parent) {
                        map.shift_remove(&key);
                    }
                }
            }
        }
    }
}

/// Applies the edits to the text of a spec.
///
/// The result is parsed again, and compared with the expected value.
pub(crate) fn apply(spec: &Spec, edits: &Edits) -> Result<String, Error> {
    let text = spec.text();
    if edits.is_empty() {
        return Ok(text.to_owned());
    }
    let edited = match spec.syntax() {
        Syntax::Json => json::edit(text, edits),
        Syntax::Yaml => yaml::edit(spec, edits),
    };
    let mut expected = spec.value().clone();
    edits.apply(&mut expected);
    let is_expected = |text: &String| {
        Spec::parse(spec.name(), text.as_bytes()).is_ok_and(|edited| *edited.value() == expected)
    };
    edited.filter(is_expected).ok_or_else(|| Error::Uncuttable {
        what: edits.cuts().next().unwrap_or("/info/version").to_owned(),
    })
}
