//! Which faults are retried, and which are errors.

use std::time::Duration;

use apigw_local::{Fault, FaultRule};
use apigw_runtime::ErrorKind;
use http::StatusCode;
use orders_client::OrdersClient;
use support::{statuses, without_pauses};

use crate::orders;

const FAILURES: [StatusCode; 4] = [
    StatusCode::INTERNAL_SERVER_ERROR,
    StatusCode::BAD_GATEWAY,
    StatusCode::SERVICE_UNAVAILABLE,
    StatusCode::GATEWAY_TIMEOUT,
];

#[tokio::test]
async fn throttled_requests_of_any_method_are_retried_and_signed_again() {
    let (gateway, client) = orders::start().await;
    gateway.inject(Fault::Throttled.times(2));
    client.get_orders().await.unwrap();
    gateway.inject(Fault::Throttled.times(2));
    client.create_order(&orders::new_order()).await.unwrap();
    assert_eq!(statuses(&gateway), [429, 429, 200, 429, 429, 201]);
    let requests = gateway.requests();
    assert!(requests.iter().all(|request| request.caller.is_some()));
    assert_eq!(requests[3].body, requests[5].body);
}

#[tokio::test]
async fn an_exceeded_quota_is_not_retried() {
    let (gateway, client) = orders::start().await;
    gateway.inject(Fault::QuotaExceeded.always());
    let error = client.get_orders().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Refused, 1));
    assert_eq!(statuses(&gateway), [429]);
}

#[tokio::test]
async fn server_errors_of_reads_are_retried() {
    for status in FAILURES {
        let (gateway, client) = orders::start().await;
        gateway.inject(Fault::ServerError(status).times(2));
        client.get_order("o-1").await.unwrap();
        assert_eq!(statuses(&gateway).len(), 3, "{status}");
    }
}

#[tokio::test]
async fn server_errors_of_writes_are_retried_only_if_enabled() {
    for status in FAILURES {
        let (gateway, client) = orders::start().await;
        gateway.inject(Fault::ServerError(status));
        let error = client.create_order(&orders::new_order()).await.unwrap_err();
        assert_eq!(error.status(), Some(status));
        assert!(!error.is_retryable(), "{error:?}");
        assert_eq!(statuses(&gateway).len(), 1, "{status}");

        gateway.inject(Fault::ServerError(status));
        let call = client.create_order(&orders::new_order());
        call.retry(without_pauses().retry_writes()).await.unwrap();

        gateway.inject(Fault::ServerError(status));
        let call = client.create_order(&orders::new_order());
        call.idempotency_key("0190163d").await.unwrap();
    }
}

#[tokio::test]
async fn broken_connections_of_reads_are_retried_and_of_writes_reported() {
    for fault in [Fault::Reset, Fault::CutBody] {
        let (gateway, client) = orders::start().await;
        gateway.inject(fault.clone());
        client.get_orders().await.unwrap();
        assert_eq!(statuses(&gateway).len(), 2, "{fault:?}");

        gateway.forget();
        gateway.inject(fault.clone());
        let error = client.create_order(&orders::new_order()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connection, "{fault:?}");
        assert_eq!(statuses(&gateway).len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn attempts_time_out_and_are_retried_within_the_total_timeout() {
    let (gateway, client) = orders::start().await;
    let long = Duration::from_secs(600);
    gateway.inject(Fault::Slow(long));
    let call = client.get_orders().timeout(Duration::from_millis(500));
    call.await.unwrap();

    gateway.inject(Fault::Slow(long).always());
    let call = client.get_orders().total_timeout(Duration::from_millis(50));
    let error = call.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(
        error.to_string().contains("within 50ms, including retries"),
        "{error}"
    );
}

#[tokio::test]
async fn after_three_attempts_the_error_has_their_number() {
    let (gateway, client) = orders::start().await;
    let failure = Fault::ServerError(StatusCode::SERVICE_UNAVAILABLE);
    gateway.inject(failure.always());
    let error = client.get_orders().await.unwrap_err();
    assert_eq!(error.attempts(), 3);
    assert!(error.is_retryable(), "it can succeed later");
    assert!(error.to_string().contains("3 attempts"), "{error}");
    assert_eq!(statuses(&gateway), [503, 503, 503]);
}

#[tokio::test]
async fn a_client_whose_requests_all_fail_stops_retrying() {
    let gateway = orders::gateway().start().await.unwrap();
    let client = support::client_builder::<OrdersClient>(&gateway)
        .build()
        .await
        .unwrap();
    let failure: FaultRule = Fault::ServerError(StatusCode::BAD_GATEWAY).always();
    gateway.inject(failure);
    for _ in 0..40 {
        client.get_orders().await.unwrap_err();
    }
    // 40 requests, and 500 tokens for retries that cost 14 each
    assert_eq!(statuses(&gateway).len(), 40 + 500 / 14);

    // another client has tokens of its own
    let other = support::client_builder::<OrdersClient>(&gateway)
        .build()
        .await
        .unwrap();
    assert_eq!(other.get_orders().await.unwrap_err().attempts(), 3);
}
