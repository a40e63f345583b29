//! Responses to accepted requests.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use apigw_local::{ApiKind, Builder, Error, Fault, LocalGateway, Response};
use apigw_spec::Api;
use apigw_spec::api::{self, Auth, Content, Method, Operation, Status};
use http::StatusCode;
use serde_json::{Value, json};

use crate::wire::Wire;

/// Returns an API with one operation that requires a signature, named `operation`.
pub(crate) fn api(route: &str) -> Api {
    Api {
        operations: vec![operation("operation", route)],
        ..Api::default()
    }
}

fn operation(name: &str, route: &str) -> Operation {
    let (method, path) = route.split_once(' ').unwrap();
    Operation {
        name: name.into(),
        operation_id: None,
        method: match method {
            "ANY" => Method::Any,
            one => Method::One(one.into()),
        },
        path: path.into(),
        summary: None,
        description: None,
        deprecated: false,
        parameters: Vec::new(),
        any_query: false,
        idempotent: false,
        body: None,
        responses: Vec::new(),
        auth: Auth {
            iam: true,
            ..Auth::default()
        },
        streaming: false,
        paging: api::Paging::default(),
        pointer: String::new(),
    }
}

/// Adds a response to an operation.
fn with_response(mut operation: Operation, status: Status, content: Vec<Content>) -> Operation {
    operation.responses.push(api::Response {
        status,
        description: String::new(),
        headers: Vec::new(),
        content,
    });
    operation
}

fn json_content(schema: Option<Value>, example: Option<Value>) -> Vec<Content> {
    vec![Content {
        media_type: "application/json".into(),
        schema,
        example,
        encoding: Default::default(),
    }]
}

fn unverified() -> Builder {
    LocalGateway::builder().verify(false)
}

