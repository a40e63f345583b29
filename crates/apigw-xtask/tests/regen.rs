//! `regen` in temporary workspaces: its plans, its output, and the files it writes or keeps.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail the test"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use apigw_regen::{Plan, State, Workspace};
use apigw_xtask::show::plan::{self as show, Options};
use tempfile::TempDir;

/// Returns what `regen` prints.
fn printed(plan: &Plan) -> String {
    show::plan(plan, &Options::default())
}

/// Two operations, and nothing to fix.
const ORDERS: &str = r#"{
  "openapi": "3.0.1",
  "info": { "title": "orders", "version": "1" },
  "paths": {
    "/orders": {
      "get": {
        "operationId": "GetOrders",
        "responses": { "200": { "description": "the orders" } }
      },
      "post": {
        "operationId": "CreateOrder",
        "responses": { "201": { "description": "created" } }
      }
    }
  }
}
"#;

/// One operation, in another dialect and another syntax.
const STOCK: &str = r##"swagger: "2.0"
info:
  title: stock
  version: "1"
paths:
  /stock/{sku}:
    get:
      operationId: GetStock
      parameters:
      - { name: sku, in: path, required: true, type: string }
      responses:
        200:
          description: the stock
          schema: { $ref: "#/definitions/Stock" }
definitions:
  Stock:
    type: object
    properties:
      pieces: { type: integer }
"##;

const ORDERS_ALONE: &str = "[orders]\nspec = \"orders.json\"\n";
const STOCK_ALONE: &str = "[stock]\nspec = \"stock.yaml\"\n";

/// A workspace in a folder that is removed at the end of the test.
struct Site {
    folder: TempDir,
    workspace: Workspace,
}

impl Site {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace::new(folder.path());
        let site = Self { folder, workspace };
        for (path, text) in files {
            site.write(path, text);
        }
        site
    }

    /// Two APIs, and no client yet.
    fn with_specs() -> Self {
        Self::new(&[
            ("specs/apis.toml", &format!("{ORDERS_ALONE}\n{STOCK_ALONE}")),
            ("specs/orders.json", ORDERS),
            ("specs/stock.yaml", STOCK),
        ])
    }

    /// Two APIs and their clients.
    fn generated() -> Self {
        let site = Self::with_specs();
        site.regen();
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

    fn read(&self, path: &str) -> String {
        fs_err::read_to_string(self.path(path)).unwrap()
    }

    /// Replaces a string that occurs exactly once in the file.
    #[track_caller]
    fn edit(&self, path: &str, before: &str, after: &str) {
        let text = self.read(path);
        assert_eq!(text.matches(before).count(), 1, "{before} in {text}");
        self.write(path, &text.replace(before, after));
    }

    fn plan(&self) -> Plan {
        Plan::new(&self.workspace, &[]).unwrap()
    }

    fn regen(&self) {
        self.apply(&self.plan());
    }

    fn apply(&self, plan: &Plan) {
        let lock = self.workspace.lock(|| panic!("no other process runs"));
        plan.apply(&lock.unwrap()).unwrap();
    }

    /// Returns what `regen` prints.
    fn printed(&self) -> String {
        printed(&self.plan())
    }

    /// Every file below a folder, with its bytes.
    fn files(&self, below: &str) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.path(below)];
        while let Some(folder) = folders.pop() {
            for entry in fs_err::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let inside = path.strip_prefix(self.folder.path()).unwrap();
                    files.insert(inside.display().to_string(), fs_err::read(&path).unwrap());
                }
            }
        }
        files
    }

    /// Every file that would be committed.
    fn committed(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = self.files("");
        files.retain(|path, _| !path.starts_with("specs/.apigw"));
        files
    }

    /// The name that the client of `orders` records for an operation.
    fn recorded(&self, route: &str) -> String {
        let manifest: toml::Table = self
            .read("crates/generated/orders/Cargo.toml")
            .parse()
            .unwrap();
        let operations = &manifest["package"]["metadata"]["apigw"]["operations"];
        operations[route].as_str().unwrap().to_owned()
    }

    #[track_caller]
    fn assert_fresh(&self) {
        let plan = self.plan();
        assert!(plan.is_fresh(), "{}", printed(&plan));
    }

    /// Checks that a run prints this and changes no file.
    #[track_caller]
    fn assert_fails_untouched(&self, expected: &str) {
        let before = self.committed();
        let plan = self.plan();
        assert_eq!(printed(&plan), expected);
        assert!(plan.has_failed());
        self.apply(&plan);
        assert_eq!(self.committed(), before);
    }
}

