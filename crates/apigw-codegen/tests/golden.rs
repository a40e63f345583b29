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

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use apigw_codegen::{Api, Dependencies, Document, Target, generate};

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
