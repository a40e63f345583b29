//! Errors of requests: kinds, messages and sources.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use apigw_runtime::{Bytes, Error, ErrorKind, Method, StatusCode};
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use reqwest_middleware::{Middleware, Next};

use crate::orders::operations::GetOrderError;
use crate::orders::types::{Conflict, NewOrder, Problem};
use crate::server::{Server, closed_port, fed, whole};

const ID: (&str, &str) = ("x-amzn-requestid", "id-1");

fn sources(error: &dyn std::error::Error) -> Vec<String> {
    let mut sources = Vec::new();
    let mut next = error.source();
    while let Some(source) = next {
        sources.push(source.to_string());
        next = source.source();
    }
    sources
}

#[tokio::test]
async fn a_documented_error_body_is_typed_by_status() {
    let server = Server::returning(404, &[ID], r#"{"message":"no order o-1"}"#).await;
    let error = server.client().await.get_order("o-1").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.status(), Some(StatusCode::NOT_FOUND));
    assert_eq!(error.request_id(), Some("id-1"));
    assert_eq!(error.operation(), "get_order");
    assert_eq!(
        error.to_string(),
        "get_order (GET /orders/{order_id}): 404 Not Found: documented error, \"no order o-1\"; \
         see `Error::body` (request id id-1)"
    );
    assert!(error.source().is_none());
    assert!(!error.is_retryable());
    let problem = Problem {
        message: "no order o-1".into(),
    };
    assert!(matches!(error.into_body(), Some(GetOrderError::Status404(found)) if found == problem));

    let server = Server::returning(409, &[], r#"{"existing":"o-0"}"#).await;
    let error = server.client().await.get_order("o-1").await.unwrap_err();
    let conflict = Conflict {
        existing: "o-0".into(),
    };
    assert!(matches!(error.body(), Some(GetOrderError::Status409(found)) if *found == conflict));
}

#[tokio::test]
async fn debug_formats_the_message_and_its_sources() {
    let server =
        Server::returning(404, &[("content-type", "text/html")], "<html>lost</html>").await;
    let error = server.client().await.get_order("o-1").await.unwrap_err();
    let mut expected = error.to_string();
    for source in sources(&error) {
        expected += &format!(": {source}");
    }
    assert_eq!(format!("{error:?}"), expected);
    assert!(format!("{error:#?}").contains("status: 404"));
}

#[tokio::test]
async fn a_documented_status_with_an_invalid_body_keeps_its_kind() {
    let server =
        Server::returning(404, &[("content-type", "text/html")], "<html>lost</html>").await;
    let error = server.client().await.get_order("o-1").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(
        error
            .to_string()
            .contains("404 Not Found: the response body (text/html) does not match the spec"),
        "{error}"
    );
    assert!(error.source().unwrap().is::<serde_json::Error>());
    assert_eq!(error.raw().unwrap().bytes(), "<html>lost</html>");
}

#[tokio::test]
async fn an_undocumented_status_keeps_the_raw_body() {
    let server = Server::returning(418, &[ID], r#"{"message":"short\nand stout"}"#).await;
    let error = server.client().await.get_order("o-1").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ClientError);
    assert!(error.body().is_none());
    assert_eq!(
        error.to_string(),
        "get_order (GET /orders/{order_id}): 418 I'm a teapot: the spec does not describe this response, \
         \"short\"; see `Error::raw` (request id id-1)"
    );
    assert_eq!(
        error.into_untyped().raw().unwrap().bytes(),
        r#"{"message":"short\nand stout"}"#
    );
}

#[tokio::test]
async fn a_refusal_has_the_reason_the_fix_and_the_documented_body() {
    let message = "The request signature we calculated does not match the signature you provided.\\n\\n\
                   The Canonical String for this request should have been\\n'GET\\nx-amz-security-token:TOKENEXAMPLE'";
    let body = format!("{{\"message\":\"{message}\"}}");
    let headers = [ID, ("x-amzn-errortype", "InvalidSignatureException")];
    let server = Server::returning(403, &headers, &body).await;
    let error = server.client().await.get_orders().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.is_refused() && !error.is_retryable());
    assert_eq!(error.error_type(), Some("InvalidSignatureException"));
    let line = error.to_string();
    let start = "get_orders (GET /orders): 403 InvalidSignatureException: the signature does not match; check AWS_SECRET_ACCESS_KEY";
    assert!(line.starts_with(start), "{line}");
    assert!(
        line.ends_with("(request id id-1)") && !line.contains('\n'),
        "{line}"
    );
    for printed in [line, format!("{error:?}")] {
        assert!(!printed.contains("TOKENEXAMPLE"), "{printed}");
    }
    assert!(
        error
            .body()
            .unwrap()
            .message
            .starts_with("The request signature")
    ); // it matches the schema of the documented error
}

