//! The test API.

use std::error::Error as _;

use apigw_runtime::testing::{Fault, Response, TestApi, TestError};
use apigw_runtime::{ByteStream, Error, ErrorKind, ResponseValue, RetryPolicy};
use http::StatusCode;
use serde_json::json;

use crate::orders::OrdersClient;
use crate::orders::operations::{DeleteOrder, GetHealth, GetInvoice, GetOrder, GetOrderError};
use crate::orders::types::Problem;

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

fn order() -> Response {
    Response::json(StatusCode::OK, json!({ "id": "o-1", "total": 42 }))
}

#[tokio::test(start_paused = true)]
async fn in_memory_requests_are_signed_and_verified_without_a_socket() {
    let api = TestApi::<OrdersClient>::builder()
        .answer::<GetOrder>(order())
        .answer::<GetInvoice>(Response::bytes(StatusCode::OK, "application/pdf", "%PDF"))
        .in_memory();
    let api = api.start().await.unwrap();
    let client = api.client();
    assert_eq!(client.get_order("o-1").await.unwrap().total, 42.0);
    let request = api.gateway().requests().remove(0);
    assert!(request.caller.is_some());
    assert_eq!(api.gateway().address().port(), 0);
    let mut invoice = client.get_invoice("2026/1").await.unwrap();
    assert_eq!(invoice.chunk().await.unwrap().unwrap(), "%PDF");

    // a signature for another secret is refused
    let api = TestApi::<OrdersClient>::builder()
        .answer::<GetOrder>(order())
        .client(|builder| builder.credentials(crate::server::credentials()))
        .in_memory();
    let api = api.start().await.unwrap();
    let error = api.client().get_order("o-1").await.unwrap_err();
    assert!(error.is_refused(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn in_memory_faults_look_like_those_of_the_network() {
    let api = TestApi::<OrdersClient>::builder()
        .answer::<GetOrder>(order())
        .client(|builder| builder.retry(RetryPolicy::none()))
        .in_memory();
    let api = api.start().await.unwrap();
    for (fault, kind) in [
        (Fault::Throttled, ErrorKind::Throttled),
        (Fault::Reset, ErrorKind::Connection),
        (Fault::CutBody, ErrorKind::Connection),
        (
            Fault::Slow(std::time::Duration::from_secs(31)),
            ErrorKind::Timeout,
        ),
    ] {
        api.gateway().inject(fault.clone());
        let error = api.client().get_order("o-1").await.unwrap_err();
        assert_eq!(error.kind(), kind, "{fault:?}: {error}");
        assert!(error.is_retryable(), "{fault:?}: {error}");
    }
    api.gateway().inject(Fault::Reset);
    let call = api.client().get_order("o-1").retry(RetryPolicy::standard());
    call.await.unwrap();
}

#[tokio::test]
async fn an_operation_without_an_answer_says_so() {
    for in_memory in [false, true] {
        let api = TestApi::<OrdersClient>::builder().answer::<GetOrder>(order());
        let api = if in_memory { api.in_memory() } else { api };
        let api = api.start().await.unwrap();
        let client = api.client();
        for error in [
            client.get_orders().await.unwrap_err().into_untyped(),
            client.get_health().await.unwrap_err(),
        ] {
            assert!(!error.is_refused() && !error.is_retryable(), "{error}");
            let text = error.to_string();
            let said = "the test defines no response for GET /";
            assert!(text.contains(said) && text.contains(".answer::<"), "{text}");
        }
    }
}

#[tokio::test]
async fn results_of_operations_are_made_without_json() {
    let value = ResponseValue::mock(7)
        .with_status(StatusCode::CREATED)
        .with_header("x-amzn-requestid", "id-1");
    assert_eq!((*value, value.status()), (7, StatusCode::CREATED));
    assert_eq!(value.request_id(), Some("id-1"));

    let problem = Problem {
        message: "no such order".into(),
    };
    let error = Error::mock_response(StatusCode::NOT_FOUND, problem.clone());
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.body(), Some(&problem));
    let error: Error = Error::mock_response(StatusCode::BAD_GATEWAY, None);
    assert!(error.is_server_error() && error.is_retryable());

    for (kind, retryable) in [
        (ErrorKind::Timeout, true),
        (ErrorKind::Throttled, true),
        (ErrorKind::Signing, false),
    ] {
        let error: Error = Error::mock(kind);
        assert_eq!((error.kind(), error.is_retryable()), (kind, retryable));
        assert_eq!(error.status(), None);
    }
    let invoice = ByteStream::mock("%PDF");
    assert_eq!(invoice.content_length(), Some(4));
    assert_eq!(invoice.collect_bytes().await.unwrap(), "%PDF");
}
