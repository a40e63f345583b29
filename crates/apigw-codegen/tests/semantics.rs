//! The Rust types and code generated for small specs, in cases where a wrong client would compile.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test"
)]

use std::path::Path;

use apigw_codegen::{RuntimeSource, Target, generate};
use apigw_spec::api::{Paging, PagingRule};
use apigw_spec::{Api, Report, Spec};

/// The generated sources of a client.
struct Client {
    types: String,
    operations: String,
    client: String,
    report: Report,
}

/// Generates the client of an OpenAPI 3.0.1 spec with these paths and schemas.
fn client(rest: &str) -> Client {
    client_of(&format!(
        "openapi: 3.0.1\ninfo: {{title: Orders, version: '1'}}\n{rest}"
    ))
}

fn client_of(text: &str) -> Client {
    let spec = Spec::parse("orders.yaml", text.as_bytes()).unwrap();
    let mut report = Report::new();
    let api = Api::read(&spec, &mut report);
    let files = generate(
        &api,
        &target(),
        &apigw_spec::Choices::default(),
        &mut report,
    )
    .unwrap();
    let file = |name: &str| files[Path::new(name)].clone();
    Client {
        types: file("src/types.rs"),
        operations: file("src/operations.rs"),
        client: file("src/client.rs"),
        report,
    }
}

fn target() -> Target {
    Target {
        api: "orders".to_owned(),
        package: "orders-client".to_owned(),
        spec: "specs/orders.yaml".to_owned(),
        runtime: RuntimeSource::Workspace,
    }
}

/// Generates the client of a single operation, `GET /orders`, that returns `schema`.
fn returning(schema: &str, schemas: &str) -> Client {
    client(&format!(
        "paths:
  /orders:
    get:
      operationId: getOrders
      responses:
        '200': {{description: ok, content: {{application/json: {{schema: {schema}}}}}}}
components:
  schemas: {{{schemas}}}
"
    ))
}

impl Client {
    /// Returns the contents of the braces of `item`, for example `pub struct Order`.
    #[track_caller]
    fn body<'a>(text: &'a str, item: &str) -> &'a str {
        let start = text
            .find(&format!("{item} {{"))
            .unwrap_or_else(|| panic!("no {item} in\n{text}"));
        let rest = &text[start..];
        let indent = text[..start].rsplit('\n').next().unwrap_or_default();
        let close = format!("\n{indent}}}");
        &rest[..rest.find(&close).unwrap_or(rest.len())]
    }

    /// Returns the type of a struct field.
    #[track_caller]
    fn field(&self, of: &str, name: &str) -> String {
        let body = Self::body(&self.types, &format!("pub struct {of}"));
        let start = body.find(&format!("pub {name}: "));
        let start = start.unwrap_or_else(|| panic!("no field {name} in\n{body}"));
        let rest = &body[start + name.len() + 6..];
        let line = rest.lines().next().unwrap_or_default();
        line.trim_end_matches(',').to_owned()
    }

    /// Returns the variants of an enum in order, without docs.
    #[track_caller]
    fn variants(&self, of: &str) -> Vec<String> {
        let text = format!("{}{}", self.types, self.operations);
        let body = Self::body(&text, &format!("pub enum {of}"));
        body.lines()
            .skip(1)
            .map(str::trim)
            .filter(|line| !line.starts_with("//") && !line.starts_with('#'))
            .map(|line| line.trim_end_matches(',').to_owned())
            .collect()
    }

    /// Returns the success and error types of a builder, as passed to the runtime's macro.
    #[track_caller]
    fn output(&self, builder: &str) -> String {
        let head = format!("apigw_runtime::operation!({builder}, ");
        let mut lines = self.operations.lines();
        let line = lines.find_map(|line| line.strip_prefix(&head));
        let (_, types) = line.and_then(|line| line.split_once(" => ")).unwrap();
        types.trim_end_matches(");").to_owned()
    }

    /// Returns the arguments of a client's method.
    #[track_caller]
    fn arguments(&self, method: &str) -> String {
        let (_, rest) = self
            .client
            .split_once(&format!("pub fn {method}("))
            .unwrap();
        let (arguments, _) = rest.split_once(") -> ").unwrap();
        arguments.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn rules(&self) -> Vec<&str> {
        let fixes = self.report.fixes().iter();
        fixes.map(|fix| fix.rule).collect()
    }
}

// responses

