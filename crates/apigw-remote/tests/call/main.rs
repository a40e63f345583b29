//! Tests of requests to operations: finding them, checking arguments, and sending.

#![allow(clippy::unwrap_used, reason = "a failed step should fail the test")]

use apigw_local::{Credentials, LocalGateway};
use apigw_remote::call::{self, Arguments, Call, CallError, Caller, pretty};
use apigw_spec::{Api, Report, Spec};
use proptest::prelude::*;
use reqwest::Url;
use reqwest_sigv4::Signer;

const SPEC: &str = "
openapi: 3.0.1
info: { title: shop, version: '1' }
paths:
  /orders/{orderId}:
    get:
      operationId: GetOrder
      x-amazon-apigateway-auth: { type: AWS_IAM }
      parameters:
        - { name: orderId, in: path, required: true, schema: { type: string } }
        - { name: X-Trace, in: header, schema: { type: string } }
        - { name: q, in: query, schema: { type: string } }
        - { name: exact, in: query, schema: { type: boolean } }
        - { name: price, in: query, schema: { type: number } }
        - { name: status, in: query, schema: { $ref: '#/components/schemas/Status' } }
        - { name: tag, in: query, schema: { type: array, items: { type: integer } } }
        - { name: joined, in: query, explode: false, schema: { type: array, items: { type: string } } }
      responses:
        200: { description: the order, content: { application/json: { schema: { type: object } } } }
    put:
      operationId: PutOrder
      parameters:
        - { name: orderId, in: path, required: true, schema: { type: string } }
      requestBody:
        required: true
        content:
          application/json: { schema: { $ref: '#/components/schemas/Order' } }
          text/csv: {}
      responses: { 204: { description: stored } }
  /styles:
    get:
      operationId: GetStyles
      parameters:
        - { name: sid, in: cookie, required: true, schema: { type: string } }
        - { name: visits, in: cookie, schema: { type: integer } }
        - { name: line, in: query, content: { application/json: { schema: { $ref: '#/components/schemas/Line' } } } }
        - { name: X-Word, in: header, content: { application/json: { schema: { type: string } } } }
        - { name: pipes, in: query, style: pipeDelimited, schema: { type: array, items: { type: integer } } }
        - { name: more, in: query, schema: { type: object } }
      responses: { 200: { description: done } }
  /files/{proxy+}:
    get:
      parameters: [ { name: proxy, in: path, required: true, schema: { type: string } } ]
      responses: { 200: { description: the file } }
components:
  schemas:
    Status: { type: string, enum: [open, closed] }
    Line:
      type: object
      required: [sku]
      properties: { sku: { type: string }, quantity: { type: integer }, note: { type: string, nullable: true } }
    Order:
      type: object
      properties:
        status: { $ref: '#/components/schemas/Status' }
        lines: { type: array, items: { $ref: '#/components/schemas/Line' } }
";

fn api() -> Api {
    let spec = Spec::parse("shop.yaml", SPEC.as_bytes()).unwrap();
    Api::read(&spec, &mut Report::new())
}

fn call(operation: &str, arguments: &Arguments) -> Result<Call, CallError> {
    let api = api();
    let endpoint = "https://api.example.com/prod/".parse().unwrap();
    Call::of(
        &api,
        call::operation(&api, operation)?,
        &endpoint,
        arguments,
    )
}

fn parameters(pairs: &[(&str, &str)]) -> Arguments {
    let pairs = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Arguments {
        parameters: pairs.collect(),
        ..Arguments::default()
    }
}

fn url(operation: &str, pairs: &[(&str, &str)]) -> String {
    call(operation, &parameters(pairs))
        .unwrap()
        .url()
        .to_string()
}

fn error(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = [("orderId", "1")].iter().chain(pairs).copied().collect();
    call("GetOrder", &parameters(&pairs))
        .unwrap_err()
        .to_string()
}

