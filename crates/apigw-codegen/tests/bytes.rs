//! Any input results in a client or an error message, and never in a panic.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use apigw_codegen::inspect::{Inspection, Settings};
use apigw_spec::Spec;
use proptest::prelude::*;
use proptest::sample::Index;

/// Names and bytes of the specs in `tests/golden` of the workspace.
static SPECS: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden");
    let folders = ["specs", "refused"].map(|folder| golden.join(folder));
    let mut paths: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| fs_err::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension() != Some("txt".as_ref()))
        .collect();
    paths.sort();
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let paths = paths.iter();
    paths
        .map(|path| (name(path), fs_err::read(path).unwrap()))
        .collect()
});

/// A random change to a text.
#[derive(Debug, Clone)]
enum Change {
    /// Truncates the text.
    Cut(Index),
    /// Inserts bytes.
    Insert(Index, Vec<u8>),
    /// Deletes this many bytes.
    Delete(Index, usize),
    /// Copies bytes from the second place to the first.
    Copy(Index, Index, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let piece = prop_oneof![
        prop::collection::vec(any::<u8>(), 1..4),
        prop::sample::select(vec![
            "{", "}", "[", "]", "\"", ":", ",", "\n", "\t", " ", "- ", "&a ", "*a", "<<: ",
            "!Ref ", "|", "? ", "#", "---\n", "\u{feff}", "\\ud800", "1e999", "-0", "null", "~",
            "é",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    prop_oneof![
        any::<Index>().prop_map(Change::Cut),
        (any::<Index>(), piece).prop_map(|(at, piece)| Change::Insert(at, piece)),
        (any::<Index>(), 1..40_usize).prop_map(|(at, length)| Change::Delete(at, length)),
        (any::<Index>(), any::<Index>(), 1..80_usize)
            .prop_map(|(to, from, length)| Change::Copy(to, from, length)),
    ]
}

fn corrupt(bytes: &mut Vec<u8>, change: Change) {
    let places = bytes.len() + 1;
    let piece = |bytes: &[u8], at: usize, length: usize| {
        bytes
            .iter()
            .skip(at)
            .take(length)
            .copied()
            .collect::<Vec<u8>>()
    };
    match change {
        Change::Cut(at) => bytes.truncate(at.index(places)),
        Change::Insert(at, piece) => {
            let at = at.index(places);
            bytes.splice(at..at, piece);
        }
        Change::Delete(at, length) => {
            let at = at.index(places);
            bytes.drain(at..bytes.len().min(at + length));
        }
        Change::Copy(to, from, length) => {
            let (to, piece) = (to.index(places), piece(bytes, from.index(places), length));
            bytes.splice(to..to, piece);
        }
    }
}

proptest! {
    #[test]
    fn corrupted_specs_result_in_a_client_or_a_message(
        spec in any::<Index>(),
        changes in prop::collection::vec(change(), 1..6),
    ) {
        let (name, bytes) = &SPECS[spec.index(SPECS.len())];
        let mut bytes = bytes.clone();
        for change in changes {
            corrupt(&mut bytes, change);
        }
        match Spec::parse(name.as_str(), &bytes) {
            Ok(spec) => {
                let inspection = Inspection::new(&spec, &Settings::default());
                prop_assert!(inspection.is_ok(), "{:?}", inspection.err());
            }
            Err(message) => {
                prop_assert_eq!(message.file(), Some(name.as_str()));
                prop_assert!(message.remedy().is_some(), "{}", message);
            }
        }
    }

    #[test]
    fn any_bytes_result_in_a_message(bytes in prop::collection::vec(any::<u8>(), 0..200), is_json: bool) {
        let name = if is_json { "a.json" } else { "a.yaml" };
        let refused = Spec::parse(name, &bytes);
        prop_assert!(refused.is_err_and(|message| message.remedy().is_some()));
    }
}
