//! The gateway rejects requests that were changed after signing.

use std::str;
use std::time::Duration;

use apigw_local::{LocalGateway, Refusal, RefusalKind};
use reqwest::Request;
use reqwest_sigv4::Signer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const OTHER_TOKEN: &str = "token/of/somebody/else";

/// Starts a gateway that requires a signature for every path, with its clock at noon or a little later.
async fn gateway_at(seconds_after_noon: u64) -> LocalGateway {
    let now = support::noon() + Duration::from_secs(seconds_after_noon);
    support::gateway()
        .stage("prod")
        .clock(now)
        .start()
        .await
        .unwrap()
}

/// Returns a signed request as HTTP/1.1, including host and length.
async fn signed(gateway: &LocalGateway) -> String {
    let url = gateway.endpoint() + "/orders/o-1?limit=10&status=PAID";
    let mut request = Request::new(http::Method::POST, url.parse().unwrap());
    let headers = request.headers_mut();
    headers.insert(
        "content-type",
        http::HeaderValue::from_static("application/json"),
    );
    headers.insert("x-amz-meta-owner", http::HeaderValue::from_static("ada"));
    headers.insert(
        "x-api-key",
        http::HeaderValue::from_static(support::API_KEY),
    );
    headers.insert("x-trace", http::HeaderValue::from_static("t-1"));
    *request.body_mut() = Some(r#"{"quantity":2}"#.into());
    let signer = Signer::builder()
        .region(support::REGION)
        .credentials(support::credentials())
        .clock(support::noon)
        .build()
        .unwrap();
    signer.sign(&mut request).await.unwrap();

    let url = request.url();
    let body = request.body().unwrap().as_bytes().unwrap();
    let mut text = format!(
        "{} {}?{} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\nconnection: close\r\n",
        request.method(),
        url.path(),
        url.query().unwrap(),
        gateway.address(),
        body.len(),
    );
    for (name, value) in request.headers() {
        text += &format!("{name}: {}\r\n", value.to_str().unwrap());
    }
    text + "\r\n" + str::from_utf8(body).unwrap()
}

/// Sends a request as it is, and returns the status and the refusal if there is one.
async fn send(gateway: &LocalGateway, request: &str) -> (u16, Option<Refusal>) {
    let mut stream = TcpStream::connect(gateway.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    let status = response.split(' ').nth(1).unwrap().parse().unwrap();
    (status, gateway.exchanges().pop().unwrap().refusal)
}

#[tokio::test]
async fn an_unchanged_request_is_accepted() {
    let gateway = gateway_at(0).await;
    let request = signed(&gateway).await;
    assert_eq!(send(&gateway, &request).await, (200, None));
}

#[tokio::test]
async fn every_change_of_a_signed_part_is_rejected() {
    let gateway = gateway_at(0).await;
    let request = signed(&gateway).await;
    let token = format!("x-amz-security-token: {}\r\n", support::SESSION_TOKEN);
    let host = format!("host: {}\r\n", gateway.address());
    let (head, _) = request.split_once("Signature=").unwrap();
    let signature = &request[head.len() + "Signature=".len()..][..64];
    let turned: String = signature.chars().rev().collect();

    for (what, before, after, kind) in [
        ("the method", "POST ", "PUT ", RefusalKind::InvalidSignature),
        (
            "the stage",
            "/prod/orders",
            "/prod/refunds",
            RefusalKind::InvalidSignature,
        ),
        ("the path", "/o-1?", "/o-2?", RefusalKind::InvalidSignature),
        (
            "the spelling of the path",
            "/o-1?",
            "/o%2D1?",
            RefusalKind::InvalidSignature,
        ),
        (
            "a slash at its end",
            "/o-1?",
            "/o-1/?",
            RefusalKind::InvalidSignature,
        ),
        (
            "a value of the query",
            "limit=10",
            "limit=1000",
            RefusalKind::InvalidSignature,
        ),
        (
            "a name of the query",
            "limit=",
            "Limit=",
            RefusalKind::InvalidSignature,
        ),
        (
            "a parameter more",
            "&status=PAID",
            "&status=PAID&a=b",
            RefusalKind::InvalidSignature,
        ),
        (
            "a parameter less",
            "&status=PAID",
            "",
            RefusalKind::InvalidSignature,
        ),
        (
            "the body",
            r#"{"quantity":2}"#,
            r#"{"quantity":9}"#,
            RefusalKind::InvalidSignature,
        ),
        (
            "the content type",
            "application/json",
            "application/xml",
            RefusalKind::InvalidSignature,
        ),
        (
            "a signed header",
            "x-amz-meta-owner: ada",
            "x-amz-meta-owner: eve",
            RefusalKind::InvalidSignature,
        ),
        (
            "a signed header gone",
            "x-amz-meta-owner: ada\r\n",
            "",
            RefusalKind::InvalidSignature,
        ),
        (
            "the API key",
            support::API_KEY,
            "key-of-somebody",
            RefusalKind::InvalidSignature,
        ),
        (
            "an x-amz header more",
            "x-trace: t-1",
            "x-amz-meta-role: admin",
            RefusalKind::InvalidSignature,
        ),
        (
            "the host",
            host.as_str(),
            "host: api.example.com\r\n",
            RefusalKind::InvalidSignature,
        ),
        (
            "the date",
            "20261122T120000Z",
            "20261122T120001Z",
            RefusalKind::InvalidSignature,
        ),
        (
            "the date gone",
            "x-amz-date: 20261122T120000Z\r\n",
            "",
            RefusalKind::IncompleteSignature,
        ),
        (
            "the token gone",
            token.as_str(),
            "",
            RefusalKind::UnrecognizedClient,
        ),
        (
            "the token",
            support::SESSION_TOKEN,
            OTHER_TOKEN,
            RefusalKind::UnrecognizedClient,
        ),
        (
            "the signature",
            signature,
            turned.as_str(),
            RefusalKind::InvalidSignature,
        ),
        (
            "the access key",
            "Credential=ASIAEXAMPLE",
            "Credential=ASIASTRANGER",
            RefusalKind::UnrecognizedClient,
        ),
        (
            "the day of the scope",
            "/20261122/",
            "/20261121/",
            RefusalKind::InvalidSignature,
        ),
        (
            "the region of the scope",
            "/eu-west-1/",
            "/eu-west-2/",
            RefusalKind::InvalidSignature,
        ),
        (
            "the service of the scope",
            "/execute-api/",
            "/s3/",
            RefusalKind::InvalidSignature,
        ),
        (
            "the signed headers",
            ";x-amz-meta-owner",
            "",
            RefusalKind::InvalidSignature,
        ),
    ] {
        assert_eq!(
            request.matches(before).count(),
            1,
            "{what}: {before} in {request}"
        );
        let tampered = request.replace(before, after);
        let (status, refusal) = send(&gateway, &tampered).await;
        let refusal = refusal.unwrap_or_else(|| panic!("{what}: accepted with {status}"));
        assert_eq!((status, refusal.kind()), (403, kind), "{what}: {refusal}");
    }
    // each was rejected because of its change only
    assert_eq!(send(&gateway, &request).await, (200, None));
}

#[tokio::test]
async fn unsigned_headers_can_change() {
    let gateway = gateway_at(0).await;
    let request = signed(&gateway)
        .await
        .replace("x-trace: t-1", "x-trace: t-2\r\nvia: 1.1 proxy");
    assert_eq!(send(&gateway, &request).await, (200, None));
}

#[tokio::test]
async fn a_signature_expires_after_five_minutes() {
    let gateway = gateway_at(0).await;
    let request = signed(&gateway).await;
    let (in_time, late) = (gateway_at(300).await, gateway_at(301).await);
    assert_eq!(send(&in_time, &request).await, (200, None));
    let (status, refusal) = send(&late, &request).await;
    let message = refusal.unwrap().message().to_owned();
    assert_eq!(status, 403);
    assert!(message.starts_with("Signature expired"), "{message}");
}
