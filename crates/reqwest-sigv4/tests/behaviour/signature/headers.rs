//! Headers are signed if they arrive as they were sent.

use http::HeaderName;
use reqwest_sigv4::{Error, HeaderPolicy};

use crate::support::verifier::verify;
use crate::support::{SECRET, Server, builder, client, signer};

const UNSTABLE: [(&str, &str); 16] = [
    ("accept", "*/*"),
    ("accept-encoding", "gzip"),
    ("baggage", "a=b"),
    ("cache-control", "no-cache"),
    ("connection", "keep-alive"),
    ("content-length", "0"),
    ("cookie", "a=b"),
    ("forwarded", "for=x"),
    ("range", "bytes=0-1"),
    ("te", "trailers"),
    (
        "traceparent",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ),
    ("tracestate", "a=b"),
    ("user-agent", "mine/1"),
    ("via", "1.1 proxy"),
    ("x-amzn-trace-id", "Root=1"),
    ("x-forwarded-for", "10.0.0.1"),
];

#[tokio::test]
async fn headers_that_change_in_transit_are_sent_unsigned_under_every_policy() {
    let server = Server::start().await;
    let mut policy = HeaderPolicy::all();
    for (name, _) in UNSTABLE {
        policy = policy.also(HeaderName::from_static(name));
    }
    let http = client(builder().header_policy(policy).build().unwrap());
    let mut request = http.get(server.url("/o")).header("x-mine", "1");
    for (name, value) in UNSTABLE {
        request = request.header(name, value);
    }
    request.send().await.unwrap();
    let received = server.only();
    assert_eq!(received.signed_headers(), ["host", "x-amz-date", "x-mine"]);
    assert_eq!(received.header("traceparent").unwrap().len(), 55);
    verify(&received, SECRET).unwrap();
}

#[tokio::test]
async fn the_minimal_headers_are_signed_by_default() {
    let server = Server::start().await;
    client(signer())
        .post(server.url("/o"))
        .header("content-type", "text/plain")
        .header("x-api-key", "k3y")
        .header("x-amz-meta-a", "1")
        .header("x-mine", "1")
        .send()
        .await
        .unwrap();
    let received = server.only();
    assert_eq!(
        received.signed_headers(),
        [
            "content-type",
            "host",
            "x-amz-date",
            "x-amz-meta-a",
            "x-api-key"
        ]
    );
    assert_eq!(received.header("x-mine").unwrap(), "1");
    verify(&received, SECRET).unwrap();
}

#[tokio::test]
async fn additional_headers_are_signed_with_any_spacing_and_repetition() {
    let server = Server::start().await;
    let policy = HeaderPolicy::minimal().also(HeaderName::from_static("x-mine"));
    let http = client(builder().header_policy(policy).build().unwrap());
    for values in [
        &["  a   b "][..],
        &["2", "1"],
        &["\"a   b\""],
        &["b, a ,c"],
        &[""],
    ] {
        let mut request = http.get(server.url("/o"));
        for value in values {
            request = request.header("x-mine", *value);
        }
        request.send().await.unwrap();
        let received = server.received().pop().unwrap();
        assert!(received.signed_headers().contains(&"x-mine".to_owned()));
        verify(&received, SECRET).unwrap_or_else(|reason| panic!("{values:?}: {reason}"));
    }
}

#[tokio::test]
async fn an_ambiguous_value_is_an_error_only_if_it_is_signed() {
    let server = Server::start().await;
    let strict = client(
        builder()
            .header_policy(HeaderPolicy::all())
            .build()
            .unwrap(),
    );
    for value in [&b"a\tb"[..], b"caf\xe9", "ü".as_bytes()] {
        let error = strict
            .get(server.url("/o"))
            .header("x-mine", value)
            .send()
            .await
            .unwrap_err();
        let error = Error::find(&error).unwrap();
        assert!(
            matches!(error, Error::HeaderValue { name } if name == "x-mine"),
            "{error}"
        );
    }
    assert!(server.received().is_empty());
    client(signer())
        .get(server.url("/o"))
        .header("x-mine", &b"caf\xe9"[..])
        .send()
        .await
        .unwrap();
    verify(&server.only(), SECRET).unwrap();
}

#[tokio::test]
async fn every_x_amz_header_is_signed_or_rejected() {
    let error = client(signer())
        .get("http://127.0.0.1:9/")
        .header("x-amz-meta-a", "a\tb")
        .send()
        .await
        .unwrap_err();
    assert!(
        matches!(Error::find(&error), Some(Error::HeaderValue { .. })),
        "{error}"
    );
}
