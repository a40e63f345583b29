//! Every attempt gets a new signature if retries come before the signer; otherwise the guard returns an error.

use std::time::Duration;

use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware, Next};
use reqwest_retry::RetryTransientMiddleware;
use reqwest_retry::policies::ExponentialBackoff;
use reqwest_sigv4::{CanonicalPart, Error, SignatureGuard, Signer};
use reqwest_tracing::TracingMiddleware;

use crate::support::verifier::verify;
use crate::support::{Answer, SECRET, Server, Watch, builder, client};

fn at_once(retries: u32) -> RetryTransientMiddleware<ExponentialBackoff> {
    let policy = ExponentialBackoff::builder()
        .retry_bounds(Duration::ZERO, Duration::ZERO)
        .build_with_max_retries(retries);
    RetryTransientMiddleware::new_with_policy(policy)
}

/// A server that fails twice while the clock advances, and a signer with that clock.
async fn failing_twice() -> (Server, Signer) {
    let clock = Watch::noon();
    let ticking = clock.clone();
    let server = Server::answering(move |_, before| {
        ticking.advance(60);
        if before < 2 {
            Answer::new(503, "")
        } else {
            Answer::ok()
        }
    })
    .await;
    (server, builder().clock(clock).build().unwrap())
}

fn dates(server: &Server) -> Vec<String> {
    let received = server.received();
    received
        .iter()
        .map(|request| request.header("x-amz-date").unwrap())
        .collect()
}

#[tokio::test]
async fn every_attempt_has_a_new_date_and_a_valid_signature() {
    let (server, signer) = failing_twice().await;
    let http = ClientBuilder::new(reqwest_sigv4::http_client().unwrap())
        .with(TracingMiddleware::default())
        .with(at_once(3))
        .with(signer)
        .with(SignatureGuard)
        .build();
    let response = http.post(server.url("/o")).body("x").send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(
        dates(&server),
        ["20261122T120000Z", "20261122T120100Z", "20261122T120200Z"]
    );
    for request in server.received() {
        verify(&request, SECRET).unwrap();
    }
}

#[tokio::test]
async fn the_guard_rejects_retries_after_the_signer() {
    let (server, signer) = failing_twice().await;
    let http = ClientBuilder::new(reqwest_sigv4::http_client().unwrap())
        .with(signer)
        .with(at_once(3))
        .with(SignatureGuard)
        .build();
    let error = http.get(server.url("/o")).send().await.unwrap_err();
    assert!(
        matches!(Error::find(&error), Some(Error::SentTwice)),
        "{error}"
    );
    assert_eq!(server.received().len(), 1);
}

/// Middleware that changes a request.
struct Change(fn(&mut Request));

#[async_trait::async_trait]
impl Middleware for Change {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<Response> {
        self.0(&mut request);
        next.run(request, extensions).await
    }
}

fn changed_after_signing(change: fn(&mut Request)) -> ClientWithMiddleware {
    ClientBuilder::new(reqwest_sigv4::http_client().unwrap())
        .with(builder().build().unwrap())
        .with(Change(change))
        .with(SignatureGuard)
        .build()
}

