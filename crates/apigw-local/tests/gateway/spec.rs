//! Gateways for a spec.

use std::error::Error as _;

use apigw_local::{Error, LocalGateway, Response};
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
