//! Calls of every method of a golden client, as tests that the package `golden` runs.
//!
//! What is called is read off the generated source, so that no method goes uncalled: one for which no call can be
//! written is a failure. What has to arrive, and what each answer has to become, is read off the document by code of
//! its own, so that a mistake of the generator cannot hide.

mod answer;
mod call;
mod document;
mod inputs;
mod pages;
mod request;
mod rust_type;
mod sample;
mod source;
mod write;

use document::{Document, Operation};
use source::{Method, Source};

/// Why no call can be written.
type Trouble = Box<dyn std::error::Error>;

/// The files of a client that calls are written from.
pub(crate) struct Client<'a> {
    /// The module of the package `golden`.
    pub(crate) name: &'a str,
    /// The file in `documents`.
    pub(crate) document: &'a str,
    pub(crate) text: &'a str,
    pub(crate) client: &'a str,
    pub(crate) operations: &'a str,
    pub(crate) types: &'a str,
}

/// The test file for one client.
pub(crate) fn written(of: &Client<'_>) -> Result<String, Trouble> {
    let document = Document::parse(of.document, of.text);
    let source = Source::read(of.client, of.operations, of.types)?;
    let mut tests = Vec::new();
    for (operation, method) in paired(&document.operations(), &source.methods)? {
        let test = write::operation(of, &document, &source, operation, method);
        tests.push(test.map_err(|trouble| format!("{}: {trouble}", method.name))?);
    }
    write::file(of, &source, &tests)
}

/// Every operation with its method: none is left over on either side.
fn paired<'a>(
    operations: &'a [Operation],
    methods: &'a [Method],
) -> Result<Vec<(&'a Operation, &'a Method)>, Trouble> {
    let mut left: Vec<&Method> = methods.iter().collect();
    let mut pairs = Vec::new();
    for operation in operations {
        let route = format!("{} {}", operation.method, operation.path);
        let stands_for = |m: &&Method| m.method == operation.method && m.path == operation.path;
        let found = left.iter().position(stands_for);
        let method = left.remove(found.ok_or_else(|| format!("no method for {route}"))?);
        if let Some(id) = &operation.id
            && !plain(&method.name).starts_with(&plain(id))
        {
            return Err(format!("{route} is {id}, but called {}", method.name).into());
        }
        pairs.push((operation, method));
    }
    match left.first() {
        Some(method) => Err(format!("{}: no operation of the document", method.name).into()),
        None => Ok(pairs),
    }
}

/// A name without what casing adds or takes away: letters and digits, of which Rust names here have ASCII's.
fn plain(name: &str) -> String {
    let name = name.trim_start_matches("r#");
    let kept = name.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|c| c.to_ascii_lowercase()).collect()
}
