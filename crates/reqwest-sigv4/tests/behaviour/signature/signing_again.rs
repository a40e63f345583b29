//! Signing again leaves one valid signature.

use reqwest::{Method, Request};
use reqwest_middleware::ClientBuilder;
use reqwest_sigv4::{Error, ExistingAuthorization};

use crate::support::verifier::verify;
use crate::support::{SECRET, Server, Watch, builder, client, signer, temporary_keys};

#[tokio::test]
async fn a_signed_request_signed_again_has_one_valid_signature() {
    let server = Server::start().await;
    let clock = Watch::noon();
    let first = builder().credentials(temporary_keys()).build().unwrap();
    let second = builder().clock(clock.clone()).build().unwrap();
    let mut request = Request::new(Method::GET, server.url("/o?a=1").parse().unwrap());
    first.sign(&mut request).await.unwrap();
    request
        .headers_mut()
        .insert("x-amz-content-sha256", "stale".parse().unwrap());
    clock.advance(60);
    second.sign(&mut request).await.unwrap();
    reqwest_sigv4::http_client()
        .unwrap()
        .execute(request)
        .await
        .unwrap();

    let received = server.only();
    assert_eq!(received.all("authorization").len(), 1);
    assert_eq!(received.all("x-amz-date"), ["20261122T120100Z"]);
    assert_eq!(
        received.header("x-amz-security-token"),
        None,
        "the new credentials have none"
    );
    assert_eq!(received.header("x-amz-content-sha256"), None);
    verify(&received, SECRET).unwrap();
}

#[tokio::test]
async fn signing_a_presigned_url_removes_the_old_parameters() {
    let server = Server::start().await;
    let mut request = Request::new(Method::GET, server.url("/o?a=1").parse().unwrap());
    let temporary = builder().credentials(temporary_keys()).build().unwrap();
    let five_minutes = std::time::Duration::from_secs(300);
    temporary.presign(&mut request, five_minutes).await.unwrap();
    temporary.presign(&mut request, five_minutes).await.unwrap();
    assert_eq!(
        request.url().query().unwrap().matches("X-Amz-Date").count(),
        1
    );
    assert_eq!(
        request
            .url()
            .query()
            .unwrap()
            .matches("X-Amz-Signature")
            .count(),
        1
    );

    signer().sign(&mut request).await.unwrap();
    assert_eq!(request.url().query(), Some("a=1"));
    reqwest_sigv4::http_client()
        .unwrap()
        .execute(request)
        .await
        .unwrap();
    verify(&server.only(), SECRET).unwrap();
}

#[tokio::test]
async fn with_two_signers_the_last_signature_is_sent() {
    let server = Server::start().await;
    let http = ClientBuilder::new(reqwest_sigv4::http_client().unwrap())
        .with(builder().region("us-east-1").build().unwrap())
        .with(signer())
        .build();
    http.get(server.url("/o")).send().await.unwrap();
    let received = server.only();
    assert_eq!(received.all("authorization").len(), 1);
    assert!(
        received
            .header("authorization")
            .unwrap()
            .contains("/eu-west-1/")
    );
    verify(&received, SECRET).unwrap();
}

#[tokio::test]
async fn another_authorization_is_rejected_unless_the_policy_allows_it() {
    let server = Server::start().await;
    let send = async |policy| {
        let http = client(builder().existing_authorization(policy).build().unwrap());
        let sent = http.get(server.url("/o")).bearer_auth("t0k3n").send().await;
        sent.map(|_| server.received().pop().unwrap())
    };

    let error = send(ExistingAuthorization::Error).await.unwrap_err();
    assert!(
        matches!(Error::find(&error), Some(Error::AuthorizationPresent)),
        "{error}"
    );
    assert!(server.received().is_empty());

    let replaced = send(ExistingAuthorization::Replace).await.unwrap();
    verify(&replaced, SECRET).unwrap();
    assert_eq!(replaced.header("x-original-authorization"), None);

    let kept = send(ExistingAuthorization::Keep).await.unwrap();
    verify(&kept, SECRET).unwrap();
    assert_eq!(
        kept.header("x-original-authorization").unwrap(),
        "Bearer t0k3n"
    );
    assert!(
        !kept
            .signed_headers()
            .contains(&"x-original-authorization".to_owned())
    );

    let skipped = send(ExistingAuthorization::Skip).await.unwrap();
    assert_eq!(skipped.all("authorization"), ["Bearer t0k3n"]);
    assert_eq!(skipped.header("x-amz-date"), None);
}
