//! Writes tests that call every method of the golden clients; the build script of the package `golden` runs it.
//!
//! The calls are read off the generated source, so that no method goes untested: a method for which no call can be
//! written is an error. The expected request and the expected result of each response are read off the spec by
//! separate code that shares nothing with the generator, so that a bug in the generator cannot hide itself.

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

use std::fs;
use std::path::Path;

use document::{Document, Operation};
use source::{Method, Source};

/// Why no call can be written.
pub type Trouble = Box<dyn std::error::Error>;

/// A golden document, and the files of the client that the generator made of it.
#[derive(Debug, Clone)]
pub struct Client {
    /// The module of the package `golden`.
    pub name: String,
    /// The file in `documents`.
    pub document: String,
    /// The content of the document.
    pub text: String,
    /// The content of `client.rs`.
    pub client: String,
    /// The content of `operations.rs`.
    pub operations: String,
    /// The content of `types.rs`.
    pub types: String,
}

impl Client {
    /// Reads all golden clients of the package in this folder, sorted by name.
    ///
    /// # Errors
    ///
    /// Returns an error if a file can't be read, or if a document has no generated client.
    pub fn read_all(package: &Path) -> Result<Vec<Self>, Trouble> {
        let mut clients = Vec::new();
        for entry in fs::read_dir(package.join("documents"))? {
            let path = entry?.path();
            let name = |of: Option<&std::ffi::OsStr>| Some(of?.to_str()?.to_owned());
            let (Some(name), Some(document)) = (name(path.file_stem()), name(path.file_name()))
            else {
                return Err(format!("{} is not named in Unicode", path.display()).into());
            };
            let folder = package.join("src").join(&name);
            let source = |file: &str| {
                let path = folder.join(file);
                fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
            };
            clients.push(Self {
                client: source("client.rs")?,
                operations: source("operations.rs")?,
                types: source("types.rs")?,
                text: fs::read_to_string(&path)?,
                name,
                document,
            });
        }
        clients.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(clients)
    }

    /// Returns the tests of this client, as a module in Rust.
    ///
    /// # Errors
    ///
    /// Returns an error if an operation has no method, a method has no operation, or no call of a method can be
    /// written.
    pub fn tests(&self) -> Result<String, Trouble> {
        let document = Document::parse(&self.document, &self.text)?;
        let source = Source::read(&self.client, &self.operations, &self.types)?;
        let mut tests = Vec::new();
        for (operation, method) in paired(&document.operations(), &source.methods)? {
            let test = write::operation(self, &document, &source, operation, method);
            tests.push(test.map_err(|trouble| format!("{}: {trouble}", method.name))?);
        }
        write::module(self, &source, &tests)
    }
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
        Some(method) => Err(format!("{}: no such operation in the document", method.name).into()),
        None => Ok(pairs),
    }
}

/// A name without what casing adds or takes away: letters and digits, of which Rust names here have ASCII's.
fn plain(name: &str) -> String {
    let name = name.trim_start_matches("r#");
    let kept = name.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(name: &str) -> Client {
        let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut clients = Client::read_all(&package).unwrap().into_iter();
        clients.find(|client| client.name == name).unwrap()
    }

    #[test]
    fn a_mismatch_between_document_and_source_is_an_error() {
        let original = client("parameters");
        assert!(original.tests().is_ok());
        type File = fn(&mut Client) -> &mut String;
        let types: File = |client| &mut client.types;
        let operations: File = |client| &mut client.operations;
        let methods: File = |client| &mut client.client;
        for (file, from, to, trouble) in [
            (
                operations,
                "pub fn tags(",
                "pub fn untagged(mut self) -> Self { self }\npub fn tags(",
                "find_item: no parameter is behind untagged",
            ),
            (
                operations,
                "pub fn tags(",
                "pub fn count(self) -> usize { 0 }\npub fn tags(",
                "find_item: count is a kind of method that nothing here calls",
            ),
            (
                operations,
                "\"/items/{itemId}\"",
                "\"/items\"",
                "no method for GET /items/{itemId}",
            ),
            (
                methods,
                "pub fn find_item(",
                "pub fn find_items(&self) -> operations::FindItem { todo!() }\npub fn find_item(",
                "find_item: no such operation in the document",
            ),
            (
                types,
                "\"closed\"",
                "\"shut\"",
                "find_item: no way to write \"closed\" as types::FindItemState",
            ),
        ] {
            let mut changed = original.clone();
            let text = file(&mut changed);
            assert!(text.contains(from), "{from}");
            *text = text.replace(from, to);
            let found = changed.tests().unwrap_err();
            assert_eq!(found.to_string(), trouble);
        }
    }
}