#[test]
fn an_operation_is_found_by_any_of_its_names() {
    for name in [
        "get_order",
        "GetOrder",
        "GET /orders/{orderId}",
        "get /orders/{orderId}",
    ] {
        assert!(
            call(name, &parameters(&[("orderId", "1")])).is_ok(),
            "{name}"
        );
    }
    let error = call("DELETE /orders/{orderId}", &Arguments::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "unknown operation \"DELETE /orders/{orderId}\": did you mean `GET /orders/{orderId}`?"
    );
}

#[test]
fn reserved_characters_in_values_are_escaped() {
    assert_eq!(
        url("GetOrder", &[("orderId", "a/b c"), ("q", "x&y=z+?#é")]),
        "https://api.example.com/prod/orders/a%2Fb%20c?q=x%26y%3Dz%2B%3F%23%C3%A9"
    );
}

#[test]
fn a_greedy_parameter_keeps_its_slashes() {
    assert_eq!(
        url("GET /files/{proxy+}", &[("proxy", "2026/11/a b.txt")]),
        "https://api.example.com/prod/files/2026/11/a%20b.txt"
    );
}

#[test]
fn lists_are_repeated_or_joined_according_to_the_spec() {
    assert_eq!(
        url(
            "GetOrder",
            &[
                ("orderId", "1"),
                ("tag", "1"),
                ("tag", "2"),
                ("joined", "a"),
                ("joined", "b")
            ]
        ),
        "https://api.example.com/prod/orders/1?tag=1&tag=2&joined=a%2Cb"
    );
}

