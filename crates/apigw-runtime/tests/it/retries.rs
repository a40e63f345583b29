//! Retries. The unit tests of the retry policy cover the delays.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use apigw_runtime::{BuildError, Call, ErrorKind, Method, RetryPolicy};
use http::StatusCode;

use crate::orders::OrdersClient;
use crate::orders::types::NewOrder;
use crate::server::{Server, closed_port, fed, header, respond};

/// The standard policy, without delays.
fn without_delays() -> RetryPolicy {
    RetryPolicy::standard().max_backoff(Duration::ZERO)
}

async fn client(server: &Server) -> OrdersClient {
    server
        .builder()
        .retry(without_delays())
        .build()
        .await
        .unwrap()
}

/// Returns how often a request is sent if the server always returns `status`.
async fn sent(method: Method, status: u16, configure: impl Fn(Call) -> Call) -> usize {
    let server = Server::returning(status, &[], "{}").await;
    let call = client(&server).await.request(method, "/orders");
    let error = configure(call).send_untyped().await.unwrap_err();
    assert_eq!(error.attempts() as usize, server.requests().len());
    server.requests().len()
}

#[tokio::test]
async fn server_errors_are_retried_only_for_idempotent_methods() {
    for status in [500, 502, 503, 504] {
        for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE] {
            assert_eq!(
                sent(method.clone(), status, |call| call).await,
                3,
                "{method}"
            );
        }
        for method in [Method::POST, Method::PATCH] {
            assert_eq!(
                sent(method.clone(), status, |call| call).await,
                1,
                "{method}"
            );
        }
    }
}

#[tokio::test]
async fn throttling_is_retried_for_all_methods() {
    for method in [Method::GET, Method::POST, Method::PATCH] {
        assert_eq!(sent(method, 429, |call| call).await, 3);
    }
}

#[tokio::test]
async fn permanent_failures_are_not_retried() {
    for status in [400, 401, 403, 404, 409, 413, 415, 501] {
        assert_eq!(sent(Method::GET, status, |call| call).await, 1, "{status}");
    }
}

