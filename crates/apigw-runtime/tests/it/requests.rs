//! HTTP requests that clients send.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use apigw_runtime::{
    ApiClient, Client, ClientBuilder, ErrorKind, HeaderValue, Method, SignOptions,
};
use reqwest_middleware::{Middleware, Next};

use crate::orders::OrdersClient;
use crate::orders::types::{NewOrder, Status};
use crate::server::{Server, credentials, header};

const NO_ORDERS: &str = r#"{"items":[]}"#;

#[track_caller]
fn assert_signed(request: &crate::server::Request, scope: &str) {
    let authorization = header(request, "authorization").expect("signed");
    let expected = format!(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{}/{scope}/aws4_request",
        &date(request)[..8]
    );
    assert!(authorization.starts_with(&expected), "{authorization}");
}

fn date(request: &crate::server::Request) -> &str {
    header(request, "x-amz-date").expect("dated")
}

#[tokio::test]
async fn query_parameters_are_percent_encoded_and_keep_their_order() {
    let server = Server::returning(200, &[], NO_ORDERS).await;
    let client = server.client().await;
    client
        .get_orders()
        .limit(10)
        .status(Status::InTransit)
        .tag(&["a b+c", "d&e=f"])
        .fields(&["id", "total"])
        .await
        .unwrap();

    let request = server.request();
    assert_eq!(request.method(), "GET");
    assert_eq!(
        request.uri(),
        "/prod/orders?limit=10&status=in-transit&tag=a%20b%2Bc&tag=d%26e%3Df&fields=id%2Ctotal"
    );
    assert_eq!(header(&request, "accept"), Some("application/json"));
    assert_eq!(
        header(&request, "x-amz-security-token"),
        Some("TOKENEXAMPLE")
    );
    assert!(request.body().is_empty());
    assert_signed(&request, "eu-west-2/execute-api");
}

