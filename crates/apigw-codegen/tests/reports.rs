//! What is reported beside the fixes: oddities of the text, of Swagger 2.0, and what no
//! type can hold. One fixture per rule, `reports/<rule>.yaml`.
//!
//! A fixture holds the `text` of a spec and the name of its `file`, other `files`
//! beside it, and the `report` that is expected, entry by entry as `[pointer, problem,
//! action]`. An entry with a fourth item is one that another rule, the item, must add.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use apigw_codegen::{RuntimeSource, Target, generate};
use apigw_spec::{Api, Spec, fixes};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    file: String,
    text: String,
    #[serde(default)]
    files: BTreeMap<String, String>,
    report: Vec<Vec<String>>,
}

fn crate_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn fixtures() -> BTreeMap<String, Fixture> {
    let files = fs_err::read_dir(crate_folder().join("tests/reports")).unwrap();
    files
        .map(|file| {
            let path = file.unwrap().path();
            let text = fs_err::read_to_string(&path).unwrap();
            let fixture = serde_saphyr::from_str(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let rule = path.file_stem().unwrap().to_str().unwrap();
            (rule.to_owned(), fixture)
        })
        .collect()
}

/// Everything reported from reading the file to rendering the crate.
fn reported(fixture: &Fixture) -> Vec<[String; 4]> {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs_err::write(folder.path().join(name), text).unwrap();
    write(&fixture.file, &fixture.text);
    for (name, text) in &fixture.files {
        write(name, text);
    }
    let spec = Spec::read(folder.path().join(&fixture.file)).unwrap();
    let mut report = spec.report().clone();
    let api = Api::read(&spec, &mut report);
    let target = Target {
        api: "orders".to_owned(),
        package: "orders-client".to_owned(),
        spec: "specs/orders.yaml".to_owned(),
        runtime: RuntimeSource::Workspace,
    };
    generate(&api, &target, &apigw_spec::Choices::default(), &mut report).unwrap();
    let entries = report.fixes().iter().map(|fix| {
        let (pointer, problem) = (fix.pointer.clone(), fix.problem.clone());
        [pointer, problem, fix.action.clone(), fix.rule.to_owned()]
    });
    entries.collect()
}

#[test]
fn every_rule_reports_on_its_fixture_what_it_does() {
    for (rule, fixture) in fixtures() {
        let expected: Vec<[String; 4]> = fixture
            .report
            .iter()
            .map(|entry| {
                let mut entry = entry.clone();
                entry.resize_with(entry.len().max(4), || rule.clone());
                entry.try_into().expect("pointer, problem, action, rule")
            })
            .collect();
        assert!(
            expected.iter().any(|entry| entry[3] == rule),
            "{rule}: its fixture expects nothing of it"
        );
        assert_eq!(reported(&fixture), expected, "{rule}");
    }
}

/// The rules that the sources name where they add to a report.
#[test]
fn every_rule_in_the_sources_has_a_fixture() {
    let mut named = BTreeSet::new();
    let mut folders = vec![
        crate_folder().join("src"),
        crate_folder().join("../apigw-spec/src"),
    ];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name() != Some("report.rs".as_ref()) {
                rules_in(&path, &mut named);
            }
        }
    }
    for fix in fixes::names() {
        named.remove(fix);
    }
    // the fixes leave no schema that has none: see the unit test of the engine for the other case
    assert!(named.remove("untyped-schema"));
    assert_eq!(named, fixtures().into_keys().collect());
}

fn rules_in(path: &Path, into: &mut BTreeSet<String>) {
    let text = fs_err::read_to_string(path).unwrap();
    let calls = text.split(".add(").skip(1);
    let losses = text.split(".lost(").skip(1);
    let constants = text.split("const RULE: &str = ").skip(1);
    for rest in calls.chain(losses).chain(constants) {
        let Some(rest) = rest.trim_start().strip_prefix('"') else {
            continue;
        };
        let rule = rest.split('"').next().unwrap_or_default();
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !rule.is_empty() && rule.chars().all(is_name) {
            into.insert(rule.to_owned());
        }
    }
}
