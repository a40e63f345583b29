//! The exact output of `inspect` and `list`.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use apigw_codegen::inspect::{Inspection, Settings};
use apigw_regen::{Plan, Workspace};
use apigw_spec::Spec;
use apigw_xtask::show::{inspection::Shown, plan as show};
use serde_json::json;

const ORDERS: &str = r##"{
  "openapi": "3.0.1",
  "info": { "title": "orders", "version": "2" },
  "servers": [{ "url": "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod" }],
  "paths": {
    "/orders": {
      "post": {
        "operationId": "CreateOrder",
        "security": [{ "sigv4": [] }, { "key": [] }],
        "requestBody": { "required": true, "content": { "application/json": {
          "schema": { "$ref": "#/components/schemas/MODEL1a2b3c" } } } },
        "responses": {
          "200": { "description": "", "content": { "application/json": {
            "schema": { "$ref": "#/components/schemas/MODEL1a2b3c" } } } },
          "202": { "description": "" },
          "400": { "description": "", "content": { "application/json": {
            "schema": { "type": "object", "properties": { "message": { "type": "string" } } } } } }
        }
      }
    },
    "/files/{proxy+}": {
      "x-amazon-apigateway-any-method": { "responses": {} }
    }
  },
  "components": {
    "securitySchemes": {
      "sigv4": { "type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4" },
      "key": { "type": "apiKey", "name": "x-api-key", "in": "header" }
    },
    "schemas": {
      "MODEL1a2b3c": {
        "type": "object",
        "required": ["sku"],
        "properties": {
          "sku": { "type": "string" },
          "state": { "type": "string", "enum": ["open", "closed"] },
          "meta": {}
        }
      }
    }
  }
}
"##;

fn inspect(spec: &str, settings: &Settings) -> Inspection {
    let spec = Spec::parse("specs/orders.json", spec.as_bytes()).unwrap();
    Inspection::new(&spec, settings).unwrap()
}

#[test]
fn an_api_is_drawn_with_its_operations_types_and_fixes() {
    let expected = r#"  Inspecting specs/orders.json (OpenAPI 3.0, JSON)
       Title orders, version 2
    Endpoint https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod
      Region eu-west-1
  Operations 2
  name             route                auth             request          response
  create_order     POST /orders         signed, API key  CreateOrderBody
                   200 CreateOrderBody | 202 any, or CreateOrderError400
  any_files_proxy  ANY /files/{proxy+}  open             any?             any
       Types 3
  struct CreateOrderBody sku: String, state?: CreateOrderBodyState, meta?: serde_json::Value
  enum CreateOrderBodyState "open" | "closed"
  struct CreateOrderError400 message?: String
       Fixes 3
  specs/orders.json:22:7
      undeclared path parameter `proxy`; added as a required string [undeclared-path-parameter]
  specs/orders.json:22:7
      missing operationId; using `any_files_proxy` [missing-operation-id]
  specs/orders.json:31:7
      generated schema name; using type name `CreateOrderBody` [type-name]
     Untyped 4 (left open by the spec)
  request   any_files_proxy
  response  create_order, any_files_proxy
  field     CreateOrderBody.meta
        Edit specs/apis.toml to override these choices:
  [orders.names]
  "ANY /files/{proxy+}" = "any_files_proxy"
  [orders.types]
  "MODEL1a2b3c" = "CreateOrderBody"
"#;
    assert_eq!(
        Shown(&inspect(ORDERS, &Settings::default())).to_string(),
        expected
    );
}

#[test]
fn json_says_the_same() {
    let inspection = serde_json::to_value(inspect(ORDERS, &Settings::default())).unwrap();
    assert_eq!(inspection["dialect"], "OpenAPI 3.0");
    assert_eq!(
        inspection["operations"][0],
        json!({
            "name": "create_order",
            "route": "POST /orders",
            "auth": "signed, API key",
            "authorizer": null,
            "request": "CreateOrderBody", "other_media_types": [],
            "pages": null,
            "response": "200 CreateOrderBody | 202 any",
            "error": "CreateOrderError400",
        })
    );
    assert_eq!(
        inspection["fixes"][0],
        json!({
            "place": "specs/orders.json:22:7",
            "rule": "undeclared-path-parameter",
            "problem": "undeclared path parameter `proxy`",
            "action": "added as a required string",
        })
    );
    assert_eq!(
        inspection["types"][1],
        json!({
            "name": "CreateOrderBodyState",
            "kind": "enum",
            "members": ["\"open\"", "\"closed\""],
        })
    );
}

