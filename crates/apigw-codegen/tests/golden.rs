//! What the generator makes of the documents in `tests/golden` of the workspace, byte for
//! byte: code that the package `golden` compiles, calls of it that the package makes, reports, and
//! messages.
//!
//! `BLESS=1 cargo test -p apigw-codegen --test golden` writes what is made now; the
//! difference is for a person to read.
#![cfg(feature = "generate")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test"
)]

mod calls;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use apigw_codegen::{Api, Dependencies, Document, Target, generate};

/// Where the calls are, inside the package.
const CALLS: &str = "tests/calls/documents";

/// Texts by path inside the package.
type Tree = BTreeMap<PathBuf, String>;

#[test]
fn every_document_gives_the_code_and_the_report_that_are_expected() {
    let mut made = Tree::new();
    let mut modules = String::new();
    for (name, path) in documents("documents") {
        for (file, text) in generated(&name, &path) {
            made.insert(Path::new("src").join(&name).join(file), text);
        }
        modules.push_str(&format!("    {name}\n"));
    }
    made.insert("src/lib.rs".into(), LIB_RS.replace("    …\n", &modules));
    compare(made, &files("src", |_| true));
}

#[test]
fn every_method_of_every_client_is_called() {
    let mut made = Tree::new();
    let mut modules = String::new();
    let mut uncalled = Vec::new();
    for (name, path) in documents("documents") {
        let calls = calls_of(&name, &path, &generated(&name, &path));
        match calls {
            Ok(calls) => _ = made.insert(format!("{CALLS}/{name}.rs").into(), calls),
            Err(trouble) => uncalled.push(format!("{name}: {trouble}")),
        }
        modules.push_str(&format!("mod {name};\n"));
    }
    assert!(uncalled.is_empty(), "no call for\n{}", uncalled.join("\n"));
    made.insert(format!("{CALLS}/mod.rs").into(), modules);
    compare(made, &files(CALLS, |_| true));
}

#[test]
fn what_nothing_calls_is_found() {
    let path = documents("documents").remove("parameters").unwrap();
    let made = generated("parameters", &path);
    assert!(calls_of("parameters", &path, &made).is_ok());
    for (file, from, to, trouble) in [
        (
            "operations.rs",
            "pub fn tags(",
            "pub fn untagged(mut self) -> Self { self }\npub fn tags(",
            "find_item: no parameter is behind untagged",
        ),
        (
            "operations.rs",
            "pub fn tags(",
            "pub fn count(self) -> usize { 0 }\npub fn tags(",
            "find_item: count is a kind of method that nothing here calls",
        ),
        (
            "operations.rs",
            "\"/items/{itemId}\"",
            "\"/items\"",
            "no method for GET /items/{itemId}",
        ),
        (
            "client.rs",
            "pub fn find_item(",
            "pub fn find_items(&self) -> operations::FindItem { todo!() }\npub fn find_item(",
            "find_item: no operation of the document",
        ),
        (
            "types.rs",
            "\"closed\"",
            "\"shut\"",
            "find_item: no way to write \"closed\" as types::FindItemState",
        ),
    ] {
        let mut changed = made.clone();
        let text = changed.get_mut(Path::new(file)).unwrap();
        assert!(text.contains(from), "{from} in {file}");
        *text = text.replace(from, to);
        let found = calls_of("parameters", &path, &changed).unwrap_err();
        assert_eq!(found.to_string(), trouble);
    }
}

#[test]
fn every_document_that_is_refused_gives_the_message_that_is_expected() {
    let mut made = Tree::new();
    for (name, path) in documents("refused") {
        let bytes = fs_err::read(root().join(&path)).unwrap();
        let refused = Document::parse(path.file_name().unwrap().to_str().unwrap(), &bytes);
        let message = refused.expect_err("a document in refused/ is refused");
        made.insert(format!("refused/{name}.txt").into(), format!("{message}\n"));
    }
    compare(made, &files("refused", |path| has_extension(path, "txt")));
}

/// Calls of all that a client offers.
fn calls_of(
    name: &str,
    path: &Path,
    generated: &Tree,
) -> Result<String, Box<dyn std::error::Error>> {
    calls::written(&calls::Client {
        name,
        document: path.file_name().unwrap().to_str().unwrap(),
        text: &fs_err::read_to_string(root().join(path)).unwrap(),
        client: &generated[Path::new("client.rs")],
        operations: &generated[Path::new("operations.rs")],
        types: &generated[Path::new("types.rs")],
    })
}

