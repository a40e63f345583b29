//! The test API.

use std::error::Error as _;

use apigw_runtime::testing::{Fault, Response, TestApi, TestError};
use apigw_runtime::{ErrorKind, RetryPolicy};
use http::StatusCode;
use serde_json::json;

use crate::orders::OrdersClient;
use crate::orders::operations::{DeleteOrder, GetHealth, GetInvoice, GetOrder, GetOrderError};

#[tokio::test]
async fn the_test_api_returns_the_response_and_verifies_the_signature() {
    let order = Response::json(StatusCode::OK, json!({ "id": "o-1", "total": 42 }));
    let api = TestApi::<OrdersClient>::builder().answer::<GetOrder>(order);
    let api = api.start().await.unwrap();
    assert_eq!(api.client().get_order("o-1").await.unwrap().total, 42.0);

    let request = api.gateway().requests().remove(0);
    assert_eq!(request.path_parameter("order_id"), Some("o-1"));
    assert!(request.caller.is_some());
}

#[tokio::test]
async fn operations_without_iam_authorization_work() {
    let api = TestApi::<OrdersClient>::builder()
        .answer::<GetHealth>(Response::bytes(StatusCode::OK, "text/plain", "up"))
        .answer::<DeleteOrder>(Response::empty(StatusCode::NO_CONTENT))
        .answer::<GetInvoice>(Response::bytes(StatusCode::OK, "application/pdf", "%PDF"));
    let api = api.start().await.unwrap();
    let health = api.client().get_health().await.unwrap();
    assert_eq!(health.text().unwrap(), "up");
    api.client().delete_order("o-1").await.unwrap();
    let invoice = api.client().get_invoice("2026/1").await.unwrap();
    assert_eq!(invoice.into_inner().collect_bytes().await.unwrap(), "%PDF");
}

#[tokio::test]
async fn a_response_that_the_client_cannot_decode_fails_at_start() {
    for (response, expected) in [
        (
            Response::json(StatusCode::OK, json!({ "id": "o-1", "total": "much" })),
            "`total`",
        ),
        (
            Response::json(StatusCode::NOT_FOUND, json!({ "code": 7 })),
            "does not match the spec",
        ),
        (
            Response::json(StatusCode::IM_A_TEAPOT, json!({})),
            "does not describe a response with status 418",
        ),
    ] {
        let api = TestApi::<OrdersClient>::builder().answer::<GetOrder>(response);
        let error = api.start().await.unwrap_err();
        assert!(
            matches!(
                error,
                TestError::Answer {
                    operation: "get_order",
                    ..
                }
            ),
            "{error:?}"
        );
        let source = error.source().unwrap().to_string();
        assert!(source.contains(expected), "{source}");
    }
}

#[tokio::test]
async fn a_function_returns_a_response_for_each_request() {
    let api = TestApi::<OrdersClient>::builder()
        .answer_with::<GetOrder>(|request| match request.path_parameter("order_id") {
            Some("o-1") => Response::json(StatusCode::OK, json!({ "id": "o-1", "total": 42 })),
            Some("bad") => Response::json(StatusCode::OK, json!({ "id": 1 })),
            _ => Response::json(StatusCode::NOT_FOUND, json!({ "message": "no such order" })),
        })
        .client(|builder| builder.retry(RetryPolicy::none()));
    let api = api.start().await.unwrap();
    let client = api.client();
    client.get_order("o-1").await.unwrap();
    let error = client.get_order("o-2").await.unwrap_err();
    assert!(matches!(
        error.into_body(),
        Some(GetOrderError::Status404(problem)) if problem.message == "no such order"
    ));
    let error = client.get_order("bad").await.unwrap_err();
    assert_eq!(error.status(), Some(StatusCode::INTERNAL_SERVER_ERROR));
    assert!(
        error
            .to_string()
            .contains("the response defined by the test"),
        "{error}"
    );
}

#[tokio::test]
async fn faults_are_injected() {
    let order = Response::json(StatusCode::OK, json!({ "id": "o-1", "total": 42 }));
    let api = TestApi::<OrdersClient>::builder()
        .answer::<GetOrder>(order)
        .client(|builder| builder.retry(RetryPolicy::none()))
        .start()
        .await
        .unwrap();
    api.gateway().inject(Fault::Throttled);
    let error = api.client().get_order("o-1").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Throttled);
    api.client().get_order("o-1").await.unwrap();
}