#[test]
fn a_new_client_is_planned_then_written_then_fresh() {
    let site = Site::with_specs();
    assert_eq!(
        site.printed(),
        "         New orders (2 operations, 0 fixes)
         New stock (1 operation, 0 fixes)
"
    );

    site.regen();
    let written = site.files("crates");
    assert_eq!(
        written.keys().collect::<Vec<_>>(),
        [
            "crates/generated/orders/Cargo.toml",
            "crates/generated/orders/README.md",
            "crates/generated/orders/openapi.json",
            "crates/generated/orders/src/client.rs",
            "crates/generated/orders/src/lib.rs",
            "crates/generated/orders/src/operations.rs",
            "crates/generated/orders/src/types.rs",
            "crates/generated/stock/Cargo.toml",
            "crates/generated/stock/README.md",
            "crates/generated/stock/openapi.json",
            "crates/generated/stock/src/client.rs",
            "crates/generated/stock/src/lib.rs",
            "crates/generated/stock/src/operations.rs",
            "crates/generated/stock/src/types.rs",
        ]
    );

    site.assert_fresh();
    assert_eq!(
        site.printed(),
        "       Fresh orders (2 operations, 0 fixes)
       Fresh stock (1 operation, 0 fixes)
"
    );
}

#[test]
fn the_manifest_records_the_name_of_every_operation() {
    let site = Site::generated();
    assert_eq!(site.recorded("GET /orders"), "get_orders");
    assert_eq!(site.recorded("POST /orders"), "create_order");
}

#[test]
fn a_stale_plan_lists_added_removed_and_renamed_operations() {
    let site = Site::generated();
    site.edit("specs/orders.json", "\"get\": {", "\"delete\": {");
    site.edit("specs/orders.json", "GetOrders", "DeleteOrders");
    site.edit("specs/orders.json", "CreateOrder", "PlaceOrder");

    let plan = site.plan();
    let State::Stale(changes) = &plan.apis()[0].state else {
        panic!("{}", printed(&plan));
    };
    assert_eq!(changes.added, ["DELETE /orders"]);
    assert_eq!(changes.removed, ["GET /orders"]);
    let renamed = ["POST /orders", "create_order", "place_order"].map(str::to_owned);
    assert_eq!(changes.renamed, [renamed.into()]);
    assert_eq!(
        printed(&plan),
        "       Stale orders (2 operations, 0 fixes): 1 operation added, 1 removed, 1 renamed
Breaks build GET /orders: `get_orders()` was removed
Breaks build POST /orders: `create_order()` was renamed to `place_order()`
 Breaks wire GET /orders: removed; existing clients get an error
             + DELETE /orders: `delete_orders()`
       Files Cargo.toml, README.md, openapi.json, src/client.rs, src/operations.rs
     Version 0.1.0 -> 0.2.0 (breaking)
       Fresh stock (1 operation, 0 fixes)
"
    );

    site.apply(&plan);
    site.assert_fresh();
}

#[test]
fn a_changed_description_changes_one_file() {
    let site = Site::generated();
    site.edit(
        "specs/orders.json",
        "\"get\": {",
        "\"get\": { \"summary\": \"All orders\",",
    );
    assert_eq!(
        site.printed(),
        "       Stale orders (2 operations, 0 fixes)
       Files Cargo.toml, src/client.rs
     Version 0.1.0 -> 0.1.1
       Fresh stock (1 operation, 0 fixes)
"
    );
}

#[test]
fn a_change_to_a_referenced_file_makes_the_client_stale() {
    let site = Site::generated();
    site.edit(
        "specs/stock.yaml",
        "#/definitions/Stock",
        "shapes.yaml#/Stock",
    );
    let shapes = "Stock:\n  type: object\n  properties:\n    pieces: { type: integer }\n";
    site.write("specs/shapes.yaml", shapes);
    site.regen();
    let types = "crates/generated/stock/src/types.rs";
    assert!(
        site.read(types).contains("pub pieces: "),
        "{}",
        site.read(types)
    );

    site.edit("specs/shapes.yaml", "pieces", "boxes");
    let plan = site.plan();
    assert!(
        matches!(plan.apis()[1].state, State::Stale(_)),
        "{}",
        printed(&plan)
    );
    site.apply(&plan);
    assert!(
        site.read(types).contains("pub boxes: "),
        "{}",
        site.read(types)
    );
}

#[test]
fn fixes_of_the_spec_are_counted() {
    let site = Site::with_specs();
    site.edit("specs/stock.yaml", "      operationId: GetStock\n", "");
    let plan = site.plan();
    let fixes = plan.apis()[1].report.as_ref().unwrap().fixes();
    assert_eq!(fixes.len(), 1);
    assert_eq!(fixes[0].pointer, "/paths/~1stock~1{sku}/get");
    assert_eq!(
        printed(&plan),
        "         New orders (2 operations, 0 fixes)
         New stock (1 operation, 1 fix)
"
    );
}

