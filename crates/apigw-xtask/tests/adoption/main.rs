//! Adopting the generator in other workspaces: real folders, real cargo, and no network.
//!
//! Each test goes from an existing workspace to a typed, signed call and a changed spec. The
//! crates come from the registry's cache, at the versions of this repository's lock file, and all
//! workspaces share a target folder. Compiling them takes minutes, so the tests are ignored by
//! default: `cargo test -p apigw-xtask --test adoption -- --ignored`.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod team;

use team::{Door, PROGRAM, Team};

const PACKAGE: &str = "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";

/// What a team adds to the package that calls the API.
const DEPENDENCIES: &str = "things-client = { path = \"crates/generated/things\" }\n\
    tokio = { version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }\n";

#[test]
#[ignore = "compiles a workspace"]
fn a_package_with_reqwest_code() {
    let team = Team::new(&[
        (
            "Cargo.toml",
            &format!(
                "{PACKAGE}\n# what we have\n[dependencies]\n\
                 reqwest = {{ version = \"0.13\", default-features = false }}\n{DEPENDENCIES}"
            ),
        ),
        (
            "src/main.rs",
            &format!(
                "#[allow(dead_code)]\nfn ours() -> reqwest::Client {{ reqwest::Client::new() }}\n{PROGRAM}"
            ),
        ),
    ]);
    team.adopts(Door::Xtask, "shop");
    assert!(team.read("Cargo.toml").contains("\n# what we have\n"));
}

#[test]
#[ignore = "compiles a workspace"]
fn a_virtual_workspace_with_other_features_of_the_same_crates() {
    let dependencies = DEPENDENCIES.replace("crates/generated", "../crates/generated");
    let team = Team::new(&[
        (
            "Cargo.toml",
            "[workspace]\nresolver = \"2\"\nmembers = [\n    \"app\", # the shop\n]\n\n\
             [workspace.dependencies]\n\
             chrono = { version = \"0.4\", default-features = false }\n\
             serde = { version = \"1\", default-features = false }\n\
             uuid = { version = \"1\", default-features = false }\n",
        ),
        (
            "app/Cargo.toml",
            &format!(
                "{PACKAGE}\n[dependencies]\nchrono.workspace = true\nserde.workspace = true\n\
                 uuid.workspace = true\n{dependencies}"
            ),
        ),
        ("app/src/main.rs", PROGRAM),
    ]);
    team.adopts(Door::Xtask, "shop");
}

#[test]
#[ignore = "compiles a workspace"]
fn a_target_folder_on_another_file_system() {
    let Some(elsewhere) = team::other_file_system() else {
        return;
    };
    let team = Team::new(&[
        ("Cargo.toml", &format!("{PACKAGE}\n[dependencies]\n")),
        ("src/main.rs", "fn main() {}\n"),
    ]);
    team.links("target", elsewhere.path());
    team.initializes(Door::Apigw);
    team.generates(Door::Apigw);
    team.follows_a_change(Door::Apigw);
}

#[test]
#[ignore = "compiles a workspace"]
fn an_xtask_with_commands_of_its_own() {
    let xtask = team::dependency("apigw-xtask");
    let team = Team::new(&[
        (
            "Cargo.toml",
            &format!(
                "{PACKAGE}\n[dependencies]\n{DEPENDENCIES}\n[workspace]\nmembers = [\"xtask\"]\n"
            ),
        ),
        ("src/main.rs", PROGRAM),
        (
            "xtask/Cargo.toml",
            &format!(
                "[package]\nname = \"xtask\"\nedition = \"2024\"\n\n[dependencies]\n\
                 apigw-xtask = {xtask}\nanyhow = \"1\"\nclap = {{ version = \"4\", features = [\"derive\"] }}\n"
            ),
        ),
        (
            "xtask/src/main.rs",
            "#[derive(clap::Subcommand)]\nenum Own {\n    /// Says hello\n    Hello,\n}\n\n\
             fn main() -> std::process::ExitCode {\n    apigw_xtask::main_with(|Own::Hello| {\n        \
             println!(\"hello\");\n        anyhow::Ok(std::process::ExitCode::SUCCESS)\n    })\n}\n",
        ),
    ]);
    team.adopts(Door::Xtask, "shop");
    let hello = team.run(Door::Xtask, &["hello"]);
    assert_eq!(String::from_utf8_lossy(&hello.stdout), "hello\n");
}

#[test]
#[ignore = "compiles a workspace"]
fn a_new_folder_with_cargo_apigw_alone() {
    let dependencies = DEPENDENCIES.replace("crates/generated", "../crates/generated");
    let team = Team::new(&[
        (
            "app/Cargo.toml",
            &format!("{PACKAGE}\n[dependencies]\n{dependencies}"),
        ),
        ("app/src/main.rs", PROGRAM),
        (
            "Cargo.toml",
            "[workspace]\nresolver = \"3\"\nmembers = [\"app\"]\n",
        ),
    ]);
    team.adopts(Door::Apigw, "shop");
    assert!(!team.exists("xtask"));
}

/// The program of the root README that uses a generated client, with a `main`.
fn program_of_the_readme() -> String {
    let readme = fs_err::read_to_string(team::repository().join("README.md")).unwrap();
    let mut blocks = readme
        .split("```rust,no_run\n")
        .filter_map(|block| block.split_once("```"));
    let (block, _) = blocks
        .find(|(block, _)| block.contains("OrdersClient::from_env"))
        .unwrap();
    // as rustdoc: these lines are not shown
    let lines = block
        .lines()
        .map(|line| line.strip_prefix("# ").unwrap_or(line));
    let run: Vec<&str> = lines.collect();
    format!(
        "{}\n#[tokio::main]\nasync fn main() -> Result<(), Box<dyn std::error::Error>> {{\n    run().await\n}}\n",
        run.join("\n")
    )
}

#[test]
#[ignore = "compiles a workspace"]
fn the_program_of_the_readme_reads_every_page_of_a_served_api() {
    let dependencies = DEPENDENCIES.replace("things", "orders");
    let team = Team::new(&[
        (
            "Cargo.toml",
            &format!("{PACKAGE}\n[dependencies]\n{dependencies}"),
        ),
        ("src/main.rs", &program_of_the_readme()),
    ]);
    team.initializes(Door::Apigw);
    let spec = team::repository().join("specs/orders.json");
    let from = spec.to_str().unwrap();
    team.run(Door::Apigw, &["new", "orders", "--from", from]);
    team.cargo(&["build", "--quiet", "--package", "shop"]);
    // the first page has one order, and so has the last one
    let printed = "1 orders before ord-1001\nord-1001\nord-1001\n";
    team.calls(Door::Apigw, "orders", "shop", printed);
}
