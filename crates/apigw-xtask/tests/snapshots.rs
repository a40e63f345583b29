//! The output and exit code of the real binary, as files in `snapshots/`.
//!
//! `BLESS=1 cargo test -p apigw-xtask --test snapshots` updates them; review the
//! difference with `git diff`.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const SHOP: &str = include_str!("verdict/shop.yaml");
const APIS: &str = "[shop]\nspec = \"shop.yaml\"\n";

/// A workspace in a folder that is removed at the end of the test.
struct Site {
    folder: TempDir,
}

impl Site {
    /// An API, and no client yet.
    fn new() -> Self {
        let site = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        site.write("specs/apis.toml", APIS);
        site.write("specs/shop.yaml", SHOP);
        site
    }

    /// An API and its client.
    fn generated() -> Self {
        let site = Self::new();
        assert!(site.xtask(&["regen"]).status.success());
        site
    }

    /// An API with its client, and a spec that breaks it.
    fn stale() -> Self {
        let site = Self::generated();
        let spec = SHOP.replace("total: { type: number }", "total: { type: string }");
        let spec = spec.replace("operationId: DeleteOrder", "operationId: CancelOrder");
        site.write("specs/shop.yaml", &spec);
        site
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-apigw"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE");
        command
    }

    fn xtask(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Compares the output of a command with the file of that name.
    #[track_caller]
    fn assert_prints(&self, name: &str, arguments: &[&str]) {
        assert_snapshot(name, arguments, &self.xtask(arguments));
    }
}

#[track_caller]
fn assert_snapshot(name: &str, arguments: &[&str], output: &Output) {
    let text = |bytes: &[u8]| {
        String::from_utf8(bytes.to_vec())
            .unwrap()
            .replace('\x1b', "␛")
    };
    let section = |title: &str, text: String| match text.is_empty() {
        true => String::new(),
        false => format!("--- {title}\n{text}"),
    };
    let printed = format!(
        "$ cargo apigw {}\n{}{}--- exit code {}\n",
        arguments.join(" "),
        section("stdout", text(&output.stdout)),
        section("stderr", text(&output.stderr)),
        output.status.code().unwrap(),
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/snapshots")
        .join(format!("{name}.txt"));
    if std::env::var_os("BLESS").is_some() {
        fs_err::write(path, printed).unwrap();
        return;
    }
    let expected = fs_err::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        printed, expected,
        "{name}: run `BLESS=1 cargo test -p apigw-xtask --test snapshots` and review `git diff`"
    );
}

#[test]
fn regen_of_a_new_api() {
    Site::new().assert_prints("regen-new", &["regen"]);
}

#[test]
fn regen_with_nothing_to_do() {
    let site = Site::generated();
    site.assert_prints("regen-fresh", &["regen"]);
    site.assert_prints("regen-check-fresh", &["regen", "--check"]);
    site.assert_prints("regen-quiet-fresh", &["regen", "--quiet"]);
}

#[test]
fn regen_of_a_changed_spec() {
    let site = Site::stale();
    site.assert_prints("regen-check-stale", &["regen", "--check"]);
    site.assert_prints("regen-check-one-stale", &["regen", "--check", "shop"]);
    site.assert_prints("regen-check-quiet-stale", &["regen", "--check", "-q"]);
    site.assert_prints(
        "regen-check-full-diff",
        &["regen", "--check", "--full-diff"],
    );
    site.assert_prints(
        "regen-check-in-colour",
        &["regen", "--check", "--color", "always"],
    );
    site.assert_prints("regen-stale", &["regen"]);
    site.assert_prints("regen-fresh-again", &["regen", "shop"]);
}

#[test]
fn colours_are_for_terminals_and_for_those_who_want_them() {
    let site = Site::stale();
    let has_colour = |output: Output| output.stderr.contains(&b'\x1b');
    assert!(!has_colour(site.xtask(&["regen", "--check"])));
    assert!(!has_colour(
        site.xtask(&["regen", "--check", "--color", "never"])
    ));
    assert!(has_colour(
        site.xtask(&["regen", "--check", "--color", "always"])
    ));
    assert!(has_colour(site.xtask(&["--color", "always", "regenerate"])));
    assert!(has_colour(site.xtask(&["--color=always", "regenerate"])));
    assert!(!has_colour(site.xtask(&["regenerate"])));
    let mut forced = site.command(&["regen", "--check"]);
    assert!(has_colour(
        forced.env("CLICOLOR_FORCE", "1").output().unwrap()
    ));
    let mut refused = site.command(&["regen", "--check"]);
    refused.env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1");
    assert!(!has_colour(refused.output().unwrap()));
}