#[test]
fn an_edit_by_hand_is_stale_and_undone() {
    let site = Site::generated();
    let before = site.files("crates");
    site.edit(
        "crates/generated/orders/src/lib.rs",
        "pub mod types;",
        "pub mod kinds;",
    );
    fs_err::remove_file(site.path("crates/generated/orders/README.md")).unwrap();
    assert_eq!(
        site.printed(),
        "       Stale orders (2 operations, 0 fixes)
             ~ src: not valid Rust, so the old crate could not be compared
       Files Cargo.toml, README.md, src/lib.rs
     Version 0.1.0 -> 0.1.1
       Fresh stock (1 operation, 0 fixes)
"
    );

    site.regen();
    site.edit(
        "crates/generated/orders/Cargo.toml",
        "version = \"0.1.1\"",
        "version = \"0.1.0\"",
    );
    assert_eq!(site.files("crates"), before);
    // a version set by hand is kept, because no spec determines it
    site.assert_fresh();
}

#[test]
fn a_version_never_decreases_even_after_a_merge_conflict_in_the_manifest() {
    let site = Site::generated();
    site.edit(
        "crates/generated/orders/Cargo.toml",
        "version = \"0.1.0\"\n",
        "<<<<<<< ours\nversion = \"0.2.0\"\n=======\nversion = \"0.1.7\"\n>>>>>>> theirs\n",
    );
    site.regen();
    let manifest = site.read("crates/generated/orders/Cargo.toml");
    assert!(manifest.contains("\nversion = \"0.2.1\"\n"), "{manifest}");
    site.assert_fresh();
}

#[test]
fn a_plan_that_is_not_applied_writes_nothing() {
    let site = Site::generated();
    site.write("specs/apis.toml", ORDERS_ALONE);
    site.edit("specs/orders.json", "\"get\": {", "\"delete\": {");
    let before = site.files("");

    assert_eq!(
        site.printed(),
        "       Stale orders (2 operations, 0 fixes): 1 operation moved
 Breaks wire GET /orders: removed; existing clients get an error
             ~ DELETE /orders: `get_orders()`, moved from GET /orders
       Files Cargo.toml, README.md, openapi.json, src/client.rs, src/operations.rs
     Version 0.1.0 -> 0.2.0 (breaking)
    Orphaned stock no longer in specs/apis.toml
"
    );
    assert_eq!(site.files(""), before);
}

#[test]
fn an_api_that_is_no_longer_listed_is_an_orphan_and_removed() {
    let site = Site::generated();
    site.write("specs/apis.toml", STOCK_ALONE);
    assert_eq!(
        site.printed(),
        "       Fresh stock (1 operation, 0 fixes)
    Orphaned orders no longer in specs/apis.toml
"
    );

    site.regen();
    assert!(!site.path("crates/generated/orders").exists());
    assert!(site.path("crates/generated/stock/Cargo.toml").exists());
    site.assert_fresh();
}

#[test]
fn a_crate_that_regen_did_not_write_is_no_orphan() {
    let site = Site::generated();
    site.write("crates/generated/README.md", "# Generated clients\n");
    site.write(
        "crates/generated/by_hand/Cargo.toml",
        "[package]\nname = \"by-hand\"\n",
    );
    site.assert_fresh();
}

#[test]
fn a_foreign_file_in_a_generated_folder_is_refused_and_kept() {
    let site = Site::generated();
    site.edit("specs/orders.json", "\"get\": {", "\"delete\": {");
    site.write(
        "crates/generated/orders/src/mine.rs",
        "// written by hand\n",
    );
    site.assert_fails_untouched(
        "      Failed orders
crates/generated/orders/src/mine.rs: this file was not generated, but regen manages the folder
help: move it to another folder
       Fresh stock (1 operation, 0 fixes)
",
    );
}

#[test]
fn a_foreign_file_in_the_folder_of_an_orphan_is_refused_and_kept() {
    let site = Site::generated();
    site.write("specs/apis.toml", STOCK_ALONE);
    site.write(
        "crates/generated/orders/tests/mine.rs",
        "// written by hand\n",
    );
    site.assert_fails_untouched(
        "       Fresh stock (1 operation, 0 fixes)
      Failed orders
crates/generated/orders/tests/mine.rs: this file was not generated, but regen manages the folder
help: move it to another folder
",
    );
}

#[test]
fn a_crate_by_hand_under_the_name_of_an_api_is_refused_and_kept() {
    let site = Site::with_specs();
    site.write(
        "crates/generated/orders/Cargo.toml",
        "[package]\nname = \"by-hand\"\n",
    );
    site.assert_fails_untouched(
        "      Failed orders
crates/generated/orders/Cargo.toml: this file was not generated, but regen manages the folder
help: move it to another folder
         New stock (1 operation, 0 fixes)
",
    );
}

#[test]
fn a_file_that_an_earlier_regen_wrote_is_stale_and_removed() {
    let site = Site::generated();
    site.write(
        "crates/generated/orders/src/models.rs",
        "// @generated by `cargo xtask regen` from specs/orders.json. Do not edit.\n",
    );
    assert_eq!(
        site.printed(),
        "       Stale orders (2 operations, 0 fixes)
       Files Cargo.toml, src/models.rs
     Version 0.1.0 -> 0.1.1
       Fresh stock (1 operation, 0 fixes)
"
    );

    site.regen();
    assert!(!site.path("crates/generated/orders/src/models.rs").exists());
}