#[tokio::test]
async fn an_exceeded_quota_is_not_retried() {
    let headers = [("x-amzn-errortype", "LimitExceededException")];
    let server = Server::returning(429, &headers, r#"{"message":"Limit Exceeded"}"#).await;
    let error = client(&server).await.get_orders().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn writes_are_retried_if_the_caller_allows_it() {
    let writes = without_delays().retry_writes();
    let retried = sent(Method::POST, 503, |call| call.retry(writes.clone()));
    assert_eq!(retried.await, 3);

    let keyed = sent(Method::POST, 503, |call| call.idempotency_key("01890a5d"));
    assert_eq!(keyed.await, 3);
}

#[tokio::test]
async fn retries_send_the_same_idempotency_key() {
    let server = Server::returning_in_turn(&[503, 201]).await;
    let call = client(&server).await.request(Method::POST, "/orders");
    let call = call.idempotency_key("01890a5d").json(&1);
    call.send_untyped().await.unwrap();
    let keys: Vec<String> = server
        .requests()
        .iter()
        .map(|request| header(request, "idempotency-key").unwrap().to_owned())
        .collect();
    assert_eq!(keys, ["01890a5d", "01890a5d"]);
}

#[tokio::test]
async fn a_request_succeeds_after_transient_failures() {
    let server = Server::returning_in_turn(&[503, 429, 200]).await;
    let call = client(&server).await.request(Method::PUT, "/orders/1");
    call.json(&"body").send_untyped().await.unwrap();
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    for request in requests {
        assert_eq!(request.body(), "\"body\"");
    }
}

#[tokio::test]
async fn every_attempt_gets_a_new_signature() {
    let server = Server::returning_in_turn(&[500, 500, 200]).await;
    let seconds = AtomicUsize::new(0);
    let noon = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_348_800);
    let signer = reqwest_sigv4::Signer::builder()
        .region("eu-west-2")
        .credentials(crate::server::credentials())
        .clock_skew_correction(false)
        .clock(move || noon + Duration::from_secs(seconds.fetch_add(1, Relaxed) as u64))
        .build()
        .unwrap();
    let client: OrdersClient = OrdersClient::builder()
        .environment(|_| None)
        .endpoint(server.endpoint())
        .signer(signer)
        .retry(without_delays())
        .build()
        .await
        .unwrap();
    let call = client.request(Method::GET, "/orders");
    call.send_untyped().await.unwrap();
    let signatures: BTreeSet<String> = server
        .requests()
        .iter()
        .map(|request| header(request, "authorization").unwrap().to_owned())
        .collect();
    assert_eq!(signatures.len(), 3);
}

#[tokio::test]
async fn an_incomplete_response_is_retried() {
    let turn = AtomicUsize::new(0);
    let server = Server::start(move |_| {
        if turn.fetch_add(1, Relaxed) > 0 {
            return Some(respond(200, &[], r#"{"items":[]}"#));
        }
        let (feed, body) = fed();
        feed.send(Ok("{\"it".into())).unwrap();
        feed.send(Err(io::ErrorKind::ConnectionReset.into()))
            .unwrap();
        Some(http::Response::new(body))
    })
    .await;
    let page = client(&server).await.get_orders().await.unwrap();
    assert!(page.items.is_empty());
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn streams_are_retried_until_the_headers_are_received() {
    let server = Server::returning_in_turn(&[502, 200]).await;
    let client = client(&server).await;
    let invoice = client.get_invoice("1").await.unwrap();
    assert_eq!(invoice.into_inner().collect_bytes().await.unwrap(), "{}");
    assert_eq!(server.requests().len(), 2);

    let server = Server::start(|_| {
        let (feed, body) = fed();
        feed.send(Ok("%PDF".into())).unwrap();
        feed.send(Err(io::ErrorKind::ConnectionReset.into()))
            .unwrap();
        Some(http::Response::new(body))
    })
    .await;
    let client = self::client(&server).await;
    let invoice = client.get_invoice("1").await.unwrap().into_inner();
    invoice.collect_bytes().await.unwrap_err();
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn failed_connections_are_retried_for_writes() {
    let (_bound, address) = closed_port();
    let client = OrdersClient::builder()
        .environment(|_| None)
        .endpoint(format!("http://{address}"))
        .credentials(crate::server::credentials())
        .retry(without_delays())
        .build()
        .await
        .unwrap();
    let order = NewOrder {
        sku: "MUG".into(),
        quantity: 1,
    };
    let error = client.create_order(&order).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connection, 3));
    assert!(error.to_string().ends_with(" (3 attempts)"), "{error}");
}

#[tokio::test]
async fn a_request_can_override_the_policy() {
    let server = Server::returning(503, &[], "").await;
    let client = client(&server).await;
    client
        .get_orders()
        .retry(RetryPolicy::none())
        .await
        .unwrap_err();
    assert_eq!(server.requests().len(), 1);
    client
        .get_orders()
        .retry(without_delays().max_attempts(5))
        .await
        .unwrap_err();
    assert_eq!(server.requests().len(), 6);
}

#[tokio::test]
async fn the_default_policy_is_from_the_environment() {
    let server = Server::returning(503, &[], "").await;
    let builder = |attempts: &'static str| {
        OrdersClient::builder()
            .environment(move |name| (name == "AWS_MAX_ATTEMPTS").then(|| attempts.to_owned()))
            .endpoint(server.endpoint())
            .credentials(crate::server::credentials())
    };
    let client = builder("1").build().await.unwrap();
    client.get_orders().await.unwrap_err();
    assert_eq!(server.requests().len(), 1);

    let error = builder("many").build().await.unwrap_err();
    assert!(matches!(error, BuildError::InvalidVariable { .. }));
}

#[tokio::test]
async fn a_middleware_sees_every_attempt() {
    struct Count(Arc<AtomicUsize>);

    #[async_trait::async_trait]
    impl reqwest_middleware::Middleware for Count {
        async fn handle(
            &self,
            request: reqwest::Request,
            extensions: &mut http::Extensions,
            next: reqwest_middleware::Next<'_>,
        ) -> reqwest_middleware::Result<reqwest::Response> {
            self.0.fetch_add(1, Relaxed);
            next.run(request, extensions).await
        }
    }

    let server = Server::returning_in_turn(&[500, 200]).await;
    let seen = Arc::new(AtomicUsize::new(0));
    let builder = server.builder().retry(without_delays());
    let client = builder
        .middleware(Count(Arc::clone(&seen)))
        .build()
        .await
        .unwrap();
    let call = client.request(Method::GET, "/");
    call.send_untyped().await.unwrap();
    assert_eq!(seen.load(Relaxed), 2);
}

#[tokio::test]
async fn the_total_timeout_aborts_the_current_attempt() {
    let server = Server::start(|_| None).await;
    let limit = Duration::from_millis(20);
    let client = client(&server).await;
    let error = client.get_orders().total_timeout(limit).await.unwrap_err();
    assert!(error.is_timeout() && error.is_retryable(), "{error:?}");
    assert!(error.to_string().contains("`total_timeout`"), "{error}");

    let error = client
        .get_invoice("1")
        .total_timeout(limit)
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("within 20ms, including retries"),
        "{error}"
    );
}

#[tokio::test]
async fn the_last_error_is_returned_if_the_delay_exceeds_the_total_timeout() {
    let server = Server::returning(503, &[("x-amz-retry-after", "4000")], "").await;
    let builder = server.builder().retry(RetryPolicy::standard());
    let client = builder
        .total_timeout(Duration::from_secs(3))
        .build()
        .await
        .unwrap();
    let error = client.get_orders().await.unwrap_err();
    assert_eq!(error.status(), Some(StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn each_attempt_has_its_own_timeout() {
    let turn = AtomicUsize::new(0);
    let server = Server::start(move |_| {
        (turn.fetch_add(1, Relaxed) > 0).then(|| respond(200, &[], r#"{"items":[]}"#))
    })
    .await;
    let client = client(&server).await;
    let orders = client.get_orders().timeout(Duration::from_millis(300));
    orders.await.unwrap();
}

#[cfg(feature = "stream")]
#[tokio::test]
async fn requests_with_a_stream_are_not_retried() {
    let server = Server::returning(429, &[], "").await;
    let call = client(&server).await.request(Method::PUT, "/report");
    let chunks = ["id,total\n", "o-1,42\n"].map(Ok::<_, io::Error>);
    let call = call.stream(futures_util::stream::iter(chunks), "text/csv");
    let error = call.send_untyped().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Throttled, 1));
    assert_eq!(server.request().body(), "id,total\no-1,42\n");

    let error = call.send_untyped().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(
        error.to_string().contains("create a new request"),
        "{error}"
    );
}

#[tokio::test]
async fn the_retry_after_header_is_respected() {
    let turn = AtomicUsize::new(0);
    let server = Server::start(move |_| match turn.fetch_add(1, Relaxed) {
        0 => Some(respond(503, &[("x-amz-retry-after", "100")], "")),
        _ => Some(respond(200, &[], r#"{"items":[]}"#)),
    })
    .await;
    let client = client(&server).await;
    let start = Instant::now();
    client.get_orders().await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(100));
}

#[tokio::test]
async fn a_write_that_is_marked_as_idempotent_is_retried_like_a_put() {
    assert_eq!(sent(Method::POST, 503, Call::idempotent).await, 3);
    let never = |call: Call| call.idempotent().retry(RetryPolicy::none());
    assert_eq!(sent(Method::POST, 503, never).await, 1);
}

#[tokio::test]
async fn a_generated_idempotency_key_is_the_same_in_all_attempts_and_new_in_each_request() {
    let server = Server::returning(503, &[], "{}").await;
    let client = client(&server).await;
    let call = client.request(Method::POST, "/orders");
    let call = call.generate_idempotency_key();
    let mut errors = Vec::new();
    for _ in 0..2 {
        errors.push(call.send_untyped().await.unwrap_err());
    }
    let requests = server.requests();
    let keys: Vec<&str> = requests
        .iter()
        .map(|request| header(request, "idempotency-key").unwrap())
        .collect();
    assert_eq!(keys.len(), 6);
    assert!(keys[..3].iter().all(|key| *key == keys[0]), "{keys:?}");
    assert!(keys[3..].iter().all(|key| *key == keys[3]), "{keys:?}");
    assert_ne!(keys[0], keys[3]);
    for key in [keys[0], keys[3]] {
        // a UUID of version 4 (RFC 9562 §5.4)
        let parts: Vec<&str> = key.split('-').collect();
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{key}");
        assert!(parts[2].starts_with('4'), "{key}");
        assert!(parts[3].starts_with(['8', '9', 'a', 'b']), "{key}");
    }
    // another request would have another key, so the operation could run twice
    assert!(errors.iter().all(|error| !error.is_retryable()));
}

#[tokio::test]
async fn the_callers_idempotency_key_replaces_the_generated_one() {
    let server = Server::returning(503, &[], "{}").await;
    let client = client(&server).await;
    let call = client.request(Method::POST, "/orders");
    let call = call.generate_idempotency_key().idempotency_key("order-7");
    let error = call.send_untyped().await.unwrap_err();
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    for request in &requests {
        assert_eq!(header(request, "idempotency-key"), Some("order-7"));
    }
    assert!(error.is_retryable());
}