/// The code of a client, and what was repaired on the way, with its place in the document.
fn generated(name: &str, path: &Path) -> Tree {
    let spec = path.to_str().unwrap().to_owned();
    let bytes = fs_err::read(root().join(path)).unwrap();
    let document = Document::parse(&spec, &bytes).unwrap_or_else(|error| panic!("{error}"));
    let mut report = document.report().clone();
    let api = Api::read(&document, &mut report);
    let target = Target {
        api: name.to_owned(),
        package: format!("{}-client", name.replace('_', "-")),
        spec,
        dependencies: Dependencies::Workspace,
    };
    let files = generate(&api, &target, &BTreeMap::new(), &mut report)
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut made: Tree = ["client.rs", "operations.rs", "types.rs"]
        .map(|file| (file.into(), files[&Path::new("src").join(file)].clone()))
        .into();
    let told: String = report
        .fixups()
        .iter()
        .map(|fixup| match document.position(&fixup.pointer) {
            Some(position) => format!("{position}: {}: {}\n", fixup.problem, fixup.action),
            None => format!("{fixup}\n"),
        })
        .collect();
    if !told.is_empty() {
        made.insert("report.txt".into(), told);
    }
    made
}

/// Fails on a file that differs, is missing or is one too many; with `BLESS`, makes them so.
#[track_caller]
fn compare(made: Tree, present: &BTreeSet<PathBuf>) {
    let surplus: Vec<&PathBuf> = present
        .iter()
        .filter(|path| !made.contains_key(*path))
        .collect();
    if std::env::var_os("BLESS").is_some() {
        for path in surplus {
            fs_err::remove_file(root().join(path)).unwrap();
        }
        for (path, text) in made {
            let path = root().join(path);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, text).unwrap();
        }
        return;
    }
    let mut wrong: Vec<String> = surplus
        .into_iter()
        .map(|path| format!("{}: nothing makes this file", path.display()))
        .collect();
    for (path, text) in &made {
        let expected = fs_err::read_to_string(root().join(path)).unwrap_or_default();
        if let Some(difference) = difference(&expected, text) {
            wrong.push(format!("{}:{difference}", path.display()));
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\n\nread what changed with `git diff` after \
         `BLESS=1 cargo test -p apigw-codegen --test golden`",
        wrong.join("\n")
    );
}

/// The first line that differs, as it is expected and as it is.
fn difference(expected: &str, made: &str) -> Option<String> {
    if expected == made {
        return None;
    }
    let mut lines = (1..).zip(expected.split('\n').zip(made.split('\n')));
    Some(match lines.find(|(_, (expected, made))| expected != made) {
        Some((line, (expected, made))) => format!("{line}:\n  - {expected}\n  + {made}"),
        None => " one text goes on where the other ends".to_owned(),
    })
}

/// The package's own folder.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden")
}

/// Documents of a folder, by name, with their paths inside the package.
fn documents(folder: &str) -> BTreeMap<String, PathBuf> {
    let is_document = |path: &Path| has_extension(path, "json") || has_extension(path, "yaml");
    let found = files(folder, is_document);
    let count = found.len();
    let named: BTreeMap<String, PathBuf> = found
        .into_iter()
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path))
        .collect();
    assert_eq!(named.len(), count, "two documents of one name in {folder}");
    assert!(count > 0, "no document in {folder}");
    named
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

/// Files below a folder, by path inside the package.
fn files(folder: &str, wanted: impl Fn(&Path) -> bool) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if wanted(&path) {
                found.insert(path);
            }
        }
    }
    found
}

/// The package's `lib.rs`, with `…` for the modules.
const LIB_RS: &str = "\
//! What the generator makes of the documents in `documents/`, one module each.
//!
//! Written by `BLESS=1 cargo test -p apigw-codegen --test golden`.

/// One module per document, with the files that its client crate would have.
macro_rules! golden {
    ($($name:ident)*) => {$(
        #[doc = concat!(\"The client of `documents/\", stringify!($name), \"`.\")]
        pub mod $name {
            pub mod client;
            pub mod operations;
            pub mod types;
            pub use self::client::*;
        }
    )*};
}

golden! {
    …
}
";
