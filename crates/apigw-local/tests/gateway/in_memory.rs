//! Gateways without a socket, and requests that match no operation.

use apigw_local::{Fault, LocalGateway, Response};
use http::StatusCode;
use http_body_util::{BodyExt as _, Full};
use serde_json::json;

#[tokio::test]
async fn a_gateway_in_memory_verifies_and_logs_without_a_socket() {
    let gateway = LocalGateway::builder()
        .on("GET /health", |_| {
            Response::json(StatusCode::OK, json!({ "up": true }))
        })
        .in_memory()
        .unwrap();
    let request = |path: &str| {
        let request = http::Request::get(path).header("host", "gateway.invalid");
        request.body(Full::<bytes::Bytes>::default()).unwrap()
    };
    let refused = gateway.handle(request("/health")).await.unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN); // not signed
    let exchanges = gateway.exchanges();
    assert_eq!(exchanges.len(), 1);
    assert!(exchanges[0].refusal.is_some());
    assert_eq!(gateway.endpoint(), "http://gateway.invalid");

    let open = LocalGateway::builder()
        .verify(false)
        .on("GET /health", |_| {
            Response::json(StatusCode::OK, json!({ "up": true }))
        })
        .in_memory()
        .unwrap();
    let response = open.handle(request("/health")).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, r#"{"up":true}"#);
    open.inject(Fault::Reset);
    let error = open.handle(request("/health")).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn requests_that_match_no_operation_can_have_a_handler() {
    let gateway = LocalGateway::builder()
        .api(apigw_spec::Api::default())
        .otherwise(|request| {
            Response::json(
                StatusCode::NOT_IMPLEMENTED,
                json!({ "path": request.path() }),
            )
        })
        .in_memory()
        .unwrap();
    let request = http::Request::get("/none").body(Full::<bytes::Bytes>::default());
    let response = gateway.handle(request.unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::NOT_IMPLEMENTED); // not signed, and not refused
}
