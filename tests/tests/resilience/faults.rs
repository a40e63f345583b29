//! Responses that the spec does not describe.

use std::time::Duration;

use apigw_local::{Fault, Response, Skew};
use apigw_runtime::ErrorKind;
use http::StatusCode;
use support::statuses;

use crate::orders;

#[tokio::test]
async fn an_html_error_page_is_retried_or_reported() {
    let (gateway, client) = orders::start().await;
    gateway.inject(Fault::HtmlPage(StatusCode::BAD_GATEWAY));
    client.get_orders().await.unwrap();
    assert_eq!(statuses(&gateway), [502, 200]);

    gateway.inject(Fault::HtmlPage(StatusCode::FORBIDDEN));
    let error = client.get_orders().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ClientError);
    let raw = error.raw().unwrap();
    assert_eq!(raw.content_type(), Some("text/html"));
    assert!(raw.bytes().starts_with(b"<html>"));
}

#[tokio::test]
async fn an_html_page_with_a_success_status_is_an_error_with_its_media_type() {
    let (gateway, client) = orders::start().await;
    gateway.inject(Fault::HtmlPage(StatusCode::OK));
    let error = client.get_orders().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Decode, 1));
    assert!(error.to_string().contains("(text/html)"), "{error}");
}

#[tokio::test]
async fn json_with_another_content_type_is_decoded() {
    let (gateway, client) = orders::start().await;
    gateway.inject(Fault::ContentType("text/plain".into()));
    assert!(!client.get_orders().await.unwrap().items.is_empty());
}

#[tokio::test]
async fn a_success_without_its_body_is_an_error_and_not_retried() {
    let (gateway, client) = orders::start().await;
    gateway.inject(Fault::EmptyBody);
    let error = client.get_orders().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Decode, 1));
    assert_eq!(error.status(), Some(StatusCode::OK));
}

#[tokio::test]
async fn a_wrong_clock_is_corrected_without_an_error() {
    for skew in [
        Skew::Ahead(Duration::from_secs(3600)),
        Skew::Behind(Duration::from_secs(3600)),
    ] {
        let (gateway, client) = orders::start().await;
        gateway.inject(Fault::ClockSkew(skew).always());
        client.get_orders().await.unwrap();
        client.get_orders().await.unwrap();
        assert_eq!(statuses(&gateway), [403, 200, 200], "{skew:?}");
    }
}

#[tokio::test]
async fn headers_that_the_gateway_renames_have_their_names() {
    let (gateway, client) = orders::start().await;
    let page = serde_json::json!({ "items": [] });
    let page = Response::json(StatusCode::OK, page).header("x-amzn-remapped-date", "then");
    gateway.inject(Fault::Answer(page));
    let page = client.get_orders().await.unwrap();
    assert_eq!(page.header("date"), Some("then"));
}