#[tokio::test]
async fn a_request_changed_in_transit_is_reported_with_the_line_that_differs() {
    // responds like API Gateway to a request that arrived with another path
    let server = Server::start(|request| {
        let header = |name: &str| request.headers()[name].to_str().unwrap();
        let signed_headers = "host;x-amz-date;x-amz-security-token";
        assert!(header("authorization").contains(&format!("SignedHeaders={signed_headers},")));
        let canonical = format!(
            "GET\n/prod/changed\n\nhost:{}\nx-amz-date:{}\nx-amz-security-token:TOKENEXAMPLE\n\n{signed_headers}\n{EMPTY}",
            header("host"),
            header("x-amz-date"),
        );
        let message = format!(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key \
             and signing method. Consult the service documentation for details.\n\n\
             The Canonical String for this request should have been\n'{canonical}'\n\n\
             The String-to-Sign should have been\n'AWS4-HMAC-SHA256\n...'\n"
        );
        let body = serde_json::json!({ "message": message }).to_string();
        let response = http::Response::builder().status(403);
        let response = response.header("x-amzn-errortype", "InvalidSignatureException");
        Some(response.body(whole(body)).unwrap())
    })
    .await;
    let error = server.client().await.get_orders().await.unwrap_err();
    let line = error.to_string();
    assert!(
        line.contains("/prod/changed") && line.contains("/prod/orders"),
        "{line}"
    );
    assert!(error.refusal().unwrap().difference().is_some());
    for printed in [line, format!("{error:?}")] {
        assert!(
            !printed.contains("TOKENEXAMPLE") && !printed.contains('\n'),
            "{printed}"
        );
    }
}

/// The SHA-256 of an empty body (`printf '' | sha256sum`).
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

