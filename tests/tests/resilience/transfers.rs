//! Large bodies, in both directions.

use std::io;

use apigw_local::{Fault, Response};
use apigw_runtime::ErrorKind;
use futures_util::stream;
use http::{Method, StatusCode};
use orders_client::OrdersClient;
use reqwest::multipart::{Form, Part};
use support::statuses;

use crate::orders;

const MIB: usize = 1024 * 1024;

/// Returns this number of pieces of one MiB each.
fn pieces(count: usize) -> impl futures_util::Stream<Item = io::Result<Vec<u8>>> + Send {
    stream::iter((0..count).map(|n| Ok(vec![n as u8; MIB])))
}

#[tokio::test]
async fn ten_mebibytes_are_signed_and_arrive_unchanged() {
    let gateway = orders::gateway().on("replace_order", |_| Response::empty(StatusCode::OK));
    let gateway = gateway.start().await.unwrap();
    let client = support::client_builder::<OrdersClient>(&gateway)
        .build()
        .await
        .unwrap();
    let call = client.request(Method::PUT, "/orders/o-1");
    let call = call.stream(pieces(10), "application/octet-stream");
    call.send_untyped().await.unwrap();

    let request = gateway.requests().remove(0);
    assert!(request.caller.is_some());
    assert_eq!(request.header("content-length"), Some("10485760"));
    let expected: Vec<u8> = (0..10).flat_map(|n| vec![n; MIB]).collect();
    assert!(request.body == expected);
}

#[tokio::test]
async fn a_body_larger_than_api_gateway_accepts_is_not_sent() {
    let (gateway, client) = orders::start().await;
    let call = client.request(Method::PUT, "/orders/o-1");
    let call = call.stream(pieces(11), "application/octet-stream");
    let error = call.send_untyped().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Signing);
    assert!(error.to_string().contains("10485760 bytes"), "{error}");
    assert!(gateway.requests().is_empty());
}

#[tokio::test]
async fn a_stream_that_fails_is_not_sent() {
    let (gateway, client) = orders::start().await;
    let torn = [Ok("half"), Err(io::Error::other("the disk is gone"))];
    let call = client.request(Method::PUT, "/orders/o-1");
    let call = call.stream(stream::iter(torn), "text/plain");
    let error = call.send_untyped().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Signing, 1));
    assert!(gateway.requests().is_empty());
}

#[tokio::test]
async fn a_form_with_a_file_is_signed() {
    let gateway = orders::gateway().on("create_order", |_| Response::empty(StatusCode::CREATED));
    let gateway = gateway.start().await.unwrap();
    let client = support::client_builder::<OrdersClient>(&gateway)
        .build()
        .await
        .unwrap();
    let photo = Part::bytes(vec![0x89, b'P', b'N', b'G']).file_name("mug.png");
    let call = client.request(Method::POST, "/orders");
    let call = call.multipart(Form::new().text("sku", "MUG").part("photo", photo));
    call.send_untyped().await.unwrap();

    let request = gateway.requests().remove(0);
    assert!(request.caller.is_some());
    let content_type = request.header("content-type").unwrap();
    let boundary = content_type
        .strip_prefix("multipart/form-data; boundary=")
        .unwrap();
    let body = String::from_utf8_lossy(&request.body);
    assert!(body.starts_with(&format!("--{boundary}\r\n")), "{body}");
    assert!(
        body.contains("name=\"photo\"; filename=\"mug.png\""),
        "{body}"
    );
}

#[tokio::test]
async fn ten_mebibytes_are_received_piece_by_piece() {
    let invoice: Vec<u8> = (0..10 * MIB).map(|n| (n % 251) as u8).collect();
    let answer = Response::bytes(StatusCode::OK, "application/pdf", invoice.clone());
    let gateway = orders::gateway().on("get_invoice", move |_| answer.clone());
    let gateway = gateway.start().await.unwrap();
    let client = support::client_builder::<OrdersClient>(&gateway)
        .build()
        .await
        .unwrap();
    let mut body = client.get_invoice("o-1").await.unwrap().into_inner();
    let (mut count, mut arrived) = (0, Vec::new());
    while let Some(piece) = body.chunk().await {
        count += 1;
        arrived.extend_from_slice(&piece.unwrap());
    }
    assert!(count > 1);
    assert!(arrived == invoice);
}

#[tokio::test]
async fn a_body_above_the_limit_is_an_error() {
    let invoice = Response::bytes(StatusCode::OK, "application/pdf", vec![7; 10 * MIB]);
    let gateway = orders::gateway().on("get_invoice", move |_| invoice.clone());
    let gateway = gateway.start().await.unwrap();
    let client = support::client_builder::<OrdersClient>(&gateway)
        .build()
        .await
        .unwrap();
    let download = |limit| client.get_invoice("o-1").response_limit(limit);
    let whole = download(10 * MIB).await.unwrap().into_inner();
    assert_eq!(whole.collect_bytes().await.unwrap().len(), 10 * MIB);
    let whole = download(10 * MIB - 1).await.unwrap().into_inner();
    let error = whole.collect_bytes().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);

    gateway.forget();
    let page = client.get_orders().response_limit(16);
    let error = page.await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::TooLarge, 1));
    assert_eq!(statuses(&gateway), [200], "it is not retried");
}

#[tokio::test]
async fn an_interrupted_download_ends_in_an_error() {
    let (gateway, client) = orders::start().await;
    gateway.inject(Fault::CutBody);
    let body = client.get_invoice("o-1").await.unwrap().into_inner();
    let error = body.collect_bytes().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
}