#[test]
fn each_inline_body_of_an_operation_gets_its_own_type() {
    let client = client(
        "paths:
  /orders:
    get:
      operationId: getOrders
      responses:
        '200': {description: ok, content: {application/json: {schema: {type: object, properties: {a: {type: string}}}}}}
        '202': {description: later, content: {application/json: {schema: {type: object, properties: {b: {type: string}}}}}}
        '204': {description: none}
        '400': {description: bad, content: {application/json: {schema: {type: object, properties: {message: {type: string}}}}}}
        default: {description: other, content: {application/json: {schema: {type: object, properties: {message: {type: string}}}}}}
",
    );
    assert_eq!(
        client.variants("GetOrdersResponse"),
        [
            "Status200(types::GetOrdersResponse)",
            "Status202(types::GetOrdersResponse202)",
            "Status204",
        ]
    );
    assert_eq!(client.field("GetOrdersResponse", "a"), "Option<String>");
    assert_eq!(client.field("GetOrdersResponse202", "b"), "Option<String>");
    assert_eq!(
        client.variants("GetOrdersError"),
        [
            "Status400(types::GetOrdersError400)",
            "OtherStatus(types::GetOrdersError)",
        ]
    );
}

#[test]
fn json_media_types_with_a_suffix_are_typed() {
    let client = client(
        "paths:
  /orders:
    get:
      operationId: getOrders
      responses:
        '200': {description: ok, content: {application/hal+json: {schema: {type: object, properties: {a: {type: string}}}}}}
        '500': {description: no, content: {application/problem+json: {schema: {type: object, properties: {title: {type: string}}}}}}
",
    );
    assert_eq!(
        client.output("GetOrders"),
        "types::GetOrdersResponse, types::GetOrdersError500"
    );
}

#[test]
fn a_default_response_next_to_a_success_is_the_error() {
    let schema = "{type: object, properties: {a: {type: string}}}";
    let client = client(&format!(
        "paths:
  /orders:
    get:
      operationId: getOrders
      responses:
        '200': {{description: ok, content: {{application/json: {{schema: {schema}}}}}}}
        default: {{description: no, content: {{application/json: {{schema: {schema}}}}}}}
"
    ));
    assert_eq!(
        client.output("GetOrders"),
        "types::GetOrdersResponse, types::GetOrdersError"
    );
}

#[test]
fn a_single_default_response_is_the_success() {
    let client = client(
        "paths: {/orders: {get: {operationId: getOrders, responses: {default: {description: Default response}}}}}",
    );
    assert_eq!(client.output("GetOrders"), "apigw_runtime::AnyBody");
}

#[test]
fn undeclared_bodies_are_any_body() {
    for responses in [
        "{}",
        "{'200': {description: ok}}",
        "{'200': {description: ok, content: {}}}",
        "{'200': {description: ok, content: {application/json: {}}}}",
        "{'200': {description: ok, content: {application/json: {schema: {type: object, title: Empty Schema}}}}}",
        "{success: {description: ok, content: {application/json: {schema: {type: string}}}}}",
    ] {
        let client = client(&format!(
            "paths: {{/orders: {{get: {{operationId: getOrders, responses: {responses}}}}}}}"
        ));
        let output = client.output("GetOrders");
        assert_eq!(output, "apigw_runtime::AnyBody", "{responses}");
    }
}

#[test]
fn redirects_are_the_success_of_an_operation_without_another_success() {
    let client = client(
        "paths: {/orders: {get: {operationId: getOrders, responses: {'302': {description: moved}, default: {description: no}}}}}",
    );
    let new = Client::body(
        &client.operations,
        "pub(super) fn new(client: &Client) -> Self",
    );
    assert!(
        new.contains(".success_status(apigw_runtime::StatusCode::FOUND)"),
        "{new}"
    );
}

// requests

#[test]
fn optional_bodies_are_setters() {
    let operation = |required: bool| {
        client(&format!(
            "paths:
  /orders:
    post:
      operationId: addOrder
      requestBody: {{required: {required}, content: {{application/json: {{schema: {{$ref: '#/components/schemas/Order'}}}}}}}}
      responses: {{}}
components: {{schemas: {{Order: {{type: object, properties: {{id: {{type: string}}}}}}}}}}
"
        ))
    };
    assert_eq!(
        operation(true).arguments("add_order"),
        "&self, body: &types::Order"
    );
    let optional = operation(false);
    assert_eq!(optional.arguments("add_order"), "&self");
    let builder = Client::body(&optional.operations, "impl AddOrder");
    assert!(
        builder.contains("pub fn body(mut self, body: &types::Order)"),
        "{builder}"
    );
}

