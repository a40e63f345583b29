//! Clock skew is corrected after one refused request.

use std::time::{Duration, SystemTime};

use reqwest::{Body, Method, Request};
use reqwest_sigv4::{Clock, Payload, SignOptions, SignerBuilder};
use tokio::sync::Barrier;

use crate::support::verifier::verify;
use crate::support::{Answer, NOON, Received, SECRET, Server, Watch, at, builder, client, keys};

/// How far the service's clock is ahead in these tests.
const AHEAD: u64 = 600;

fn http_date(seconds: u64) -> String {
    httpdate::fmt_http_date(at(seconds))
}

fn signed_at(request: &Received) -> String {
    request.header("x-amz-date").unwrap()
}

/// Refuses requests that are not signed at ten past twelve, like a REST API.
fn judge(request: &Received) -> Answer {
    let answer = if signed_at(request) == "20261122T121000Z" {
        Answer::ok()
    } else {
        Answer::refusal(
            "InvalidSignatureException",
            "Signature expired: 20261122T120000Z is now earlier than 20261122T120500Z (20261122T121000Z - 5 min.)",
        )
    };
    answer.header("date", http_date(NOON + AHEAD))
}

async fn ten_minutes_ahead() -> Server {
    Server::answering(|request, _| judge(request)).await
}

fn correcting() -> SignerBuilder {
    builder().clock_skew_correction(true)
}

#[tokio::test]
async fn the_first_request_is_sent_again_and_later_ones_succeed_at_once() {
    let server = ten_minutes_ahead().await;
    let http = client(correcting().build().unwrap());
    for _ in 0..3 {
        let response = http.post(server.url("/o")).body("x").send().await.unwrap();
        assert_eq!(response.status(), 200);
    }
    let received = server.received();
    let dates: Vec<String> = received.iter().map(signed_at).collect();
    assert_eq!(
        dates,
        [
            "20261122T120000Z",
            "20261122T121000Z",
            "20261122T121000Z",
            "20261122T121000Z"
        ]
    );
    for request in &received {
        assert_eq!(request.text(), "x");
        verify(request, SECRET).unwrap();
    }
}

