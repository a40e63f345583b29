//! Every fix, on a spec of its own: `fixes/<rule>.yaml`.
//!
//! A fixture holds a `spec`, the `report` that is expected, entry by entry as
//! `[pointer, problem, action]`, and what is to stand at some places of the `fixed`
//! spec. An entry with a fourth item is one that another rule, the item, must add.

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

/// The fixed spec, and the report as entries of a fixture, with the rule.
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
fn every_rule_has_a_fixture_and_every_fixture_a_rule() {
    let rules: BTreeSet<String> = fixes::names().into_iter().map(str::to_owned).collect();
    assert_eq!(rules.len(), fixes::names().len(), "two rules of one name");
    let fixtures: BTreeSet<String> = fixtures().into_keys().collect();
    assert_eq!(rules, fixtures);
}

#[test]
fn every_rule_fires_on_its_fixture_and_reports_what_it_does() {
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
            "{rule}: its fixture expects nothing of it"
        );
        let (_, reported) = normalised(&fixture.spec);
        assert_eq!(reported, expected, "{rule}");
    }
}

#[test]
fn every_rule_repairs_its_fixture() {
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
fn a_normalised_spec_is_left_alone() {
    for (rule, fixture) in fixtures() {
        let (once, _) = normalised(&fixture.spec);
        let (twice, reported) = normalised(&once);
        assert_eq!(reported, Vec::<[String; 4]>::new(), "{rule}");
        assert_eq!(twice, once, "{rule}");
    }
}

#[test]
fn a_report_points_into_the_spec_or_at_what_it_lacks() {
    for (rule, fixture) in fixtures() {
        let (fixed, reported) = normalised(&fixture.spec);
        for [pointer, ..] in reported {
            let around = pointer.rsplit_once('/').map_or("", |(around, _)| around);
            // what a reference brought in stands in the fixed spec alone
            let known = fixture.spec.pointer(around).or(fixed.pointer(around));
            assert!(known.is_some(), "{rule}: {pointer}");
        }
    }
}