#[test]
fn query_arrays_follow_explode() {
    let operation = |style: &str| {
        client(&format!(
            "paths:
  /orders:
    get:
      operationId: getOrders
      parameters: [{{name: id, in: query, {style} schema: {{type: array, items: {{type: string}}}}}}]
      responses: {{}}
"
        ))
        .operations
    };
    assert!(operation("").contains("query_each(\"id\""));
    assert!(operation("explode: false,").contains("query_joined(\"id\""));
}

#[test]
fn fields_of_a_query_object_become_parameters() {
    let client = client(
        "paths:
  /orders:
    get:
      operationId: getOrders
      parameters:
        - {name: filter, in: query, style: deepObject, schema: {type: object, properties: {size: {type: integer}}}}
      responses: {}
",
    );
    assert!(
        client.operations.contains("\"filter[size]\""),
        "{}",
        client.operations
    );
    assert_eq!(client.rules(), ["object-in-query"]);
}

#[test]
fn operations_inherit_and_override_path_item_parameters() {
    let client = client(
        "paths:
  /orders/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
      - {name: X-Api-Key, in: header, schema: {type: string}}
    get: {operationId: getOrder, parameters: [{name: id, in: path, required: true, schema: {type: integer}}], responses: {}}
    delete: {operationId: deleteOrder, responses: {}}
",
    );
    assert_eq!(client.arguments("get_order"), "&self, id: i64");
    assert_eq!(
        client.arguments("delete_order"),
        "&self, id: impl Into<String>"
    );
    assert_eq!(client.operations.matches("api_key: true").count(), 2);
}

// objects

#[test]
fn optional_fields_and_nullable_ones_are_told_apart() {
    let client = returning(
        "{$ref: '#/components/schemas/Order'}",
        "Order: {type: object, required: [lines, note, parent], properties: {
           lines: {type: array, items: {type: string}},
           tags: {type: array, items: {type: string}},
           labels: {type: object, additionalProperties: {type: string}},
           note: {type: string, nullable: true},
           parent: {$ref: '#/components/schemas/Shop', nullable: true, description: Where.},
           wrapped: {nullable: true, allOf: [{$ref: '#/components/schemas/Shop'}]},
           shop: {$ref: '#/components/schemas/Shop'}}},
         Shop: {type: object, properties: {id: {type: string}}}",
    );
    for (field, of) in [
        ("lines", "Vec<String>"),
        ("tags", "Option<Vec<String>>"),
        (
            "labels",
            "Option<std::collections::BTreeMap<String, String>>",
        ),
        ("note", "Option<String>"),
        ("parent", "Option<Shop>"),
        ("wrapped", "apigw_runtime::Nullable<Shop>"),
        ("shop", "Option<Shop>"),
    ] {
        assert_eq!(client.field("Order", field), of, "{field}");
    }
    assert!(client.types.contains("/// Where."));
}

#[test]
fn openapi_3_1_null_types_are_options() {
    let client = client_of(
        "openapi: 3.1.0
info: {title: Orders, version: '1'}
paths:
  /orders:
    get:
      operationId: getOrders
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
components:
  schemas:
    Shop: {type: object, properties: {id: {type: string}}}
    Order:
      type: object
      required: [a, b, c, d, e]
      properties:
        a: {type: [string, 'null']}
        b: {oneOf: [{$ref: '#/components/schemas/Shop'}, {type: 'null'}]}
        c: {anyOf: [{type: integer}, {const: null}]}
        d: {const: fixed}
        e: {type: array, prefixItems: [{type: string}]}
",
    );
    for (field, of) in [
        ("a", "Option<String>"),
        ("b", "Option<Shop>"),
        ("c", "Option<i64>"),
        ("d", "OrderD"),
        ("e", "Vec<serde_json::Value>"),
    ] {
        assert_eq!(client.field("Order", field), of, "{field}");
    }
}

#[test]
fn fields_with_colliding_rust_names_keep_their_wire_names() {
    let client = returning(
        "{$ref: '#/components/schemas/Order'}",
        "Order: {type: object, additionalProperties: {type: integer}, properties: {
           fooBar: {type: string}, foo_bar: {type: integer}, type: {type: string}, extra: {type: string}}}",
    );
    assert_eq!(client.field("Order", "foo_bar"), "Option<String>");
    assert_eq!(client.field("Order", "foo_bar_2"), "Option<i64>");
    assert_eq!(client.field("Order", "extra"), "Option<String>");
    let body = Client::body(&client.types, "pub struct Order");
    assert_eq!(
        client.field("Order", "additional_properties"),
        "std::collections::BTreeMap<String, i64>"
    );
    for name in ["fooBar", "foo_bar", "type"] {
        assert!(body.contains(&format!("rename = \"{name}\"")), "{body}");
    }
    assert!(body.contains("#[serde(flatten)]"), "{body}");
}

