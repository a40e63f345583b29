//! A WebSocket API: the handshake is signed in the URL or in the headers, and `@connections` answers it from the outside.

use std::time::Duration;

use apigw_local::LocalGateway;
use futures_util::{SinkExt, StreamExt};
use http::StatusCode;
use reqwest::{Method, Url};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use reqwest_sigv4::{Credentials, Refusal, RefusalReason, SignOptions, Signer};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// A WebSocket API that returns messages in upper case, and tells a connection its ID.
async fn gateway() -> LocalGateway {
    LocalGateway::builder()
        .stage("prod")
        .region("eu-west-1")
        .credentials("AKIDEXAMPLE", SECRET)
        .temporary_credentials("ASIAEXAMPLE", SECRET, "a/token+with=signs")
        .websocket(|id, message| {
            Some(match message {
                "id" => id.to_owned(),
                message => message.to_uppercase(),
            })
        })
        .start()
        .await
        .unwrap()
}

fn signer(key: &str, secret: &str, token: Option<&str>) -> Signer {
    let token = token.map(str::to_owned);
    Signer::builder()
        .credentials(Credentials::new(key, secret, token, None, "test"))
        .region("eu-west-1")
        .build()
        .unwrap()
}

fn ours() -> Signer {
    signer("AKIDEXAMPLE", SECRET, None)
}

fn socket_url(gateway: &LocalGateway) -> String {
    gateway.endpoint().replace("http://", "ws://")
}

async fn presigned(gateway: &LocalGateway, signer: &Signer) -> Url {
    let url = socket_url(gateway).parse().unwrap();
    let mut request = reqwest::Request::new(Method::GET, url);
    let life = Duration::from_secs(60);
    signer.presign(&mut request, life).await.unwrap();
    request.url().clone()
}

async fn open(gateway: &LocalGateway) -> Socket {
    let url = presigned(gateway, &ours()).await;
    connect_async(url.as_str()).await.unwrap().0
}

async fn next(socket: &mut Socket) -> Option<Message> {
    let message = tokio::time::timeout(Duration::from_secs(10), socket.next());
    message.await.unwrap().map(Result::unwrap)
}

async fn ask(socket: &mut Socket, message: &str) -> String {
    socket.send(Message::text(message)).await.unwrap();
    next(socket).await.unwrap().into_text().unwrap().to_string()
}

fn http() -> ClientWithMiddleware {
    ClientBuilder::new(reqwest_sigv4::http_client().unwrap())
        .with(ours())
        .build()
}

/// The URL of a connection. `push` encodes the ID.
fn connection(gateway: &LocalGateway, id: &str) -> Url {
    let mut url: Url = gateway.endpoint().parse().unwrap();
    let mut path = url.path_segments_mut().unwrap();
    path.push("@connections").push(id);
    drop(path);
    url
}

#[tokio::test]
async fn a_presigned_url_opens_a_connection() {
    let gateway = gateway().await;
    let temporary = signer("ASIAEXAMPLE", SECRET, Some("a/token+with=signs"));
    for signer in [ours(), temporary] {
        let url = presigned(&gateway, &signer).await;
        let (mut socket, response) = connect_async(url.as_str()).await.unwrap();
        assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
        assert_eq!(ask(&mut socket, "hello").await, "HELLO");
        assert_eq!(ask(&mut socket, "grüße").await, "GRÜSSE");
        socket.close(None).await.unwrap();
    }
    assert_eq!(gateway.exchanges().len(), 2);
    assert!(gateway.exchanges().iter().all(|e| e.refusal.is_none()));
}

#[tokio::test]
async fn signed_headers_open_a_connection() {
    let gateway = gateway().await;
    let handshake = socket_url(&gateway).into_client_request().unwrap();
    let mut handshake = handshake.map(|()| "");
    let options = SignOptions::new();
    ours().sign_http(&mut handshake, &options).await.unwrap();
    let (mut socket, _) = connect_async(handshake.map(|_| ())).await.unwrap();
    assert_eq!(ask(&mut socket, "hello").await, "HELLO");
}

#[tokio::test]
async fn a_refused_handshake_is_explained() {
    let gateway = gateway().await;
    let other = signer("AKIDEXAMPLE", "another secret", None);
    let unsigned = socket_url(&gateway).parse().unwrap();
    for (url, reason) in [
        (
            presigned(&gateway, &other).await,
            RefusalReason::SignatureMismatch,
        ),
        (unsigned, RefusalReason::MissingAuthenticationToken),
    ] {
        let Err(Error::Http(response)) = connect_async(url.as_str()).await else {
            panic!("the handshake was accepted");
        };
        let body = response.body().as_deref().unwrap_or_default();
        let refusal = Refusal::from_parts(response.status(), response.headers(), body).unwrap();
        assert_eq!(*refusal.reason(), reason);
    }
}

#[tokio::test]
async fn a_message_is_posted_to_a_connection_whose_id_ends_with_an_equals_sign() {
    let gateway = gateway().await;
    let mut socket = open(&gateway).await;
    let id = ask(&mut socket, "id").await;
    assert!(id.ends_with('='), "{id}");

    let written = connection(&gateway, &id);
    let encoded = format!(
        "{}/@connections/{}",
        gateway.endpoint(),
        id.replace('=', "%3D")
    );
    let twice = format!(
        "{}/%40connections/{}",
        gateway.endpoint(),
        id.replace('=', "%3D")
    );
    for url in [written.as_str(), &encoded, &twice] {
        let response = http().post(url).body("news").send().await.unwrap();
        assert_eq!(response.status(), 200, "{url}");
        let news = next(&mut socket).await.unwrap();
        assert_eq!(news, Message::text("news"));
    }

    let response = http().get(written).send().await.unwrap();
    let description: serde_json::Value = response.json().await.unwrap();
    assert_eq!(description["identity"]["sourceIp"], "127.0.0.1");
}

#[tokio::test]
async fn a_deleted_connection_is_closed_and_then_gone() {
    let gateway = gateway().await;
    let mut socket = open(&gateway).await;
    let id = ask(&mut socket, "id").await;
    let url = connection(&gateway, &id);
    let response = http().delete(url.clone()).send().await.unwrap();
    assert_eq!(response.status(), 204);
    assert!(matches!(next(&mut socket).await, Some(Message::Close(_))));
    assert_eq!(next(&mut socket).await, None);

    // the gateway forgets the connection when it has seen the end of it
    let mut tries = 0..1000;
    while http()
        .post(url.clone())
        .body("x")
        .send()
        .await
        .unwrap()
        .status()
        != 410
    {
        tries.next().unwrap();
    }
    let unknown = connection(&gateway, "nobody=");
    let response = http().post(unknown).body("x").send().await.unwrap();
    assert_eq!(response.headers()["x-amzn-errortype"], "GoneException");
}

#[tokio::test]
async fn connections_are_managed_with_a_signature_only() {
    let gateway = gateway().await;
    let mut socket = open(&gateway).await;
    let id = ask(&mut socket, "id").await;
    let request = http().post(connection(&gateway, &id)).body("x");
    let response = request
        .with_extension(SignOptions::skip())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 403);
}

#[tokio::test]
async fn a_message_that_is_too_long_closes_the_connection() {
    let gateway = gateway().await;
    let mut socket = open(&gateway).await;
    let long = "x".repeat(129 * 1024);
    socket.send(Message::text(long)).await.unwrap();
    match next(&mut socket).await {
        Some(Message::Close(Some(frame))) => assert_eq!(u16::from(frame.code), 1009),
        other => panic!("{other:?}"),
    }
}
