//! Faults, as the caller meets them.

use std::io::ErrorKind;
use std::time::Duration;

use apigw_local::{Fault, LocalGateway, Response, Skew};
use http::StatusCode;

use crate::signed::{REGION, long_term, signed, signing_time};
use crate::wire::{Reply, Wire};

const ANSWER: &str = "{\"answer\":42}";

async fn gateway() -> LocalGateway {
    LocalGateway::builder()
        .verify(false)
        .on("GET /o", |_| {
            Response::bytes(StatusCode::OK, "application/json", ANSWER)
        })
        .on("GET /other", |_| Response::empty(StatusCode::OK))
        .start()
        .await
        .unwrap()
}

async fn struck_by(fault: Fault) -> Reply {
    let gateway = gateway().await;
    gateway.inject(fault);
    let reply = Wire::get("/o").send(gateway.address()).await.unwrap();
    let next = Wire::get("/o").send(gateway.address()).await.unwrap();
    assert_eq!(
        (next.status, next.text()),
        (200, ANSWER),
        "a fault on its own strikes once"
    );
    reply
}

#[tokio::test]
async fn throttling_quota_and_expired_tokens_are_refusals_of_the_service() {
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
        let reply = struck_by(fault).await;
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
        let reply = struck_by(Fault::ServerError(status)).await;
        assert_eq!(
            (reply.status, reply.message().as_str()),
            (status.as_u16(), message)
        );
        assert!(reply.header("x-amzn-requestid").is_some());
    }
}

#[tokio::test]
async fn a_page_of_html_an_empty_body_and_another_content_type() {
    let page = struck_by(Fault::HtmlPage(StatusCode::BAD_GATEWAY)).await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (502, Some("text/html"))
    );
    assert!(page.text().starts_with("<html>"));

    let empty = struck_by(Fault::EmptyBody).await;
    assert_eq!((empty.status, empty.text()), (200, ""));

    let renamed = struck_by(Fault::ContentType("text/plain".into())).await;
    assert_eq!(
        (renamed.header("content-type"), renamed.text()),
        (Some("text/plain"), ANSWER)
    );

    let other = struck_by(Fault::Answer(Response::empty(StatusCode::IM_A_TEAPOT))).await;
    assert_eq!(other.status, 418);
}

#[tokio::test]
async fn a_cut_body_stops_half_way_of_what_was_announced() {
    let reply = struck_by(Fault::CutBody).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-length"), Some("13"));
    assert_eq!(reply.text(), &ANSWER[..6]);
}

#[tokio::test]
async fn a_reset_connection_is_reset_not_closed() {
    let gateway = gateway().await;
    gateway.inject(Fault::Reset);
    let error = Wire::get("/o").send(gateway.address()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(gateway.requests().len(), 1, "the request itself arrived");
}

// time is paused, so the hour passes as soon as nothing else is left to do
#[tokio::test(start_paused = true)]
async fn a_slow_answer_is_the_right_one_but_late() {
    let gateway = gateway().await;
    gateway.inject(Fault::Slow(Duration::from_secs(3600)));
    let start = tokio::time::Instant::now();
    let reply = Wire::get("/o").send(gateway.address()).await.unwrap();
    assert_eq!(reply.text(), ANSWER);
    assert!(start.elapsed() >= Duration::from_secs(3600));
}

#[tokio::test]
async fn a_skewed_clock_moves_the_date_and_the_window() {
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
async fn a_fault_can_be_for_one_operation_and_for_a_number_of_requests() {
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
async fn a_refused_request_stays_refused_when_a_fault_strikes() {
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
async fn cleared_faults_strike_no_more() {
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
