//! Server-sent events, JSON lines, and bodies by media type.

use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use apigw_runtime::{
    Bytes, ErrorKind, EventStream, JsonLines, Method, NoErrorBody, RawResponse, StatusCode,
};
use serde_json::{Value, json};

use crate::server::{Server, fed, whole};

/// Returns the events of a server that sends what it is fed.
async fn events<T: serde::de::DeserializeOwned + 'static>() -> (
    Server,
    tokio::sync::mpsc::UnboundedSender<io::Result<Bytes>>,
    EventStream<T>,
) {
    let (feed, body) = fed();
    let body = Mutex::new(Some(body));
    let server = Server::start(move |_| {
        let body = body.lock().unwrap().take().unwrap_or_else(|| whole(""));
        Some(http::Response::new(body))
    })
    .await;
    let call = server.client().await.request(Method::GET, "/events");
    let events = call.send_events::<T, NoErrorBody>().await.unwrap();
    (server, feed, events.into_inner())
}

#[tokio::test]
async fn events_arrive_before_the_response_ends() {
    let (_server, feed, mut events) = events::<Value>().await;
    feed.send(Ok("id: 7\nevent: made\ndata: {\"a\":1}\n\nda".into()))
        .unwrap();
    let event = events.next().await.unwrap().unwrap();
    assert_eq!((event.id.as_str(), event.event.as_str()), ("7", "made"));
    assert_eq!(event.data, json!({ "a": 1 }));
    feed.send(Ok("ta: 2\n\ndata: incomplete".into())).unwrap();
    drop(feed);
    let event = events.next().await.unwrap().unwrap();
    assert_eq!((event.event.as_str(), event.data), ("message", json!(2)));
    assert!(events.next().await.is_none());
    assert_eq!(events.last_event_id(), "7");
}

#[tokio::test]
async fn an_event_that_is_not_json_does_not_end_the_stream() {
    let (_server, feed, mut events) = events::<u8>().await;
    feed.send(Ok("data: [DONE]\n\ndata: 3\n\n".into())).unwrap();
    drop(feed);
    let error = events.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(events.next().await.unwrap().unwrap().data, 3);
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn an_event_longer_than_the_limit_ends_the_stream() {
    let long = format!("data: \"{}\"\n\n", "x".repeat(2000));
    let server = Server::returning(200, &[("content-type", "text/event-stream")], &long).await;
    let call = server
        .client()
        .await
        .request(Method::GET, "/events")
        .response_limit(1000);
    let mut events = call
        .send_events::<Value, NoErrorBody>()
        .await
        .unwrap()
        .into_inner();
    let error = events.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn a_reconnection_continues_after_the_last_event() {
    let requests = AtomicUsize::new(0);
    let server = Server::start(move |_| {
        let (status, body) = match requests.fetch_add(1, Relaxed) {
            0 => (200, "retry: 1\nid: a\ndata: 1\n\n"),
            1 => (200, "data: 2\n\n"),
            _ => (204, ""),
        };
        let response = http::Response::builder().status(status);
        Some(response.body(whole(body)).unwrap())
    })
    .await;
    let call = server.client().await.request(Method::GET, "/events");
    let events = call
        .send_events::<u8, NoErrorBody>()
        .await
        .unwrap()
        .into_inner();
    let mut events = events.reconnect();
    assert_eq!(events.next().await.unwrap().unwrap().data, 1);
    let second = events.next().await.unwrap().unwrap();
    assert_eq!((second.id.as_str(), second.data), ("a", 2));
    assert!(events.next().await.is_none());
    let last_ids: Vec<Option<String>> = server
        .requests()
        .iter()
        .map(|request| {
            let header = request.headers().get("last-event-id")?;
            Some(header.to_str().unwrap().to_owned())
        })
        .collect();
    let id = Some("a".to_owned());
    assert_eq!(last_ids, [None, id.clone(), id]);
}

#[tokio::test]
async fn without_being_asked_nothing_is_sent_again() {
    let server = Server::returning(200, &[], "data: 1\n\n").await;
    let call = server.client().await.request(Method::GET, "/events");
    let mut events = call
        .send_events::<u8, NoErrorBody>()
        .await
        .unwrap()
        .into_inner();
    assert_eq!(events.next().await.unwrap().unwrap().data, 1);
    assert!(events.next().await.is_none());
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn lines_are_read_one_by_one() {
    let body = "{\"a\":1}\r\n\n\u{1e}[2]\nno json\n3";
    let server = Server::returning(200, &[("content-type", "application/x-ndjson")], body).await;
    let call = server.client().await.request(Method::GET, "/rows");
    let mut lines: JsonLines<Value> = call
        .send_lines::<_, NoErrorBody>()
        .await
        .unwrap()
        .into_inner();
    assert_eq!(lines.next().await.unwrap().unwrap(), json!({ "a": 1 }));
    assert_eq!(lines.next().await.unwrap().unwrap(), json!([2]));
    assert_eq!(
        lines.next().await.unwrap().unwrap_err().kind(),
        ErrorKind::Decode
    );
    assert_eq!(lines.next().await.unwrap().unwrap(), json!(3));
    assert!(lines.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_of_events_ends_with_an_error() {
    let (_server, feed, mut events) = events::<u8>().await;
    feed.send(Ok("data: 1\n\n".into())).unwrap();
    assert_eq!(events.next().await.unwrap().unwrap().data, 1);
    let start = tokio::time::Instant::now();
    let error = events.next().await.unwrap().unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(
        start.elapsed().as_secs(),
        Duration::from_secs(300).as_secs()
    );
    drop(feed);
}

#[test]
fn the_content_type_selects_one_of_the_documented_bodies() {
    const KNOWN: &[&str] = &["application/json", "text/csv"];
    let of = |content_type: Option<&str>| {
        let mut headers = http::HeaderMap::new();
        if let Some(content_type) = content_type {
            headers.insert("content-type", content_type.parse().unwrap());
        }
        let response = RawResponse::new(StatusCode::OK, headers, "");
        apigw_runtime::codegen::media_type(&response, KNOWN)
    };
    for (content_type, index) in [
        (Some("application/json; charset=utf-8"), 0),
        (Some("application/hal+json"), 0),
        (Some("Text/CSV"), 1),
        (Some("application/octet-stream"), 0),
        (None, 0),
    ] {
        assert_eq!(of(content_type).unwrap(), index, "{content_type:?}");
    }
    let error = of(Some("image/png")).unwrap_err().to_string();
    assert!(
        error.contains("image/png") && error.contains("application/json, text/csv"),
        "{error}"
    );
}
