//! Refusals, which must equal the errors of API Gateway.

use std::time::Duration;

use apigw_local::{ApiKind, Builder, Credentials, LocalGateway, RefusalKind, Response};
use http::StatusCode;

use crate::signatures::{REGION, SECRET, long_term, signed, signing_time, temporary};
use crate::wire::{Reply, Wire};

fn builder() -> Builder {
    LocalGateway::builder()
        .region(REGION)
        .stage("prod")
        .caller(long_term())
        .clock(signing_time())
}

/// Starts a gateway with one operation, `GET /o`.
async fn with_one_operation(builder: Builder) -> LocalGateway {
    builder
        .api(crate::responses::api("GET /o"))
        .start()
        .await
        .unwrap()
}

async fn reply_to(builder: Builder, wire: &Wire) -> Reply {
    let gateway = with_one_operation(builder).await;
    wire.send(gateway.address()).await.unwrap()
}

#[track_caller]
fn assert_refused(reply: &Reply, error_type: &str, message: &str) {
    assert_eq!(reply.status, 403);
    assert_eq!(reply.header("x-amzn-errortype"), Some(error_type));
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.message(), message);
}

#[tokio::test]
async fn a_missing_signature_and_an_unknown_route_return_the_same_error() {
    for wire in [
        Wire::get("/prod/o"),
        Wire::get("/prod/unknown"),
        Wire::new("POST", "/prod/o"),
        signed("path-plus"),
    ] {
        let reply = reply_to(builder(), &wire).await;
        assert_refused(
            &reply,
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        );
    }
}

#[tokio::test]
async fn the_log_distinguishes_a_missing_signature_from_an_unknown_route() {
    let gateway = with_one_operation(builder()).await;
    for wire in [
        Wire::get("/prod/o"),
        Wire::get("/prod/unknown"),
        Wire::get("/dev/o"),
    ] {
        wire.send(gateway.address()).await.unwrap();
    }
    let kinds: Vec<_> = gateway
        .exchanges()
        .iter()
        .map(|e| e.refusal.as_ref().unwrap().kind())
        .collect();
    assert_eq!(
        kinds,
        [
            RefusalKind::MissingAuthenticationToken,
            RefusalKind::NoRoute,
            RefusalKind::NoStage
        ]
    );
}

#[tokio::test]
async fn another_stage_is_forbidden() {
    for target in ["/dev/o", "/o", "/production/o"] {
        assert_refused(
            &reply_to(builder(), &Wire::get(target)).await,
            "ForbiddenException",
            "Forbidden",
        );
    }
}

#[tokio::test]
async fn a_wrong_secret_returns_the_canonical_request() {
    let builder = LocalGateway::builder()
        .region(REGION)
        .stage("prod")
        .credentials("AKIDEXAMPLE", format!("{SECRET}x"))
        .clock(signing_time());
    let reply = reply_to(builder, &signed("q-unsorted")).await;
    // botocore, aws4 and smithy compute the same hash of the canonical request
    assert_refused(
        &reply,
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access \
         Key and signing method. Consult the service documentation for details.\n\n\
         The Canonical String for this request should have been\n\
         'GET\n/prod/o\na=1&b=2&c=0\nhost:abc123.execute-api.eu-west-1.amazonaws.com\nx-amz-date:20261122T120000Z\n\n\
         host;x-amz-date\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'\n\n\
         The String-to-Sign should have been\n\
         'AWS4-HMAC-SHA256\n20261122T120000Z\n20261122/eu-west-1/execute-api/aws4_request\n\
         913fd099b675d8c79a27e576bdf21064305f1549265520a790532046c06c1295'\n",
    );
}

#[tokio::test]
async fn a_wrong_scope_is_refused() {
    let reply = reply_to(builder().region("eu-west-2"), &signed("q-unsorted")).await;
    assert_refused(
        &reply,
        "InvalidSignatureException",
        "Credential should be scoped to a valid region, not 'eu-west-1'.",
    );
}

#[tokio::test]
async fn a_signature_outside_its_validity_is_refused_with_both_times() {
    let late = signing_time() + Duration::from_secs(400);
    let reply = reply_to(builder().clock(late), &signed("q-unsorted")).await;
    assert_refused(
        &reply,
        "InvalidSignatureException",
        "Signature expired: 20261122T120000Z is now earlier than 20261122T120140Z (20261122T120640Z - 5 min.)",
    );
    assert_eq!(reply.header("date"), Some("Sun, 22 Nov 2026 12:06:40 GMT"));
}

#[tokio::test]
async fn an_unknown_key_and_a_wrong_token_return_the_same_error() {
    let message = "The security token included in the request is invalid.";
    let unknown = builder().region(REGION);
    assert_refused(
        &reply_to(unknown, &signed("t-token-query")).await,
        "UnrecognizedClientException",
        message,
    );
    let wrong_token = builder().caller(Credentials::temporary("ASIAEXAMPLE", SECRET, "other"));
    assert_refused(
        &reply_to(wrong_token, &signed("t-token-query")).await,
        "UnrecognizedClientException",
        message,
    );
}

