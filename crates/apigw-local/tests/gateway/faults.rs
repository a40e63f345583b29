//! Injected faults.

use std::io::ErrorKind;
use std::time::Duration;

use apigw_local::{Fault, LocalGateway, Response, Skew};
use http::StatusCode;

use crate::signatures::{REGION, long_term, signed, signing_time};
use crate::wire::{Reply, Wire};

const BODY: &str = "{\"answer\":42}";

async fn gateway() -> LocalGateway {
    LocalGateway::builder()
        .verify(false)
        .on("GET /o", |_| {
            Response::bytes(StatusCode::OK, "application/json", BODY)
        })
        .on("GET /other", |_| Response::empty(StatusCode::OK))
        .start()
        .await
        .unwrap()
}

async fn reply_with(fault: Fault) -> Reply {
    let gateway = gateway().await;
    gateway.inject(fault);
    let reply = Wire::get("/o").send(gateway.address()).await.unwrap();
    let next = Wire::get("/o").send(gateway.address()).await.unwrap();
    assert_eq!(
        (next.status, next.text()),
        (200, BODY),
        "by default a fault affects one request"
    );
    reply
}

#[tokio::test]
async fn throttling_quotas_and_expired_tokens_are_refusals() {
    for (fault, status, error_type, message) in [
        (
            Fault::Throttled,
            429,
            "TooManyRequestsException",
            "Too Many Requests",
        ),
        (
            Fault::QuotaExceeded,
            429,
            "LimitExceededException",
            "Limit Exceeded",
        ),
        (
            Fault::ExpiredToken,
            403,
            "ExpiredTokenException",
            "The security token included in the request is expired",
        ),
    ] {
        let reply = reply_with(fault).await;
        assert_eq!(reply.status, status);
        assert_eq!(reply.header("x-amzn-errortype"), Some(error_type));
        assert_eq!(reply.message(), message);
    }
}

#[tokio::test]
async fn server_errors_have_a_message_and_a_request_id() {
    for (status, message) in [
        (StatusCode::INTERNAL_SERVER_ERROR, "Internal server error"),
        (StatusCode::BAD_GATEWAY, "Internal server error"),
        (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        (StatusCode::GATEWAY_TIMEOUT, "Endpoint request timed out"),
    ] {
        let reply = reply_with(Fault::ServerError(status)).await;
        assert_eq!(
            (reply.status, reply.message().as_str()),
            (status.as_u16(), message)
        );
        assert!(reply.header("x-amzn-requestid").is_some());
    }
}

#[tokio::test]
async fn the_response_can_be_replaced_or_changed() {
    let page = reply_with(Fault::HtmlPage(StatusCode::BAD_GATEWAY)).await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (502, Some("text/html"))
    );
    assert!(page.text().starts_with("<html>"));

    let empty = reply_with(Fault::EmptyBody).await;
    assert_eq!((empty.status, empty.text()), (200, ""));

    let renamed = reply_with(Fault::ContentType("text/plain".into())).await;
    assert_eq!(
        (renamed.header("content-type"), renamed.text()),
        (Some("text/plain"), BODY)
    );

    let other = reply_with(Fault::Answer(Response::empty(StatusCode::IM_A_TEAPOT))).await;
    assert_eq!(other.status, 418);
}

#[tokio::test]
async fn a_cut_body_ends_after_half_of_its_declared_length() {
    let reply = reply_with(Fault::CutBody).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-length"), Some("13"));
    assert_eq!(reply.text(), &BODY[..6]);
}

#[tokio::test]
async fn a_reset_connection_is_not_closed_normally() {
    let gateway = gateway().await;
    gateway.inject(Fault::Reset);
    let error = Wire::get("/o").send(gateway.address()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(gateway.requests().len(), 1, "the request was received");
}

// time is paused, so the hour takes no real time
#[tokio::test(start_paused = true)]
async fn a_slow_response_is_delayed_but_unchanged() {
    let gateway = gateway().await;
    gateway.inject(Fault::Slow(Duration::from_secs(3600)));
    let start = tokio::time::Instant::now();
    let reply = Wire::get("/o").send(gateway.address()).await.unwrap();
    assert_eq!(reply.text(), BODY);
    assert!(start.elapsed() >= Duration::from_secs(3600));
}

#[tokio::test]
async fn clock_skew_affects_the_date_and_the_validity_of_signatures() {
    let gateway = LocalGateway::builder()
        .region(REGION)
        .caller(long_term())
        .clock(signing_time())
        .start()
        .await
        .unwrap();
    let ten_minutes = Duration::from_secs(600);
    for (skew, date, message) in [
        (
            Skew::Ahead(ten_minutes),
            "Sun, 22 Nov 2026 12:10:00 GMT",
            "Signature expired: ",
        ),
        (
            Skew::Behind(ten_minutes),
            "Sun, 22 Nov 2026 11:50:00 GMT",
            "Signature not yet current: ",
        ),
    ] {
        gateway.inject(Fault::ClockSkew(skew));
        let reply = signed("q-unsorted").send(gateway.address()).await.unwrap();
        assert_eq!((reply.status, reply.header("date")), (403, Some(date)));
        assert!(reply.message().starts_with(message), "{}", reply.message());
    }
    let reply = signed("q-unsorted").send(gateway.address()).await.unwrap();
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn a_fault_can_be_limited_to_an_operation_and_a_number_of_requests() {
    let gateway = gateway().await;
    gateway
        .inject_on("GET /o", Fault::Throttled.times(2))
        .unwrap();
    let mut statuses = Vec::new();
    for target in ["/other", "/o", "/other", "/o", "/o"] {
        statuses.push(
            Wire::get(target)
                .send(gateway.address())
                .await
                .unwrap()
                .status,
        );
    }
    assert_eq!(statuses, [200, 429, 200, 429, 200]);
    assert!(gateway.inject_on("GET /nowhere", Fault::Reset).is_err());
}

#[tokio::test]
async fn a_fault_does_not_change_a_refusal() {
    let gateway = LocalGateway::builder().start().await.unwrap();
    for fault in [
        Fault::Throttled,
        Fault::ServerError(StatusCode::BAD_GATEWAY),
        Fault::EmptyBody,
    ] {
        gateway.inject(fault);
        let reply = Wire::get("/o").send(gateway.address()).await.unwrap();
        assert_eq!(
            (reply.status, reply.message().as_str()),
            (403, "Missing Authentication Token")
        );
    }
}

#[tokio::test]
async fn cleared_faults_affect_no_request() {
    let gateway = gateway().await;
    gateway.inject(Fault::Reset.always());
    gateway.clear_faults();
    assert_eq!(
        Wire::get("/o")
            .send(gateway.address())
            .await
            .unwrap()
            .status,
        200
    );
}
