//! Gateways for a spec.

use std::error::Error as _;
use std::sync::{Arc, Mutex};

use apigw_local::{Error, Fault, LocalGateway, Response};
use http::StatusCode;
use serde_json::json;

use crate::wire::Wire;

fn bookings() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/gateway/bookings.yaml")
}

#[tokio::test]
async fn operations_stage_and_kind_come_from_the_spec() {
    let gateway = LocalGateway::builder()
        .spec(bookings())
        .start()
        .await
        .unwrap();
    assert!(
        gateway.endpoint().ends_with("/v1"),
        "{}",
        gateway.endpoint()
    );

    let health = Wire::get("/v1/health")
        .send(gateway.address())
        .await
        .unwrap();
    assert_eq!(
        health.status, 200,
        "an operation without IAM authorization needs no signature"
    );

    let unsigned = Wire::get("/v1/bookings/7")
        .send(gateway.address())
        .await
        .unwrap();
    assert_eq!(unsigned.status, 403);
    assert_eq!(
        unsigned.message(),
        "Forbidden",
        "the spec was exported from an HTTP API"
    );

    let operations: Vec<_> = gateway
        .requests()
        .into_iter()
        .map(|request| request.operation)
        .collect();
    assert_eq!(
        operations,
        [
            Some("get_health".to_owned()),
            Some("get_booking".to_owned())
        ]
    );
}

#[tokio::test]
async fn responses_are_generated_from_the_schema_of_the_success() {
    let gateway = LocalGateway::builder()
        .spec(bookings())
        .verify(false)
        .start()
        .await
        .unwrap();
    let reply = Wire::get("/v1/bookings/7")
        .send(gateway.address())
        .await
        .unwrap();
    assert_eq!(
        (reply.status, reply.json()),
        (200, json!({ "id": "b-7", "nights": 2 }))
    );
}

#[tokio::test]
async fn a_handler_replaces_the_sample_response() {
    let gateway = LocalGateway::builder()
        .spec(bookings())
        .verify(false)
        .on("get_booking", |request| {
            Response::json(
                StatusCode::OK,
                json!({ "id": request.path_parameter("id") }),
            )
        })
        .start()
        .await
        .unwrap();
    let reply = Wire::get("/v1/bookings/7")
        .send(gateway.address())
        .await
        .unwrap();
    assert_eq!(reply.json(), json!({ "id": "7" }));
}

#[tokio::test]
async fn fixes_are_reported() {
    let gateway = LocalGateway::builder()
        .spec(bookings())
        .start()
        .await
        .unwrap();
    let fixes: Vec<String> = gateway
        .report()
        .fixes()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(
        fixes
            .iter()
            .any(|fix| fix.contains("missing operationId") && fix.contains("get_health")),
        "{fixes:?}"
    );
}

#[tokio::test]
async fn a_missing_spec_is_an_error_with_its_path() {
    let error = LocalGateway::builder()
        .spec("no/such.yaml")
        .start()
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Spec(_)));
    assert!(error.to_string().contains("no/such.yaml"), "{error}");
    assert!(error.source().is_some());
}

