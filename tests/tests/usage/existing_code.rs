//! Existing reqwest code with the signer as its last middleware.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use apigw_local::{Fault, LocalGateway, Request};
use http::{Method, StatusCode};
use reqwest::multipart::{Form, Part};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use reqwest_retry::RetryTransientMiddleware;
use reqwest_retry::policies::ExponentialBackoff;
use reqwest_sigv4::{Error, Refusal, RefusalReason, SignOptions, Signer};
use serde_json::json;

/// Starts a gateway that requires a signature for every path, and creates a client that signs.
async fn start() -> (LocalGateway, ClientWithMiddleware) {
    let gateway = support::gateway().stage("prod").start().await.unwrap();
    (gateway, signing(support::signer()))
}

fn signing(signer: Signer) -> ClientWithMiddleware {
    ClientBuilder::new(reqwest_sigv4::http_client().unwrap())
        .with(signer)
        .build()
}

/// Returns the last request; panics if the gateway did not accept its signature.
#[track_caller]
fn verified(gateway: &LocalGateway) -> Request {
    let request = support::last(gateway);
    let caller = request.caller.as_ref().expect("a valid signature");
    assert_eq!(caller.access_key, support::ACCESS_KEY);
    request
}

#[tokio::test]
async fn a_query_with_special_characters_is_signed_as_it_arrives() {
    let (gateway, http) = start().await;
    let url = gateway.endpoint() + "/orders";
    let pairs = [
        ("q", "a b+c"),
        ("filter", "price>=10&<20;#50%"),
        ("name", "Zoë/@:=?*!'()~"),
        ("tag", "b"),
        ("tag", "a"),
        ("empty", ""),
        ("[key]", "{value}|"),
    ];

    let response = http.get(&url).query(&pairs).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let arrived: Vec<_> = verified(&gateway).query_pairs().collect();
    assert_eq!(
        arrived,
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );

    for query in [
        "q=a+b", "q=a%20b", "q=%7Ex", "flag", "b=2&a=1", "a=1&&b", "q=*",
    ] {
        let response = http.get(format!("{url}?{query}")).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{query}");
    }
}

#[tokio::test]
async fn a_path_with_special_characters_is_signed_as_it_arrives() {
    let (gateway, http) = start().await;
    for (written, on_the_wire) in [
        ("/a%2Fb", "/prod/a%2Fb"),
        ("/a+b", "/prod/a+b"),
        ("/a b", "/prod/a%20b"),
        ("/@connections/x=", "/prod/@connections/x="),
        ("/%40connections/x%3D", "/prod/%40connections/x%3D"),
        ("/é/(1)/*~!$&',;:", "/prod/%C3%A9/(1)/*~!$&',;:"),
        ("/100%25", "/prod/100%25"),
        ("/trailing/", "/prod/trailing/"),
    ] {
        let response = http.get(gateway.endpoint() + written).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{written}");
        assert_eq!(verified(&gateway).target, on_the_wire);
    }
}

#[tokio::test]
async fn a_json_body_is_signed() {
    let (gateway, http) = start().await;
    let order = json!({ "sku": "MÜG", "quantity": 2 });
    http.post(gateway.endpoint() + "/orders")
        .json(&order)
        .send()
        .await
        .unwrap();
    let request = verified(&gateway);
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.json::<serde_json::Value>().unwrap(), order);
}