#[tokio::test]
async fn the_refusal_of_an_http_api_without_a_reason_is_recognised() {
    let server = Server::answering(|request, _| {
        match signed_at(request).as_str() {
            "20261122T121000Z" => Answer::ok(),
            _ => Answer::new(403, r#"{"message":"Forbidden"}"#),
        }
        .header("date", http_date(NOON + AHEAD))
    })
    .await;
    let response = client(correcting().build().unwrap())
        .get(server.url("/o"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn the_correction_is_reset_when_the_clock_is_right_again() {
    let server = Server::answering(|_, before| {
        let ahead = if before == 0 { AHEAD } else { 0 };
        Answer::ok().header("date", http_date(NOON + ahead))
    })
    .await;
    let http = client(correcting().build().unwrap());
    for _ in 0..3 {
        http.get(server.url("/o")).send().await.unwrap();
    }
    let dates: Vec<String> = server.received().iter().map(signed_at).collect();
    assert_eq!(
        dates,
        ["20261122T120000Z", "20261122T121000Z", "20261122T120000Z"]
    );
}

#[tokio::test]
async fn requests_refused_at_the_same_time_are_all_sent_again() {
    const MANY: usize = 8;
    let server = ten_minutes_ahead().await;
    let signer = correcting().build().unwrap();
    let barrier = std::sync::Arc::new(Barrier::new(MANY));
    let tasks: Vec<_> = (0..MANY)
        .map(|_| {
            let (signer, url) = (signer.clone(), server.url("/o"));
            let wait = HoldFirst::new(std::sync::Arc::clone(&barrier));
            tokio::spawn(async move {
                let http =
                    reqwest_middleware::ClientBuilder::new(reqwest_sigv4::http_client().unwrap())
                        .with(signer)
                        .with(wait)
                        .build();
                http.get(url).send().await.unwrap().status()
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), 200);
    }
    assert_eq!(server.received().len(), 2 * MANY);
}

/// Delays the first request of a client until all clients have signed theirs.
struct HoldFirst {
    barrier: std::sync::Arc<Barrier>,
    done: std::sync::atomic::AtomicBool,
}

impl HoldFirst {
    fn new(barrier: std::sync::Arc<Barrier>) -> Self {
        Self {
            barrier,
            done: std::sync::atomic::AtomicBool::new(false),
        }
    }
}

#[async_trait::async_trait]
impl reqwest_middleware::Middleware for HoldFirst {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut http::Extensions,
        next: reqwest_middleware::Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        if !self.done.swap(true, std::sync::atomic::Ordering::SeqCst) {
            self.barrier.wait().await;
        }
        next.run(request, extensions).await
    }
}

#[tokio::test]
async fn a_cached_response_is_not_measured() {
    let server = Server::answering(|request, _| judge(request).header("age", "600")).await;
    let http = client(correcting().build().unwrap());
    for _ in 0..2 {
        assert_eq!(
            http.get(server.url("/o")).send().await.unwrap().status(),
            403
        );
    }
    let dates: Vec<String> = server.received().iter().map(signed_at).collect();
    assert_eq!(dates, ["20261122T120000Z", "20261122T120000Z"]);
}

#[tokio::test]
async fn a_refusal_with_a_right_clock_is_final() {
    let server = Server::answering(|_, _| {
        Answer::refusal(
            "InvalidSignatureException",
            "The request signature we calculated does not match",
        )
        .header("date", http_date(NOON + 200))
    })
    .await;
    let response = client(correcting().build().unwrap())
        .get(server.url("/o"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 403);
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_request_that_stays_refused_is_sent_only_twice() {
    let ahead = std::sync::atomic::AtomicU64::new(AHEAD);
    let server = Server::answering(move |_, _| {
        let now = NOON + ahead.fetch_add(AHEAD, std::sync::atomic::Ordering::SeqCst);
        Answer::refusal("InvalidSignatureException", "no").header("date", http_date(now))
    })
    .await;
    client(correcting().build().unwrap())
        .get(server.url("/o"))
        .send()
        .await
        .unwrap();
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn a_stream_cannot_be_sent_again_and_the_refusal_is_returned() {
    let server = ten_minutes_ahead().await;
    let stream = futures_util::stream::iter([Ok::<_, std::io::Error>("x")]);
    let response = client(correcting().build().unwrap())
        .put(server.url("/o"))
        .with_extension(SignOptions::new().payload(Payload::Unsigned))
        .body(Body::wrap_stream(stream))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 403);
    let (_, refusal) = reqwest_sigv4::Refusal::from_response(response)
        .await
        .unwrap();
    assert!(refusal.unwrap().is_clock());
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn the_correction_can_be_disabled() {
    let server = ten_minutes_ahead().await;
    let by_config = aws_types::SdkConfig::builder()
        .disable_clock_skew_correction(true)
        .build();
    for off in [
        builder().clock_skew_correction(false),
        builder().sdk_config(&by_config),
    ] {
        let response = client(off.build().unwrap())
            .get(server.url("/o"))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 403);
    }
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn a_presigned_url_uses_this_machines_clock() {
    let server = ten_minutes_ahead().await;
    let signer = correcting().build().unwrap();
    client(signer.clone())
        .get(server.url("/o"))
        .send()
        .await
        .unwrap();
    let mut request = Request::new(Method::GET, server.url("/o").parse().unwrap());
    signer
        .presign(&mut request, Duration::from_secs(60))
        .await
        .unwrap();
    assert!(
        request
            .url()
            .query()
            .unwrap()
            .contains("X-Amz-Date=20261122T120000Z")
    );
}

#[tokio::test]
async fn signing_without_middleware_uses_the_measured_skew() {
    let server = ten_minutes_ahead().await;
    let signer = correcting().build().unwrap();
    client(signer.clone())
        .get(server.url("/o"))
        .send()
        .await
        .unwrap();
    let mut request = Request::new(Method::GET, server.url("/o").parse().unwrap());
    signer.sign(&mut request).await.unwrap();
    assert_eq!(request.headers()["x-amz-date"], "20261122T121000Z");
}

/// Tests of the environment variable, each in its own process, because building a signer reads it.
mod environment {
    use std::process::Command;

    use super::*;

    const INSIDE: &str = "REQWEST_SIGV4_TEST_INSIDE";

    #[test]
    fn the_environment_variable_of_the_sdks_disables_the_correction() {
        for (value, expected) in [("true", "403 1"), ("TRUE", "403 1"), ("false", "200 2")] {
            let run = Command::new(std::env::current_exe().unwrap())
                .args([
                    "--exact",
                    "sending::clock_skew::environment::child",
                    "--nocapture",
                ])
                .env("AWS_DISABLE_CLOCK_SKEW_CORRECTION", value)
                .env(INSIDE, "1")
                .output()
                .unwrap();
            let output = String::from_utf8(run.stdout).unwrap();
            assert!(
                output.contains(&format!("outcome {expected}")),
                "{value}: {output}"
            );
        }
    }

    #[tokio::test]
    async fn child() {
        if std::env::var_os(INSIDE).is_none() {
            return;
        }
        let server = ten_minutes_ahead().await;
        let response = client(builder().build().unwrap())
            .get(server.url("/o"))
            .send()
            .await
            .unwrap();
        println!(
            "outcome {} {}",
            response.status().as_u16(),
            server.received().len()
        );
    }
}

#[tokio::test]
async fn a_slow_response_is_measured_from_the_middle_of_its_round_trip() {
    let clock = Watch::noon();
    let slow = clock.clone();
    let server = Server::answering(move |_, _| {
        slow.advance(20); // the response takes 20 s, and the service sets its date after 10
        Answer::ok().header("date", http_date(NOON + 10))
    })
    .await;
    let signer = correcting()
        .credentials(keys())
        .clock(clock.clone())
        .build()
        .unwrap();
    client(signer.clone())
        .get(server.url("/o"))
        .send()
        .await
        .unwrap();
    let mut request = Request::new(Method::GET, server.url("/o").parse().unwrap());
    signer.sign(&mut request).await.unwrap();
    let now: SystemTime = clock.now();
    assert_eq!(now, at(NOON + 20));
    assert_eq!(
        request.headers()["x-amz-date"],
        "20261122T120020Z",
        "there is no skew"
    );
}
