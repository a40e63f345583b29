//! Overlays in a workspace: what they add to clients, and what is said when they cannot.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use apigw_codegen::inspect::Inspection;
use apigw_regen::{Plan, State, Workspace};
use tempfile::TempDir;

/// What API Gateway exports of an HTTP API: routes, and nothing about bodies.
const EXPORT: &str = r#"openapi: "3.0.1"
info: { title: "events", version: "1" }
paths:
  /events:
    get:
      parameters: [{ name: from, in: query, schema: { type: string } }]
      responses: { default: { description: "Default response for GET /events" } }
"#;

const OVERLAY: &str = r##"overlay: 1.0.0
info: { title: t, version: 1.0.0 }
actions:
- target: $.paths['/events'].get
  update:
    operationId: listEvents
    x-apigw-paging: { parameter: from, token: more, items: events }
    responses:
      "200":
        description: a page
        content: { application/json: { schema: { $ref: "#/components/schemas/Page" } } }
- target: $
  update:
    components:
      schemas:
        Page:
          type: object
          required: [events]
          properties: { events: { type: array, items: { type: string } }, more: { type: string } }
"##;

struct Site {
    folder: TempDir,
    workspace: Workspace,
}

impl Site {
    fn new(overlay: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace::new(folder.path());
        let site = Self { folder, workspace };
        site.write("specs/apis.toml", "[events]\nspec = \"export.yaml\"\n");
        site.write("specs/export.yaml", EXPORT);
        site.write("specs/events.overlay.yaml", overlay);
        site
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs_err::read_to_string(self.folder.path().join(path)).unwrap()
    }

    fn plan(&self) -> Plan {
        Plan::new(&self.workspace, &[]).unwrap()
    }

    /// Plans and applies.
    fn regen(&self) -> Plan {
        let lock = self.workspace.lock(|| ()).unwrap();
        let plan = self.plan();
        plan.apply(&lock).unwrap();
        plan
    }
}

#[test]
fn an_overlay_adds_names_types_and_pages_and_leaves_the_export_alone() {
    let site = Site::new(OVERLAY);
    site.regen();

    let client = site.read("crates/generated/events/src/client.rs");
    assert!(client.contains("pub fn list_events(&self)"), "{client}");
    let operations = site.read("crates/generated/events/src/operations.rs");
    let pages = "Pages::by_token(self.call, \"from\", |page| Token::of(&page.more))";
    assert!(operations.contains(pages), "{operations}");
    assert_eq!(site.read("specs/export.yaml"), EXPORT);
}

#[test]
fn a_pulled_export_gets_the_same_additions() {
    let site = Site::new(OVERLAY);
    site.regen();
    let types = site.read("crates/generated/events/src/types.rs");

    let route = "  /health: { get: { responses: { default: { description: ok } } } }\n";
    site.write("specs/export.yaml", &format!("{EXPORT}{route}"));
    site.regen();
    assert_eq!(site.read("crates/generated/events/src/types.rs"), types);
    let client = site.read("crates/generated/events/src/client.rs");
    assert!(client.contains("pub fn get_health(&self)"), "{client}");
}

#[test]
fn a_changed_overlay_makes_the_client_stale() {
    let site = Site::new(OVERLAY);
    site.regen();
    assert!(site.plan().is_fresh());

    let renamed = OVERLAY.replace("listEvents", "allEvents");
    site.write("specs/events.overlay.yaml", &renamed);
    assert!(!site.plan().is_fresh());
}

#[test]
fn a_target_that_is_gone_stops_the_plan_and_writes_nothing() {
    let site = Site::new(OVERLAY);
    site.regen();
    let before = site.read("crates/generated/events/src/client.rs");

    site.write(
        "specs/export.yaml",
        &EXPORT.replace("/events", "/happenings"),
    );
    let plan = site.regen();
    let [api] = plan.apis() else {
        unreachable!("there is one API")
    };
    let State::Failed(diagnostic) = &api.state else {
        unreachable!("{:?}", api.state)
    };
    let said = diagnostic.to_string();
    let place = "specs/events.overlay.yaml:4:3: the target matches nothing in specs/export.yaml";
    assert!(said.starts_with(place), "{said}");
    assert_eq!(site.read("crates/generated/events/src/client.rs"), before);
}

#[test]
fn an_overlay_that_belongs_to_no_api_is_an_error() {
    let site = Site::new(OVERLAY);
    site.write("specs/evnets.overlay.yaml", OVERLAY);
    let said = Plan::new(&site.workspace, &[]).unwrap_err().to_string();
    assert!(
        said.starts_with("specs/evnets.overlay.yaml: the overlay belongs to no API"),
        "{said}"
    );
}

#[test]
fn inspect_shows_the_spec_as_the_overlay_changes_it() {
    let site = Site::new(OVERLAY);
    let path = site.folder.path().join("specs/export.yaml");
    let (spec, settings) = site.workspace.spec(&path).unwrap();
    let inspection = Inspection::new(&spec, &settings).unwrap();
    assert_eq!(inspection.operations[0].name, "list_events");
    assert_eq!(inspection.operations[0].response, "Page");
    assert!(inspection.fixes.is_empty(), "{:?}", inspection.fixes);
}

#[test]
fn the_overlay_that_inspect_proposes_gives_the_type() {
    let site = Site::new("overlay: 1.0.0\nactions: []\n");
    let path = site.folder.path().join("specs/export.yaml");
    let inspected = || {
        let (spec, settings) = site.workspace.spec(&path).unwrap();
        Inspection::new(&spec, &settings).unwrap()
    };
    let remedy = inspected().remedy.unwrap();
    assert_eq!(remedy.file, "specs/events.overlay.yaml");
    site.write("specs/events.overlay.yaml", &remedy.text);
    assert_eq!(inspected().operations[0].response, "Name");
    assert_eq!(inspected().remedy, None);
}

#[test]
fn apis_toml_marks_operations_that_can_run_twice() {
    let site = Site::new("overlay: 1.0.0\ninfo: { title: t, version: 1.0.0 }\nactions: []\n");
    let table =
        |routes: &str| format!("[events]\nspec = \"export.yaml\"\nidempotent = [{routes}]\n");
    site.write("specs/export.yaml", &EXPORT.replace("get:", "post:"));
    for (routes, marked) in [("", false), ("\"POST /events\"", true)] {
        site.write("specs/apis.toml", &table(routes));
        site.regen();
        let operations = site.read("crates/generated/events/src/operations.rs");
        assert_eq!(operations.contains(".idempotent()"), marked, "{operations}");
    }
    site.write("specs/apis.toml", &table("\"POST /other\""));
    let plan = site.plan();
    let State::Failed(error) = &plan.apis()[0].state else {
        panic!("a route that the API does not have");
    };
    assert!(error.to_string().contains("has no POST /other"), "{error}");
}