#[test]
fn regen_that_says_more() {
    let site = Site::new();
    let spec = SHOP.replace("      operationId: GetHealth\n", "");
    site.write("specs/shop.yaml", &spec);
    site.assert_prints("regen-check-verbose", &["regen", "--check", "--verbose"]);
}

#[test]
fn regen_of_an_api_that_is_gone() {
    let site = Site::generated();
    site.write("specs/apis.toml", "");
    site.assert_prints("regen-check-orphaned", &["regen", "--check"]);
    site.assert_prints("regen-orphaned", &["regen"]);
}

#[test]
fn regen_of_a_spec_that_cannot_be_used() {
    let site = Site::generated();
    site.write("specs/shop.yaml", "openapi: 3.0.1\npaths: [ /orders\n");
    site.assert_prints("regen-broken-spec", &["regen"]);
    site.assert_prints("regen-check-broken-spec", &["regen", "--check"]);
    site.assert_prints("regen-quiet-broken-spec", &["regen", "--quiet"]);
    fs_err::remove_file(site.path("specs/shop.yaml")).unwrap();
    site.assert_prints("regen-missing-spec", &["regen"]);
}

#[test]
fn regen_with_a_list_that_cannot_be_used() {
    let site = Site::new();
    site.assert_prints("regen-unknown-api", &["regen", "shoop"]);
    site.write("specs/apis.toml", "[shop]\nspec = 7\n");
    site.assert_prints("regen-broken-list", &["regen"]);
}

#[test]
fn regen_where_somebody_wrote_by_hand() {
    let site = Site::stale();
    site.write("crates/generated/shop/src/mine.rs", "// by hand\n");
    site.assert_prints("regen-foreign-file", &["regen"]);
}

#[test]
fn the_list_of_apis() {
    let site = Site::stale();
    let apis = format!("{APIS}\n[depot]\nspec = \"depot.yaml\"\n\n[gone]\nspec = \"gone.yaml\"\n");
    site.write("specs/apis.toml", &apis);
    site.write("specs/depot.yaml", SHOP);
    site.assert_prints("list", &["list"]);
}

#[test]
fn inspecting_a_spec() {
    let site = Site::new();
    site.write("specs/broken.json", "{ \"openapi\": ");
    site.assert_prints("inspect", &["inspect", "specs/shop.yaml"]);
    site.assert_prints("inspect-json", &["inspect", "--json", "specs/shop.yaml"]);
    site.assert_prints("inspect-broken-spec", &["inspect", "specs/broken.json"]);
    site.assert_prints("inspect-missing-spec", &["inspect", "specs/none.json"]);
}

#[test]
fn help_and_wrong_usage() {
    let site = Site::new();
    site.assert_prints("help", &["--help"]);
    site.assert_prints("help-regen", &["regen", "--help"]);
    site.assert_prints("help-inspect", &["inspect", "--help"]);
    site.assert_prints("help-list", &["list", "--help"]);
    site.assert_prints("help-init", &["init", "--help"]);
    site.assert_prints("help-completions", &["completions", "--help"]);
    site.assert_prints("usage-no-command", &[]);
    site.assert_prints("usage-unknown-command", &["regenerate"]);
    site.assert_prints("usage-unknown-option", &["regen", "--chekc"]);
    site.assert_prints("usage-quiet-and-verbose", &["regen", "-q", "-v"]);
    site.assert_prints("usage-unknown-colour", &["regen", "--color", "sometimes"]);
    site.assert_prints("usage-unknown-shell", &["completions", "tcl"]);
}

/// An overlay for the spec.
const OVERLAY: &str = "\
overlay: 1.0.0
info: { title: t, version: 1.0.0 }
actions:
- target: $.paths['/orders'].get
  update: { operationId: listEverything }
";

#[test]
fn regen_with_an_overlay() {
    let site = Site::generated();
    site.write("specs/shop.overlay.yaml", OVERLAY);
    site.assert_prints("overlay-stale", &["regen", "--check"]);
    let gone = OVERLAY.replace("/orders", "/gone");
    site.write("specs/shop.overlay.yaml", &gone);
    site.assert_prints("overlay-without-target", &["regen"]);
    site.write("specs/shop.overlay.yaml", "overlay: 1.0.0\n");
    site.assert_prints("overlay-without-actions", &["regen"]);
    site.write("specs/shop.overlay.yaml", OVERLAY);
    site.write("specs/shopp.overlay.yaml", OVERLAY);
    site.assert_prints("overlay-of-no-api", &["regen"]);
}

