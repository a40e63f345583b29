//! Which faults a caller never sees, and which it does.

use orders_client::OrdersClient;
use std::time::Duration;

use apigw_local::{Fault, FaultRule};
use apigw_runtime::ErrorKind;
use http::StatusCode;

use crate::orders;
use support::statuses;
use support::without_pauses;

const FAILURES: [StatusCode; 4] = [
    StatusCode::INTERNAL_SERVER_ERROR,
    StatusCode::BAD_GATEWAY,
    StatusCode::SERVICE_UNAVAILABLE,
    StatusCode::GATEWAY_TIMEOUT,
];

#[tokio::test]
async fn a_throttled_call_of_any_method_is_sent_again_and_signed_each_time() {
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
async fn a_used_up_quota_ends_a_call_without_pauses() {
    let (gateway, client) = orders::start().await;
    gateway.inject(Fault::QuotaExceeded.always());
    let error = client.get_orders().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Refused, 1));
    assert_eq!(statuses(&gateway), [429]);
}

#[tokio::test]
async fn a_failed_service_is_asked_again_by_reads() {
    for status in FAILURES {
        let (gateway, client) = orders::start().await;
        gateway.inject(Fault::ServerError(status).times(2));
        client.get_order("o-1").await.unwrap();
        assert_eq!(statuses(&gateway).len(), 3, "{status}");
    }
}

#[tokio::test]
async fn a_failed_service_is_asked_again_by_writes_only_where_the_caller_says_so() {
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
async fn a_connection_that_breaks_is_replaced_by_reads_and_reported_by_writes() {
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
async fn an_attempt_that_takes_too_long_is_replaced_and_the_limit_in_all_is_kept() {
    let (gateway, client) = orders::start().await;
    let long = Duration::from_secs(600);
    gateway.inject(Fault::Slow(long));
    let call = client.get_orders().timeout(Duration::from_millis(500));
    call.await.unwrap();

    gateway.inject(Fault::Slow(long).always());
    let call = client.get_orders().total_timeout(Duration::from_millis(50));
    let error = call.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("within 50ms in all"), "{error}");
}

#[tokio::test]
async fn three_attempts_are_the_most_and_the_error_tells() {
    let (gateway, client) = orders::start().await;
    let failure = Fault::ServerError(StatusCode::SERVICE_UNAVAILABLE);
    gateway.inject(failure.always());
    let error = client.get_orders().await.unwrap_err();
    assert_eq!(error.attempts(), 3);
    assert!(error.is_retryable(), "a little later it may succeed");
    assert!(error.to_string().contains("3 attempts"), "{error}");
    assert_eq!(statuses(&gateway), [503, 503, 503]);
}

#[tokio::test]
async fn a_client_whose_calls_all_fail_stops_to_retry() {
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
    // 40 calls, and 500 tokens for repetitions that cost 14 each
    assert_eq!(statuses(&gateway).len(), 40 + 500 / 14);

    // of another client, the quota is full
    let other = support::client_builder::<OrdersClient>(&gateway)
        .build()
        .await
        .unwrap();
    assert_eq!(other.get_orders().await.unwrap_err().attempts(), 3);
}