#[tokio::test]
async fn an_operation_returns_the_example_of_the_spec() {
    let example = json!({ "orders": [{ "id": "o-1" }] });
    let operation = with_response(
        operation("list_orders", "GET /orders"),
        Status::Code(200),
        json_content(None, Some(example.clone())),
    );
    let api = Api {
        operations: vec![operation],
        ..Api::default()
    };
    let gateway = unverified().api(api).stage("prod").start().await.unwrap();
    let reply = Wire::get("/prod/orders?limit=1")
        .send(gateway.address())
        .await
        .unwrap();
    assert_eq!((reply.status, reply.json()), (200, example));
    assert_eq!(reply.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn without_an_example_the_response_is_generated_from_the_schema() {
    let schema = json!({ "$ref": "#/components/schemas/Order" });
    let operation = with_response(
        operation("create_order", "POST /orders"),
        Status::Code(201),
        json_content(Some(schema), None),
    );
    let order = json!({
        "type": "object",
        "required": ["id"],
        "properties": { "id": { "type": "string" }, "state": { "enum": ["open", "closed"] } }
    });
    let api = Api {
        operations: vec![operation],
        schemas: [("Order".to_owned(), order)].into_iter().collect(),
        ..Api::default()
    };
    let gateway = unverified().api(api).start().await.unwrap();
    let reply = Wire::new("POST", "/orders")
        .send(gateway.address())
        .await
        .unwrap();
    assert_eq!(reply.status, 201);
    assert_eq!(reply.json(), json!({ "id": "string", "state": "open" }));
}

#[tokio::test]
async fn a_response_without_content_has_a_content_type_and_no_body() {
    let operation = with_response(
        operation("delete_order", "DELETE /orders/{id}"),
        Status::Code(202),
        Vec::new(),
    );
    let api = Api {
        operations: vec![operation],
        ..Api::default()
    };
    let gateway = unverified().api(api).start().await.unwrap();
    let reply = Wire::new("DELETE", "/orders/1")
        .send(gateway.address())
        .await
        .unwrap();
    assert_eq!((reply.status, reply.text()), (202, ""));
    assert_eq!(reply.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn a_handler_gets_parameters_query_and_body_and_can_have_state() {
    let orders = Arc::new(Mutex::new(Vec::new()));
    let created = Arc::clone(&orders);
    let gateway = unverified()
        .stage("prod")
        .on("POST /customers/{customer}/orders", move |request| {
            let mut order: Value = request.json().unwrap();
            order["customer"] = json!(request.path_parameter("customer"));
            order["urgent"] = json!(request.query("urgent"));
            let mut orders = created.lock().unwrap();
            orders.push(order.clone());
            Response::json(StatusCode::CREATED, order)
                .header("location", &format!("/orders/{}", orders.len()))
        })
        .start()
        .await
        .unwrap();
    let reply = Wire::new(
        "POST",
        "/prod/customers/M%C3%BCller/orders?urgent=very+much",
    )
    .body(r#"{"quantity":2}"#)
    .send(gateway.address())
    .await
    .unwrap();
    assert_eq!(
        (reply.status, reply.header("location")),
        (201, Some("/orders/1"))
    );
    let order = json!({ "quantity": 2, "customer": "Müller", "urgent": "very much" });
    assert_eq!(reply.json(), order);
    assert_eq!(*orders.lock().unwrap(), [order]);
}

#[tokio::test]
async fn a_handler_can_be_set_by_name_operation_id_or_route() {
    for key in ["get_order", "GetOrder", "GET /orders/{id}"] {
        let mut operation = operation("get_order", "GET /orders/{id}");
        operation.operation_id = Some("GetOrder".into());
        let api = Api {
            operations: vec![operation],
            ..Api::default()
        };
        let gateway = unverified()
            .api(api)
            .on(key, |_| Response::empty(StatusCode::IM_A_TEAPOT))
            .start()
            .await
            .unwrap();
        let reply = Wire::get("/orders/1")
            .send(gateway.address())
            .await
            .unwrap();
        assert_eq!(reply.status, 418, "{key}");
    }
}

#[tokio::test]
async fn a_handler_for_an_unknown_operation_is_an_error() {
    let started = unverified()
        .api(api("GET /orders"))
        .on("get_order", |_| Response::empty(StatusCode::OK))
        .start()
        .await;
    let error = started.unwrap_err();
    assert!(matches!(error, Error::UnknownOperation { .. }));
    assert_eq!(
        error.to_string(),
        "no operation \"get_order\" in this API; it has: operation"
    );
}

#[tokio::test]
async fn an_invalid_header_from_a_handler_is_reported() {
    let gateway = unverified()
        .on("GET /o", |_| {
            Response::empty(StatusCode::OK).header("no spaces", "x")
        })
        .start()
        .await
        .unwrap();
    let reply = Wire::get("/o").send(gateway.address()).await.unwrap();
    assert_eq!(reply.status, 500);
    assert!(reply.message().contains("no spaces"), "{}", reply.message());
}

#[tokio::test]
async fn an_any_operation_accepts_every_method_and_head_returns_no_body() {
    let gateway = unverified()
        .on("ANY /{proxy+}", |request| {
            Response::bytes(
                StatusCode::OK,
                "text/plain",
                request.path_parameter("proxy").unwrap().to_owned(),
            )
        })
        .start()
        .await
        .unwrap();
    for method in ["GET", "PATCH", "PURGE"] {
        let reply = Wire::new(method, "/a/b%2Fc")
            .send(gateway.address())
            .await
            .unwrap();
        assert_eq!((reply.status, reply.text()), (200, "a/b/c"), "{method}");
    }
    let reply = Wire::new("HEAD", "/a/b")
        .send(gateway.address())
        .await
        .unwrap();
    assert_eq!(
        (reply.status, reply.text(), reply.header("content-length")),
        (200, "", Some("3"))
    );
}

#[tokio::test]
async fn every_response_has_a_date_and_request_ids() {
    let noon = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_348_800);
    let gateway = unverified().clock(noon).start().await.unwrap();
    let first = Wire::get("/").send(gateway.address()).await.unwrap();
    let second = Wire::get("/").send(gateway.address()).await.unwrap();
    assert_eq!(first.header("date"), Some("Sun, 22 Nov 2026 12:00:00 GMT"));
    let id = first.header("x-amzn-requestid").unwrap();
    assert_eq!(id.len(), 36);
    assert_ne!(Some(id), second.header("x-amzn-requestid"));
    assert!(first.header("x-amz-apigw-id").unwrap().ends_with('='));
    assert_eq!(gateway.requests()[0].id, id);

    let gateway = unverified().kind(ApiKind::Http).start().await.unwrap();
    let reply = Wire::get("/").send(gateway.address()).await.unwrap();
    assert!(
        reply.header("apigw-requestid").is_some() && reply.header("x-amzn-requestid").is_none()
    );
}

#[tokio::test]
async fn requests_are_recorded_as_sent() {
    let gateway = unverified()
        .api(api("PUT /files/{name}"))
        .stage("prod")
        .start()
        .await
        .unwrap();
    let wire = Wire::new("PUT", "/prod/files/a%2Fb?q=a+b&q=*")
        .header("x-tag", "1")
        .header("x-tag", "2");
    wire.body("hello").send(gateway.address()).await.unwrap();
    let [request] = &gateway.requests()[..] else {
        panic!("expected one request")
    };
    assert_eq!(request.method, "PUT");
    assert_eq!(request.target, "/prod/files/a%2Fb?q=a+b&q=*");
    assert_eq!(
        request.headers.get_all("x-tag").iter().collect::<Vec<_>>(),
        ["1", "2"]
    );
    assert_eq!(request.body, "hello");
    assert_eq!(request.operation.as_deref(), Some("operation"));
    assert_eq!(request.path_parameter("name"), Some("a/b"));
    gateway.forget();
    assert!(gateway.requests().is_empty());
}

#[tokio::test]
async fn only_the_last_requests_are_kept_and_all_are_reported_to_the_listener() {
    let reported = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&reported);
    let gateway = unverified()
        .keep_requests(1)
        .on_request(move |exchange| {
            log.lock()
                .unwrap()
                .push((exchange.request.target.clone(), exchange.status))
        })
        .start()
        .await
        .unwrap();
    for target in ["/1", "/2"] {
        Wire::get(target).send(gateway.address()).await.unwrap();
    }
    let kept: Vec<_> = gateway
        .requests()
        .into_iter()
        .map(|request| request.target)
        .collect();
    assert_eq!(kept, ["/2"]);
    let ok = StatusCode::OK;
    assert_eq!(
        *reported.lock().unwrap(),
        [("/1".to_owned(), ok), ("/2".to_owned(), ok)]
    );
}

#[tokio::test]
async fn stage_and_region_come_from_the_endpoint_of_the_spec() {
    let api = Api {
        endpoint: Some("https://abc123.execute-api.eu-west-2.amazonaws.com/live".into()),
        region: Some("eu-west-2".into()),
        ..api("GET /o")
    };
    let gateway = LocalGateway::builder().api(api).start().await.unwrap();
    assert_eq!(
        gateway.endpoint(),
        format!("http://{}/live", gateway.address())
    );
    let reply = Wire::get("/live/o")
        .header("x-amz-date", "20261122T120000Z")
        .header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261122/us-east-1/execute-api/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature=0",
        )
        .send(gateway.address())
        .await
        .unwrap();
    assert!(
        reply
            .header("x-apigw-local-reason")
            .unwrap()
            .contains("20261122/eu-west-2/execute-api")
    );
}

#[tokio::test]
async fn the_echo_omits_secrets() {
    let gateway = unverified().start().await.unwrap();
    let reply = Wire::get("/any/path?a=1&X-Amz-Security-Token=t0k3n")
        .header("authorization", "Bearer s3cr3t")
        .header("x-tag", "blue")
        .send(gateway.address())
        .await
        .unwrap();
    assert_eq!(reply.json()["query"], json!([["a", "1"]]));
    assert_eq!(reply.json()["headers"]["x-tag"], json!(["blue"]));
    assert!(!reply.text().contains("s3cr3t") && !reply.text().contains("t0k3n"));
}

#[tokio::test]
async fn a_port_in_use_is_an_error() {
    let gateway = unverified().start().await.unwrap();
    let port = gateway.address().port();
    let error = unverified().port(port).start().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("cannot listen on 127.0.0.1:{port}; choose another port, or 0 for any free one")
    );
    assert!(std::error::Error::source(&error).is_some());
}

// time is paused, so the delay takes no real time
#[tokio::test(start_paused = true)]
async fn a_stopped_gateway_finishes_requests_in_progress_and_accepts_no_more() {
    let (arrived, mut arrivals) = tokio::sync::mpsc::unbounded_channel();
    let gateway = unverified()
        .on_request(move |_| arrived.send(()).unwrap())
        .start()
        .await
        .unwrap();
    let address = gateway.address();
    gateway.inject(Fault::Slow(Duration::from_secs(60)));
    let reply = tokio::spawn(async move { Wire::get("/").send(address).await });
    arrivals.recv().await.unwrap();
    gateway.stop().await;
    assert_eq!(reply.await.unwrap().unwrap().status, 200);
    assert!(Wire::get("/").send(address).await.is_err());
}