#[test]
fn a_new_api() {
    let site = Site::generated();
    site.write("export.yaml", SHOP);
    site.assert_prints("new", &["new", "store", "--from", "export.yaml"]);
    site.assert_prints("new-again", &["new", "store", "--from", "export.yaml"]);
    site.assert_prints("new-bad-name", &["new", "Store", "--from", "export.yaml"]);
    site.assert_prints("new-without-spec", &["new", "other", "--from", "gone.yaml"]);
    site.write("export.yaml", "hello");
    site.assert_prints("new-of-no-spec", &["new", "other", "--from", "export.yaml"]);
    site.assert_prints("help-new", &["new", "--help"]);
}

#[test]
fn policies_of_callers() {
    let site = Site::new();
    let deployed = format!(
        "{SHOP}servers: [{{ url: \"https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod\" }}]\n"
    );
    site.write("specs/shop.yaml", &deployed);
    site.assert_prints("policy", &["policy", "shop"]);
    let one = [
        "policy",
        "shop",
        "--operations",
        "GET /orders",
        "--account",
        "123456789012",
    ];
    site.assert_prints("policy-of-one-operation", &one);
    let pair = [
        "policy",
        "shop",
        "--operations",
        "delete_order",
        "--caller",
        "arn:aws:iam::111111111111:role/web",
        "--role",
        "arn:aws:iam::222222222222:role/shop-caller",
        "--external-id",
        "web",
    ];
    site.assert_prints("policy-of-two-roles", &pair);
    let unknown = ["policy", "shop", "--operations", "get_everything"];
    site.assert_prints("policy-of-unknown-operation", &unknown);
    let open = ["policy", "shop", "--operations", "get_health"];
    site.assert_prints("policy-of-open-operation", &open);
    site.assert_prints("policy-of-unknown-api", &["policy", "shoop"]);
    site.assert_prints("help-policy", &["policy", "--help"]);

    // the wildcard for a parameter also matches a path below it
    let below = "  /bills/{id}: { get: { security: [{ sigv4: [] }], responses: {} } }\n  \
        /bills/{id}/lines: { get: { security: [{ sigv4: [] }], responses: {} } }\n";
    let more = deployed.replace("paths:\n", &format!("paths:\n{below}"));
    site.write("specs/shop.yaml", &more);
    let one = ["policy", "shop", "--operations", "GET /bills/{id}"];
    site.assert_prints("policy-allows-more", &one);

    site.write("specs/shop.yaml", SHOP);
    site.assert_prints("policy-behind-a-domain", &["policy", "shop"]);
    let many: String = (0..200)
        .map(|n| format!("  /a/long/path/to/item/{n}: {{ get: {{ security: [{{ sigv4: [] }}], responses: {{}} }} }}\n"))
        .collect();
    let paths = deployed.replace("paths:\n", &format!("paths:\n{many}"));
    site.write("specs/shop.yaml", &paths);
    let output = site.xtask(&["policy", "shop"]);
    let warned = String::from_utf8(output.stderr).unwrap();
    assert!(
        warned.contains("a managed policy can have at most 6144"),
        "{warned}"
    );
}

#[test]
fn completions_for_every_shell() {
    let site = Site::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = site.xtask(&["completions", shell]);
        assert!(output.status.success(), "{shell}");
        let script = String::from_utf8(output.stdout).unwrap();
        for word in ["apigw", "regen", "full-diff", "inspect"] {
            assert!(script.contains(word), "{shell}: no {word} in\n{script}");
        }
    }
}

#[test]
fn of_several_runs_at_once_one_writes_and_the_others_find_it_done() {
    let site = Site::stale();
    let runs: Vec<_> = (0..4)
        .map(|_| {
            let mut run = site.command(&["regen"]);
            run.stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let mut wrote = 0;
    for run in runs {
        let output = run.wait_with_output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{told}");
        match told.contains("Finished 1 written, 0 removed") {
            true => wrote += 1,
            false => assert!(told.contains("Fresh shop"), "{told}"),
        }
    }
    assert_eq!(wrote, 1);
    assert_eq!(site.xtask(&["regen", "--check"]).status.code(), Some(0));
}

#[test]
fn nothing_but_data_is_on_stdout() {
    let site = Site::stale();
    for arguments in [
        &["regen", "--check"][..],
        &["regen", "shoop"],
        &["regen", "--check", "--full-diff"],
    ] {
        let output = site.xtask(arguments);
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
}
