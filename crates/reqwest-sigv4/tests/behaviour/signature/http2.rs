//! Signatures verify over HTTP/2, where `:authority` replaces the host.

use futures_util::future::join_all;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};

use crate::support::http2::Http2Server;
use crate::support::verifier::verify;
use crate::support::{Received, SECRET, builder, temporary_keys};

fn client() -> ClientWithMiddleware {
    let http = reqwest_sigv4::client_builder().http2_prior_knowledge();
    ClientBuilder::new(http.build().unwrap())
        .with(builder().credentials(temporary_keys()).build().unwrap())
        .build()
}

/// The request as a verifier sees it: the authority is the host.
fn with_host(mut received: Received) -> Received {
    let authority = received.header(":authority").unwrap();
    assert_eq!(received.header("host"), None, "sent twice");
    received
        .headers
        .push(("host".to_owned(), authority.into_bytes()));
    received
}

#[tokio::test]
async fn the_authority_is_signed_as_the_host() {
    let server = Http2Server::start().await;
    let request = client()
        .post(server.url("/prod/a%20b?q=a+b&k=*"))
        .header("content-type", "application/json")
        .body(r#"{"item":"tea"}"#);
    request.send().await.unwrap();

    let received = with_host(server.received().remove(0));
    assert_eq!(received.header("host"), Some(server.authority()));
    assert_eq!(received.target, "/prod/a%20b?q=a%20b&k=%2A");
    assert!(received.signed_headers().contains(&"host".to_owned()));
    verify(&received, SECRET).unwrap();
    assert!(verify(&received, "another secret").is_err());

    let mut elsewhere = received;
    elsewhere.headers.retain(|(name, _)| name != "host");
    let other = ("host".to_owned(), b"other.example".to_vec());
    elsewhere.headers.push(other);
    assert!(verify(&elsewhere, SECRET).is_err());
}

#[tokio::test]
async fn a_stream_is_hashed_and_sent_with_its_length() {
    let server = Http2Server::start().await;
    let pieces = ["one", "two"].map(Ok::<_, std::io::Error>);
    let body = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
    let request = client().put(server.url("/prod/report")).body(body);
    request.send().await.unwrap();
    let received = with_host(server.received().remove(0));
    assert_eq!(received.text(), "onetwo");
    assert_eq!(received.header("content-length").unwrap(), "6");
    verify(&received, SECRET).unwrap();
}

#[tokio::test]
async fn requests_on_one_connection_have_their_own_signatures() {
    let server = Http2Server::start().await;
    let http = client();
    http.get(server.url("/o?n=first")).send().await.unwrap();
    let calls = (0..32).map(|n| http.get(server.url(&format!("/o?n={n}"))).send());
    for response in join_all(calls).await {
        assert_eq!(response.unwrap().version(), reqwest::Version::HTTP_2);
    }
    let received = server.received();
    assert_eq!((received.len(), server.connections()), (33, 1));
    let mut signatures: Vec<String> = Vec::new();
    for request in received {
        let request = with_host(request);
        verify(&request, SECRET).unwrap();
        signatures.push(request.header("authorization").unwrap());
    }
    signatures.sort();
    signatures.dedup();
    assert_eq!(signatures.len(), 33);
}