#[test]
fn files_that_cargo_leaves_are_not_foreign() {
    let site = Site::generated();
    site.write("crates/generated/orders/Cargo.lock", "version = 4\n");
    site.write("crates/generated/orders/target/debug/x.d", "x:\n");
    site.assert_fresh();
}

#[test]
fn a_checkout_with_windows_line_endings_is_fresh() {
    let site = Site::generated();
    for (path, bytes) in site.files("") {
        let text = String::from_utf8(bytes).unwrap();
        site.write(&path, &text.replace('\n', "\r\n"));
    }
    site.assert_fresh();
}

#[test]
fn a_recorded_name_is_kept_when_a_colliding_operation_is_added_before_it() {
    let get = r#"{ "get": { "responses": { "200": { "description": "one" } } } }"#;
    let spec = |paths: &str| format!(r#"{{ "openapi": "3.0.1", "paths": {{ {paths} }} }}"#);
    // both routes give the same Rust name; the first in the spec gets it
    let alone = spec(&format!(r#""/orders/{{id}}": {get}"#));
    let twins = spec(&format!(r#""/orders/id": {get}, "/orders/{{id}}": {get}"#));
    let list = ("specs/apis.toml", ORDERS_ALONE);

    let at_once = Site::new(&[list, ("specs/orders.json", &twins)]);
    at_once.regen();
    assert_eq!(at_once.recorded("GET /orders/id"), "get_orders_id");

    let site = Site::new(&[list, ("specs/orders.json", &alone)]);
    site.regen();
    assert_eq!(site.recorded("GET /orders/{id}"), "get_orders_id");
    site.write("specs/orders.json", &twins);
    let plan = site.plan();
    let State::Stale(changes) = &plan.apis()[0].state else {
        panic!("{}", printed(&plan));
    };
    assert_eq!(changes.added, ["GET /orders/id"]);
    assert_eq!((&changes.removed, &changes.renamed), (&vec![], &vec![]));
    site.apply(&plan);
    assert_eq!(site.recorded("GET /orders/{id}"), "get_orders_id");
    assert_ne!(site.recorded("GET /orders/id"), "get_orders_id");
    site.assert_fresh();
}

#[test]
fn a_name_in_apis_toml_overrides_the_recorded_one() {
    let site = Site::generated();
    let names = "names = { \"GET /orders\" = \"list_orders\" }";
    site.edit(
        "specs/apis.toml",
        ORDERS_ALONE,
        &format!("{ORDERS_ALONE}{names}\n"),
    );
    assert_eq!(
        site.printed(),
        "       Stale orders (2 operations, 0 fixes): 1 operation renamed
Breaks build GET /orders: `get_orders()` was renamed to `list_orders()`
       Files Cargo.toml, README.md, openapi.json, src/client.rs, src/operations.rs
     Version 0.1.0 -> 0.2.0 (breaking)
       Fresh stock (1 operation, 0 fixes)
"
    );
}

#[test]
fn the_order_of_apis_in_the_list_does_not_change_the_output() {
    let one = Site::generated();
    let other = Site::with_specs();
    other.write("specs/apis.toml", &format!("{STOCK_ALONE}\n{ORDERS_ALONE}"));
    other.regen();
    assert_eq!(one.files("crates"), other.files("crates"));
}

#[test]
fn applying_leaves_no_temporary_files() {
    let site = Site::generated();
    site.edit("specs/orders.json", "\"get\": {", "\"delete\": {");
    site.write("specs/apis.toml", ORDERS_ALONE);
    site.regen(); // replaces one crate and removes the other

    let entries = |path: &str| {
        let entries = fs_err::read_dir(site.path(path)).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(entries("crates/generated"), ["orders"]);
    assert_eq!(
        entries("crates/generated/orders"),
        ["Cargo.toml", "README.md", "openapi.json", "src"]
    );
    assert_eq!(
        entries("specs/.apigw"),
        [".gitignore", "fresh", "lock", "staging"]
    );
    assert_eq!(entries("specs/.apigw/staging").len(), 0);
    assert_eq!(entries(""), ["crates", "specs"]);
}

/// Returns whether planning generates the client of `orders`, and whether it is fresh.
#[track_caller]
fn looks_at_orders(site: &Site) -> (bool, bool) {
    let plan = site.plan();
    let orders = &plan.apis()[0];
    (
        orders.report.is_some(),
        matches!(orders.state, State::Fresh),
    )
}

const KNOWN: (bool, bool) = (false, true);
const GENERATED_FRESH: (bool, bool) = (true, true);
const GENERATED_STALE: (bool, bool) = (true, false);

#[test]
fn an_unchanged_api_is_not_generated_again_and_reported_the_same() {
    let site = Site::generated();
    assert_eq!(looks_at_orders(&site), KNOWN);
    assert_eq!(
        site.printed(),
        "       Fresh orders (2 operations, 0 fixes)
       Fresh stock (1 operation, 0 fixes)
"
    );
    let noted = site.plan();
    fs_err::remove_dir_all(site.path("specs/.apigw")).unwrap();
    assert_eq!(looks_at_orders(&site), GENERATED_FRESH);
    assert_eq!(show::list(&site.plan()), show::list(&noted));
}

#[test]
fn planning_alone_notes_nothing_and_applying_a_fresh_plan_does() {
    let site = Site::generated();
    fs_err::remove_dir_all(site.path("specs/.apigw")).unwrap();
    assert_eq!(looks_at_orders(&site), GENERATED_FRESH);
    assert_eq!(looks_at_orders(&site), GENERATED_FRESH);
    site.regen();
    assert_eq!(looks_at_orders(&site), KNOWN);
}

#[test]
fn a_change_to_any_input_generates_again() {
    let site = Site::generated();
    site.edit("specs/orders.json", "the orders", "some orders");
    assert_eq!(looks_at_orders(&site), GENERATED_FRESH);
    site.regen();
    assert_eq!(looks_at_orders(&site), KNOWN);

    // its own table, but no other
    let apis = site.read("specs/apis.toml");
    site.write(
        "specs/apis.toml",
        &apis.replace("[stock]", "[stock]\ntypes = {}"),
    );
    assert_eq!(looks_at_orders(&site), KNOWN);
    site.write(
        "specs/apis.toml",
        &apis.replace("[orders]", "[orders]\nauth = { \"*\" = \"iam\" }"),
    );
    assert_eq!(looks_at_orders(&site), GENERATED_STALE);
    site.write("specs/apis.toml", &apis);

    // every file of the crate, and a foreign one
    let files = site.files("crates/generated/orders");
    assert!(files.len() > 4);
    for (path, bytes) in &files {
        let text = String::from_utf8(bytes.clone()).unwrap();
        site.write(path, &format!("{text} "));
        assert_eq!(looks_at_orders(&site), GENERATED_STALE, "{path}");
        fs_err::remove_file(site.path(path)).unwrap();
        assert_eq!(looks_at_orders(&site), GENERATED_STALE, "{path}");
        site.write(path, &text);
        assert_eq!(looks_at_orders(&site), KNOWN, "{path}");
    }
    let surplus = "crates/generated/orders/src/models.rs";
    site.write(
        surplus,
        "// @generated by `cargo xtask regen` from specs/orders.json.\n",
    );
    assert_eq!(looks_at_orders(&site), GENERATED_STALE);
}

#[test]
fn a_referenced_file_that_is_changed_added_or_removed_generates_again() {
    let site = Site::with_specs();
    let response = "{ \"description\": \"the orders\", \"content\": { \"application/json\": { \"schema\": { \"$ref\": \"order.json\" } } } }";
    site.edit(
        "specs/orders.json",
        "{ \"description\": \"the orders\" }",
        response,
    );
    site.regen();
    assert_eq!(looks_at_orders(&site), KNOWN);
    site.write("specs/order.json", r#"{ "type": "string" }"#);
    assert_eq!(looks_at_orders(&site), GENERATED_STALE);
    site.regen();
    assert_eq!(looks_at_orders(&site), KNOWN);
    site.write("specs/order.json", r#"{ "type": "integer" }"#);
    assert_eq!(looks_at_orders(&site), GENERATED_STALE);
    site.regen();
    fs_err::remove_file(site.path("specs/order.json")).unwrap();
    assert_eq!(looks_at_orders(&site), GENERATED_STALE);
}

#[test]
fn a_file_changed_between_planning_and_writing_is_noticed() {
    let site = Site::generated();
    site.edit("specs/orders.json", "GetOrders", "ListOrders");
    let plan = site.plan();
    site.edit("specs/orders.json", "CreateOrder", "PlaceOrder");
    site.apply(&plan);
    assert_eq!(looks_at_orders(&site), GENERATED_STALE);
    site.regen();

    let plan = site.plan();
    let types = "crates/generated/orders/src/types.rs";
    site.write(types, &format!("{}// by hand\n", site.read(types)));
    site.apply(&plan);
    assert_eq!(looks_at_orders(&site), GENERATED_STALE);
}

#[test]
fn an_unreadable_note_is_ignored() {
    let site = Site::generated();
    site.write("specs/.apigw/fresh/orders.json", "{ \"digest\": 7 }");
    assert_eq!(looks_at_orders(&site), GENERATED_FRESH);
}

#[test]
fn one_api_can_be_renewed_alone() {
    let site = Site::generated();
    site.edit("specs/orders.json", "\"get\": {", "\"delete\": {");
    site.write("specs/stock.yaml", "swagger: [");
    let before = site.files("crates/generated/stock");

    let orders = ["orders".to_owned()];
    let plan = Plan::new(&site.workspace, &orders).unwrap();
    assert_eq!(plan.apis().len(), 1);
    site.apply(&plan);
    assert!(Plan::new(&site.workspace, &orders).unwrap().is_fresh());
    assert_eq!(site.files("crates/generated/stock"), before);
}

#[test]
fn an_api_that_is_not_listed_cannot_be_asked_for() {
    let site = Site::with_specs();
    let error = Plan::new(&site.workspace, &["order".to_owned()]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "specs/apis.toml: unknown API order
help: known APIs: orders, stock"
    );
}

// An invalid spec gives one diagnostic with file and place, and no crate is written, even if
// another API has a valid, changed spec.

/// Two clients, where `stock` is stale and the spec of `orders` is this one.
fn with_orders(spec: &str) -> Site {
    let site = Site::generated();
    site.edit("specs/stock.yaml", "pieces", "boxes");
    site.write("specs/orders.json", spec);
    site
}

const STOCK_IS_STALE: &str = "       Stale stock (1 operation, 0 fixes): 1 type changed
Breaks build types::Stock.pieces: removed
             + types::Stock.boxes: `Option<i64>`
       Files Cargo.toml, openapi.json, src/types.rs
     Version 0.1.0 -> 0.2.0 (breaking)
";

#[test]
fn a_truncated_spec_fails_at_its_end() {
    let end = ORDERS.find(" \"CreateOrder\"").unwrap();
    with_orders(&ORDERS[..end]).assert_fails_untouched(&format!(
        "      Failed orders
specs/orders.json:11:23: invalid JSON: EOF while parsing a value
   |
10 |       \"post\": {{
11 |         \"operationId\":
   |                       ^
help: the file is incomplete: export the API again
{STOCK_IS_STALE}"
    ));
}

#[test]
fn paths_that_are_not_a_map_fail_at_their_place() {
    let spec = "{\n  \"openapi\": \"3.0.1\",\n  \"paths\": [ \"/orders\" ]\n}\n";
    with_orders(spec).assert_fails_untouched(&format!(
        "      Failed orders
specs/orders.json:3:3: the spec has no operations
  |
2 |   \"openapi\": \"3.0.1\",
3 |   \"paths\": [ \"/orders\" ]
  |   ^
help: export a stage that is deployed and has methods
{STOCK_IS_STALE}"
    ));
}

#[test]
fn a_spec_of_another_format_fails() {
    let spec = "{\n  \"asyncapi\": \"2.6.0\",\n  \"channels\": {}\n}\n";
    with_orders(spec).assert_fails_untouched(&format!(
        "      Failed orders
specs/orders.json:1:1: missing `openapi` or `swagger` at the top level
  |
1 | {{
  | ^
help: use an API Gateway export: OpenAPI 3.0 or Swagger 2.0, as JSON or YAML
{STOCK_IS_STALE}"
    ));
}

#[test]
fn an_unsupported_openapi_version_fails_at_its_place() {
    with_orders(&ORDERS.replace("3.0.1", "4.0.0")).assert_fails_untouched(&format!(
        "      Failed orders
specs/orders.json:2:3: unsupported `openapi` version: 4.0.0
  |
1 | {{
2 |   \"openapi\": \"4.0.0\",
  |   ^
help: use `openapi` 3.0 or 3.1, or `swagger` 2.0, for example by exporting the API as `oas30`
{STOCK_IS_STALE}"
    ));
}

#[test]
fn a_file_that_is_not_a_spec_fails() {
    with_orders("<html>Forbidden</html>\n").assert_fails_untouched(&format!(
        "      Failed orders
specs/orders.json:1:1: the top level is a string, not an object
  |
1 | <html>Forbidden</html>
  | ^
help: use an API Gateway export: OpenAPI 3.0 or Swagger 2.0, as JSON or YAML
{STOCK_IS_STALE}"
    ));
}

#[test]
fn a_missing_spec_fails_with_the_setting_that_names_it() {
    let site = with_orders(ORDERS);
    fs_err::remove_file(site.path("specs/orders.json")).unwrap();
    site.assert_fails_untouched(&format!(
        "      Failed orders
specs/orders.json: cannot read the spec
help: correct `spec` in specs/apis.toml, or add the file
cause: No such file or directory (os error 2)
{STOCK_IS_STALE}"
    ));
}

#[test]
fn a_name_for_a_route_that_the_spec_lacks_fails() {
    let site = with_orders(ORDERS);
    let names = "names = { \"GET /order\" = \"list_orders\" }";
    site.edit(
        "specs/apis.toml",
        ORDERS_ALONE,
        &format!("{ORDERS_ALONE}{names}\n"),
    );
    site.assert_fails_untouched(&format!(
        "      Failed orders
specs/apis.toml:3:11: the spec of [orders] has no GET /order
  |
2 | spec = \"orders.json\"
3 | names = {{ \"GET /order\" = \"list_orders\" }}
  |           ^
help: remove the entry, or use a method and path from the spec
{STOCK_IS_STALE}"
    ));
}

#[test]
fn every_spec_that_cannot_be_used_is_told_in_one_run() {
    let site = with_orders("{");
    site.write("specs/stock.yaml", "swagger: \"1.2\"\n");
    site.assert_fails_untouched(
        "      Failed orders
specs/orders.json:1:2: invalid JSON: EOF while parsing an object
  |
1 | {
  |  ^
help: the file is incomplete: export the API again
      Failed stock
specs/stock.yaml:1:1: unsupported `swagger` version: 1.2
  |
1 | swagger: \"1.2\"
  | ^
help: use `openapi` 3.0 or 3.1, or `swagger` 2.0, for example by exporting the API as `oas30`
",
    );
}

/// Returns the message for an invalid list of APIs, and checks that nothing is written.
#[track_caller]
fn refused(list: &str) -> String {
    let site = Site::generated();
    site.write("specs/apis.toml", list);
    let before = site.files("");
    let error = Plan::new(&site.workspace, &[]).unwrap_err();
    assert_eq!(site.files(""), before);
    error.to_string()
}

#[test]
fn settings_choose_the_folder_of_clients_and_the_source_of_the_runtime() {
    let settings =
        "clients = \"libs/clients\"\nruntime = { path = \"../apigw/crates/apigw-runtime\" }\n";
    let files = [
        ("specs/apis.toml", format!("{settings}{STOCK_ALONE}")),
        ("specs/stock.yaml", STOCK.to_owned()),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, &**text)).collect();
    let site = Site::new(&files);
    // the folder is read when the workspace is opened
    let workspace = Workspace::new(site.folder.path());
    let plan = Plan::new(&workspace, &[]).unwrap();
    plan.apply(&workspace.lock(|| panic!("no other process runs")).unwrap())
        .unwrap();
    let manifest = site.read("libs/clients/stock/Cargo.toml");
    let (_, dependencies) = manifest.split_once("[dependencies]\n").unwrap();
    assert_eq!(
        dependencies,
        "apigw-runtime = { path = \"../../../../apigw/crates/apigw-runtime\", default-features = false }\n"
    );
    assert!(Plan::new(&workspace, &[]).unwrap().is_fresh());
}

#[test]
fn a_folder_of_clients_outside_the_workspace_is_refused_at_its_place() {
    for outside in ["../clients", "/clients", ""] {
        let message = refused(&format!("clients = {outside:?}\n{ORDERS_ALONE}"));
        let problem = "specs/apis.toml:1:1: `clients` is not a folder inside the workspace";
        assert!(message.starts_with(problem), "{message}");
    }
}

#[test]
fn an_unknown_source_of_the_runtime_is_refused_at_its_place() {
    let message = refused(&format!("runtime = \"registry\"\n{ORDERS_ALONE}"));
    let problem = "specs/apis.toml:1:11: `runtime` must be \"workspace\" or a table";
    assert!(message.starts_with(problem), "{message}");
}

#[test]
fn an_unknown_key_in_the_list_of_apis_is_refused_at_its_place() {
    assert_eq!(
        refused("[orders]\nspec = \"orders.json\"\nregion = \"eu-west-1\"\n"),
        "specs/apis.toml:3:1: unknown field `region`, expected one of `spec`, `package`, `names`, `types`, `formats`, `dependencies`, `auth`, `paging`, `idempotent`, `aws`
  |
2 | spec = \"orders.json\"
3 | region = \"eu-west-1\"
  | ^
help: each table requires `spec`, and can have `package`, `names`, `types`, `formats`, `dependencies`, `auth`, `paging`, `idempotent` and `aws`"
    );
}

#[test]
fn invalid_toml_in_the_list_of_apis_is_refused_with_its_place() {
    assert_eq!(
        refused("[orders]\nspec = orders.json\n"),
        "specs/apis.toml:2:8: string values must be quoted, expected literal string
  |
1 | [orders]
2 | spec = orders.json
  |        ^
help: each table requires `spec`, and can have `package`, `names`, `types`, `formats`, `dependencies`, `auth`, `paging`, `idempotent` and `aws`"
    );
}

#[test]
fn an_api_without_a_spec_is_refused_at_its_place() {
    assert_eq!(
        refused("[orders]\npackage = \"orders\"\n"),
        "specs/apis.toml:1:1: missing field `spec`
  |
1 | [orders]
  | ^
help: each table requires `spec`, and can have `package`, `names`, `types`, `formats`, `dependencies`, `auth`, `paging`, `idempotent` and `aws`"
    );
}

#[test]
fn an_api_whose_name_cannot_be_a_folder_is_refused_at_its_place() {
    assert_eq!(
        refused("[\"../orders\"]\nspec = \"orders.json\"\n"),
        "specs/apis.toml:1:2: [../orders] is not a valid crate name
  |
1 | [\"../orders\"]
  |  ^
help: use lowercase letters, digits, - and _, starting with a letter"
    );
}

#[test]
fn a_missing_list_of_apis_is_refused_with_the_first_step() {
    let site = Site::new(&[]);
    let error = Plan::new(&site.workspace, &[]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "specs/apis.toml: cannot read the list of APIs
help: create it, with a table per API: [orders] spec = \"orders.json\""
    );
}

#[test]
fn apis_toml_says_who_may_call_where_the_export_does_not() {
    let site = with_orders(ORDERS);
    let auth = "auth = { \"*\" = \"iam\", \"POST /orders\" = \"iam-and-api-key\" }";
    site.edit(
        "specs/apis.toml",
        ORDERS_ALONE,
        &format!("{ORDERS_ALONE}{auth}\n"),
    );
    site.regen();
    let readme = site.read("crates/generated/orders/README.md");
    assert!(readme.contains("| `GET /orders` | signed |"), "{readme}");
    assert!(
        readme.contains("| `POST /orders` | signed, API key |"),
        "{readme}"
    );
    let client = site.read("crates/generated/orders/src/client.rs");
    assert!(client.contains("signed: true,"), "{client}");
}

#[test]
fn auth_for_a_route_that_the_spec_lacks_fails() {
    let site = with_orders(ORDERS);
    site.edit(
        "specs/apis.toml",
        ORDERS_ALONE,
        &format!("{ORDERS_ALONE}auth = {{ \"GET /order\" = \"iam\" }}\n"),
    );
    site.assert_fails_untouched(&format!(
        "      Failed orders
specs/apis.toml:3:10: the spec of [orders] has no GET /order
  |
2 | spec = \"orders.json\"
3 | auth = {{ \"GET /order\" = \"iam\" }}
  |          ^
help: remove the entry, or use a method and path from the spec
{STOCK_IS_STALE}"
    ));
}

#[test]
fn a_readme_starts_with_an_example_even_if_every_operation_has_arguments() {
    let site = Site::generated();
    let readme = site.read("crates/generated/stock/README.md");
    assert!(readme.contains("client.get_stock(\"…\").await"), "{readme}");
    let readme = site.read("crates/generated/orders/README.md");
    assert!(readme.contains("client.get_orders().await"), "{readme}");
}

#[test]
fn an_existing_type_takes_the_place_of_a_generated_one() {
    let spec = r##"openapi: 3.0.1
info: { title: prices, version: "1" }
paths:
  /prices/{day}:
    get:
      operationId: GetPrice
      parameters:
      - { name: day, in: path, required: true, schema: { type: string, format: date } }
      - { name: least, in: query, schema: { type: string, format: decimal } }
      responses:
        200: { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Price" } } } }
components:
  schemas:
    Price:
      type: object
      required: [net]
      properties:
        net: { type: string, format: decimal }
        all: { type: array, items: { type: number, format: decimal, nullable: true } }
        made: { type: string, format: date-time, nullable: true }
        tax: { $ref: "#/components/schemas/Tax" }
    Tax: { type: object, properties: { percent: { type: integer } } }
"##;
    let apis = r#"[prices]
spec = "prices.yaml"
types = { Tax = "shop_types::Tax" }
formats = { decimal = "rust_decimal::Decimal", date-time = "String" }

[prices.dependencies]
rust_decimal = { version = "1", features = ["serde-str"] }
shop-types = { path = "../../types" }
"#;
    let site = Site::new(&[("specs/apis.toml", apis), ("specs/prices.yaml", spec)]);
    site.regen();
    let manifest = site.read("crates/generated/prices/Cargo.toml");
    let dependencies: toml::Table = manifest.parse().unwrap();
    let dependencies = dependencies["dependencies"].as_table().unwrap();
    assert_eq!(dependencies["rust_decimal"]["version"].as_str(), Some("1"));
    assert_eq!(
        dependencies["shop-types"]["path"].as_str(),
        Some("../../types")
    );
    let types = site.read("crates/generated/prices/src/types.rs");
    for field in [
        "pub net: rust_decimal::Decimal,",
        "pub all: Option<Vec<Option<rust_decimal::Decimal>>>,",
        "pub made: apigw_runtime::Nullable<String>,",
        "pub tax: Option<shop_types::Tax>,",
    ] {
        assert!(types.contains(field), "{field} in {types}");
    }
    let operations = site.read("crates/generated/prices/src/operations.rs");
    assert!(
        operations.contains("pub fn least(mut self, least: rust_decimal::Decimal)"),
        "{operations}"
    );

    // a crate without a dependency
    site.edit(
        "specs/apis.toml",
        "rust_decimal = { version = \"1\", features = [\"serde-str\"] }\n",
        "",
    );
    let plan = site.plan();
    let State::Failed(problem) = &plan.apis()[0].state else {
        panic!("a type without its crate is used");
    };
    let problem = problem.to_string();
    assert!(problem.contains("specs/apis.toml:4"), "{problem}");
    assert!(
        problem.contains("`rust_decimal::Decimal` is not in `dependencies`"),
        "{problem}"
    );
}
