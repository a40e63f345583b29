//! Successful responses.

use apigw_runtime::{Bytes, ErrorKind, Method, NoErrorBody, ResponseValue, StatusCode, Text};

use crate::orders::types::{Order, OrderPage};
use crate::server::{Server, fed, header, respond, whole};

#[tokio::test]
async fn json_is_decoded_and_status_and_headers_are_available() {
    let body = r#"{"items":[{"id":"o-1","total":2.5}],"nextToken":"n"}"#;
    let headers = [
        ("x-amzn-requestid", "id-1"),
        ("x-amzn-remapped-date", "yesterday"),
    ];
    let server = Server::returning(200, &headers, body).await;
    let page = server.client().await.get_orders().await.unwrap();
    assert_eq!(page.items.len(), 1);
    assert_eq!(page.next_token.as_deref(), Some("n"));
    assert_eq!(page.status(), StatusCode::OK);
    assert_eq!(page.request_id(), Some("id-1"));
    assert_eq!(page.header("Date"), Some("yesterday"));
    let expected = OrderPage {
        items: vec![Order {
            id: "o-1".into(),
            total: 2.5,
        }],
        next_token: Some("n".into()),
    };
    assert_eq!(page.into_inner(), expected);
}

#[tokio::test]
async fn a_response_contains_the_details_of_the_signature() {
    let server = Server::returning(200, &[], r#"{"items":[]}"#).await;
    let client = server.client().await;
    let page = client.get_orders().await.unwrap();
    let signed = page.signed().unwrap();
    assert_eq!(
        signed.signed_headers(),
        "host;x-amz-date;x-amz-security-token"
    );
    assert!(
        signed
            .credential_scope()
            .ends_with("/eu-west-2/execute-api/aws4_request"),
        "{signed:?}"
    );
    assert!(client.get_health().await.unwrap().signed().is_none());
}

#[tokio::test]
async fn a_body_without_a_schema_is_not_decoded() {
    let server = Server::returning(
        200,
        &[("content-type", "application/json")],
        r#"{"up":true}"#,
    )
    .await;
    let health = server.client().await.get_health().await.unwrap();
    assert_eq!(health.content_type(), Some("application/json"));
    assert_eq!(health.json::<serde_json::Value>().unwrap()["up"], true);
}

#[tokio::test]
async fn an_empty_body_decodes_as_unit_or_none() {
    let server = Server::returning(204, &[], "").await;
    let client = server.client().await;
    client.delete_order("o-1").await.unwrap();
    let none = client
        .request(Method::GET, "/maybe")
        .send::<Option<Order>, NoErrorBody>()
        .await
        .unwrap();
    assert_eq!(none.into_inner(), None);
}

#[tokio::test]
async fn plain_text_decodes_as_text() {
    let server = Server::returning(200, &[("content-type", "text/plain")], "a \"b\"").await;
    let client = server.client().await;
    let text: ResponseValue<Text> = client
        .request(Method::GET, "/t")
        .send::<_, NoErrorBody>()
        .await
        .unwrap();
    assert_eq!(&**text, "a \"b\"");
}

#[tokio::test]
async fn a_body_that_does_not_match_the_schema_is_an_error_with_its_path() {
    let server = Server::returning(
        200,
        &[
            ("content-type", "application/json"),
            ("x-amzn-requestid", "id-1"),
        ],
        r#"{"items":[{"id":"o-1","total":"2.5"}]}"#,
    )
    .await;
    let error = server.client().await.get_orders().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.status(), Some(StatusCode::OK));
    assert!(!error.is_retryable());
    assert_eq!(
        error.to_string(),
        "get_orders (GET /orders): 200 OK: the response body (application/json) does not match the spec \
         at `items[0].total`; regenerate the client from a current export, or read the raw bytes (request id id-1)"
    );
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(
        source.starts_with("invalid type: string \"2.5\", expected f64"),
        "{source}"
    );
    assert!(error.raw().unwrap().bytes().starts_with(b"{\"items\""));
}

#[tokio::test]
async fn redirects_are_not_followed_and_are_errors_unless_documented() {
    let server = Server::returning(
        302,
        &[("location", "https://elsewhere.example/x?secret=1")],
        "",
    )
    .await;
    let client = server.client().await;
    let call = client.request(Method::GET, "/go");
    let error = call.send_untyped().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Undocumented);
    assert_eq!(
        error.to_string(),
        "request (GET /go): 302 Found: the spec does not describe this response, \
         a redirect to https://elsewhere.example/x that was not followed; see `Error::raw`"
    );

    let response = call
        .success_status(StatusCode::FOUND)
        .send_untyped()
        .await
        .unwrap();
    assert_eq!(
        response.header("location"),
        Some("https://elsewhere.example/x?secret=1")
    );
}

/// `{"items":[]}`, compressed by Python's gzip module.
const COMPRESSED: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\x02\x03\xab\x56\xca\x2c\x49\xcd\x2d\x56\xb2\x8a\x8e\xad\x05\0\x1d\x1f\x43\xea\x0c\0\0\0";