#[tokio::test]
async fn parameters_are_written_as_the_spec_says() {
    let (gateway, caller) = gateway().await;
    let pairs = [
        ("sid", "a; b=1"),
        ("visits", "2"),
        ("line", r#"{"sku": "é"}"#),
        ("X-Word", "wörd"),
        ("pipes", "1"),
        ("pipes", "2"),
        ("anything", "x y"),
    ];
    let api = api();
    let operation = call::operation(&api, "GetStyles").unwrap();
    let endpoint = gateway.endpoint().parse().unwrap();
    let call = Call::of(&api, operation, &endpoint, &parameters(&pairs)).unwrap();
    caller.send(&call).await.unwrap();
    let requests = gateway.requests();
    let query = "?line=%7B%22sku%22%3A%22%5Cu00e9%22%7D&pipes=1%7C2&anything=x%20y";
    assert!(
        requests[0].target.ends_with(query),
        "{}",
        requests[0].target
    );
    let header = |name: &str| requests[0].header(name).unwrap();
    assert_eq!(header("cookie"), "sid=a%3B%20b=1; visits=2");
    assert_eq!(header("x-word"), r#""w\u00f6rd""#);
}

#[test]
fn parameters_in_json_are_checked_against_their_schema() {
    let error = |line: &str| {
        let pairs = [("sid", "a"), ("line", line)];
        let error = call("GetStyles", &parameters(&pairs)).err().unwrap();
        error.to_string()
    };
    assert_eq!(error("sku"), r#"`line` must be JSON, but got "sku""#);
    assert_eq!(
        error("{}"),
        "`line` must be an object with `sku`, but got one without it"
    );
    assert_eq!(
        error(r#"{"sku": 1}"#),
        "`/sku` of `line` must be a string, but got 1"
    );
}

#[test]
fn values_are_checked_against_their_types() {
    assert_eq!(
        error(&[("exact", "yes")]),
        "`exact` must be true or false, but got \"yes\""
    );
    assert_eq!(
        error(&[("price", "cheap")]),
        "`price` must be a number, but got \"cheap\""
    );
    assert_eq!(
        error(&[("price", "inf")]),
        "`price` must be a number, but got \"inf\""
    );
    assert_eq!(
        error(&[("tag", "1"), ("tag", "b")]),
        "`tag` must be an integer, but got \"b\""
    );
    assert_eq!(
        error(&[("status", "Open")]),
        "`status` must be one of open, closed, but got \"Open\""
    );
    assert_eq!(
        error(&[("q", "a"), ("q", "b")]),
        "`q` accepts only one value: specify it once"
    );
    assert_eq!(
        error(&[("statsu", "open")]),
        "unknown parameter `statsu`: did you mean `status`? `get_order` has the parameters orderId, X-Trace, q, exact, price, status, tag, joined"
    );
    url(
        "GetOrder",
        &[
            ("orderId", "1"),
            ("exact", "true"),
            ("price", "1.50"),
            ("status", "open"),
            ("x_trace", "t"),
        ],
    );
}

fn put(body: &str, content_type: Option<&str>) -> Result<Call, CallError> {
    let mut arguments = parameters(&[("order_id", "1")]);
    arguments.body = Some(body.to_owned().into());
    if let Some(content_type) = content_type {
        arguments
            .headers
            .insert("content-type", content_type.parse().unwrap());
    }
    call("PutOrder", &arguments)
}

#[test]
fn a_body_is_checked_against_its_schema() {
    let error = |body| put(body, None).unwrap_err().to_string();
    assert_eq!(error("[]"), "the body must be an object, but got a list");
    assert_eq!(
        error(r#"{"lines":[{"sku":"a"},{"quantity":1}]}"#),
        "`/lines/1` of the body must be an object with `sku`, but got one without it"
    );
    assert_eq!(
        error(r#"{"lines":[{"sku":"a","quantity":1.5}]}"#),
        "`/lines/0/quantity` of the body must be an integer, but got 1.5"
    );
    assert_eq!(
        error(r#"{"status":"gone"}"#),
        "`/status` of the body must be one of open, closed, but got \"gone\""
    );
    put(
        r#"{"status":"open","lines":[{"sku":"a","note":null,"other":1}]}"#,
        None,
    )
    .unwrap();
}

#[test]
fn a_body_of_another_declared_type_is_not_checked() {
    put("sku,quantity", Some("text/csv")).unwrap();
    let error = put("sku,quantity", Some("application/json")).unwrap_err();
    assert!(matches!(error, CallError::NotJson(_)), "{error}");
}

const RULES: &str = "
openapi: 3.0.1
info: { title: shop, version: '1' }
paths:
  /things:
    post:
      operationId: MakeThing
      parameters:
        - { name: limit, in: query, schema: { type: integer, minimum: 1, maximum: 100 } }
        - { name: above, in: query, schema: { type: number, minimum: 0, exclusiveMinimum: true } }
        - { name: small, in: query, schema: { type: integer, format: int32 } }
        - { name: code, in: query, schema: { type: string, pattern: '^[A-Z]{2}[0-9]+$', maxLength: 6 } }
        - { name: since, in: query, schema: { type: string, format: date-time } }
        - { name: day, in: query, schema: { type: string, format: date } }
        - { name: id, in: query, schema: { type: string, format: uuid } }
        - { name: tag, in: query, schema: { type: array, minItems: 2, maxItems: 3, uniqueItems: true, items: { type: string, minLength: 2 } } }
        - { name: either, in: query, schema: { oneOf: [ { type: integer, minimum: 10 }, { type: string, enum: [all] } ] } }
        - { name: shape, in: query, content: { application/json: { schema: { type: object, properties: { w: { type: integer, maximum: 9 } } } } } }
        - { name: sid, in: cookie, schema: { type: string, minLength: 8 } }
        - { name: pin, in: query, schema: { type: string, format: password, pattern: '^[0-9]{4}$' } }
      requestBody:
        content:
          application/json:
            schema:
              type: object
              additionalProperties: false
              required: [id, name]
              properties:
                id: { type: string, readOnly: true }
                name: { type: string, minLength: 1, maxLength: 100 }
                size: { type: number, multipleOf: 0.5, nullable: true }
                password: { type: string, writeOnly: true, minLength: 8 }
                parts: { type: array, maxItems: 2, items: { type: string, format: email } }
      responses: { 204: { description: made } }
";

/// Returns the error of a request to `MakeThing`.
fn broken_rule(pairs: &[(&str, &str)], body: Option<&str>) -> Option<String> {
    let spec = Spec::parse("rules.yaml", RULES.as_bytes()).unwrap();
    let api = Api::read(&spec, &mut Report::new());
    let endpoint = "https://api.example.com/prod/".parse().unwrap();
    let operation = call::operation(&api, "MakeThing").unwrap();
    let arguments = Arguments {
        body: body.map(|body| body.to_owned().into()),
        ..parameters(pairs)
    };
    let call = Call::of(&api, operation, &endpoint, &arguments);
    call.err().map(|error| error.to_string())
}

#[test]
fn parameters_are_checked_against_every_rule() {
    for (name, values, error) in [
        (
            "limit",
            &["0"][..],
            Some("`limit` must be at least 1, but got 0"),
        ),
        (
            "limit",
            &["101"],
            Some("`limit` must be at most 100, but got 101"),
        ),
        (
            "limit",
            &["1.0"],
            Some("`limit` must be an integer, but got \"1.0\""),
        ),
        (
            "limit",
            &["+1"],
            Some("`limit` must be an integer, but got \"+1\""),
        ),
        ("limit", &["100"], None),
        (
            "above",
            &["0"],
            Some("`above` must be greater than 0, but got 0"),
        ),
        ("above", &["1e-3"], None),
        (
            "small",
            &["3000000000"],
            Some("`small` must be at most 2147483647, but got 3000000000"),
        ),
        (
            "code",
            &["ab1"],
            Some("`code` must be text that matches the pattern ^[A-Z]{2}[0-9]+$, but got \"ab1\""),
        ),
        (
            "code",
            &["AB12345"],
            Some("`code` must be at most 6 characters long, but got \"AB12345\""),
        ),
        ("code", &["AB1234"], None),
        (
            "since",
            &["today"],
            Some("`since` must be text in the format date-time, but got \"today\""),
        ),
        ("since", &["2026-11-22T12:00:00Z"], None),
        (
            "day",
            &["2026-02-30"],
            Some("`day` must be text in the format date, but got \"2026-02-30\""),
        ),
        (
            "id",
            &["7"],
            Some("`id` must be text in the format uuid, but got \"7\""),
        ),
        (
            "tag",
            &["aa"],
            Some("`tag` must be a list of at least 2 items, but got a list of 1"),
        ),
        (
            "tag",
            &["aa", "b"],
            Some("`tag` must be at least 2 characters long, but got \"b\""),
        ),
        (
            "tag",
            &["aa", "aa"],
            Some("`tag` must be a list without repeated items, but got a list of 2"),
        ),
        ("tag", &["12", "34"], None),
        (
            "either",
            &["9"],
            Some("`either` must be one of the alternatives in the spec, but got 9"),
        ),
        ("either", &["10"], None),
        ("either", &["all"], None),
        (
            "shape",
            &["{\"w\": 10}"],
            Some("`/w` of `shape` must be at most 9, but got 10"),
        ),
    ] {
        let pairs: Vec<_> = values.iter().map(|value| (name, *value)).collect();
        assert_eq!(broken_rule(&pairs, None).as_deref(), error, "{pairs:?}");
    }
}

#[test]
fn a_body_is_checked_against_every_rule() {
    for (body, error) in [
        (r#"{"name":"n"}"#, None),
        (
            r#"{}"#,
            Some("the body must be an object with `name`, but got one without it"),
        ),
        (
            r#"{"name":""}"#,
            Some("`/name` of the body must be at least 1 character long, but got \"\""),
        ),
        (
            r#"{"name":"n","size":0.7}"#,
            Some("`/size` of the body must be a multiple of 0.5, but got 0.7"),
        ),
        (r#"{"name":"n","size":null}"#, None),
        (
            r#"{"name":"n","colour":1}"#,
            Some("the body must be an object without `colour`, but got one with it"),
        ),
        (
            r#"{"name":"n","parts":["a@example.com","b"]}"#,
            Some("`/parts/1` of the body must be text in the format email, but got \"b\""),
        ),
        (
            r#"{"name":"n","parts":["a@b.c","b@b.c","c@b.c"]}"#,
            Some("`/parts` of the body must be a list of at most 2 items, but got a list of 3"),
        ),
    ] {
        assert_eq!(broken_rule(&[], Some(body)).as_deref(), error, "{body}");
    }
}

#[test]
fn the_value_of_a_secret_is_not_in_an_error() {
    for (name, value) in [("sid", "s3cr3t"), ("pin", "s3cr3t")] {
        let error = broken_rule(&[(name, value)], None).unwrap();
        assert!(!error.contains("s3cr3t"), "{error}");
        assert!(
            error.ends_with("but got a value that is not shown"),
            "{error}"
        );
    }
    let error = broken_rule(&[], Some(r#"{"name":"n","password":"s3cr3t"}"#)).unwrap();
    assert_eq!(
        error,
        "`/password` of the body must be at least 8 characters long, but got a value that is not shown"
    );
}

#[test]
fn a_long_value_is_cut_in_an_error() {
    let error = broken_rule(&[], Some(&format!(r#"{{"name":"{}"}}"#, "é".repeat(500)))).unwrap();
    assert!(error.chars().count() < 200, "{error}");
    assert!(error.ends_with('…'), "{error}");
}

proptest! {
    /// No value changes, or becomes part of another one.
    #[test]
    fn every_value_can_be_decoded_from_the_url(id in "[^/.]\\PC{0,12}", q in "\\PC{0,16}") {
        let url: Url = url("GetOrder", &[("orderId", &id), ("q", &q)]).parse().unwrap();
        let segments: Vec<&str> = url.path_segments().unwrap().collect();
        prop_assert_eq!(segments.len(), 3);
        let decoded = percent_encoding::percent_decode_str(segments[2]).decode_utf8().unwrap();
        prop_assert_eq!(decoded.as_ref(), &id);
        let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        prop_assert_eq!(query, vec![("q".to_owned(), q)]);
    }

    /// Formatting changes no value, and is idempotent.
    #[test]
    fn formatted_json_has_the_same_value(value in json(), compact in any::<bool>()) {
        let text = match compact {
            true => serde_json::to_string(&value).unwrap(),
            false => serde_json::to_string_pretty(&value).unwrap(),
        };
        let indented = pretty(text.as_bytes()).unwrap();
        prop_assert_eq!(&indented, &serde_json::to_string_pretty(&value).unwrap());
        prop_assert_eq!(&pretty(indented.as_bytes()).unwrap(), &indented);
    }
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        "\\PC{0,8}|[\"\\\\{}\\[\\],:\n\t ]{0,8}".prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::hash_map("\\PC{0,4}|[\"\\\\{}:,]{0,3}", inner, 0..4)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Returns a gateway, and a caller with its credentials.
async fn gateway() -> (LocalGateway, Caller) {
    let gateway = LocalGateway::builder().region("eu-west-1").start();
    let known = Credentials::example();
    let signer = Signer::builder()
        .credentials(reqwest_sigv4::Credentials::new(
            known.access_key(),
            known.secret_key(),
            None,
            None,
            "test",
        ))
        .region("eu-west-1")
        .build()
        .unwrap();
    (gateway.await.unwrap(), Caller::new(signer).unwrap())
}

#[tokio::test]
async fn a_dry_run_shows_the_request_that_is_sent() {
    let (gateway, caller) = gateway().await;
    let url = format!("{}/a%20b?z=1&a=it's", gateway.endpoint())
        .parse()
        .unwrap();
    let call = Call::to(&url, &Arguments::default());
    let run = caller.dry_run(&call).await.unwrap();
    let signed = run.signed.unwrap();
    assert!(
        signed
            .canonical_request()
            .starts_with("GET\n/a%2520b\na=it%27s&z=1\n")
    );
    assert!(
        run.headers
            .contains(&("authorization".to_owned(), "**".to_owned()))
    );
    assert!(gateway.requests().is_empty());
    let answer = caller.send(&call).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(
        answer.signed().unwrap().signed_headers(),
        signed.signed_headers()
    );
}