#[tokio::test]
async fn the_guard_names_the_part_changed_after_signing() {
    let server = Server::start().await;
    type Edit = fn(&mut Request);
    let changes: [(Edit, CanonicalPart); 6] = [
        (
            |r| *r.method_mut() = http::Method::PUT,
            CanonicalPart::Method,
        ),
        (|r| r.url_mut().set_path("/other"), CanonicalPart::Path),
        (|r| r.url_mut().set_query(Some("a=2")), CanonicalPart::Query),
        (
            |r| {
                r.headers_mut()
                    .insert("content-type", "text/html".parse().unwrap());
            },
            CanonicalPart::Header("content-type".to_owned()),
        ),
        (
            |r| r.url_mut().set_host(Some("localhost")).unwrap(),
            CanonicalPart::Header("host".to_owned()),
        ),
        (
            |r| *r.body_mut() = Some("zipped".into()),
            CanonicalPart::PayloadHash,
        ),
    ];
    for (change, expected) in changes {
        let request = changed_after_signing(change)
            .post(server.url("/o?a=1"))
            .header("content-type", "text/plain")
            .body("body");
        let error = request.send().await.unwrap_err();
        match Error::find(&error) {
            Some(Error::ChangedAfterSigning { part }) => assert_eq!(*part, expected),
            other => panic!("{expected}: {other:?}"),
        }
    }
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn the_guard_accepts_changes_of_unsigned_headers() {
    let server = Server::start().await;
    let http = changed_after_signing(|r| {
        r.headers_mut()
            .insert("traceparent", "00-1-2-01".parse().unwrap());
    });
    http.post(server.url("/o"))
        .body("body")
        .send()
        .await
        .unwrap();
    verify(&server.only(), SECRET).unwrap();
}

#[tokio::test]
async fn the_signer_does_not_retry() {
    let (server, signer) = failing_twice().await;
    assert_eq!(
        client(signer)
            .get(server.url("/o"))
            .send()
            .await
            .unwrap()
            .status(),
        503
    );
    assert_eq!(server.received().len(), 1);
}

#[cfg(feature = "retry")]
mod strategy {
    use reqwest::Method;
    use reqwest_retry::{Retryable, RetryableStrategy};
    use reqwest_sigv4::SigV4RetryStrategy;

    use super::*;
    use crate::support::signer;

    async fn verdict(method: Method, answer: Answer) -> Option<bool> {
        let server = Server::answering(move |_, _| answer.clone()).await;
        let result = client(signer())
            .request(method, server.url("/o"))
            .send()
            .await;
        transient(SigV4RetryStrategy::new(), result)
    }

    fn transient(
        strategy: SigV4RetryStrategy,
        result: Result<Response, reqwest_middleware::Error>,
    ) -> Option<bool> {
        strategy
            .handle(&result)
            .map(|verdict| verdict == Retryable::Transient)
    }

    #[tokio::test]
    async fn server_errors_are_retried_for_idempotent_methods_only() {
        for status in [500, 502, 503, 504] {
            for method in [
                Method::GET,
                Method::HEAD,
                Method::PUT,
                Method::DELETE,
                Method::OPTIONS,
            ] {
                assert_eq!(verdict(method, Answer::new(status, "")).await, Some(true));
            }
            for method in [Method::POST, Method::PATCH] {
                assert_eq!(verdict(method, Answer::new(status, "")).await, Some(false));
            }
        }
        assert_eq!(
            verdict(Method::GET, Answer::new(501, "")).await,
            Some(false)
        );
    }

    #[tokio::test]
    async fn throttling_is_retried_and_an_exhausted_quota_is_not() {
        let throttle = Answer::new(429, "").header("x-amzn-errortype", "TooManyRequestsException");
        assert_eq!(verdict(Method::POST, throttle).await, Some(true));
        assert_eq!(
            verdict(Method::POST, Answer::new(429, "")).await,
            Some(true)
        );
        let quota = Answer::new(429, "").header("x-amzn-errortype", "LimitExceededException");
        assert_eq!(verdict(Method::GET, quota).await, Some(false));
    }

    #[tokio::test]
    async fn success_and_refusals_are_final() {
        assert_eq!(verdict(Method::GET, Answer::ok()).await, None);
        let refused = Answer::refusal("AccessDeniedException", "no");
        assert_eq!(verdict(Method::GET, refused).await, Some(false));
    }

    #[tokio::test]
    async fn transient_errors_before_sending_are_retried() {
        let strategy = SigV4RetryStrategy::new();
        let broken = builder()
            .credentials(crate::credentials::cache::Failing::transient())
            .build()
            .unwrap();
        let broken = client(broken).get("http://127.0.0.1:9/").send().await;
        assert_eq!(transient(strategy, broken), Some(true));

        let absent = builder()
            .credentials(crate::credentials::cache::Failing::final_())
            .build()
            .unwrap();
        let absent = client(absent).get("http://127.0.0.1:9/").send().await;
        assert_eq!(transient(strategy, absent), Some(false));

        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let closed = listener.local_addr().unwrap().port();
        drop(listener);
        let unreachable = client(signer())
            .get(format!("http://127.0.0.1:{closed}/"))
            .send()
            .await;
        assert_eq!(transient(strategy, unreachable), Some(true));
    }

    #[tokio::test]
    async fn a_lost_response_is_retried_only_if_enabled() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut head = [0; 16];
                let _ = tokio::io::AsyncReadExt::read(&mut { stream }, &mut head).await;
            }
        });
        for (strategy, expected) in [
            (SigV4RetryStrategy::new(), Some(false)),
            (SigV4RetryStrategy::new().also_when_lost(), Some(true)),
        ] {
            let lost = client(signer())
                .get(format!("http://{address}/"))
                .send()
                .await;
            assert_eq!(transient(strategy, lost), expected);
        }
    }
}
