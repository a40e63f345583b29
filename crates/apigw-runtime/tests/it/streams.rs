//! Streaming bodies.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use apigw_runtime::{Bytes, ErrorKind, StatusCode};
use futures_util::TryStreamExt as _;
use reqwest_middleware::{Middleware, Next};

use crate::server::{Server, fed, whole};

/// Returns a server that responds once, and the sender of the response body.
async fn streaming() -> (
    Server,
    tokio::sync::mpsc::UnboundedSender<io::Result<Bytes>>,
) {
    let (feed, body) = fed();
    let body = Mutex::new(Some(body));
    let server = Server::start(move |_| {
        let body = body.lock().unwrap().take().unwrap_or_else(|| whole(""));
        Some(http::Response::new(body))
    })
    .await;
    (server, feed)
}

#[tokio::test]
async fn chunks_are_returned_before_the_body_is_complete() {
    let (server, feed) = streaming().await;
    let mut invoice = server
        .client()
        .await
        .get_invoice("1.pdf")
        .await
        .unwrap()
        .into_inner();
    feed.send(Ok("one".into())).unwrap();
    assert_eq!(invoice.chunk().await.unwrap().unwrap(), "one"); // the server has not sent the rest
    feed.send(Ok("two".into())).unwrap();
    drop(feed);
    assert_eq!(invoice.chunk().await.unwrap().unwrap(), "two");
    assert!(invoice.chunk().await.is_none());
}

/// Records the timeout of the HTTP request, which includes the body.
struct Limit(Arc<Mutex<Vec<Option<Duration>>>>);

#[async_trait::async_trait]
impl Middleware for Limit {
    async fn handle(
        &self,
        request: reqwest::Request,
        extensions: &mut http::Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        self.0.lock().unwrap().push(request.timeout().copied());
        next.run(request, extensions).await
    }
}

#[tokio::test]
async fn the_timeout_includes_a_buffered_body_but_not_a_stream() {
    let server = Server::returning(200, &[], r#"{"items":[]}"#).await;
    let limits = Arc::new(Mutex::new(Vec::new()));
    let client = server
        .builder()
        .middleware(Limit(Arc::clone(&limits)))
        .build()
        .await
        .unwrap();
    client.get_orders().await.unwrap();
    client
        .get_orders()
        .timeout(Duration::from_secs(7))
        .await
        .unwrap();
    client
        .get_invoice("1.pdf")
        .timeout(Duration::from_secs(7))
        .await
        .unwrap();
    let default = Duration::from_secs(30);
    assert_eq!(
        *limits.lock().unwrap(),
        [Some(default), Some(Duration::from_secs(7)), None]
    );
}

#[tokio::test]
async fn a_body_can_be_collected_or_streamed() {
    let server = Server::returning(200, &[("content-type", "application/pdf")], "%PDF").await;
    let client = server.client().await;
    let invoice = client.get_invoice("1.pdf").await.unwrap();
    assert_eq!(invoice.header("content-type"), Some("application/pdf"));
    assert_eq!(invoice.into_inner().collect_bytes().await.unwrap(), "%PDF");

    let chunks: Vec<Bytes> = client
        .get_invoice("1.pdf")
        .await
        .unwrap()
        .into_inner()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(chunks.concat(), b"%PDF");
}

#[tokio::test]
async fn a_stream_is_read_from_the_response_without_taking_it_apart() {
    let headers = [("content-length", "4"), ("x-copy", "2")];
    let server = Server::returning(200, &headers, "%PDF").await;
    let mut invoice = server.client().await.get_invoice("1.pdf").await.unwrap();
    assert_eq!(invoice.content_length(), Some(4));
    assert_eq!(invoice.chunk().await.unwrap().unwrap(), "%PDF");
    assert!(invoice.chunk().await.is_none());
    assert_eq!(invoice.header("x-copy"), Some("2"));
}

#[tokio::test]
async fn silence_longer_than_the_limit_is_a_timeout_with_the_status() {
    let (server, feed) = streaming().await;
    let builder = server.builder().idle_timeout(Duration::from_millis(50));
    let client = builder.build().await.unwrap();
    let mut invoice = client.get_invoice("1.pdf").await.unwrap();
    feed.send(Ok("one".into())).unwrap();
    assert_eq!(invoice.chunk().await.unwrap().unwrap(), "one");
    let error = invoice.chunk().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.status(), Some(StatusCode::OK));
    assert!(error.to_string().contains("no data from"), "{error}");
    assert!(error.to_string().contains("for 50ms"), "{error}");
}

#[tokio::test]
async fn an_incomplete_stream_ends_with_an_error() {
    let (server, feed) = streaming().await;
    let mut invoice = server
        .client()
        .await
        .get_invoice("1.pdf")
        .await
        .unwrap()
        .into_inner();
    feed.send(Ok("half".into())).unwrap();
    assert_eq!(invoice.chunk().await.unwrap().unwrap(), "half");
    feed.send(Err(io::Error::other("cut"))).unwrap();
    let error = invoice.chunk().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert_eq!(error.operation(), "get_invoice");
    assert_eq!(error.status(), Some(StatusCode::OK));
    assert!(invoice.chunk().await.is_none());
}

#[tokio::test]
async fn error_bodies_of_streaming_operations_are_decoded() {
    let server = Server::returning(404, &[], r#"{"message":"no invoice"}"#).await;
    let error = server
        .client()
        .await
        .get_invoice("1.pdf")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.into_body().unwrap().message, "no invoice");
}
