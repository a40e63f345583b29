//! Writes tests that call every method of the golden clients; the build script of the package `golden` runs it.
//!
//! The calls are read off the generated source, so that no method goes untested: a method for which no call can be
//! written is an error. The expected request and the expected result of each response are read off the spec by
//! separate code that shares nothing with the generator, so that a bug in the generator cannot hide itself.

mod call;
mod inputs;
mod pages;
mod request;
mod response;
mod rust_type;
mod sample;
mod source;
mod spec;
mod write;

use std::fs;
use std::path::Path;

use source::{Method, Source};
use spec::{Operation, Spec};

/// Why no call can be written.
pub type Error = Box<dyn std::error::Error>;

/// A golden spec, and the generated files of its client.
#[derive(Debug, Clone)]
pub struct Client {
    /// The module of the package `golden`.
    pub name: String,
    /// The file name in `specs`.
    pub spec: String,
    /// The content of the spec.
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
    /// Returns an error if a file can't be read, or if a spec has no generated client.
    pub fn read_all(package: &Path) -> Result<Vec<Self>, Error> {
        let mut clients = Vec::new();
        for entry in fs::read_dir(package.join("specs"))? {
            let path = entry?.path();
            let name = |of: Option<&std::ffi::OsStr>| Some(of?.to_str()?.to_owned());
            let (Some(name), Some(spec)) = (name(path.file_stem()), name(path.file_name())) else {
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
                spec,
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
    pub fn tests(&self) -> Result<String, Error> {
        let spec = Spec::parse(&self.spec, &self.text)?;
        let source = Source::read(&self.client, &self.operations, &self.types)?;
        let mut tests = Vec::new();
        for (operation, method) in paired(&spec.operations(), &source.methods)? {
            let test = write::operation(self, &spec, &source, operation, method);
            tests.push(test.map_err(|error| format!("{}: {error}", method.name))?);
        }
        write::module(self, &source, &tests)
    }
}

/// Pairs each operation with its method; an operation or a method without a counterpart is an error.
fn paired<'a>(
    operations: &'a [Operation],
    methods: &'a [Method],
) -> Result<Vec<(&'a Operation, &'a Method)>, Error> {
    let mut left: Vec<&Method> = methods.iter().collect();
    let mut pairs = Vec::new();
    for operation in operations {
        let route = format!("{} {}", operation.method, operation.path);
        let is_it = |m: &&Method| m.method == operation.method && m.path == operation.path;
        let found = left.iter().position(is_it);
        let method = left.remove(found.ok_or_else(|| format!("no method for {route}"))?);
        if let Some(id) = &operation.id
            && !plain(&method.name).starts_with(&plain(id))
        {
            return Err(format!("{route} is {id}, but called {}", method.name).into());
        }
        pairs.push((operation, method));
    }
    match left.first() {
        Some(method) => Err(format!("{}: no such operation in the spec", method.name).into()),
        None => Ok(pairs),
    }
}

/// Spellings in ASCII of the other letters in the specs: without marks (Unicode, NFKD), and in Pinyin.
const SPELLINGS: [(&str, &str); 3] = [("Ü", "u"), ("ß", "ss"), ("订单", "dingdan")];

/// Returns the letters and digits of a name in lower case, to compare names regardless of their casing.
fn plain(name: &str) -> String {
    let name = SPELLINGS
        .iter()
        .fold(name.to_owned(), |name, (from, to)| name.replace(from, to));
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
    fn a_mismatch_between_spec_and_source_is_an_error() {
        let original = client("parameters");
        assert!(original.tests().is_ok());
        type File = fn(&mut Client) -> &mut String;
        let types: File = |client| &mut client.types;
        let operations: File = |client| &mut client.operations;
        let methods: File = |client| &mut client.client;
        for (file, from, to, error) in [
            (
                operations,
                "pub fn tags(",
                "pub fn untagged(mut self) -> Self { self }\npub fn tags(",
                "find_item: untagged() sets no parameter of the spec",
            ),
            (
                operations,
                "pub fn tags(",
                "pub fn count(self) -> usize { 0 }\npub fn tags(",
                "find_item: count is a kind of method that no test calls",
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
                "find_item: no such operation in the spec",
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
            assert_eq!(found.to_string(), error);
        }
    }
}
