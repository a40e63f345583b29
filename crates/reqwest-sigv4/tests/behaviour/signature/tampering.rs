//! Received requests verify; requests changed after signing do not.

use reqwest::{Method, Request};
use reqwest_sigv4::SignOptions;

use crate::support::verifier::verify;
use crate::support::{Received, SECRET, Server, Watch, builder, client, signer, temporary_keys};

async fn sent(prepare: impl FnOnce(&mut Request)) -> Received {
    let server = Server::start().await;
    let mut request = Request::new(
        Method::POST,
        server.url("/prod/orders?b=2&a=1").parse().unwrap(),
    );
    request
        .headers_mut()
        .insert("content-type", "application/json".parse().unwrap());
    *request.body_mut() = Some(r#"{"item":"tea"}"#.into());
    let signer = builder().credentials(temporary_keys()).build().unwrap();
    signer.sign(&mut request).await.unwrap();
    prepare(&mut request);
    reqwest_sigv4::http_client()
        .unwrap()
        .execute(request)
        .await
        .unwrap();
    server.only()
}

#[tokio::test]
async fn an_untouched_request_verifies() {
    let received = sent(|_| ()).await;
    verify(&received, SECRET).unwrap();
    assert!(verify(&received, "another secret").is_err());
}

#[tokio::test]
async fn every_change_after_signing_is_detected() {
    type Change = fn(&mut Request);
    let changes: [(&str, Change); 8] = [
        ("method", |r| *r.method_mut() = Method::PUT),
        ("path", |r| r.url_mut().set_path("/prod/order")),
        ("query", |r| r.url_mut().set_query(Some("a=1&b=3"))),
        ("content-type", |r| {
            r.headers_mut()
                .insert("content-type", "text/plain".parse().unwrap());
        }),
        ("host", |r| {
            r.headers_mut()
                .insert("host", "other.example".parse().unwrap());
        }),
        ("date", |r| {
            r.headers_mut()
                .insert("x-amz-date", "20261122T120001Z".parse().unwrap());
        }),
        ("token", |r| {
            r.headers_mut()
                .insert("x-amz-security-token", "another".parse().unwrap());
        }),
        ("body", |r| *r.body_mut() = Some(r#"{"item":"ten"}"#.into())),
    ];
    for (name, change) in changes {
        assert!(verify(&sent(change).await, SECRET).is_err(), "{name}");
    }
}

#[tokio::test]
async fn a_new_key_is_derived_after_midnight() {
    let server = Server::start().await;
    let clock = Watch::noon();
    let http = client(builder().clock(clock.clone()).build().unwrap());
    for day in ["/20261122/", "/20261123/", "/20261124/"] {
        http.get(server.url("/o")).send().await.unwrap();
        let received = server.received().pop().unwrap();
        assert!(received.header("authorization").unwrap().contains(day));
        verify(&received, SECRET).unwrap();
        clock.advance(24 * 60 * 60);
    }
}

#[tokio::test]
async fn every_method_verifies() {
    let server = Server::start().await;
    let http = client(signer());
    for method in [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE",
    ] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        http.request(method, server.url("/o")).send().await.unwrap();
        verify(&server.received().pop().unwrap(), SECRET).unwrap();
    }
}

#[tokio::test]
async fn an_http_request_is_signed_in_the_same_way() {
    let url = "https://abc123.execute-api.eu-west-1.amazonaws.com:8443/prod//a%20b?q=a+b&k";
    let mut ours = Request::new(Method::PUT, url.parse().unwrap());
    *ours.body_mut() = Some("body".into());
    let mut plain = http::Request::put(url).body("body").unwrap();
    let signer = signer();
    signer.sign(&mut ours).await.unwrap();
    signer
        .sign_http(&mut plain, &SignOptions::new())
        .await
        .unwrap();
    assert_eq!(plain.uri().query(), ours.url().query());
    assert_eq!(
        plain.headers()["authorization"],
        ours.headers()["authorization"]
    );
}
