//! Compares generated code, reports and error messages with the expected ones in `tests/golden` of
//! the workspace. The package `golden` compiles and calls the code.
//!
//! `BLESS=1 cargo test -p apigw-codegen --test golden` writes the current output; review it with
//! `git diff`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use apigw_codegen::{RuntimeSource, Target, generate};
use apigw_spec::{Api, Spec};

/// Contents of files by path in the package.
type Tree = BTreeMap<PathBuf, String>;

#[test]
fn every_spec_generates_the_expected_code_and_report() {
    let mut made = Tree::new();
    let mut modules = String::new();
    for (name, path) in specs("specs") {
        for (file, text) in generated(&name, &path) {
            made.insert(Path::new("src").join(&name).join(file), text);
        }
        modules.push_str(&format!("    {name}\n"));
    }
    made.insert("src/lib.rs".into(), LIB_RS.replace("    …\n", &modules));
    compare(made, &files("src", |_| true));
}

#[test]
fn the_client_in_the_runtime_tests_is_up_to_date() {
    let folder = Path::new("../../crates/apigw-runtime/tests/it/orders");
    let made = generated("orders", &folder.join("spec.yaml"));
    let made: Tree = made
        .into_iter()
        .filter(|(file, _)| has_extension(file, "rs"))
        .map(|(file, text)| (folder.join(file), text))
        .collect();
    compare(made, &BTreeSet::new());
}

#[test]
fn every_invalid_spec_returns_the_expected_message() {
    let mut made = Tree::new();
    for (name, path) in specs("refused") {
        let bytes = fs_err::read(root().join(&path)).unwrap();
        let refused = Spec::parse(path.file_name().unwrap().to_str().unwrap(), &bytes);
        let message = refused.expect_err("an error for a spec in refused/");
        made.insert(format!("refused/{name}.txt").into(), format!("{message}\n"));
    }
    compare(made, &files("refused", |path| has_extension(path, "txt")));
}

/// Returns the code of a client, and the report: every fix with its place in the spec.
fn generated(name: &str, path: &Path) -> Tree {
    let file = path.to_str().unwrap().to_owned();
    let bytes = fs_err::read(root().join(path)).unwrap();
    let spec = Spec::parse(&file, &bytes).unwrap_or_else(|error| panic!("{error}"));
    let mut report = spec.report().clone();
    let api = Api::read(&spec, &mut report);
    let target = Target {
        api: name.to_owned(),
        package: format!("{}-client", name.replace('_', "-")),
        spec: file,
        runtime: RuntimeSource::Workspace,
    };
    let files = generate(&api, &target, &apigw_spec::Choices::default(), &mut report)
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut made: Tree = ["client.rs", "operations.rs", "types.rs"]
        .map(|file| (file.into(), files[&Path::new("src").join(file)].clone()))
        .into();
    let lines: String = report
        .fixes()
        .iter()
        .map(|fix| match spec.position(&fix.pointer) {
            Some(position) => format!("{position}: {}; {}\n", fix.problem, fix.action),
            None => format!("{fix}\n"),
        })
        .collect();
    if !lines.is_empty() {
        made.insert("report.txt".into(), lines);
    }
    made
}

/// Fails if a file differs, is missing or is not expected; with `BLESS`, writes the files instead.
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
        .map(|path| format!("{}: this file is no longer generated", path.display()))
        .collect();
    for (path, text) in &made {
        let expected = fs_err::read_to_string(root().join(path)).unwrap_or_default();
        if let Some(difference) = difference(&expected, text) {
            wrong.push(format!("{}:{difference}", path.display()));
        }
    }
    assert!(
        wrong.is_empty(),
        "{}\n\nrun `BLESS=1 cargo test -p apigw-codegen --test golden`, and review the changes with `git diff`",
        wrong.join("\n")
    );
}

/// Returns the first line that differs, as expected and as generated.
fn difference(expected: &str, made: &str) -> Option<String> {
    if expected == made {
        return None;
    }
    let mut lines = (1..).zip(expected.split('\n').zip(made.split('\n')));
    Some(match lines.find(|(_, (expected, made))| expected != made) {
        Some((line, (expected, made))) => format!("{line}:\n  - {expected}\n  + {made}"),
        None => " one file is longer than the other".to_owned(),
    })
}

/// Returns the folder of the package `golden`.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden")
}

/// Returns the specs in a folder: paths in the package, by name.
fn specs(folder: &str) -> BTreeMap<String, PathBuf> {
    let is_spec = |path: &Path| has_extension(path, "json") || has_extension(path, "yaml");
    let found = files(folder, is_spec);
    let count = found.len();
    let named: BTreeMap<String, PathBuf> = found
        .into_iter()
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path))
        .collect();
    assert_eq!(
        named.len(),
        count,
        "two specs with the same name in {folder}"
    );
    assert!(count > 0, "no spec in {folder}");
    named
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

/// Returns the files below a folder, as paths in the package.
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

/// `lib.rs` of the package, with `…` for the modules.
const LIB_RS: &str = "\
//! The generated clients of the specs in `specs/`, one module each.
//!
//! Generated by `BLESS=1 cargo test -p apigw-codegen --test golden`.

/// Declares one module per spec, with the files of a client crate.
macro_rules! golden {
    ($($name:ident)*) => {$(
        #[doc = concat!(\"The client of `specs/\", stringify!($name), \"`.\")]
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
