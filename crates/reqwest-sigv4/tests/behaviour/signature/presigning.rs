//! A presigned URL is sufficient by itself, and expires no later than its credentials.

use std::time::Duration;

use reqwest::{Method, Request};
use reqwest_sigv4::{Credentials, Error, SignOptions};

use crate::support::verifier::verify;
use crate::support::{NOON, SECRET, Server, TOKEN, at, builder, signer, temporary_keys};

const MINUTE: Duration = Duration::from_secs(60);

fn get(url: &str) -> Request {
    Request::new(Method::GET, url.parse().unwrap())
}

fn parameter(request: &Request, name: &str) -> Option<String> {
    let mut pairs = request.url().query_pairs();
    pairs
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

#[tokio::test]
async fn a_get_of_the_url_verifies() {
    let server = Server::start().await;
    let signer = builder().credentials(temporary_keys()).build().unwrap();
    let mut request = get(&server.url("/prod/a%20b/x:y?q=a+b&t=a:b"));
    signer.presign(&mut request, MINUTE).await.unwrap();
    assert_eq!(parameter(&request, "X-Amz-Expires").unwrap(), "60");
    assert_eq!(parameter(&request, "X-Amz-SignedHeaders").unwrap(), "host");
    assert_eq!(parameter(&request, "X-Amz-Security-Token").unwrap(), TOKEN);
    assert!(request.headers().is_empty());

    reqwest::get(request.url().clone()).await.unwrap();
    let received = server.only();
    assert_eq!(
        received.target,
        request
            .url()
            .as_str()
            .strip_prefix(&server.url(""))
            .unwrap()
    );
    verify(&received, SECRET).unwrap();
}

#[tokio::test]
async fn headers_of_the_request_are_signed_and_must_be_sent() {
    let server = Server::start().await;
    let mut request = get(&server.url("/o"));
    request
        .headers_mut()
        .insert("x-api-key", "k3y".parse().unwrap());
    signer().presign(&mut request, MINUTE).await.unwrap();
    assert_eq!(
        parameter(&request, "X-Amz-SignedHeaders").unwrap(),
        "host;x-api-key"
    );
    reqwest_sigv4::http_client()
        .unwrap()
        .execute(request)
        .await
        .unwrap();
    verify(&server.only(), SECRET).unwrap();
}

#[tokio::test]
async fn a_websocket_handshake_can_be_presigned() {
    let url = "wss://abc123.execute-api.eu-west-1.amazonaws.com/prod";
    let mut handshake = http::Request::get(url).body("").unwrap();
    signer()
        .presign_http(&mut handshake, MINUTE, &SignOptions::new())
        .await
        .unwrap();
    let mut same = get(url);
    signer().presign(&mut same, MINUTE).await.unwrap();
    assert_eq!(handshake.uri().to_string(), same.url().as_str());

    // the scheme is not signed, so https has the same signature
    let mut https = get(&url.replace("wss", "https"));
    signer().presign(&mut https, MINUTE).await.unwrap();
    assert_eq!(
        parameter(&https, "X-Amz-Signature"),
        parameter(&same, "X-Amz-Signature")
    );
}

#[tokio::test]
async fn a_lifetime_out_of_range_is_an_error() {
    for life in [
        Duration::ZERO,
        Duration::from_millis(999),
        Duration::from_secs(604_801),
        Duration::MAX,
    ] {
        let error = signer()
            .presign(&mut get("https://api.example.com/"), life)
            .await
            .unwrap_err();
        assert!(
            matches!(error, Error::InvalidExpiry { expires_in } if expires_in == life),
            "{error}"
        );
    }
    for life in [Duration::from_secs(1), Duration::from_secs(604_800)] {
        signer()
            .presign(&mut get("https://api.example.com/"), life)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn the_url_expires_with_the_credentials() {
    for (left, expected) in [(30, Some("30")), (90, Some("60")), (0, None)] {
        let credentials =
            Credentials::new("AKIDEXAMPLE", SECRET, None, Some(at(NOON + left)), "test");
        let options = SignOptions::new().credentials(credentials);
        let mut request = get("https://api.example.com/");
        let outcome = signer().presign_with(&mut request, MINUTE, &options).await;
        match expected {
            Some(seconds) => {
                outcome.unwrap();
                assert_eq!(parameter(&request, "X-Amz-Expires").unwrap(), seconds);
            }
            None => assert!(matches!(outcome, Err(Error::CredentialsEnded))),
        }
    }
}

#[tokio::test]
async fn a_skipped_request_is_not_presigned() {
    let mut request = get("https://api.example.com/?q=a+b");
    signer()
        .presign_with(&mut request, MINUTE, &SignOptions::skip())
        .await
        .unwrap();
    assert_eq!(request.url().as_str(), "https://api.example.com/?q=a+b");
}