#[test]
fn pattern_properties_are_kept() {
    let client = returning(
        "{$ref: '#/components/schemas/Order'}",
        "Order: {type: object, properties: {a: {type: string}}, patternProperties: {^x-: {type: string}}}",
    );
    let body = Client::body(&client.types, "pub struct Order");
    assert!(body.contains("#[serde(flatten)]"), "{body}");
}

#[test]
fn recursive_types_are_boxed_and_optional() {
    let client = returning(
        "{$ref: '#/components/schemas/Node'}",
        "Node: {type: object, properties: {
           next: {$ref: '#/components/schemas/Node'},
           kids: {type: array, items: {$ref: '#/components/schemas/Node'}},
           rule: {$ref: '#/components/schemas/Rule'}}},
         Rule: {oneOf: [{type: string}, {type: array, items: {$ref: '#/components/schemas/Rule'}},
                        {$ref: '#/components/schemas/Node'}]},
         Alias: {$ref: '#/components/schemas/Alias'}",
    );
    assert_eq!(client.field("Node", "next"), "Option<Box<Node>>");
    assert_eq!(client.field("Node", "kids"), "Option<Vec<Node>>");
    assert_eq!(client.field("Node", "rule"), "Option<Rule>");
}

#[test]
fn cyclic_references_are_any_json() {
    let client = returning(
        "{$ref: '#/components/schemas/A'}",
        "A: {$ref: '#/components/schemas/B'}, B: {allOf: [{$ref: '#/components/schemas/A'}]}",
    );
    assert_eq!(client.output("GetOrders"), "apigw_runtime::AnyBody");
}

// allOf

#[test]
fn all_of_merges_the_fields_of_its_parts() {
    let client = returning(
        "{$ref: '#/components/schemas/Order'}",
        "Base: {type: object, required: [id], properties: {id: {type: string}, parent: {$ref: '#/components/schemas/Order'}}},
         Order: {allOf: [{$ref: '#/components/schemas/Base'},
                         {type: object, required: [total], properties: {total: {type: number}}}]}",
    );
    assert_eq!(client.field("Order", "id"), "String");
    assert_eq!(client.field("Order", "total"), "f64");
    assert_eq!(client.field("Order", "parent"), "Option<Box<Order>>");
}

#[test]
fn conflicting_all_of_parts_are_any_json() {
    let client = returning(
        "{$ref: '#/components/schemas/Order'}",
        "Base: {type: object, required: [id], properties: {id: {type: string}}},
         Order: {allOf: [{$ref: '#/components/schemas/Base'}, {type: object, properties: {id: {type: integer}}}]}",
    );
    assert_eq!(client.field("Order", "id"), "serde_json::Value");
    assert_eq!(client.rules(), ["conflicting-schemas"]);
}

#[test]
fn fields_next_to_alternatives_are_all_kept() {
    let client = returning(
        "{$ref: '#/components/schemas/Pet'}",
        "Cat: {type: object, required: [lives], properties: {lives: {type: integer}}},
         Dog: {type: object, properties: {bark: {type: string}}},
         Pet: {type: object, required: [name], properties: {name: {type: string}},
               oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]}",
    );
    assert_eq!(client.field("Pet", "name"), "String");
    assert_eq!(client.field("Pet", "lives"), "Option<i64>");
    assert_eq!(client.field("Pet", "bark"), "Option<String>");
}

// alternatives

#[test]
fn discriminators_select_by_mapping_enum_or_schema_name() {
    let client = returning(
        "{$ref: '#/components/schemas/Pet'}",
        "Cat: {type: object, required: [kind], properties: {kind: {type: string}}},
         Dog: {type: object, required: [kind], properties: {kind: {type: string, enum: [hound]}}},
         Fish: {type: object, required: [kind], properties: {kind: {type: string}}},
         Pet: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'},
                       {$ref: '#/components/schemas/Fish'}],
               discriminator: {propertyName: kind, mapping: {cat: '#/components/schemas/Cat', tom: Cat}}}",
    );
    let types: String = client
        .types
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    for arm in [
        "Some(\"cat\" | \"tom\") => serde_json::from_value(value).map(Self::Cat)",
        "Some(\"hound\") => serde_json::from_value(value).map(Self::Dog)",
        "Some(\"Fish\") => serde_json::from_value(value).map(Self::Fish)",
    ] {
        assert!(types.contains(arm), "{arm} in\n{types}");
    }
}