#[test]
fn names_and_rules_of_the_workspace_are_the_ones_shown() {
    let mut settings = Settings {
        api: Some("shop".to_owned()),
        ..Settings::default()
    };
    settings.choices.recorded_names = [(
        "ANY /files/{proxy+}".to_owned(),
        "any_files_proxy_2".to_owned(),
    )]
    .into();
    settings.choices.types = [("MODEL1a2b3c".to_owned(), "Order".to_owned())].into();
    settings.choices.names = [("POST /orders".to_owned(), "order".to_owned())].into();
    let inspection = inspect(ORDERS, &settings);
    let names = inspection
        .operations
        .iter()
        .map(|found| found.name.as_str());
    assert_eq!(names.collect::<Vec<_>>(), ["order", "any_files_proxy_2"]);
    assert_eq!(inspection.operations[0].request.as_deref(), Some("Order"));
    // a choice already made is not suggested
    let lines = inspection.suggestions.iter();
    let lines: Vec<_> = lines
        .map(|found| (found.table.as_str(), found.line.as_str()))
        .collect();
    assert_eq!(
        lines,
        [(
            "shop.names",
            "\"ANY /files/{proxy+}\" = \"any_files_proxy_2\""
        )]
    );
}

#[test]
fn a_spec_without_authorization_gets_a_suggestion_for_apis_toml() {
    let open = ORDERS.replace("\"security\"", "\"x-security\"");
    let inspection = inspect(&open, &Settings::default());
    let last = inspection.suggestions.last().unwrap();
    assert_eq!(last.table, "orders.auth");
    assert_eq!(
        last.line,
        "\"*\" = \"none\" # or iam, api-key, iam-and-api-key"
    );
}

#[test]
fn a_hundred_operations_fit_a_terminal() {
    let paths: serde_json::Map<_, _> = (0..100)
        .map(|number| {
            let path = format!("/customers/{{customerId}}/orders/{{orderId}}/parts-{number}");
            (
                path,
                json!({ "get": { "responses": {} }, "put": { "responses": {} } }),
            )
        })
        .collect();
    let info = json!({ "title": "many", "version": "1" });
    let spec = json!({ "openapi": "3.0.1", "info": info, "paths": paths }).to_string();
    let shown = Shown(&inspect(&spec, &Settings::default())).to_string();
    let wide: Vec<&str> = shown
        .lines()
        .filter(|line| line.chars().count() > 100)
        // a line for apis.toml can be copied unchanged
        .filter(|line| !line.contains(" = "))
        .collect();
    assert_eq!(wide, Vec::<&str>::new());
    assert!(shown.contains("# and 197 more, see --json"));
}

#[test]
fn list_shows_the_state_of_each_client() {
    let folder = tempfile::tempdir().unwrap();
    let specs = folder.path().join("specs");
    fs_err::create_dir(&specs).unwrap();
    fs_err::write(specs.join("orders.json"), ORDERS).unwrap();
    let apis =
        "[orders]\nspec = \"orders.json\"\n\n[stock]\nspec = \"stock.json\"\npackage = \"stock\"\n";
    fs_err::write(specs.join("apis.toml"), apis).unwrap();
    let plan = Plan::new(&Workspace::new(folder.path()), &[]).unwrap();
    assert_eq!(
        show::list(&plan),
        "  name    package        operations  state   endpoint
  orders  orders-client  2           new
          https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod
  stock   stock          0           failed  -
"
    );
}

#[test]
fn a_spec_in_apis_toml_is_found_by_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let specs = folder.path().join("specs");
    fs_err::create_dir(&specs).unwrap();
    let workspace = Workspace::new(folder.path());
    let path = specs.join("orders.json");
    fs_err::write(&path, ORDERS).unwrap();
    // without a list there are no settings
    assert_eq!(workspace.settings(&path).unwrap().api, None);
    fs_err::write(specs.join("apis.toml"), "[shop]\nspec = \"orders.json\"\n").unwrap();
    let elsewhere = specs.join("../specs/orders.json");
    assert_eq!(
        workspace.settings(&elsewhere).unwrap().api.as_deref(),
        Some("shop")
    );
    assert_eq!(
        workspace.settings(&specs.join("apis.toml")).unwrap().api,
        None
    );
}
