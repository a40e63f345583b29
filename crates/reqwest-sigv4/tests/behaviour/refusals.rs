//! Refusals have a reason, a difference and a hint, and the caller still gets the response.

use http::{HeaderMap, HeaderValue, StatusCode};
use reqwest_sigv4::{CanonicalPart, Explain, Refusal, RefusalReason};

use crate::support::{Answer, Server, client, signer};

fn refusal(status: u16, error_type: Option<&str>, body: &str) -> Option<Refusal> {
    let mut headers = HeaderMap::new();
    if let Some(error_type) = error_type {
        headers.insert(
            "x-amzn-errortype",
            HeaderValue::from_str(error_type).unwrap(),
        );
    }
    Refusal::from_parts(
        StatusCode::from_u16(status).unwrap(),
        &headers,
        body.as_bytes(),
    )
}

#[track_caller]
fn reason(status: u16, error_type: Option<&str>, body: &str) -> RefusalReason {
    refusal(status, error_type, body).unwrap().reason().clone()
}

#[test]
fn the_refusals_of_a_rest_api_are_read_by_exception() {
    use RefusalReason::*;
    for (status, error_type, body, expected) in [
        (
            403,
            "MissingAuthenticationTokenException",
            r#"{"message":"Missing Authentication Token"}"#,
            MissingAuthenticationToken,
        ),
        (
            403,
            "InvalidSignatureException",
            r#"{"message":"The request signature we calculated does not match the signature you provided."}"#,
            SignatureMismatch,
        ),
        (
            403,
            "UnrecognizedClientException",
            r#"{"message":"The security token included in the request is invalid."}"#,
            UnknownToken,
        ),
        (
            403,
            "AccessDeniedException",
            r#"{"message":"The security token included in the request is invalid."}"#,
            UnknownToken,
        ),
        (
            403,
            "ExpiredTokenException",
            r#"{"message":"The security token included in the request is expired"}"#,
            ExpiredToken,
        ),
        (
            403,
            "IncompleteSignatureException",
            r#"{"message":"'x' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer x'."}"#,
            IncompleteSignature,
        ),
        (
            403,
            "ForbiddenException",
            r#"{"message":"Forbidden"}"#,
            Forbidden,
        ),
        (
            429,
            "TooManyRequestsException",
            r#"{"message":"Too Many Requests"}"#,
            Throttled,
        ),
        (
            429,
            "LimitExceededException",
            r#"{"message":"Limit Exceeded"}"#,
            QuotaExceeded,
        ),
        (
            401,
            "UnauthorizedException",
            r#"{"message":"Unauthorized"}"#,
            Unauthorized,
        ),
        (413, "RequestTooLargeException", "{}", PayloadTooLarge),
        (
            415,
            "Other",
            r#"{"message":"Unsupported Media Type"}"#,
            UnsupportedMediaType,
        ),
        (
            502,
            "InternalServerErrorException",
            r#"{"message":"Internal server error"}"#,
            IntegrationFailure,
        ),
        (
            504,
            "Other",
            r#"{"message":"Endpoint request timed out"}"#,
            IntegrationTimeout,
        ),
    ] {
        assert_eq!(
            reason(status, Some(error_type), body),
            expected,
            "{error_type}"
        );
    }
}

