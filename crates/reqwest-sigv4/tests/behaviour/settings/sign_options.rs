//! Options of one request.

use reqwest_sigv4::{SignOptions, Signed};

use crate::support::verifier::verify;
use crate::support::{SECRET, Server, builder, client, signer};

#[tokio::test]
async fn a_request_can_be_skipped() {
    let server = Server::start().await;
    let request = client(signer())
        .get(server.url("/ping"))
        .bearer_auth("t0k3n");
    let response = request
        .with_extension(SignOptions::skip())
        .send()
        .await
        .unwrap();
    assert_eq!(
        server.only().header("authorization").unwrap(),
        "Bearer t0k3n"
    );
    assert!(Signed::of(&response).is_none());
}

#[tokio::test]
async fn skipped_requests_need_not_be_signable() {
    for (url, options) in [
        (
            "https://user:pa55@api.example.com/?q=%FF",
            SignOptions::skip(),
        ),
        ("data:text/plain,x", SignOptions::skip()),
        (
            "https://user:pa55@elsewhere.example/?q=%FF",
            SignOptions::new(),
        ),
    ] {
        let mut request = reqwest::Request::new(http::Method::GET, url.parse().unwrap());
        let signer = builder().allow_host("api.example.com").build().unwrap();
        signer.sign_with(&mut request, &options).await.unwrap();
        assert_eq!(request.url().as_str(), url);
        assert!(request.headers().is_empty());
    }
}

#[tokio::test]
async fn a_request_can_override_region_service_and_host() {
    let server = Server::start().await;
    let options = SignOptions::new()
        .region("US-East-2")
        .service("lambda")
        .signing_host("api.example.com");
    let request = client(signer()).get(server.url("/o"));
    let response = request.with_extension(options).send().await.unwrap();
    let signed = Signed::of(&response).unwrap();
    assert_eq!(
        signed.credential_scope(),
        "20261122/us-east-2/lambda/aws4_request"
    );
    assert!(
        signed
            .canonical_request()
            .contains("\nhost:api.example.com\n")
    );

    let mut received = server.only();
    assert!(
        verify(&received, SECRET).is_err(),
        "the host on the wire is different"
    );
    received
        .headers
        .iter_mut()
        .filter(|(name, _)| name == "host")
        .for_each(|(_, value)| {
            *value = b"api.example.com".to_vec();
        });
    verify(&received, SECRET).unwrap();
}

#[tokio::test]
async fn options_apply_to_one_request_only() {
    let server = Server::start().await;
    let http = client(signer());
    let other = http
        .get(server.url("/o"))
        .with_extension(SignOptions::new().region("us-east-2"));
    other.send().await.unwrap();
    http.get(server.url("/o")).send().await.unwrap();
    let received = server.received();
    for request in &received {
        verify(request, SECRET).unwrap(); // each with the key of its own Region
    }
    assert!(
        received[0]
            .header("authorization")
            .unwrap()
            .contains("/us-east-2/")
    );
    assert!(
        received[1]
            .header("authorization")
            .unwrap()
            .contains("/eu-west-1/")
    );
}
