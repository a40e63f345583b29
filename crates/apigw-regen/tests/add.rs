//! A new API in a workspace.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::path::PathBuf;

use apigw_regen::{Plan, State, Workspace};
use tempfile::TempDir;

/// As somebody may have written it, down to the blanks.
const DOCUMENT: &str =
    "openapi: 3.0.1\ninfo: {title: t,   version: '1'}\npaths: {/a: {get: {responses: {}}}}";

struct Site {
    folder: TempDir,
    workspace: Workspace,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs_err::create_dir(folder.path().join("specs")).unwrap();
        let workspace = Workspace::new(folder.path());
        Self { folder, workspace }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn read(&self, path: &str) -> String {
        fs_err::read_to_string(self.path(path)).unwrap()
    }

    /// Everything in `specs`, by name.
    fn specs(&self) -> Vec<(String, String)> {
        let mut files: Vec<(String, String)> = fs_err::read_dir(self.path("specs"))
            .unwrap()
            .map(|file| file.unwrap().file_name().to_string_lossy().into_owned())
            .map(|name| (name.clone(), self.read(&format!("specs/{name}"))))
            .collect();
        files.sort();
        files
    }

    fn refused(&self, name: &str, source: &str, spec: &str) -> String {
        let before = self.specs();
        let refused = self.workspace.add(name, source, spec.as_bytes());
        assert_eq!(self.specs(), before, "nothing is changed");
        refused.unwrap_err().to_string()
    }
}

#[test]
fn a_spec_is_put_beside_the_others_byte_for_byte_and_listed() {
    let site = Site::new();
    let list = "# ours\n[old]\nspec = \"old.json\" # as it was";
    fs_err::write(site.path("specs/apis.toml"), list).unwrap();

    let path = site
        .workspace
        .add("shop", "anywhere.txt", DOCUMENT.as_bytes());
    assert_eq!(path.unwrap(), site.path("specs/shop.yaml"));
    assert_eq!(site.read("specs/shop.yaml"), DOCUMENT);
    let added = format!("{list}\n\n[shop]\nspec = \"shop.yaml\"\n");
    assert_eq!(site.read("specs/apis.toml"), added);

    let plan = Plan::new(&site.workspace, &["shop".to_owned()]).unwrap();
    assert!(matches!(plan.apis()[0].state, State::New));
}

#[test]
fn the_first_api_brings_the_list() {
    let site = Site::new();
    site.workspace
        .add("shop", "s.yaml", DOCUMENT.as_bytes())
        .unwrap();
    assert!(site.workspace.apis().unwrap().tables.contains_key("shop"));
}

#[test]
fn a_spec_in_specs_stays_where_it_is() {
    let site = Site::new();
    let path = site.path("specs/export-2025.yml");
    fs_err::write(&path, DOCUMENT).unwrap();
    let source = path.to_str().unwrap();
    site.workspace
        .add("shop", source, DOCUMENT.as_bytes())
        .unwrap();
    let tables = site.workspace.apis().unwrap().tables;
    assert_eq!(tables["shop"].spec, "export-2025.yml");
    assert!(!site.path("specs/shop.yaml").exists());
}

#[test]
fn what_cannot_be_added_changes_nothing_and_says_why() {
    let site = Site::new();
    site.workspace
        .add("shop", "s.yaml", DOCUMENT.as_bytes())
        .unwrap();
    fs_err::write(site.path("specs/taken.yaml"), "mine").unwrap();
    for (name, spec, problem) in [
        ("Shop", DOCUMENT, "Shop is not a valid crate name"),
        ("../up", DOCUMENT, "../up is not a valid crate name"),
        ("shop", DOCUMENT, "there is already an API called shop"),
        ("taken", DOCUMENT, "this file already exists"),
        ("other", "hello", "the top level is a string, not an object"),
        (
            "other",
            "openapi: 3.0.1\npaths: {}",
            "the spec has no operations",
        ),
    ] {
        let said = site.refused(name, "s.yaml", spec);
        assert!(said.contains(problem), "{said}");
        assert!(said.contains("\nhelp: "), "{said}");
    }
}