#[test]
fn the_refusals_of_an_http_api_are_read_by_message() {
    use RefusalReason::*;
    for (status, body, expected) in [
        (403, r#"{"message":"Forbidden"}"#, Forbidden),
        (401, r#"{"message":"Unauthorized"}"#, Unauthorized),
        (404, r#"{"message":"Not Found"}"#, RouteNotFound),
        (429, r#"{"message":"Too Many Requests"}"#, Throttled),
        (
            500,
            r#"{"message":"Internal Server Error"}"#,
            IntegrationFailure,
        ),
        (
            503,
            r#"{"message":"Service Unavailable"}"#,
            IntegrationFailure,
        ),
    ] {
        assert_eq!(reason(status, None, body), expected, "{body}");
    }
}

#[test]
fn the_exception_is_recognised_with_an_address_and_a_custom_status() {
    assert_eq!(
        reason(
            404,
            Some("MissingAuthenticationTokenException:http://internal.example/coral/"),
            "<html>"
        ),
        RefusalReason::MissingAuthenticationToken
    );
}

#[test]
fn clock_errors_contain_the_services_time() {
    let expired = r#"{"message":"Signature expired: 20261122T114000Z is now earlier than 20261122T115500Z (20261122T120000Z - 5 min.)"}"#;
    let early = r#"{"message":"Signature not yet current: 20261122T122000Z is still later than 20261122T120500Z (20261122T120000Z + 5 min.)"}"#;
    let server_time = Some("20261122T120000Z".to_owned());
    for error_type in [
        Some("InvalidSignatureException"),
        Some("BadRequestException"),
        None,
    ] {
        let late = refusal(403, error_type, expired).unwrap();
        assert!(late.is_clock());
        assert_eq!(
            *late.reason(),
            RefusalReason::SignatureExpired {
                server_time: server_time.clone()
            }
        );
        let server_time = server_time.clone();
        assert_eq!(
            reason(403, error_type, early),
            RefusalReason::SignatureNotYetCurrent { server_time }
        );
    }
}

#[test]
fn a_wrong_scope_names_region_and_service() {
    let both = r#"{"message":"Credential should be scoped to a valid region, not 'us-east-1'. Credential should be scoped to correct service: 'execute-api'. "}"#;
    let refusal = refusal(403, Some("InvalidSignatureException"), both).unwrap();
    assert_eq!(
        *refusal.reason(),
        RefusalReason::WrongScope {
            rejected_region: Some("us-east-1".to_owned()),
            expected_service: Some("execute-api".to_owned()),
        }
    );
    assert!(refusal.hint().contains("sign for the API's own Region"));
}

#[test]
fn a_denied_request_names_principal_action_and_resource() {
    let denied = r#"{"Message":"User: arn:aws:sts::123456789012:assumed-role/dev/me is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-west-1:********9012:abc123/prod/GET/orders because no identity-based policy allows the execute-api:Invoke action"}"#;
    let refusal = refusal(403, Some("AccessDeniedException"), denied).unwrap();
    assert_eq!(
        *refusal.reason(),
        RefusalReason::AccessDenied {
            principal: Some("arn:aws:sts::123456789012:assumed-role/dev/me".to_owned()),
            action: Some("execute-api:Invoke".to_owned()),
            resource: Some(
                "arn:aws:execute-api:eu-west-1:********9012:abc123/prod/GET/orders".to_owned()
            ),
        }
    );
    assert_eq!(
        refusal.to_string(),
        "403 AccessDeniedException: arn:aws:sts::123456789012:assumed-role/dev/me is not authorized to perform execute-api:Invoke on \
         arn:aws:execute-api:eu-west-1:********9012:abc123/prod/GET/orders: allow execute-api:Invoke on this resource, \
         or use a role that is allowed to call it"
    );
}

#[test]
fn a_validation_error_contains_the_message() {
    let missing = r#"{"message": "Missing required request parameters: [petType]"}"#;
    let message = Some("Missing required request parameters: [petType]".to_owned());
    for error_type in [None, Some("BadRequestException")] {
        assert_eq!(
            reason(400, error_type, missing),
            RefusalReason::InvalidRequest {
                message: message.clone()
            }
        );
    }
}

#[test]
fn a_success_or_a_backend_error_is_not_a_refusal() {
    assert_eq!(refusal(200, None, r#"{"message":"Forbidden"}"#), None);
    assert_eq!(
        refusal(403, None, r#"{"message":"you may not see this order"}"#),
        None
    );
    assert_eq!(refusal(404, None, r#"{"message":"no such order"}"#), None);
    let more = r#"{"message":"Forbidden","code":"NOT_YOURS"}"#;
    assert_eq!(refusal(403, None, more), None);
    assert_eq!(refusal(500, None, "oops"), None);
}

/// The refusal of a REST API (exception) or an HTTP API (request id) to a request signed for this host.
async fn forbidden(host: &str, api_key: bool, header: (&'static str, &'static str)) -> Refusal {
    let mut request = http::Request::get(format!("https://{host}/prod/o"));
    if api_key {
        request = request.header("x-api-key", "k");
    }
    let mut request = request.body("").unwrap();
    let options = reqwest_sigv4::SignOptions::new();
    let signed = signer().sign_http(&mut request, &options).await.unwrap();
    let headers = HeaderMap::from_iter([(
        http::HeaderName::from_static(header.0),
        HeaderValue::from_static(header.1),
    )]);
    let body = br#"{"message":"Forbidden"}"#;
    let refusal = Refusal::from_parts(StatusCode::FORBIDDEN, &headers, body).unwrap();
    assert_eq!(*refusal.reason(), RefusalReason::Forbidden);
    refusal.compared_with(&signed.unwrap())
}

const REST: (&str, &str) = ("x-amzn-errortype", "ForbiddenException");
const HTTP: (&str, &str) = ("apigw-requestid", "JKJaXmPLvHcESHA=");
const DEFAULT_HOST: &str = "abc123.execute-api.eu-west-1.amazonaws.com";

#[track_caller]
fn assert_causes(refusal: &Refusal, expected: &[&str]) {
    let causes = refusal.possible_causes();
    assert_eq!(causes.len(), expected.len(), "{causes:?}");
    for (cause, expected) in causes.iter().zip(expected) {
        assert!(cause.contains(expected), "{cause:?} is not {expected:?}");
    }
}

#[tokio::test]
async fn a_bare_forbidden_of_a_rest_api_lists_api_key_stage_endpoint_and_firewall() {
    let refusal = forbidden(DEFAULT_HOST, false, REST).await;
    assert_causes(
        &refusal,
        &[
            "request has none: send it as x-api-key",
            "does not contain a stage",
            "default endpoint is disabled",
            "the API is private",
            "firewall",
        ],
    );
    assert!(refusal.hint().starts_with("check the x-api-key header"));
    let refusal = forbidden(DEFAULT_HOST, true, REST).await;
    assert!(refusal.possible_causes()[0].contains("in no usage plan"));
}

#[tokio::test]
async fn a_bare_forbidden_of_an_http_api_lists_permission_signature_and_account() {
    let refusal = forbidden(DEFAULT_HOST, false, HTTP).await;
    assert_causes(
        &refusal,
        &[
            "does not allow execute-api:Invoke",
            "signature is not valid",
            "in another account",
        ],
    );
    assert!(
        refusal
            .to_string()
            .contains("Possible causes, most likely first: (1) the caller's policy does not allow"),
        "{refusal}"
    );
}

#[tokio::test]
async fn the_host_narrows_down_a_bare_forbidden() {
    let endpoint = "vpce-0a-1b.execute-api.eu-west-1.vpce.amazonaws.com";
    let refusal = forbidden(endpoint, true, REST).await;
    assert_causes(
        &refusal,
        &["in no usage plan", "private_api_id", "stage", "firewall"],
    );
    let refusal = forbidden("api.example.com", true, REST).await;
    assert_causes(&refusal, &["in no usage plan", "base path", "firewall"]);
    let function = "abc.lambda-url.eu-west-1.on.aws";
    assert_causes(&forbidden(function, false, REST).await, &[]);
}

#[tokio::test]
async fn a_bare_forbidden_of_an_unknown_kind_lists_the_causes_of_both() {
    let refusal = forbidden(DEFAULT_HOST, true, ("server", "a proxy")).await;
    let causes = refusal.possible_causes();
    assert!(causes[0].contains("does not allow execute-api:Invoke"));
    assert!(causes.last().unwrap().contains("firewall"));
}

#[test]
fn without_the_request_an_unsigned_one_is_among_the_causes() {
    let headers = HeaderMap::from_iter([(
        http::HeaderName::from_static(HTTP.0),
        HeaderValue::from_static(HTTP.1),
    )]);
    let body = br#"{"message":"Forbidden"}"#;
    let refusal = Refusal::from_parts(StatusCode::FORBIDDEN, &headers, body).unwrap();
    assert!(
        refusal
            .possible_causes()
            .contains(&"the request was sent unsigned")
    );
}

#[tokio::test]
async fn a_missing_token_of_a_signed_request_hints_at_the_route() {
    let mut causes = Vec::new();
    for host in [DEFAULT_HOST, "api.example.com"] {
        let mut request = http::Request::get(format!("https://{host}/prod/o"))
            .body("")
            .unwrap();
        let options = reqwest_sigv4::SignOptions::new();
        let signed = signer().sign_http(&mut request, &options).await.unwrap();
        let refusal = refusal(403, Some("MissingAuthenticationTokenException"), "").unwrap();
        assert!(refusal.possible_causes()[0].contains("unsigned"));
        causes.push(refusal.compared_with(&signed.unwrap()).possible_causes());
    }
    assert!(
        causes[0][0].contains("no such path and method"),
        "{causes:?}"
    );
    assert!(causes[1][0].contains("contains the stage"), "{causes:?}");
}

#[test]
fn a_rest_apis_application_may_say_forbidden_too() {
    // a REST API sends its own 403 with an exception
    let headers = HeaderMap::from_iter([(
        http::HeaderName::from_static("x-amz-apigw-id"),
        HeaderValue::from_static("id-1"),
    )]);
    let body = br#"{"message":"Forbidden"}"#;
    assert_eq!(
        Refusal::from_parts(StatusCode::FORBIDDEN, &headers, body),
        None
    );
}

#[test]
fn an_explicit_deny_and_an_anonymous_caller_have_remedies_of_their_own() {
    let resource = "is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-west-1:********9012:abc123/prod/GET/o";
    let hint = |message: String| {
        let body = serde_json::json!({ "Message": message }).to_string();
        refusal(403, Some("AccessDeniedException"), &body)
            .unwrap()
            .hint()
    };
    let user = "User: arn:aws:iam::123456789012:user/me";
    assert!(hint(format!("{user} {resource} with an explicit deny")).contains("explicit Deny"));
    assert!(hint(format!("User: anonymous {resource}")).contains("sign the request"));
    let model = "is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:x";
    assert!(hint(format!("{user} {model}")).starts_with("allow this action"));
}

#[test]
fn control_characters_of_the_service_are_not_shown() {
    let body = serde_json::json!({ "Message": "User: a\u{1b}[2Jb\r\nc is not authorized to perform: d e" });
    let refusal = refusal(403, Some("AccessDeniedException"), &body.to_string()).unwrap();
    assert!(
        !refusal.to_string().contains(char::is_control),
        "{refusal:?}"
    );
}

#[test]
fn every_refusal_is_one_line_with_the_request_id() {
    let mut headers = HeaderMap::new();
    for name in ["x-amzn-requestid", "apigw-requestid", "x-amz-apigw-id"] {
        headers.insert(name, HeaderValue::from_static("id-1"));
        headers.insert(
            "x-amzn-errortype",
            HeaderValue::from_static("ForbiddenException"),
        );
        let body = br#"{"message":"Forbidden"}"#;
        let refusal = Refusal::from_parts(StatusCode::FORBIDDEN, &headers, body).unwrap();
        assert_eq!(refusal.request_id(), Some("id-1"));
        assert!(refusal.to_string().ends_with("(request id id-1)"));
        assert!(!refusal.to_string().contains('\n'));
        headers.clear();
    }
}

/// The message of a REST API about a signature mismatch, which repeats the request.
fn mismatch(canonical: &str) -> Answer {
    Answer::refusal(
        "InvalidSignatureException",
        &format!(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. \
             Consult the service documentation for details.\n\nThe Canonical String for this request should have been\n'{canonical}'\n\n\
             The String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20261122T120000Z\n20261122/eu-west-1/execute-api/aws4_request\nabc'\n"
        ),
    )
}

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The refusal of `GET /prod/o?a=1` with an API key, by a service that received this.
async fn explained(change: impl Fn(String) -> String + Send + Sync + 'static) -> Refusal {
    let server = Server::answering(move |request, _| {
        let host = request.header("host").unwrap();
        let canonical = format!(
            "GET\n/prod/o\na=1\nhost:{host}\nx-amz-date:20261122T120000Z\nx-api-key:s3cret-key\n\nhost;x-amz-date;x-api-key\n{EMPTY}"
        );
        mismatch(&change(canonical))
    })
    .await;
    let http = client(signer());
    let request = http
        .get(server.url("/prod/o?a=1"))
        .header("x-api-key", "s3cret-key")
        .build()
        .unwrap();
    let (response, refusal) = http.explain(request).await.unwrap();
    assert_eq!(response.url().as_str(), server.url("/prod/o?a=1"));
    assert!(
        response
            .text()
            .await
            .unwrap()
            .contains("The Canonical String"),
        "the body is still readable"
    );
    refusal.unwrap()
}

#[tokio::test]
async fn the_first_difference_is_found() {
    let refusal = explained(|canonical| canonical.replace("a=1", "a=1&utm=x")).await;
    let difference = refusal.difference().unwrap();
    assert_eq!(*difference.part(), CanonicalPart::Query);
    assert_eq!(
        (difference.signed(), difference.arrived()),
        (Some("a=1"), Some("a=1&utm=x"))
    );
    assert!(
        refusal
            .to_string()
            .contains(r#"the query differs: "a=1" was signed, "a=1&utm=x" arrived"#),
        "{refusal}"
    );

    let refusal = explained(|canonical| canonical.replace("host:127", "host:internal-127")).await;
    assert_eq!(
        *refusal.difference().unwrap().part(),
        CanonicalPart::Header("host".to_owned())
    );

    let refusal = explained(|canonical| canonical.replace(EMPTY, "abc")).await;
    assert_eq!(
        *refusal.difference().unwrap().part(),
        CanonicalPart::PayloadHash
    );
}

#[tokio::test]
async fn a_request_that_arrived_as_signed_hints_at_the_secret_key() {
    let refusal = explained(|canonical| canonical).await;
    assert_eq!(refusal.difference(), None);
    assert!(refusal.hint().contains("AWS_SECRET_ACCESS_KEY"));
    assert!(
        refusal.to_string().contains("arrived as it was signed"),
        "{refusal}"
    );
}

#[tokio::test]
async fn secrets_that_the_service_repeats_are_not_shown() {
    let refusal =
        explained(|canonical| canonical.replace("x-api-key:s3cret-key", "x-api-key:s3cret-other"))
            .await;
    assert_eq!(
        *refusal.difference().unwrap().part(),
        CanonicalPart::Header("x-api-key".to_owned())
    );
    let shown = format!("{refusal} {refusal:?}");
    assert!(!shown.contains("s3cret"), "{shown}");

    let bearer = r#"{"message":"'t0k3n' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer t0k3n'."}"#;
    let refusal = self::refusal(403, Some("IncompleteSignatureException"), bearer).unwrap();
    assert!(!format!("{refusal} {refusal:?}").contains("t0k3n"));
}

#[tokio::test]
async fn other_responses_are_returned_unchanged() {
    let server =
        Server::answering(|_, _| Answer::new(404, r#"{"no":"order"}"#).header("x-own", "1")).await;
    let response = client(signer()).get(server.url("/o")).send().await.unwrap();
    let (response, refusal) = Refusal::from_response(response).await.unwrap();
    assert_eq!(refusal, None);
    assert_eq!(response.status(), 404);
    assert_eq!(response.headers()["x-own"], "1");
    assert_eq!(response.content_length(), Some(14));
    assert_eq!(response.text().await.unwrap(), r#"{"no":"order"}"#);
}