#[test]
fn a_required_enum_field_with_distinct_values_acts_as_discriminator() {
    let client = returning(
        "{$ref: '#/components/schemas/Pet'}",
        "Cat: {type: object, required: [kind], properties: {kind: {type: string, enum: [cat]}}},
         Dog: {type: object, required: [kind], properties: {kind: {type: string, enum: [dog]}}},
         Pet: {anyOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]}",
    );
    assert!(client.types.contains("Some(\"dog\")"), "{}", client.types);
    assert!(client.rules().is_empty(), "{:?}", client.rules());
}

#[test]
fn without_a_tag_the_most_specific_alternative_is_tried_first() {
    let client = returning(
        "{$ref: '#/components/schemas/Value'}",
        "Loose: {type: object, properties: {a: {type: string}}},
         Strict: {type: object, required: [a, b], properties: {a: {type: string}, b: {type: string}}},
         Value: {oneOf: [{type: string}, {type: number}, {type: integer}, {$ref: '#/components/schemas/Loose'},
                         {$ref: '#/components/schemas/Strict'}]}",
    );
    assert_eq!(
        client.variants("Value"),
        [
            "Strict(Box<Strict>)",
            "Loose(Box<Loose>)",
            "Integer(i64)",
            "Number(f64)",
            "Text(String)",
            "Unknown(serde_json::Value)",
        ]
    );
}

// names

#[test]
fn enum_values_with_colliding_names_get_suffixes() {
    let client = returning(
        "{$ref: '#/components/schemas/Status'}",
        "Status: {type: string, enum: [a-b, a_b, '<', '>', '', Unknown, '1']}",
    );
    assert_eq!(
        client.variants("Status"),
        [
            "Ab = \"a-b\"",
            "Ab2 = \"a_b\"",
            "Lt = \"<\"",
            "Gt = \">\"",
            "Empty = \"\"",
            "Unknown2 = \"Unknown\"",
            "N1 = \"1\"",
        ]
    );
}

#[test]
fn types_with_colliding_names_get_suffixes_and_titles_are_ignored() {
    let client = returning(
        "{$ref: '#/components/schemas/Order'}",
        "Order: {type: object, title: Report Type, properties: {
           a: {$ref: '#/components/schemas/order_item'}, b: {$ref: '#/components/schemas/OrderItem'},
           item: {type: object, title: Order Item, properties: {c: {type: string}}}}},
         order_item: {type: object, properties: {a: {type: string}}},
         OrderItem: {type: object, title: Order, properties: {b: {type: string}}}",
    );
    assert_eq!(client.field("Order", "a"), "Option<OrderItem>");
    assert_eq!(client.field("Order", "b"), "Option<OrderItem2>");
    assert_eq!(client.field("Order", "item"), "Option<OrderItem3>");
    assert!(!client.types.contains("ReportType"));
}

#[test]
fn nested_inline_types_have_consistent_names() {
    let client = returning(
        "{$ref: '#/components/schemas/Point'}",
        "Point: {type: object, properties: {x: {type: object, properties: {y: {
           type: object, properties: {z: {type: string, enum: [near, far]}}}}}}}",
    );
    assert_eq!(client.field("Point", "x"), "Option<PointX>");
    assert_eq!(client.field("PointX", "y"), "Option<PointXy>");
    assert_eq!(client.field("PointXy", "z"), "Option<PointXyZ>");
    assert_eq!(
        client.variants("PointXyZ"),
        ["Near = \"near\"", "Far = \"far\""]
    );
}

#[test]
fn generated_console_and_cdk_names_are_replaced() {
    let client = returning(
        "{$ref: '#/components/schemas/MODEL1a2b3c'}",
        "MODEL1a2b3c: {type: object, properties: {line: {$ref: '#/components/schemas/OrdersApiLine4F2A1B3C'}}},
         OrdersApiLine4F2A1B3C: {type: object, properties: {sku: {type: string}}}",
    );
    assert_eq!(
        client.field("GetOrdersResponse", "line"),
        "Option<OrdersApiLine>"
    );
    assert_eq!(client.rules(), ["type-name", "type-name"]);
}

// references