#[tokio::test]
async fn a_form_is_signed() {
    let (gateway, http) = start().await;
    let form = [("note", "a b+c&d=e")];
    http.post(gateway.endpoint() + "/orders")
        .form(&form)
        .send()
        .await
        .unwrap();
    let request = verified(&gateway);
    assert_eq!(
        request.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(request.body, "note=a+b%2Bc%26d%3De");
}

#[tokio::test]
async fn a_multipart_form_is_signed_and_arrives_complete() {
    let (gateway, http) = start().await;
    let photo = Part::bytes(vec![0, 159, 146, 150]).file_name("photo.jpg");
    let form = Form::new().text("note", "two parts").part("photo", photo);
    http.post(gateway.endpoint() + "/photos")
        .multipart(form)
        .send()
        .await
        .unwrap();

    let request = verified(&gateway);
    let content_type = request.header("content-type").unwrap();
    let boundary = content_type
        .strip_prefix("multipart/form-data; boundary=")
        .unwrap();
    let expected = [
        b"--",
        boundary.as_bytes(),
        b"\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\ntwo parts\r\n--",
        boundary.as_bytes(),
        b"\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"photo.jpg\"\r\n\r\n",
        &[0, 159, 146, 150],
        b"\r\n--",
        boundary.as_bytes(),
        b"--\r\n",
    ]
    .concat();
    assert_eq!(request.body, expected);
}

#[tokio::test]
async fn a_stream_is_signed_and_arrives_with_its_length() {
    let (gateway, http) = start().await;
    let pieces = ["one ", "two ", "three"].map(Ok::<_, std::io::Error>);
    let stream = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
    http.put(gateway.endpoint() + "/log")
        .body(stream)
        .send()
        .await
        .unwrap();
    let request = verified(&gateway);
    assert_eq!(request.body, "one two three");
    assert_eq!(request.header("content-length"), Some("13"));
    assert_eq!(request.header("transfer-encoding"), None);
}

#[tokio::test]
async fn a_stream_above_the_limit_is_an_error_and_not_sent() {
    let gateway = support::gateway().stage("prod").start().await.unwrap();
    let signer = Signer::builder()
        .region(support::REGION)
        .credentials(support::credentials())
        .body_limit(12)
        .build()
        .unwrap();
    let pieces = ["one ", "two ", "three"].map(Ok::<_, std::io::Error>);
    let stream = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
    let sent = signing(signer)
        .put(gateway.endpoint() + "/log")
        .body(stream)
        .send()
        .await;
    let error = sent.unwrap_err();
    assert!(
        matches!(Error::find(&error), Some(Error::BodyTooLarge { limit: 12 })),
        "{error}"
    );
    assert!(gateway.requests().is_empty());
}

#[tokio::test]
async fn execute_signs_a_request_that_was_built_elsewhere() {
    let (gateway, http) = start().await;
    let url = gateway.endpoint() + "/orders?q=a+b";
    let mut request = reqwest::Request::new(Method::DELETE, url.parse().unwrap());
    *request.body_mut() = Some("why".into());

    let response = http.execute(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let request = verified(&gateway);
    assert_eq!(
        (request.method, request.body),
        (Method::DELETE, "why".into())
    );
}

#[tokio::test]
async fn headers_added_after_signing_are_accepted() {
    let gateway = support::gateway().stage("prod").start().await.unwrap();
    let mut headers = http::HeaderMap::new();
    headers.insert("traceparent", http::HeaderValue::from_static("00-1-2-01"));
    let client = reqwest_sigv4::client_builder()
        .user_agent("shop/1.2")
        .default_headers(headers)
        .build()
        .unwrap();
    let http = ClientBuilder::new(client).with(support::signer()).build();

    http.get(gateway.endpoint() + "/orders")
        .send()
        .await
        .unwrap();
    let request = verified(&gateway);
    assert_eq!(request.header("user-agent"), Some("shop/1.2"));
    assert_eq!(request.header("traceparent"), Some("00-1-2-01"));
}

#[tokio::test]
async fn every_retry_is_signed_again() {
    let gateway = support::gateway()
        .stage("prod")
        .clock(support::noon())
        .start()
        .await
        .unwrap();
    gateway.inject(Fault::ServerError(StatusCode::SERVICE_UNAVAILABLE));
    gateway.inject(Fault::Throttled);
    // this clock advances by a second per reading
    let seconds = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&seconds);
    let signer = Signer::builder()
        .region(support::REGION)
        .credentials(support::credentials())
        .clock(move || support::noon() + Duration::from_secs(clock.fetch_add(1, Ordering::Relaxed)))
        .clock_skew_correction(false)
        .build()
        .unwrap();
    let at_once = ExponentialBackoff::builder()
        .retry_bounds(Duration::ZERO, Duration::ZERO)
        .build_with_max_retries(3);
    let http = ClientBuilder::new(reqwest_sigv4::http_client().unwrap())
        .with(RetryTransientMiddleware::new_with_policy(at_once))
        .with(signer)
        .build();

    let response = http
        .post(gateway.endpoint() + "/orders")
        .body("one")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);

    let exchanges = gateway.exchanges();
    let statuses: Vec<_> = exchanges
        .iter()
        .map(|exchange| exchange.status.as_u16())
        .collect();
    assert_eq!(statuses, [503, 429, 200]);
    let attempts = exchanges.iter().map(|exchange| &exchange.request);
    assert!(
        attempts
            .clone()
            .all(|attempt| attempt.caller.is_some() && attempt.body == "one")
    );
    let dates: Vec<_> = attempts
        .map(|attempt| attempt.header("x-amz-date").unwrap())
        .collect();
    assert!(
        dates.is_sorted_by(|earlier, later| earlier < later),
        "{dates:?}"
    );
}

#[tokio::test]
async fn a_refusal_is_a_response_with_an_explanation() {
    let gateway = support::gateway().stage("prod").start().await.unwrap();
    let signer = Signer::builder()
        .region(support::REGION)
        .credentials(support::credentials_of(support::ACCESS_KEY, "wrong"))
        .build()
        .unwrap();

    let response = signing(signer)
        .get(gateway.endpoint() + "/orders")
        .send()
        .await
        .unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.bytes().await.unwrap();
    let refusal = Refusal::from_parts(status, &headers, &body).unwrap();
    assert_eq!(*refusal.reason(), RefusalReason::SignatureMismatch);
    assert_eq!(
        refusal.request_id(),
        Some(support::last(&gateway).id.as_str())
    );
    let line = refusal.to_string();
    assert!(
        line.contains("AWS_SECRET_ACCESS_KEY") && !line.contains('\n'),
        "{line}"
    );
}

#[tokio::test]
async fn one_request_can_be_sent_unsigned() {
    let (gateway, http) = start().await;
    let url = gateway.endpoint() + "/health";
    let response = http
        .get(url)
        .with_extension(SignOptions::skip())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(support::last(&gateway).header("authorization"), None);
}
