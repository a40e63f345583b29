//! Requests to hosts that are not allowed are not signed.

use crate::support::verifier::verify;
use crate::support::{SECRET, Server, builder, client, temporary_keys};

#[tokio::test]
async fn a_request_to_another_host_is_sent_unchanged() {
    let server = Server::start().await;
    let signer = builder()
        .credentials(temporary_keys())
        .allow_host("127.0.0.1")
        .private_api_id("abc")
        .build()
        .unwrap();
    let http = client(signer);

    http.get(server.url("/o")).send().await.unwrap();
    verify(&server.only(), SECRET).unwrap();

    http.get(format!("http://localhost:{}/o?q=a+b", server.port()))
        .send()
        .await
        .unwrap();
    let foreign = server.received().pop().unwrap();
    for name in [
        "authorization",
        "x-amz-date",
        "x-amz-security-token",
        "x-apigw-api-id",
    ] {
        assert_eq!(foreign.header(name), None);
    }
    assert_eq!(
        foreign.target, "/o?q=a+b",
        "an unsigned query is not rewritten"
    );
}