#[tokio::test]
async fn credentials_can_expire_while_the_gateway_runs() {
    let gateway = with_one_operation(builder().caller(temporary())).await;
    let wire = signed("t-token-query");
    assert_eq!(wire.send(gateway.address()).await.unwrap().status, 200);
    assert!(gateway.expire("ASIAEXAMPLE"));
    let reply = wire.send(gateway.address()).await.unwrap();
    assert_refused(
        &reply,
        "ExpiredTokenException",
        "The security token included in the request is expired",
    );
    gateway.add_credentials(temporary());
    assert_eq!(wire.send(gateway.address()).await.unwrap().status, 200);
    assert!(!gateway.expire("AKIDUNKNOWN"));
}

#[tokio::test]
async fn a_bearer_token_is_reported_even_if_no_route_matches() {
    let wire = Wire::get("/prod/unknown").header("authorization", "Bearer abc");
    assert_refused(
        &reply_to(builder(), &wire).await,
        "IncompleteSignatureException",
        "'abc' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer abc'.",
    );
}

#[tokio::test]
async fn an_operation_with_a_required_api_key_is_forbidden_without_it() {
    let mut api = crate::responses::api("GET /o");
    api.operations[0].auth.iam = false;
    api.operations[0].auth.api_key = true;
    let gateway = builder().api(api).api_key("k3y").start().await.unwrap();
    let wire = Wire::get("/prod/o");
    for refused in [wire.clone(), wire.clone().header("x-api-key", "other")] {
        assert_refused(
            &refused.send(gateway.address()).await.unwrap(),
            "ForbiddenException",
            "Forbidden",
        );
    }
    let with_key = wire.header("x-api-key", "k3y");
    assert_eq!(with_key.send(gateway.address()).await.unwrap().status, 200);
}

#[tokio::test]
async fn an_http_api_returns_only_forbidden_or_not_found() {
    let gateway = with_one_operation(builder().kind(ApiKind::Http)).await;
    for (wire, status, message) in [
        (Wire::get("/prod/o"), 403, "Forbidden"),
        (signed("t-token-query"), 403, "Forbidden"),
        (Wire::get("/prod/unknown"), 404, "Not Found"),
        (Wire::get("/dev/o"), 404, "Not Found"),
    ] {
        let reply = wire.send(gateway.address()).await.unwrap();
        assert_eq!(
            (reply.status, reply.message().as_str()),
            (status, message),
            "{}",
            wire.target
        );
        assert_eq!(reply.header("x-amzn-errortype"), None);
        assert_eq!(reply.header("x-amzn-requestid"), None);
        assert!(reply.header("apigw-requestid").is_some());
    }
}

#[tokio::test]
async fn the_exact_reason_is_in_a_header() {
    let reply = reply_to(builder().kind(ApiKind::Http), &signed("t-token-query")).await;
    assert_eq!(
        reply.header("x-apigw-local-reason"),
        Some("unknown access key ID \"ASIAEXAMPLE\"")
    );
}

#[tokio::test]
async fn a_body_over_ten_mebibytes_is_too_large() {
    let gateway = LocalGateway::builder()
        .verify(false)
        .on("POST /o", |request| {
            Response::json(StatusCode::OK, serde_json::json!(request.body.len()))
        })
        .start()
        .await
        .unwrap();
    let at_the_limit = Wire::new("POST", "/o").body(vec![b'x'; 10 * 1024 * 1024]);
    let reply = at_the_limit.send(gateway.address()).await.unwrap();
    assert_eq!(
        (reply.status, reply.json()),
        (200, serde_json::json!(10_485_760))
    );

    let over_it = Wire::new("POST", "/o").body(vec![b'x'; 12 * 1024 * 1024]);
    let reply = over_it.send(gateway.address()).await.unwrap();
    assert_eq!(reply.status, 413);
}

#[tokio::test]
async fn debug_output_contains_no_secrets() {
    let builder = builder().caller(temporary()).api_key("k3y");
    let builder_shown = format!("{builder:?}");
    let gateway = with_one_operation(builder).await;
    let wire = signed("t-token-query").header("x-api-key", "k3y");
    wire.send(gateway.address()).await.unwrap();
    Wire::get("/prod/o")
        .header("authorization", "Bearer s3cr3t")
        .send(gateway.address())
        .await
        .unwrap();
    let shown = format!("{builder_shown} {gateway:?} {:?}", gateway.exchanges());
    for secret in [SECRET, "IQoJb3JpZ2luX2VjEA", "k3y", "s3cr3t", "Signature="] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    assert!(shown.contains("ASIAEXAMPLE"), "{shown}");
}
