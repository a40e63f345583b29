//! The hashed bytes are the bytes sent.

use bytes::Bytes;
use http_body_util::Full;
use reqwest::multipart::{Form, Part};
use reqwest::{Body, Method};
use reqwest_sigv4::{Error, Payload, ServiceProfile, SignOptions, Signer};
use sha2::{Digest, Sha256};

use crate::support::verifier::verify;
use crate::support::{Answer, SECRET, Server, builder, client, signer};

fn stream(text: &'static str) -> Body {
    Body::wrap(Full::new(Bytes::from_static(text.as_bytes())))
}

#[tokio::test]
async fn every_kind_of_body_in_memory_verifies() {
    let server = Server::start().await;
    let http = client(signer());
    let url = server.url("/o");
    let requests = [
        http.get(&url),
        http.post(&url),
        http.post(&url).body(""),
        http.post(&url).body("text"),
        http.post(&url).body(vec![0, 255, 10, 13]),
        http.post(&url).json(&["a", "ü"]),
        http.post(&url).form(&[("a", "b c")]),
        http.get(&url).body("a get with a body"),
        http.delete(&url).json(&1),
    ];
    for request in requests {
        request.send().await.unwrap();
        verify(&server.received().pop().unwrap(), SECRET).unwrap();
    }
}

#[tokio::test]
async fn a_stream_is_buffered_and_sent_with_its_length() {
    let server = Server::start().await;
    client(signer())
        .put(server.url("/o"))
        .body(stream("streamed"))
        .send()
        .await
        .unwrap();
    let received = server.only();
    assert_eq!(received.text(), "streamed");
    assert_eq!(received.header("content-length").unwrap(), "8");
    assert!(!received.chunked);
    verify(&received, SECRET).unwrap();
}

#[tokio::test]
async fn a_wrong_content_length_of_a_stream_is_corrected() {
    let server = Server::start().await;
    for (name, value) in [("content-length", "3"), ("transfer-encoding", "chunked")] {
        let request = client(signer()).put(server.url("/o")).header(name, value);
        request.body(stream("streamed")).send().await.unwrap();
        let received = server.received().pop().unwrap();
        assert_eq!(received.all("content-length"), ["8"], "{name}");
        assert!(!received.chunked, "{name}");
        assert_eq!(received.text(), "streamed");
    }
}

#[tokio::test]
async fn a_multipart_form_is_buffered_and_sent_with_its_length() {
    let server = Server::start().await;
    let form = Form::new()
        .text("name", "tea")
        .part("file", Part::bytes(vec![1; 1000]));
    client(signer())
        .post(server.url("/o"))
        .multipart(form)
        .send()
        .await
        .unwrap();
    let received = server.only();
    assert_eq!(
        received.header("content-length").unwrap(),
        received.body.len().to_string()
    );
    assert!(
        received
            .signed_headers()
            .contains(&"content-type".to_owned())
    );
    verify(&received, SECRET).unwrap();
}

#[tokio::test]
async fn a_stream_over_the_limit_is_an_error_and_is_not_sent() {
    let server = Server::start().await;
    let http = client(builder().body_limit(7).build().unwrap());
    let error = http
        .put(server.url("/o"))
        .body(stream("streamed"))
        .send()
        .await
        .unwrap_err();
    assert!(
        matches!(Error::find(&error), Some(Error::BodyTooLarge { limit: 7 })),
        "{error}"
    );
    http.put(server.url("/o"))
        .body("bytes have no limit")
        .send()
        .await
        .unwrap();
    assert_eq!(server.only().text(), "bytes have no limit");
}

#[tokio::test]
async fn a_failing_stream_is_an_error_with_its_source() {
    let server = Server::start().await;
    let broken =
        futures_util::stream::iter([Ok("some"), Err(std::io::Error::other("disk on fire"))]);
    let request = client(signer())
        .put(server.url("/o"))
        .body(Body::wrap_stream(broken));
    let error = request.send().await.unwrap_err();
    let error = Error::find(&error).unwrap();
    assert!(matches!(error, Error::Body(_)), "{error}");
    let mut chain = String::new();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        chain.push_str(&format!("{error};"));
        cause = error.source();
    }
    assert!(chain.contains("disk on fire"), "{chain}");
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn streams_can_be_rejected() {
    let server = Server::start().await;
    let http = client(builder().payload(Payload::BytesOnly).build().unwrap());
    let error = http
        .put(server.url("/o"))
        .body(stream("x"))
        .send()
        .await
        .unwrap_err();
    assert!(
        matches!(Error::find(&error), Some(Error::BodyIsStream)),
        "{error}"
    );
}

