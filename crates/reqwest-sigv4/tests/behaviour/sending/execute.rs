//! Requests are signed in every way of sending them, and otherwise unchanged.

use std::time::Duration;

use reqwest::{Method, Request};
use reqwest_sigv4::Signer;

use crate::support::verifier::verify;
use crate::support::{SECRET, Server, client, signer};

#[tokio::test]
async fn execute_signs_as_send_does() {
    let server = Server::start().await;
    let request = Request::new(Method::GET, server.url("/o?q=a+b").parse().unwrap());
    client(signer()).execute(request).await.unwrap();
    verify(&server.only(), SECRET).unwrap();
}

#[tokio::test]
async fn timeout_and_version_are_kept() {
    let mut request = Request::new(Method::GET, "https://api.example.com/".parse().unwrap());
    *request.timeout_mut() = Some(Duration::from_secs(7));
    *request.version_mut() = http::Version::HTTP_2;
    signer().sign(&mut request).await.unwrap();
    assert_eq!(request.timeout(), Some(&Duration::from_secs(7)));
    assert_eq!(request.version(), http::Version::HTTP_2);
}

#[tokio::test]
async fn a_timeout_applies_to_every_attempt() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let request = client(signer()).get(url).timeout(Duration::from_millis(50));
    let error = request.send().await.unwrap_err();
    assert!(
        matches!(&error, reqwest_middleware::Error::Reqwest(error) if error.is_timeout()),
        "{error}"
    );
}

#[test]
fn a_signer_can_be_shared_between_threads() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    shared::<Signer>();
}

#[test]
fn signing_needs_no_runtime() {
    let mut request = Request::new(Method::GET, "https://api.example.com/".parse().unwrap());
    let signer = signer();
    let mut signing = std::pin::pin!(signer.sign(&mut request));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(result) = std::future::Future::poll(signing.as_mut(), &mut context)
    else {
        panic!("fixed credentials should be ready at once");
    };
    result.unwrap();
}
