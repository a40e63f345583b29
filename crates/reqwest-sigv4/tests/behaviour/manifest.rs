//! The minimum Rust version is the same wherever it is stated.

use std::path::PathBuf;

fn read(file: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(folder.join(file)).unwrap()
}

#[test]
fn crate_and_readme_name_the_rust_version_of_the_workspace() {
    let workspace = read("../../Cargo.toml");
    let version = workspace
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = \""))
        .and_then(|rest| rest.split('"').next())
        .unwrap();
    assert_eq!(env!("CARGO_PKG_RUST_VERSION"), version);
    let readme = read("README.md");
    assert!(readme.contains(&format!("Rust {version}")), "{version}");
}