#[tokio::test]
async fn an_unsigned_payload_is_streamed_and_marked() {
    let server = Server::start().await;
    let http = client(builder().payload(Payload::Unsigned).build().unwrap());
    http.put(server.url("/o"))
        .body(stream("streamed"))
        .send()
        .await
        .unwrap();
    let received = server.only();
    assert_eq!(
        received.header("x-amz-content-sha256").unwrap(),
        "UNSIGNED-PAYLOAD"
    );
    assert_eq!(received.text(), "streamed");
    verify(&received, SECRET).unwrap();
}

#[tokio::test]
async fn a_stream_with_a_precomputed_hash_is_not_read() {
    let server = Server::start().await;
    let hash = Sha256::digest(b"streamed").into();
    for length in [None, Some("8")] {
        let stream = futures_util::stream::iter([Ok::<_, std::io::Error>("streamed")]);
        let mut request = client(signer())
            .put(server.url("/o"))
            .with_extension(SignOptions::new().payload(Payload::Precomputed(hash)));
        if let Some(length) = length {
            request = request.header("content-length", length);
        }
        request
            .body(Body::wrap_stream(stream))
            .send()
            .await
            .unwrap();
        let received = server.received().pop().unwrap();
        assert_eq!(received.text(), "streamed");
        assert_eq!(received.header("content-length").as_deref(), length);
        assert_eq!(received.chunked, length.is_none());
        verify(&received, SECRET).unwrap();
    }
}

#[tokio::test]
async fn a_buffered_body_can_be_sent_again() {
    let server = Server::answering(|_, before| match before {
        0 => Answer::new(307, "").header("location", "/elsewhere"),
        _ => Answer::ok(),
    })
    .await;
    client(signer())
        .put(server.url("/o"))
        .body(stream("streamed"))
        .send()
        .await
        .unwrap();
    let received = server.received();
    assert_eq!(received.len(), 2);
    for request in &received {
        assert_eq!(request.text(), "streamed");
        verify(request, SECRET).unwrap();
    }
}

#[tokio::test]
async fn services_receive_the_payload_header_that_they_require() {
    let server = Server::start().await;
    let hash_of_x = crate::support::verifier::hex(&Sha256::digest(b"x"));
    for (service, expected) in [
        (ServiceProfile::EXECUTE_API, None),
        (ServiceProfile::LAMBDA, None),
        (ServiceProfile::APPSYNC, None),
        (ServiceProfile::BEDROCK, None),
        (ServiceProfile::OPENSEARCH, None),
        (
            ServiceProfile::OPENSEARCH_SERVERLESS,
            Some(hash_of_x.as_str()),
        ),
        (ServiceProfile::VPC_LATTICE, Some("UNSIGNED-PAYLOAD")),
    ] {
        let signer = builder().service(service.clone()).build().unwrap();
        client(signer)
            .post(server.url("/o"))
            .body("x")
            .send()
            .await
            .unwrap();
        let received = server.received().pop().unwrap();
        assert_eq!(
            received.header("x-amz-content-sha256").as_deref(),
            expected,
            "{service:?}"
        );
        let scope = format!("/20261122/eu-west-1/{}/aws4_request", service.name());
        assert!(received.header("authorization").unwrap().contains(&scope));
        verify(&received, SECRET).unwrap();
    }
}

#[tokio::test]
async fn signing_without_middleware_buffers_streams() {
    let signer: Signer = signer();
    let mut request =
        reqwest::Request::new(Method::PUT, "https://api.example.com/".parse().unwrap());
    *request.body_mut() = Some(stream("streamed"));
    signer.sign(&mut request).await.unwrap();
    assert_eq!(request.body().unwrap().as_bytes(), Some(&b"streamed"[..]));
}
