//! Editing a document as text, so that all that is not touched stays as it was.

mod json;
mod yaml;

use std::collections::BTreeMap;

use apigw_spec::Spec;
use apigw_spec::spec::Syntax;
use serde_json::Value;

use super::error::Error;

/// What is to be changed, by JSON pointer.
#[derive(Debug, Default)]
pub(crate) struct Edits(BTreeMap<String, Edit>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Edit {
    /// The key and its value go.
    Cut,
    /// The value, a text, becomes another, which needs no escapes.
    Replace(&'static str),
}

impl Edits {
    pub(crate) fn cut(&mut self, pointer: String) {
        self.0.insert(pointer, Edit::Cut);
    }

    pub(crate) fn replace(&mut self, pointer: &str, text: &'static str) {
        self.0.insert(pointer.to_owned(), Edit::Replace(text));
    }

    /// What is cut.
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

    /// The same edits, to the value.
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

/// The document's text with the edits made.
///
/// The result is read again: unless it says exactly what it should, it is an error.
pub(crate) fn apply(document: &Spec, edits: &Edits) -> Result<String, Error> {
    let text = document.text();
    if edits.is_empty() {
        return Ok(text.to_owned());
    }
    let edited = match document.syntax() {
        Syntax::Json => json::edit(text, edits),
        Syntax::Yaml => yaml::edit(document, edits),
    };
    let mut wanted = document.value().clone();
    edits.apply(&mut wanted);
    let is_right = |text: &String| {
        Spec::parse(document.name(), text.as_bytes()).is_ok_and(|edited| *edited.value() == wanted)
    };
    edited.filter(is_right).ok_or_else(|| Error::Uncuttable {
        what: edits.cuts().next().unwrap_or("/info/version").to_owned(),
    })
}