#[tokio::test]
async fn throttling_is_retryable_but_an_exceeded_quota_is_not() {
    let error_type = |name| [("x-amzn-errortype", name)];
    let server = Server::returning(
        429,
        &error_type("TooManyRequestsException"),
        r#"{"message":"Too Many Requests"}"#,
    )
    .await;
    let client = server.client().await;
    let order = NewOrder {
        sku: "tea".into(),
        quantity: 2,
    };
    let error = client.create_order(&order).await.unwrap_err();
    assert!(error.is_throttled() && error.is_retryable(), "{error:?}"); // POST too: the operation did not run

    let server = Server::returning(
        429,
        &error_type("LimitExceededException"),
        r#"{"message":"Limit Exceeded"}"#,
    )
    .await;
    let error = server.client().await.get_orders().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn throttling_by_the_backend_is_throttling() {
    let server = Server::returning(429, &[], "slow down").await;
    let error = server.client().await.get_orders().await.unwrap_err();
    assert!(error.is_throttled() && error.is_retryable(), "{error:?}");
    assert!(
        error
            .to_string()
            .contains("rate limit exceeded; slow down, or request a higher limit"),
        "{error}"
    );
}

#[tokio::test]
async fn server_errors_are_retryable_only_for_idempotent_methods() {
    for status in [500, 502, 503] {
        let server = Server::returning(status, &[], r#"{"fault":"x"}"#).await;
        let client = server.client().await;
        for (method, retryable) in [
            (Method::GET, true),
            (Method::PUT, true),
            (Method::DELETE, true),
            (Method::POST, false),
            (Method::PATCH, false),
        ] {
            let error = client
                .request(method.clone(), "/x")
                .send_untyped()
                .await
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ServerError);
            assert_eq!(error.is_retryable(), retryable, "{status} {method}");
        }
    }
}

#[tokio::test]
async fn kinds_follow_the_status_whether_the_spec_describes_it_or_not() {
    let documented = r#"{"message":"no"}"#; // by `get_order` for 404
    for (status, body, kind, client, service) in [
        (404, documented, ErrorKind::NotFound, true, false),
        (404, "<html>", ErrorKind::NotFound, true, false),
        (410, "{}", ErrorKind::NotFound, true, false),
        (400, "{}", ErrorKind::ClientError, true, false),
        (412, "{}", ErrorKind::ClientError, true, false),
        (403, "{}", ErrorKind::ClientError, true, false),
        (429, "{}", ErrorKind::Throttled, false, false),
        (500, "{}", ErrorKind::ServerError, false, true),
        (501, "{}", ErrorKind::ServerError, false, true),
        (503, "{}", ErrorKind::ServerError, false, true),
        (302, "{}", ErrorKind::Undocumented, false, false),
    ] {
        let server = Server::returning(status, &[], body).await;
        let error = server.client().await.get_order("o-1").await.unwrap_err();
        let place = format!("{status} {body}: {error}");
        assert_eq!(error.kind(), kind, "{place}");
        assert_eq!(error.is_client_error(), client, "{place}");
        assert_eq!(error.is_server_error(), service, "{place}");
        assert_eq!(error.is_not_found(), kind == ErrorKind::NotFound, "{place}");
    }
}

#[tokio::test]
async fn the_text_and_is_retryable_give_the_same_advice() {
    let cut = Server::start(|_| {
        let (feed, body) = fed();
        feed.send(Err(io::Error::other("cut"))).unwrap();
        Some(http::Response::new(body))
    })
    .await;
    let unavailable = Server::returning(503, &[], "").await;
    let html = Server::returning(503, &[], "<html>").await;
    let late = Server::returning(504, &[], r#"{"message":"Endpoint request timed out"}"#).await;
    for server in [cut, unavailable, html, late] {
        let client = server.client().await;
        for (method, retryable) in [(Method::GET, true), (Method::POST, false)] {
            let call = client.request(method, "/x");
            let error = call.send_untyped().await.unwrap_err();
            assert_eq!(error.is_retryable(), retryable, "{error}");
            let text = error.to_string();
            assert_eq!(text.contains("send the request again"), retryable, "{text}");
            let careful = text.contains("repeat it only if it can safely run twice");
            assert_eq!(careful, !retryable, "{text}");
        }
    }
}

#[tokio::test]
async fn the_status_is_known_if_only_the_body_is_late() {
    let server = Server::start(|_| {
        let (feed, body) = fed();
        std::mem::forget(feed); // the body never ends
        let response = http::Response::builder().status(404).header(ID.0, ID.1);
        Some(response.body(body).unwrap())
    })
    .await;
    let limit = Duration::from_millis(200);
    let client = server.builder().total_timeout(limit).build().await.unwrap();
    let error = client.get_order("o-1").await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(error.status(), Some(StatusCode::NOT_FOUND));
    assert_eq!(error.request_id(), Some("id-1"));

    let client = server.builder().timeout(limit).build().await.unwrap();
    let error = client.get_invoice("1.pdf").await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(error.status(), Some(StatusCode::NOT_FOUND));
}

#[tokio::test]
async fn a_gateway_timeout_is_a_timeout() {
    let server = Server::returning(504, &[], r#"{"message":"Endpoint request timed out"}"#).await;
    let error = server.client().await.get_health().await.unwrap_err();
    assert!(error.is_timeout() && error.is_retryable());
    assert_eq!(error.status(), Some(StatusCode::GATEWAY_TIMEOUT));
}

#[tokio::test]
async fn a_timeout_error_contains_the_limit() {
    let server = Server::start(|_| None).await;
    let client = server
        .builder()
        .timeout(Duration::from_millis(40))
        .build()
        .await
        .unwrap();
    let error = client.get_orders().await.unwrap_err();
    assert!(error.is_timeout() && error.is_retryable());
    assert_eq!(error.status(), None);
    let expected = format!(
        "get_orders (GET /orders): no complete response from {} within 40ms; increase `timeout` if the operation takes longer",
        server.address()
    );
    assert_eq!(error.to_string(), expected);

    let error = client.get_invoice("x").await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");

    let call = client.get_orders().timeout(Duration::from_millis(50));
    assert!(call.await.unwrap_err().to_string().contains("within 50ms"));
}

#[tokio::test]
async fn a_failed_connection_names_the_server_and_is_retryable_for_any_method() {
    let (_bound, address) = closed_port();
    let server = Server::returning(200, &[], "").await;
    let client = server
        .builder()
        .endpoint(format!("http://{address}/prod"))
        .build()
        .await
        .unwrap();
    let order = NewOrder {
        sku: "tea".into(),
        quantity: 2,
    };
    let error = client.create_order(&order).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(error.is_retryable());
    assert_eq!(
        error.to_string(),
        format!(
            "create_order (POST /orders): cannot connect to {address}; check the endpoint, the network and the proxy"
        )
    );
    let sources = sources(&error);
    assert!(
        sources.iter().any(|source| source.contains("refused")),
        "{sources:?}"
    );
}

#[tokio::test]
async fn an_incomplete_body_is_a_connection_error_with_the_received_bytes() {
    let server = Server::start(|_| {
        let (feed, body) = fed();
        feed.send(Ok(Bytes::from_static(b"{\"items\":"))).unwrap();
        feed.send(Err(io::Error::other("cut"))).unwrap();
        Some(
            http::Response::builder()
                .header(ID.0, ID.1)
                .body(body)
                .unwrap(),
        )
    })
    .await;
    let client = server.client().await;
    let error = client.get_orders().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(error.is_retryable());
    assert_eq!(error.request_id(), Some("id-1"));
    assert_eq!(error.raw().unwrap().bytes(), "{\"items\":");

    let error = client
        .request(Method::POST, "/x")
        .send_untyped()
        .await
        .unwrap_err();
    assert!(!error.is_retryable()); // the operation has run
}

/// A provider without credentials.
#[derive(Debug)]
struct NoCredentials;

impl ProvideCredentials for NoCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Err(CredentialsError::not_loaded("nothing configured")))
    }
}