#[test]
fn references_to_a_part_of_a_schema_are_resolved() {
    let client = returning(
        "{$ref: '#/components/schemas/Order/properties/lines/items'}",
        "Order: {type: object, properties: {lines: {type: array, items: {type: object, properties: {sku: {type: string}}}}}}",
    );
    assert_eq!(client.field("LinesItems", "sku"), "Option<String>");
}

/// Generates `GET /orders` with a query parameter and a page with these fields.
fn paged(parameter: &str, fields: &str, paging: Option<Paging>) -> Result<String, String> {
    let text = format!(
        "openapi: 3.0.1
info: {{title: Orders, version: '1'}}
paths:
  /orders:
    get:
      parameters:
      - {{name: {parameter}, in: query, schema: {{type: integer}}}}
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema: {{$ref: '#/components/schemas/Page'}}
components:
  schemas:
    Page: {{type: object, required: [rows], properties: {{{fields}}}}}
"
    );
    let spec = Spec::parse("orders.yaml", text.as_bytes()).unwrap();
    let mut report = Report::new();
    let mut api = Api::read(&spec, &mut report);
    api.operations[0].paging = paging.unwrap_or_default();
    let files = generate(
        &api,
        &target(),
        &apigw_spec::Choices::default(),
        &mut report,
    );
    files
        .map(|files| files[Path::new("src/operations.rs")].clone())
        .map_err(|error| error.to_string())
}

const ROWS: &str = "rows: {type: array, items: {type: string}}";

#[test]
fn paging_by_token_is_detected() {
    for (parameter, field) in [
        ("nextToken", "nextToken"),
        ("next_token", "NextToken"),
        ("cursor", "nextCursor"),
        ("ExclusiveStartKey", "LastEvaluatedKey"),
    ] {
        let fields = format!("{ROWS}, {field}: {{type: string}}");
        let code = paged(parameter, &fields, None).unwrap();
        let call = format!("Pages::by_token(self.call, \"{parameter}\", |page| Token::of(&page.");
        assert!(code.contains(&call), "{parameter}: {code}");
        assert!(
            code.contains("self.pages().items(|page| page.rows)"),
            "{code}"
        );
    }
}

#[test]
fn paging_by_number_and_total_is_detected() {
    for (kind, total) in [
        ("type: integer", "page.total"),
        ("type: integer, format: int32", "page.total.map(i64::from)"),
    ] {
        let code = paged("page", &format!("{ROWS}, total: {{{kind}}}"), None).unwrap();
        let call =
            format!("Pages::by_number(self.call, \"page\", 1, |page| (page.rows.len(), {total}))");
        assert!(code.contains(&call), "{code}");
    }
}

#[test]
fn paging_requires_a_parameter_a_token_and_a_single_list() {
    for (parameter, fields) in [
        ("limit", format!("{ROWS}, nextToken: {{type: string}}")),
        ("nextToken", ROWS.to_owned()),
        ("nextToken", "nextToken: {type: string}".to_owned()),
        (
            "nextToken",
            format!("{ROWS}, nextToken: {{type: string}}, more: {{type: array, items: {{}}}}"),
        ),
    ] {
        let code = paged(parameter, &fields, None).unwrap();
        assert!(!code.contains("Pages"), "{parameter} {fields}: {code}");
    }
}

#[test]
fn paging_can_be_configured_or_turned_off() {
    let rule = |parameter: &str, token: &str, items: &str| {
        Some(Paging::Given(PagingRule {
            parameter: parameter.to_owned(),
            token: Some(token.to_owned()),
            total: None,
            items: items.to_owned(),
        }))
    };
    let fields = format!("{ROWS}, after: {{type: string}}, nextToken: {{type: string}}");
    let code = paged("from", &fields, rule("from", "after", "rows")).unwrap();
    assert!(
        code.contains("Pages::by_token(self.call, \"from\", |page| Token::of(&page.after))"),
        "{code}"
    );
    let code = paged("nextToken", &fields, Some(Paging::Off)).unwrap();
    assert!(!code.contains("Pages"), "{code}");
    for (rule, problem) in [
        (
            rule("start", "after", "rows"),
            "no optional query parameter `start`",
        ),
        (
            rule("from", "later", "rows"),
            "the response has no field `later`",
        ),
        (
            rule("from", "after", "after"),
            "field `after` is not an array",
        ),
    ] {
        let error = paged("from", &fields, rule).unwrap_err();
        assert!(error.ends_with(problem), "{error}");
        assert!(error.contains("GET /orders"), "{error}");
    }
}