/// Compresses responses if the client accepts gzip, like an API with a minimum compression size.
async fn compressing() -> Server {
    Server::start(|request| {
        let accepted = header(request, "accept-encoding").is_some_and(|e| e.contains("gzip"));
        Some(match accepted {
            true => http::Response::builder()
                .header("content-encoding", "gzip")
                .body(whole(COMPRESSED))
                .unwrap(),
            false => respond(200, &[], r#"{"items":[]}"#),
        })
    })
    .await
}

#[cfg(feature = "gzip")]
#[tokio::test]
async fn compressed_responses_are_requested_and_decompressed() {
    let server = compressing().await;
    let client = server.client().await;
    assert!(client.get_orders().await.unwrap().items.is_empty());
    let request = server.request();
    assert_eq!(header(&request, "accept-encoding"), Some("gzip"));
    let authorization = header(&request, "authorization").unwrap();
    assert!(
        !authorization.contains("accept-encoding"),
        "{authorization}"
    );

    let invoice = client.get_invoice("1").await.unwrap().into_inner();
    assert_eq!(invoice.collect_bytes().await.unwrap(), r#"{"items":[]}"#);
}

#[cfg(feature = "gzip")]
#[tokio::test]
async fn the_limit_applies_to_the_decompressed_body() {
    let server = compressing().await;
    let client = server.client().await;
    let with_limit = |bytes| client.get_orders().response_limit(bytes);
    with_limit(12).await.unwrap();
    let error = with_limit(11).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
}

#[cfg(not(feature = "gzip"))]
#[tokio::test]
async fn without_the_feature_compressed_responses_are_not_requested() {
    let server = compressing().await;
    let client = server.client().await;
    assert!(client.get_orders().await.unwrap().items.is_empty());
    assert_eq!(header(&server.request(), "accept-encoding"), None);
}

#[cfg(not(feature = "gzip"))]
#[tokio::test]
async fn without_the_feature_a_compressed_body_is_not_decompressed_and_decoding_fails() {
    let server = compressing().await;
    let client = server.client().await;
    let call = client.request(Method::GET, "/orders");
    let call = call.header("accept-encoding", "gzip");
    let body = call.send_untyped().await.unwrap();
    assert_eq!(body.header("content-encoding"), Some("gzip"));
    assert_eq!(body.bytes(), COMPRESSED);

    let error = client.get_orders().header("accept-encoding", "gzip");
    let error = error.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    let text = error.to_string();
    assert!(
        text.contains("compressed (gzip)") && text.contains("feature `gzip`"),
        "{text}"
    );
}

#[tokio::test]
async fn a_body_longer_than_the_limit_is_an_error() {
    let body = r#"{"items":[],"nextToken":"0123456789"}"#;
    let server = Server::returning(200, &[("x-amzn-requestid", "id-1")], body).await;
    let with_limit = |bytes| server.builder().response_limit(bytes).build();
    with_limit(37).await.unwrap().get_orders().await.unwrap();

    let client = with_limit(36).await.unwrap();
    let error = client.get_orders().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::TooLarge, 1));
    assert!(!error.is_retryable());
    assert!(error.raw().unwrap().bytes().len() <= 36);
    assert_eq!(
        error.to_string(),
        "get_orders (GET /orders): 200 OK: the response body is longer than 36 bytes; \
         increase `response_limit` or request less data (request id id-1)"
    );

    // a limit of one request, no limit, and a limit of zero
    client.get_orders().response_limit(37).await.unwrap();
    client
        .get_orders()
        .response_limit(usize::MAX)
        .await
        .unwrap();
    client.get_orders().response_limit(0).await.unwrap_err();
    let server = Server::returning(204, &[], "").await;
    let delete = server.client().await.delete_order("o-1");
    delete.response_limit(0).await.unwrap();
}

#[tokio::test]
async fn an_endless_body_is_an_error_at_the_limit() {
    let server = Server::start(|_| {
        let (feed, body) = fed();
        for _ in 0..64 {
            feed.send(Ok(Bytes::from_static(&[b' '; 1024]))).unwrap();
        }
        std::mem::forget(feed); // the body never ends
        Some(http::Response::new(body))
    })
    .await;
    let client = server.client().await;
    let call = client.get_orders().response_limit(16 * 1024);
    assert_eq!(call.await.unwrap_err().kind(), ErrorKind::TooLarge);

    // a stream is limited only when it is collected
    let invoice = || client.get_invoice("1").response_limit(16 * 1024);
    let mut chunks = invoice().await.unwrap().into_inner();
    let mut length = 0;
    while length < 64 * 1024 {
        length += chunks.chunk().await.unwrap().unwrap().len();
    }
    let whole = invoice().await.unwrap().into_inner().collect_bytes().await;
    assert_eq!(whole.unwrap_err().kind(), ErrorKind::TooLarge);
}

#[tokio::test]
async fn a_transient_error_with_a_long_body_is_retryable() {
    let server = Server::returning(503, &[], "<html>a very long page</html>").await;
    let client = server.builder().response_limit(8).build().await.unwrap();
    let error = client.get_orders().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert_eq!(error.status(), Some(StatusCode::SERVICE_UNAVAILABLE));
    assert!(error.is_retryable());
}