#[tokio::test]
async fn slashes_are_encoded_except_in_greedy_path_parameters() {
    let server = Server::returning(200, &[], r#"{"id":"x","total":1}"#).await;
    let client = server.client().await;
    client.get_order("a/b ü?#%2e").await.unwrap();
    client.get_invoice("2026/a b.pdf").await.unwrap();

    let requests = server.requests();
    assert_eq!(requests[0].uri(), "/prod/orders/a%2Fb%20%C3%BC%3F%23%252e");
    assert_eq!(requests[1].uri(), "/prod/invoices/2026/a%20b.pdf");
    assert_eq!(header(&requests[1], "accept"), Some("application/pdf"));
    assert_signed(&requests[0], "eu-west-2/execute-api");
}

#[tokio::test]
async fn a_json_body_is_sent_with_its_length_and_type() {
    let server = Server::returning(201, &[], r#"{"id":"o-1","total":2.5}"#).await;
    let client = server.client().await;
    let order = NewOrder {
        sku: "tea".into(),
        quantity: 2,
    };
    client.create_order(&order).await.unwrap();

    let request = server.request();
    assert_eq!(request.method(), "POST");
    assert_eq!(header(&request, "content-type"), Some("application/json"));
    assert_eq!(header(&request, "content-length"), Some("26"));
    assert_eq!(header(&request, "transfer-encoding"), None);
    assert_eq!(request.body(), r#"{"sku":"tea","quantity":2}"#.as_bytes());
    assert_signed(&request, "eu-west-2/execute-api");
}

#[tokio::test]
async fn every_kind_of_body_has_its_content_type() {
    let server = Server::returning(200, &[], "").await;
    let client = server.client().await;
    let post = || client.request(Method::POST, "/bodies");
    let form = [("name", "a b&c"), ("ü", "1")]
        .into_iter()
        .collect::<std::collections::BTreeMap<_, _>>();
    post().form(&form).send_untyped().await.unwrap();
    post().text("plain ü").send_untyped().await.unwrap();
    post()
        .bytes(&b"\x00\xff"[..], "application/pdf")
        .send_untyped()
        .await
        .unwrap();
    post()
        .header("content-type", "application/merge-patch+json")
        .json(&())
        .send_untyped()
        .await
        .unwrap();
    post().send_untyped().await.unwrap();

    let sent: Vec<_> = server
        .requests()
        .into_iter()
        .map(|request| {
            (
                header(&request, "content-type").map(str::to_owned),
                request.into_body(),
            )
        })
        .collect();
    let sent: Vec<_> = sent
        .iter()
        .map(|(content_type, body)| (content_type.as_deref(), &body[..]))
        .collect();
    assert_eq!(
        sent,
        [
            (
                Some("application/x-www-form-urlencoded"),
                &b"name=a+b%26c&%C3%BC=1"[..]
            ),
            (Some("text/plain"), "plain ü".as_bytes()),
            (Some("application/pdf"), b"\x00\xff"),
            (Some("application/merge-patch+json"), b"null"),
            (None, b""),
        ]
    );
}

#[tokio::test]
async fn only_operations_with_iam_authorization_are_signed() {
    let server = Server::returning(204, &[], "").await;
    let client = server.client().await;
    client.get_health().await.unwrap();
    client
        .delete_order("o-1")
        .header("Authorization", "Bearer abc")
        .await
        .unwrap();
    client.get_orders().unsigned().await.unwrap_err(); // an empty body is not a page

    let requests = server.requests();
    assert_eq!(requests[0].uri(), "/prod/health/");
    assert_eq!(header(&requests[0], "authorization"), None);
    assert_eq!(header(&requests[0], "x-amz-date"), None);
    assert_eq!(header(&requests[1], "authorization"), Some("Bearer abc"));
    assert_eq!(header(&requests[2], "authorization"), None);
}

#[tokio::test]
async fn sign_options_apply_to_one_request() {
    let server = Server::returning(200, &[], NO_ORDERS).await;
    let client = server.client().await;
    client
        .get_orders()
        .sign_options(SignOptions::new().region("us-east-1"))
        .await
        .unwrap();
    client.get_orders().await.unwrap();

    let requests = server.requests();
    assert_signed(&requests[0], "us-east-1/execute-api");
    assert_signed(&requests[1], "eu-west-2/execute-api");
}

#[tokio::test]
async fn the_api_key_is_sent_only_with_operations_that_require_it() {
    let server = Server::returning(200, &[], r#"{"items":[],"id":"x","total":1}"#).await;
    let client = server
        .builder()
        .api_key("KEYEXAMPLE")
        .build()
        .await
        .unwrap();
    client.get_order("o-1").await.unwrap();
    client.get_orders().await.unwrap();
    client
        .get_order("o-1")
        .header("x-api-key", "OTHER")
        .await
        .unwrap();

    let requests = server.requests();
    assert_eq!(header(&requests[0], "x-api-key"), Some("KEYEXAMPLE"));
    assert_eq!(header(&requests[1], "x-api-key"), None);
    assert_eq!(header(&requests[2], "x-api-key"), Some("OTHER"));
}

#[tokio::test]
async fn requests_to_routes_missing_in_the_spec_are_signed() {
    let server = Server::returning(200, &[("content-type", "text/plain")], "done").await;
    let client = server.client().await;
    let response = client
        .request(Method::PATCH, "/orders/{id}/notes")
        .path("id", "o/1")
        .query("n", 1)
        .json(&["fragile"])
        .send_untyped()
        .await
        .unwrap();
    assert_eq!(response.text().unwrap(), "done");

    let request = server.request();
    assert_eq!(request.method(), "PATCH");
    assert_eq!(request.uri(), "/prod/orders/o%2F1/notes?n=1");
    assert_signed(&request, "eu-west-2/execute-api");
}

#[tokio::test]
async fn lists_in_paths_and_headers_are_joined_by_commas() {
    let server = Server::returning(200, &[], "").await;
    let client = server.client().await;
    let call = client.request(Method::GET, "/orders/{ids}");
    let call = call
        .path_joined("ids", [1, 2])
        .header_joined("x-fields", ["id", "total"]);
    call.send_untyped().await.unwrap();
    assert_eq!(server.request().uri(), "/prod/orders/1%2C2");
    assert_eq!(header(&server.request(), "x-fields"), Some("id,total"));

    let error = call
        .header_joined("x-fields", ["a,b"])
        .send_untyped()
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("header `x-fields` contains a comma"),
        "{error}"
    );
}

#[tokio::test]
async fn a_request_can_be_sent_more_than_once() {
    let server = Server::returning(200, &[], "").await;
    let client = server.client().await;
    let call = client.request(Method::POST, "/ping");
    let call = call.text("hello");
    call.send_untyped().await.unwrap();
    call.send_untyped().await.unwrap();
    assert!(
        server
            .requests()
            .iter()
            .all(|request| request.body() == "hello")
    );
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn an_invalid_argument_is_named_and_nothing_is_sent() {
    let server = Server::returning(200, &[], "").await;
    let client = server.client().await;
    let call = || client.request(Method::GET, "/orders/{id}");
    for (error, expected) in [
        (
            call().send_untyped().await,
            "path parameter `id` is not set",
        ),
        (
            call().path("id", "").send_untyped().await,
            "path parameter `id` is empty",
        ),
        (
            call().path("id", "..").send_untyped().await,
            "path parameter `id` contains a `.` or `..` segment",
        ),
        (
            call().path("id", 1).path("x", 1).send_untyped().await,
            "path parameter `x` is not in the path",
        ),
        (
            call().path("id", 1).query("q", [1]).send_untyped().await,
            "query parameter `q` is a list",
        ),
        (
            call()
                .path("id", 1)
                .query("q", None::<u8>)
                .send_untyped()
                .await,
            "query parameter `q` is null",
        ),
        (
            call()
                .path("id", 1)
                .query_joined("q", ["a,b"])
                .send_untyped()
                .await,
            "query parameter `q` contains a comma",
        ),
        (
            call()
                .path("id", 1)
                .header("x-a", "a\nb")
                .send_untyped()
                .await,
            "header `x-a` contains characters",
        ),
        (
            call().path("id", 1).header("x a", "b").send_untyped().await,
            "header `x a` contains characters",
        ),
        (
            call().path("id", 1).form(&[1]).send_untyped().await,
            "the body is not an object",
        ),
        // the first of two invalid arguments is reported
        (
            call()
                .header("x-a", "\n")
                .query("q", [1])
                .send_untyped()
                .await,
            "header `x-a` contains characters",
        ),
    ] {
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(!error.is_retryable());
        let expected = format!("request (GET /orders/{{id}}): {expected}");
        assert!(
            error.to_string().starts_with(&expected),
            "{error} / {expected}"
        );
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn the_user_agent_contains_program_client_and_app() {
    let server = Server::returning(200, &[], NO_ORDERS).await;
    let own = format!("apigw-runtime/{}", env!("CARGO_PKG_VERSION"));
    server.client().await.get_orders().await.unwrap();
    let client = server
        .builder()
        .user_agent("shop/1.2")
        .environment(|name| (name == "AWS_SDK_UA_APP_ID").then(|| "checkout".into()))
        .build()
        .await
        .unwrap();
    client.get_orders().await.unwrap();

    let requests = server.requests();
    assert_eq!(header(&requests[0], "user-agent"), Some(&*own));
    assert_eq!(
        header(&requests[1], "user-agent"),
        Some(&*format!("shop/1.2 {own} app/checkout"))
    );
}

/// Logs its name and whether the request is already signed.
struct Recorder(&'static str, Arc<Mutex<Vec<String>>>);

#[async_trait::async_trait]
impl Middleware for Recorder {
    async fn handle(
        &self,
        mut request: reqwest::Request,
        extensions: &mut http::Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        let signed = request.headers().contains_key("authorization");
        self.1
            .lock()
            .unwrap()
            .push(format!("{} signed={signed}", self.0));
        request
            .headers_mut()
            .insert("x-amz-meta-witness", HeaderValue::from_static(self.0));
        next.run(request, extensions).await
    }
}

#[tokio::test]
async fn middleware_runs_in_order_and_before_the_signer() {
    let server = Server::returning(200, &[], NO_ORDERS).await;
    let log = Arc::new(Mutex::new(Vec::new()));
    let client = server
        .builder()
        .middleware(Recorder("first", Arc::clone(&log)))
        .middleware(Recorder("second", Arc::clone(&log)))
        .build()
        .await
        .unwrap();
    client.get_orders().await.unwrap();

    assert_eq!(
        *log.lock().unwrap(),
        ["first signed=false", "second signed=false"]
    );
    let request = server.request();
    assert_eq!(header(&request, "x-amz-meta-witness"), Some("second"));
    let authorization = header(&request, "authorization").unwrap();
    assert!(
        authorization.contains(";x-amz-meta-witness"),
        "{authorization}"
    );
}

/// Sends requests to another URL.
struct Rewrite(String);

#[async_trait::async_trait]
impl Middleware for Rewrite {
    async fn handle(
        &self,
        mut request: reqwest::Request,
        extensions: &mut http::Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        *request.url_mut() = self.0.parse().unwrap();
        next.run(request, extensions).await
    }
}

#[tokio::test]
async fn requests_to_other_hosts_are_not_signed() {
    let server = Server::returning(200, &[], NO_ORDERS).await;
    let port = server.address().port();
    let elsewhere = format!("http://localhost:{port}/prod/orders");
    let client = server.builder().middleware(Rewrite(elsewhere.clone()));
    client.build().await.unwrap().get_orders().await.unwrap();
    for name in ["authorization", "x-amz-date", "x-amz-security-token"] {
        assert_eq!(header(&server.request(), name), None);
    }

    // a custom signer signs for all hosts
    let signer = reqwest_sigv4::Signer::builder().credentials(credentials());
    let client = OrdersClient::builder()
        .environment(|_| None)
        .endpoint(server.endpoint())
        .signer(signer.region("eu-west-2").build().unwrap())
        .middleware(Rewrite(elsewhere));
    client.build().await.unwrap().get_orders().await.unwrap();
    assert_signed(&server.requests()[1], "eu-west-2/execute-api");
}

#[tokio::test]
async fn requests_to_all_kinds_of_endpoints_are_signed() {
    let server = Server::returning(200, &[], NO_ORDERS).await;
    let proxy = reqwest::Proxy::http(format!("http://{}", server.address())).unwrap();
    let http = reqwest_sigv4::client_builder()
        .proxy(proxy)
        .build()
        .unwrap();
    let endpoints = [
        (
            "http://abc123.execute-api.eu-west-2.amazonaws.com/prod",
            "abc123.execute-api.eu-west-2.amazonaws.com",
        ),
        (
            "http://ABC123.execute-api.eu-west-2.amazonaws.com./prod",
            "abc123.execute-api.eu-west-2.amazonaws.com.",
        ),
        (
            "http://vpce-0a-1b.execute-api.eu-west-2.vpce.amazonaws.com/prod",
            "vpce-0a-1b.execute-api.eu-west-2.vpce.amazonaws.com",
        ),
        (
            "http://abc123-vpce-0a.execute-api.eu-west-2.amazonaws.com/prod",
            "abc123-vpce-0a.execute-api.eu-west-2.amazonaws.com",
        ),
        ("http://api.example.com:8080/v1", "api.example.com:8080"),
        ("http://bücher.example/v1", "xn--bcher-kva.example"),
        ("http://[::1]:4010/v1", "[::1]:4010"),
    ];
    for (endpoint, _) in endpoints {
        let client = OrdersClient::builder()
            .environment(|_| None)
            .credentials(credentials())
            .http_client(http.clone())
            .endpoint(endpoint);
        client.build().await.unwrap().get_orders().await.unwrap();
    }
    let requests = server.requests();
    for (request, (_, host)) in requests.iter().zip(endpoints) {
        assert_signed(request, "eu-west-2/execute-api");
        assert_eq!(header(request, "host"), Some(host));
    }
    assert_eq!(requests.len(), endpoints.len());
}

#[tokio::test]
async fn the_private_api_id_is_sent_and_signed_as_a_header() {
    let server = Server::returning(200, &[], NO_ORDERS).await;
    let client = server.builder().private_api_id("abc123").build();
    let client = client.await.unwrap();
    client.get_orders().await.unwrap();
    client.get_health().await.unwrap();
    let [signed, unsigned] = &server.requests()[..] else {
        panic!("expected two requests");
    };
    assert_signed(signed, "eu-west-2/execute-api");
    let authorization = header(signed, "authorization").unwrap();
    assert!(authorization.contains(";x-apigw-api-id"), "{authorization}");
    for request in [signed, unsigned] {
        assert_eq!(header(request, "x-apigw-api-id"), Some("abc123"));
    }

    let error = server.builder().private_api_id("abc\n123").build().await;
    assert!(matches!(
        error,
        Err(apigw_runtime::BuildError::InvalidApiId)
    ));
}

#[tokio::test]
async fn a_host_header_is_signed_for_a_private_api() {
    let server = Server::returning(200, &[], NO_ORDERS).await;
    let client = server.client().await;
    let host = "abc123.execute-api.eu-west-2.amazonaws.com";
    client.get_orders().header("host", host).await.unwrap();
    let request = server.request();
    assert_signed(&request, "eu-west-2/execute-api");
    assert_eq!(header(&request, "host"), Some(host));
}

#[tokio::test]
async fn a_custom_http_client_is_used() {
    let server = Server::returning(200, &[], NO_ORDERS).await;
    let mut headers = http::HeaderMap::new();
    headers.insert("x-from", HeaderValue::from_static("own client"));
    let http = reqwest_sigv4::client_builder()
        .default_headers(headers)
        .build()
        .unwrap();
    let client = server.builder().http_client(http).build().await.unwrap();
    client
        .get_orders()
        .timeout(Duration::from_secs(20))
        .await
        .unwrap();
    assert_eq!(header(&server.request(), "x-from"), Some("own client"));
}

#[tokio::test]
async fn clients_and_futures_are_send_and_sync() {
    fn shared<T: Clone + Send + Sync + 'static>(_: &T) {}

    let server = Server::returning(200, &[], NO_ORDERS).await;
    let client = server.client().await;
    shared(&client);
    shared(&client.get_orders());
    let tasks: Vec<_> = (0..8)
        .map(|n| {
            let client = client.clone();
            tokio::spawn(async move {
                client
                    .get_orders()
                    .limit(n)
                    .await
                    .map(|page| page.items.len())
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap(), 0);
    }
    assert_eq!(server.requests().len(), 8);
    tokio::spawn(
        OrdersClient::builder()
            .environment(|_| None)
            .credentials(credentials())
            .build(),
    )
    .await
    .unwrap()
    .unwrap();
}

#[tokio::test]
async fn debug_and_display_contain_no_secrets() {
    let server = Server::returning(403, &[], r#"{"message":"Forbidden"}"#).await;
    let builder = server.builder().api_key("KEYEXAMPLE");
    let mut printed = format!("{builder:?}");
    let client = builder.build().await.unwrap();
    let call = client.request(Method::GET, "/orders/{id}");
    let call = call
        .path("id", "PATHEXAMPLE")
        .query("q", "QUERYEXAMPLE")
        .header("authorization", "BEAREREXAMPLE")
        .json(&"BODYEXAMPLE")
        .unsigned();
    let error = call.send_untyped().await.unwrap_err();
    let order = client.get_order("o-1");
    printed += &format!("{client:?} {call:?} {order:?} {error} {error:?}");
    for secret in [
        "KEY", "SECRET", "TOKEN", "AKID", "PATH", "QUERY", "BEARER", "BODY",
    ] {
        assert!(
            !printed.contains(&format!("{secret}EXAMPLE")),
            "{secret}: {printed}"
        );
    }
}

/// Prints the headers of requests, like a logging middleware.
struct Printing(Arc<Mutex<String>>);

#[async_trait::async_trait]
impl Middleware for Printing {
    async fn handle(
        &self,
        request: reqwest::Request,
        extensions: &mut http::Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        self.0
            .lock()
            .unwrap()
            .push_str(&format!("{:?}", request.headers()));
        next.run(request, extensions).await
    }
}

#[tokio::test]
async fn secret_headers_are_marked_as_sensitive() {
    let server = Server::returning(204, &[], "").await;
    let printed = Arc::new(Mutex::new(String::new()));
    let builder = server
        .builder()
        .api_key("KEYEXAMPLE")
        .middleware(Printing(Arc::clone(&printed)));
    let client = builder.build().await.unwrap();
    let call = client
        .delete_order("o-1")
        .header("Authorization", "BEAREREXAMPLE");
    call.header("Cookie", "COOKIEEXAMPLE")
        .header("x-other", "shown")
        .await
        .unwrap();
    client.get_order("o-1").await.unwrap_err();

    let printed = printed.lock().unwrap().clone();
    assert!(
        printed.contains("x-api-key") && printed.contains("cookie") && printed.contains("shown"),
        "{printed}"
    );
    assert!(!printed.contains("EXAMPLE"), "{printed}");
}

/// An API without authorization.
#[derive(Debug)]
struct Open(Client);

impl ApiClient for Open {
    const API: &'static apigw_runtime::codegen::Api = &apigw_runtime::codegen::Api {
        name: "open",
        endpoint_variable: "OPEN_ENDPOINT_URL",
        user_agent: "open-client/1.0.0",
        endpoint: None,
        region: None,
        signed: false,
    };

    fn from_client(client: Client) -> Self {
        Self(client)
    }
}

#[tokio::test]
async fn an_api_without_iam_needs_no_credentials_and_signs_nothing() {
    let server = Server::returning(200, &[], "").await;
    let builder = || {
        ClientBuilder::<Open>::new()
            .environment(|_| None)
            .endpoint(server.endpoint())
    };
    let Open(client) = builder().build().await.unwrap();
    client
        .request(Method::GET, "/")
        .send_untyped()
        .await
        .unwrap();
    assert_eq!(header(&server.request(), "authorization"), None);
    assert_eq!(server.request().uri(), "/prod/");

    let call = client.request(Method::GET, "/");
    let error = call
        .sign_options(SignOptions::new())
        .send_untyped()
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("`ClientBuilder::credentials`"),
        "{error}"
    );

    let Open(client) = builder()
        .credentials(credentials())
        .region("eu-west-1")
        .build()
        .await
        .unwrap();
    client
        .request(Method::GET, "/")
        .send_untyped()
        .await
        .unwrap();
    assert_signed(&server.requests()[1], "eu-west-1/execute-api");
}
