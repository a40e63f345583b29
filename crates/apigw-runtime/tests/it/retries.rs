//! Which calls are tried again. How long the pauses are is tested beside their computation, without a clock.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use apigw_runtime::{BuildError, Call, ErrorKind, Method, RetryPolicy};
use http::StatusCode;

use crate::orders::OrdersClient;
use crate::orders::types::NewOrder;
use crate::server::{Server, answer, closed_port, fed, header};

/// The standard policy, without pauses.
fn at_once() -> RetryPolicy {
    RetryPolicy::standard().max_backoff(Duration::ZERO)
}

async fn client(server: &Server) -> OrdersClient {
    server.builder().retry(at_once()).build().await.unwrap()
}

/// How often a call is sent that gets `status` each time.
async fn sent(method: Method, status: u16, choose: impl Fn(Call) -> Call) -> usize {
    let server = Server::answering(status, &[], "{}").await;
    let call = client(&server).await.request(method, "/orders");
    let error = choose(call).send_untyped().await.unwrap_err();
    assert_eq!(error.attempts() as usize, server.requests().len());
    server.requests().len()
}

#[tokio::test]
async fn failures_of_the_service_are_passed_over_for_idempotent_methods_alone() {
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
async fn throttling_is_passed_over_for_any_method() {
    for method in [Method::GET, Method::POST, Method::PATCH] {
        assert_eq!(sent(method, 429, |call| call).await, 3);
    }
}

#[tokio::test]
async fn what_would_fail_again_is_sent_once() {
    for status in [400, 401, 403, 404, 409, 413, 415, 501] {
        assert_eq!(sent(Method::GET, status, |call| call).await, 1, "{status}");
    }
}

#[tokio::test]
async fn a_used_up_quota_is_not_throttling() {
    let headers = [("x-amzn-errortype", "LimitExceededException")];
    let server = Server::answering(429, &headers, r#"{"message":"Limit Exceeded"}"#).await;
    let error = client(&server).await.get_orders().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_write_is_repeated_where_the_caller_says_that_it_may_be() {
    let writes = at_once().retry_writes();
    let repeated = sent(Method::POST, 503, |call| call.retry(writes.clone()));
    assert_eq!(repeated.await, 3);

    let keyed = sent(Method::POST, 503, |call| call.idempotency_key("01890a5d"));
    assert_eq!(keyed.await, 3);
}

#[tokio::test]
async fn a_repetition_has_the_same_idempotency_key() {
    let server = Server::answering_in_turn(&[503, 201]).await;
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
async fn a_call_succeeds_once_the_trouble_is_over() {
    let server = Server::answering_in_turn(&[503, 429, 200]).await;
    let call = client(&server).await.request(Method::PUT, "/orders/1");
    call.json(&"body").send_untyped().await.unwrap();
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    for request in requests {
        assert_eq!(request.body(), "\"body\"");
    }
}

#[tokio::test]
async fn every_attempt_is_signed_anew() {
    let server = Server::answering_in_turn(&[500, 500, 200]).await;
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
        .retry(at_once())
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
async fn a_response_cut_short_is_fetched_again_whole() {
    let turn = AtomicUsize::new(0);
    let server = Server::start(move |_| {
        if turn.fetch_add(1, Relaxed) > 0 {
            return Some(answer(200, &[], r#"{"items":[]}"#));
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
async fn the_head_of_a_stream_is_waited_for_again_and_its_body_is_not() {
    let server = Server::answering_in_turn(&[502, 200]).await;
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
async fn no_connection_is_tried_again_for_writes_too() {
    let (_taken, address) = closed_port();
    let client = OrdersClient::builder()
        .environment(|_| None)
        .endpoint(format!("http://{address}"))
        .credentials(crate::server::credentials())
        .retry(at_once())
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
async fn a_call_has_its_own_policy() {
    let server = Server::answering(503, &[], "").await;
    let client = client(&server).await;
    client
        .get_orders()
        .retry(RetryPolicy::none())
        .await
        .unwrap_err();
    assert_eq!(server.requests().len(), 1);
    client
        .get_orders()
        .retry(at_once().max_attempts(5))
        .await
        .unwrap_err();
    assert_eq!(server.requests().len(), 6);
}

#[tokio::test]
async fn without_a_policy_the_environment_decides() {
    let server = Server::answering(503, &[], "").await;
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

    let server = Server::answering_in_turn(&[500, 200]).await;
    let seen = Arc::new(AtomicUsize::new(0));
    let builder = server.builder().retry(at_once());
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
async fn the_limit_of_the_call_ends_the_attempt_under_way() {
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
    assert!(error.to_string().contains("within 20ms in all"), "{error}");
}

#[tokio::test]
async fn the_limit_of_the_call_ends_the_pauses_with_the_failure_at_hand() {
    let server = Server::answering(503, &[("x-amz-retry-after", "4000")], "").await;
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
async fn each_attempt_has_its_own_limit() {
    let turn = AtomicUsize::new(0);
    let server = Server::start(move |_| {
        (turn.fetch_add(1, Relaxed) > 0).then(|| answer(200, &[], r#"{"items":[]}"#))
    })
    .await;
    let client = client(&server).await;
    let orders = client.get_orders().timeout(Duration::from_millis(300));
    orders.await.unwrap();
}

#[cfg(feature = "stream")]
#[tokio::test]
async fn a_stream_is_sent_once() {
    let server = Server::answering(429, &[], "").await;
    let call = client(&server).await.request(Method::PUT, "/report");
    let pieces = ["id,total\n", "o-1,42\n"].map(Ok::<_, io::Error>);
    let call = call.stream(futures_util::stream::iter(pieces), "text/csv");
    let error = call.send_untyped().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Throttled, 1));
    assert_eq!(server.request().body(), "id,total\no-1,42\n");

    let error = call.send_untyped().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("build the call anew"), "{error}");
}

#[tokio::test]
async fn the_pause_that_the_service_asks_for_is_made() {
    let turn = AtomicUsize::new(0);
    let server = Server::start(move |_| match turn.fetch_add(1, Relaxed) {
        0 => Some(answer(503, &[("x-amz-retry-after", "100")], "")),
        _ => Some(answer(200, &[], r#"{"items":[]}"#)),
    })
    .await;
    let client = client(&server).await;
    let begun = Instant::now();
    client.get_orders().await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(100));
}
