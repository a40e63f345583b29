//! Tests every fix on the spec in `fixes/<rule>.yaml`.
//!
//! A fixture contains a `spec`, the expected `report` with entries `[pointer, problem, action]`, and
//! expected values in the `fixed` spec, by pointer. The optional fourth item of an entry is the rule
//! that adds it, if it is a different one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use apigw_spec::{Report, fixes};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    spec: Value,
    report: Vec<Vec<String>>,
    fixed: BTreeMap<String, Value>,
}

fn fixtures() -> BTreeMap<String, Fixture> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixes");
    let files = fs_err::read_dir(folder).unwrap();
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

/// Returns the fixed spec, and the report as entries of a fixture, including the rule.
fn normalised(spec: &Value) -> (Value, Vec<[String; 4]>) {
    let mut spec = spec.clone();
    let mut report = Report::new();
    fixes::normalise(&mut spec, &mut report);
    let entries = report.fixes().iter().map(|fix| {
        let (pointer, problem) = (fix.pointer.clone(), fix.problem.clone());
        [pointer, problem, fix.action.clone(), fix.rule.to_owned()]
    });
    (spec, entries.collect())
}

#[test]
fn rules_and_fixtures_match() {
    let rules: BTreeSet<String> = fixes::names().into_iter().map(str::to_owned).collect();
    assert_eq!(
        rules.len(),
        fixes::names().len(),
        "two rules with the same name"
    );
    let fixtures: BTreeSet<String> = fixtures().into_keys().collect();
    assert_eq!(rules, fixtures);
}

#[test]
fn every_rule_adds_the_expected_report() {
    for (rule, fixture) in fixtures() {
        let expected: Vec<[String; 4]> = fixture
            .report
            .into_iter()
            .map(|mut entry| {
                entry.resize_with(entry.len().max(4), || rule.clone());
                entry.try_into().expect("pointer, problem, action, rule")
            })
            .collect();
        assert!(
            expected.iter().any(|entry| entry[3] == rule),
            "{rule}: the fixture has no entry for this rule"
        );
        let (_, reported) = normalised(&fixture.spec);
        assert_eq!(reported, expected, "{rule}");
    }
}

#[test]
fn every_rule_fixes_its_fixture() {
    for (rule, fixture) in fixtures() {
        assert!(!fixture.fixed.is_empty(), "{rule}");
        let (fixed, _) = normalised(&fixture.spec);
        for (pointer, expected) in fixture.fixed {
            let found = fixed.pointer(&pointer);
            assert_eq!(found, Some(&expected), "{rule}: {pointer}");
        }
    }
}

#[test]
fn a_normalised_spec_is_unchanged() {
    for (rule, fixture) in fixtures() {
        let (once, _) = normalised(&fixture.spec);
        let (twice, reported) = normalised(&once);
        assert_eq!(reported, Vec::<[String; 4]>::new(), "{rule}");
        assert_eq!(twice, once, "{rule}");
    }
}

#[test]
fn every_pointer_in_a_report_has_a_parent_in_the_spec() {
    for (rule, fixture) in fixtures() {
        let (fixed, reported) = normalised(&fixture.spec);
        for [pointer, ..] in reported {
            let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
            // targets of references are copied in the fixed spec only
            let known = fixture.spec.pointer(parent).or(fixed.pointer(parent));
            assert!(known.is_some(), "{rule}: {pointer}");
        }
    }
}