#[tokio::test]
async fn missing_credentials_are_a_signing_error_and_nothing_is_sent() {
    let server = Server::returning(200, &[], "").await;
    let client = server
        .builder()
        .credentials(NoCredentials)
        .build()
        .await
        .unwrap();
    let error = client.get_orders().await.unwrap_err();
    assert!(error.is_signing() && !error.is_retryable());
    assert!(error.signing_error().unwrap().is_credentials());
    let line = error.to_string();
    assert!(
        line.starts_with("get_orders (GET /orders): signing failed: "),
        "{line}"
    );
    let sources = sources(&error);
    assert!(
        sources
            .iter()
            .any(|source| source.contains("nothing configured")),
        "{sources:?}"
    );
    assert!(server.requests().is_empty());

    client.get_health().await.unwrap(); // not signed
}

/// A middleware that fails.
struct Failing;

#[async_trait::async_trait]
impl Middleware for Failing {
    async fn handle(
        &self,
        _: reqwest::Request,
        _: &mut http::Extensions,
        _: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        Err(reqwest_middleware::Error::middleware(io::Error::other(
            "circuit open",
        )))
    }
}

#[tokio::test]
async fn a_middleware_error_has_its_own_kind_and_is_the_source() {
    let server = Server::returning(200, &[], "").await;
    let client = server.builder().middleware(Failing).build().await.unwrap();
    let error = client.get_orders().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Middleware);
    assert_eq!(error.source().unwrap().to_string(), "circuit open");
}

/// A middleware that wraps the errors of inner ones, like retry middleware.
struct Wrapping;

#[derive(Debug, thiserror::Error)]
#[error("gave up after 3 attempts")]
struct GaveUp(#[source] reqwest_middleware::Error);

#[async_trait::async_trait]
impl Middleware for Wrapping {
    async fn handle(
        &self,
        request: reqwest::Request,
        extensions: &mut http::Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        let result = next.run(request, extensions).await;
        result.map_err(|error| reqwest_middleware::Error::middleware(GaveUp(error)))
    }
}

#[tokio::test]
async fn wrapped_errors_are_classified_by_their_source() {
    let server = Server::start(|_| None).await;
    let builder = || server.builder().middleware(Wrapping);
    let (_bound, address) = closed_port();

    let client = builder()
        .timeout(Duration::from_millis(40))
        .build()
        .await
        .unwrap();
    assert!(client.get_orders().await.unwrap_err().is_timeout());

    let client = builder()
        .endpoint(format!("http://{address}"))
        .build()
        .await
        .unwrap();
    let error = client.get_orders().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert_eq!(sources(&error)[0], "gave up after 3 attempts");

    let client = builder().credentials(NoCredentials).build().await.unwrap();
    assert!(client.get_orders().await.unwrap_err().is_signing());
}

#[tokio::test]
async fn sources_do_not_contain_the_query() {
    let server = Server::returning(200, &[], "").await;
    let (_bound, address) = closed_port();
    let builder = || server.builder().endpoint(format!("http://{address}"));
    for builder in [builder(), builder().middleware(Wrapping)] {
        let client = builder.build().await.unwrap();
        let call = client.request(Method::GET, "/x");
        let error = call
            .query("token", "QUERYEXAMPLE")
            .send_untyped()
            .await
            .unwrap_err();
        let sources = sources(&error);
        assert!(!sources.is_empty());
        assert!(!sources.concat().contains("QUERYEXAMPLE"), "{sources:?}");
        assert!(!format!("{error:?}").contains("QUERYEXAMPLE"), "{error:?}");
    }
}

#[tokio::test]
async fn errors_of_all_operations_convert_to_one_type() {
    let server = Server::returning(404, &[], r#"{"message":"deleted"}"#).await;
    let client = server.client().await;
    let errors: [Error; 2] = [
        client.get_order("o-1").await.unwrap_err().into_untyped(),
        client.get_health().await.unwrap_err(),
    ];
    assert!(
        errors
            .iter()
            .all(|error| error.status() == Some(StatusCode::NOT_FOUND))
    );

    let mapped = client
        .get_order("o-1")
        .await
        .unwrap_err()
        .map(|body| matches!(body, GetOrderError::Status404(_)));
    assert_eq!(mapped.into_body(), Some(true));
}

#[test]
fn an_error_is_as_small_as_a_pointer() {
    assert_eq!(size_of::<Error<[u64; 64]>>(), size_of::<usize>());
}