#[tokio::test]
async fn a_changed_spec_is_used_from_the_next_request_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bookings.yaml");
    let old = fs_err::read_to_string(bookings()).unwrap();
    fs_err::write(&path, &old).unwrap();
    let reloads = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&reloads);
    let gateway = LocalGateway::builder()
        .spec(&path)
        .verify(false)
        .on("get_booking", |request| {
            Response::json(StatusCode::OK, json!(request.operation))
        })
        .on_reload(move |result| {
            let result = result.map_err(|error| error.to_string());
            seen.lock().unwrap().push(result);
        })
        .start()
        .await
        .unwrap();
    gateway.inject_on("get_health", Fault::Throttled).unwrap();
    let get = async |path: &str| {
        let reply = Wire::get(path).send(gateway.address()).await.unwrap();
        reply.status
    };
    assert_eq!(get("/v1/status").await, 404);

    // a new operation before the others; handlers and faults stay with theirs
    let status = "  /status:\n    get: { responses: { 204: { description: fine } } }\n";
    let new = old.replacen("paths:\n", &format!("paths:\n{status}"), 1);
    fs_err::write(&path, &new).unwrap();
    assert_eq!(get("/v1/status").await, 204);
    assert_eq!(get("/v1/bookings/1").await, 200);
    assert_eq!(get("/v1/health").await, 429);

    // what can't be used changes nothing
    fs_err::write(&path, "openapi: [").unwrap();
    assert_eq!(get("/v1/status").await, 204);
    fs_err::write(
        &path,
        old.replace("/bookings/{id}", "/rooms/{id}")
            .replace("GetBooking", "GetRoom"),
    )
    .unwrap();
    assert_eq!(get("/v1/status").await, 204);

    // and a file that is complete again is used
    fs_err::write(&path, &old).unwrap();
    assert_eq!(get("/v1/status").await, 404);

    let reloads = reloads.lock().unwrap();
    let [Ok(()), Err(broken), Err(renamed), Ok(())] = &reloads[..] else {
        panic!("{reloads:?}");
    };
    assert!(broken.contains("bookings.yaml"), "{broken}");
    assert!(
        renamed.contains("no operation \"get_booking\""),
        "{renamed}"
    );
}

#[tokio::test]
async fn a_changed_overlay_and_a_changed_file_of_the_spec_are_used_too() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs_err::write(folder.path().join(name), text).unwrap();
    let overlay = |id: &str| {
        format!(
            "overlay: 1.0.0\ninfo: {{ title: t, version: '1' }}\nactions:\n  - target: $.paths['/a'].get.responses['200'].content['application/json']\n    update: {{ example: {{ id: {id} }} }}\n"
        )
    };
    write("a.overlay.yaml", &overlay("first"));
    write(
        "schemas.yaml",
        "Thing: { type: object, properties: { size: { type: integer } } }\n",
    );
    write(
        "a.yaml",
        "openapi: 3.0.1\ninfo: { title: t, version: '1' }\npaths:\n  /a: { get: { responses: { 200: { description: d, content: { application/json: { schema: { type: object } } } } } } }\n  /b: { get: { responses: { 200: { description: d, content: { application/json: { schema: { $ref: 'schemas.yaml#/Thing' } } } } } } }\n",
    );
    let gateway = LocalGateway::builder()
        .spec(folder.path().join("a.yaml"))
        .overlay(folder.path().join("a.overlay.yaml"))
        .start()
        .await
        .unwrap();
    let get = async |path: &str| {
        let reply = Wire::get(path).send(gateway.address()).await.unwrap();
        reply.json()
    };
    assert_eq!(get("/a").await, json!({ "id": "first" }));
    assert_eq!(get("/b").await, json!({ "size": 1 }));
    write("a.overlay.yaml", &overlay("another"));
    assert_eq!(get("/a").await, json!({ "id": "another" }));
    write(
        "schemas.yaml",
        "Thing: { type: object, properties: { color: { type: string } } }\n",
    );
    assert_eq!(get("/b").await, json!({ "color": "string" }));
}

#[tokio::test]
async fn a_list_has_two_pages() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.yaml");
    fs_err::write(
        &path,
        "openapi: 3.0.1\ninfo: { title: t, version: '1' }\npaths:\n  /things:\n    get:\n      parameters: [{ name: nextToken, in: query, schema: { type: string } }]\n      responses: { 200: { description: d, content: { application/json: { schema: { type: object, properties: { items: { type: array, items: { type: integer } }, nextToken: { type: string } } } } } } }\n",
    )
    .unwrap();
    let gateway = LocalGateway::builder().spec(path).start().await.unwrap();
    for (target, page) in [
        ("/things", json!({ "items": [1], "nextToken": "string" })),
        (
            "/things?nextToken=",
            json!({ "items": [1], "nextToken": "string" }),
        ),
        ("/things?nextToken=string", json!({ "items": [1] })),
    ] {
        let reply = Wire::get(target).send(gateway.address()).await.unwrap();
        assert_eq!(reply.json(), page, "{target}");
    }
}
