//! A gateway for a document, read as it was exported.

use std::error::Error as _;

use apigw_local::{Error, LocalGateway, Response};
use http::StatusCode;
use serde_json::json;

use crate::wire::Wire;

fn bookings() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/gateway/bookings.yaml")
}

#[tokio::test]
async fn a_document_gives_operations_stage_region_and_kind() {
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
        "an operation without IAM needs no signature"
    );

    let unsigned = Wire::get("/v1/bookings/7")
        .send(gateway.address())
        .await
        .unwrap();
    assert_eq!(unsigned.status, 403);
    assert_eq!(
        unsigned.message(),
        "Forbidden",
        "the document was exported from an HTTP API"
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
async fn an_answer_is_made_from_the_schema_of_the_success() {
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
async fn a_handler_takes_the_place_of_the_document() {
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
async fn what_was_repaired_is_told() {
    let gateway = LocalGateway::builder()
        .spec(bookings())
        .start()
        .await
        .unwrap();
    let repairs: Vec<String> = gateway
        .report()
        .fixes()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(
        repairs
            .iter()
            .any(|repair| repair.contains("no operationId") && repair.contains("get_health")),
        "{repairs:?}"
    );
}

#[tokio::test]
async fn a_document_that_is_not_there_is_an_error_that_names_it() {
    let error = LocalGateway::builder()
        .spec("no/such.yaml")
        .start()
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Spec(_)));
    assert!(error.to_string().contains("no/such.yaml"), "{error}");
    assert!(error.source().is_some());
}
