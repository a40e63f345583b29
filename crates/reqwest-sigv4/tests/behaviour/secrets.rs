//! Secrets appear on the wire only.

use reqwest::{Method, Request};
use reqwest_sigv4::{CachedCredentials, SignOptions, Signed};

use crate::support::trace::Trace;
use crate::support::{Server, builder, client, temporary_keys};

const SECRETS: [&str; 5] = [
    crate::support::SECRET,
    crate::support::TOKEN,
    "IQoJb3JpZ2luX2VjEA%2F%2B%3Dtoken%3D%3D",
    "s3cret-key",
    "s3cret-body",
];

#[track_caller]
fn assert_clean(text: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

fn request(url: &str) -> Request {
    let mut request = Request::new(Method::POST, url.parse().unwrap());
    let mut key = http::HeaderValue::from_static("s3cret-key");
    key.set_sensitive(true);
    request.headers_mut().insert("x-api-key", key);
    *request.body_mut() = Some("s3cret-body".into());
    request
}

#[tokio::test]
async fn a_signed_request_shows_neither_signature_nor_token() {
    let signer = builder().credentials(temporary_keys()).build().unwrap();
    let mut request = request("https://api.example.com/");
    signer.sign(&mut request).await.unwrap();
    assert!(request.headers()["authorization"].is_sensitive());
    assert!(request.headers()["x-amz-security-token"].is_sensitive());
    let shown = format!("{request:?}");
    assert_clean(&shown);
    assert!(!shown.contains("Signature="), "{shown}");
}

#[tokio::test]
async fn debug_output_shows_no_secret() {
    let server = Server::start().await;
    let builder = builder().credentials(temporary_keys());
    assert_clean(&format!("{builder:?}"));
    let signer = builder.build().unwrap();
    let options = SignOptions::new().credentials(temporary_keys());
    let cache = CachedCredentials::new(temporary_keys());
    assert_clean(&format!("{signer:?} {options:?} {cache:?}"));

    let response = client(signer)
        .execute(request(&server.url("/o")))
        .await
        .unwrap();
    let signed = Signed::of(&response).unwrap();
    assert_clean(&format!(
        "{signed:?} {} {response:?}",
        signed.canonical_request()
    ));
    assert!(
        signed
            .canonical_request()
            .contains("\nx-amz-security-token:**\n")
    );
}

#[tokio::test]
async fn tracing_at_trace_level_shows_no_secret() {
    let (trace, _guard) = Trace::start(tracing::Level::TRACE);

    let server = Server::start().await;
    let signer = builder().credentials(temporary_keys()).build().unwrap();
    let twice = reqwest_middleware::ClientBuilder::new(reqwest_sigv4::http_client().unwrap())
        .with(signer.clone())
        .with(signer.clone())
        .build();
    twice.execute(request(&server.url("/o"))).await.unwrap();
    let mut presigned = request("https://api.example.com/");
    signer
        .presign(&mut presigned, std::time::Duration::from_secs(60))
        .await
        .unwrap();

    let traced = trace.text();
    assert!(traced.contains("the request is signed twice"), "{traced}");
    assert_clean(&traced);
}
