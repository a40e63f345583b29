//! Policies of callers.

use std::error::Error as _;

use apigw_local::{ApiKind, Builder, Credentials, Error, LocalGateway, Policy, RefusalKind};
use serde_json::{Value, json};

use crate::signatures::{REGION, long_term, signed, signing_time};
use crate::wire::Reply;

fn policy(effect: &str, resource: &str, condition: &Value) -> Policy {
    let mut statement = json!({ "Sid": "Some", "Effect": effect, "Action": "execute-api:Invoke", "Resource": resource });
    if condition.is_object() {
        statement["Condition"] = condition.clone();
    }
    Policy::parse(&json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string())
        .unwrap()
}

fn builder() -> Builder {
    LocalGateway::builder()
        .region(REGION)
        .stage("prod")
        .caller(long_term().principal("arn:aws:iam::111122223333:role/shop"))
        .clock(signing_time())
        .account("444455556666")
        .api_id("a1b2c3d4e5")
}

/// Sends `GET /prod/a+b`.
async fn reply(builder: Builder) -> Reply {
    let gateway = builder.start().await.unwrap();
    signed("path-plus").send(gateway.address()).await.unwrap()
}

#[tokio::test]
async fn a_request_is_allowed_by_the_arn_of_its_method() {
    for (resource, status) in [
        (
            "arn:aws:execute-api:eu-west-1:444455556666:a1b2c3d4e5/prod/GET/*",
            200,
        ),
        ("arn:aws:execute-api:*:*:a1b2c3d4e5/prod/*/*", 200),
        (
            "arn:aws:execute-api:eu-west-1:444455556666:a1b2c3d4e5/dev/GET/*",
            403,
        ),
        (
            "arn:aws:execute-api:eu-west-1:444455556666:a1b2c3d4e5/prod/POST/*",
            403,
        ),
        (
            "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/*",
            403,
        ),
    ] {
        let reply = reply(builder().policy(policy("Allow", resource, &Value::Null))).await;
        assert_eq!(reply.status, status, "{resource}");
    }
}

#[tokio::test]
async fn the_stage_of_the_arn_can_differ_from_the_path() {
    let resource = "arn:aws:execute-api:*:*:a1b2c3d4e5/v2/GET/*";
    let gateway = builder().deployed_stage("v2");
    let reply = reply(gateway.policy(policy("Allow", resource, &Value::Null))).await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn denied_requests_have_the_errors_of_api_gateway() {
    let path = signed("path-plus").target;
    let path = path.strip_prefix("/prod").unwrap().to_owned();
    let start = format!(
        "User: arn:aws:iam::111122223333:role/shop is not authorized to perform: execute-api:Invoke on resource: \
         arn:aws:execute-api:eu-west-1:********6666:a1b2c3d4e5/prod/GET{path}"
    );
    let other = policy("Allow", "arn:aws:s3:::other", &Value::Null);
    let implicit = reply(builder().policy(other)).await;
    let all = policy("Allow", "*", &Value::Null);
    let deny = policy("Deny", "*/GET/*", &Value::Null);
    let explicit = reply(builder().policy(all).policy(deny)).await;
    for (reply, end, reason) in [
        (
            implicit,
            " because no identity-based policy allows the execute-api:Invoke action",
            "no statement of the policy allows GET/",
        ),
        (
            explicit,
            " with an explicit deny",
            "statement 1 (\"Some\") of the policy denies GET/",
        ),
    ] {
        assert_eq!(reply.status, 403);
        assert_eq!(
            reply.header("x-amzn-errortype"),
            Some("AccessDeniedException")
        );
        assert_eq!(reply.json(), json!({ "Message": format!("{start}{end}") }));
        let told = reply.header("x-apigw-local-reason").unwrap();
        assert!(told.starts_with(reason), "{told}");
    }
}

#[tokio::test]
async fn an_http_api_gives_no_reason() {
    let other = policy("Allow", "arn:aws:s3:::other", &Value::Null);
    let reply = reply(builder().kind(ApiKind::Http).policy(other)).await;
    assert_eq!(
        (reply.status, reply.json()),
        (403, json!({ "message": "Forbidden" }))
    );
}

#[tokio::test]
async fn conditions_are_about_the_caller() {
    let from = json!({ "IpAddress": { "aws:SourceIp": "192.0.2.0/24" } });
    let by = json!({ "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/sh?p" } });
    let inside = "192.0.2.1".parse().unwrap();
    for (builder, condition, status) in [
        (builder(), &from, 403),
        (builder().source_ip(inside), &from, 200),
        (builder(), &by, 200),
        (
            builder().caller(long_term().principal("arn:aws:iam::111122223333:user/ada")),
            &by,
            403,
        ),
        // the role of a session
        (
            builder().caller(
                long_term().principal("arn:aws:sts::111122223333:assumed-role/shop/laptop"),
            ),
            &by,
            200,
        ),
    ] {
        let reply = reply(builder.policy(policy("Allow", "*", condition))).await;
        assert_eq!(reply.status, status, "{condition}");
    }
}

#[tokio::test]
async fn the_signature_is_verified_before_the_policy() {
    let deny = policy("Deny", "*", &Value::Null);
    let unknown = LocalGateway::builder()
        .region(REGION)
        .clock(signing_time())
        .caller(Credentials::new("AKIDEXAMPLE", "another"))
        .policy(deny);
    let gateway = unknown.start().await.unwrap();
    signed("path-plus").send(gateway.address()).await.unwrap();
    let refusal = gateway.exchanges().remove(0).refusal.unwrap();
    assert_eq!(refusal.kind(), RefusalKind::InvalidSignature);
}

#[test]
fn an_error_names_the_file_and_the_statement() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.json");
    fs_err::write(
        &path,
        r#"{ "Statement": [{ "Sid": "A", "Effect": "Allow" }] }"#,
    )
    .unwrap();
    let error = Policy::read(&path).unwrap_err();
    assert!(matches!(error, Error::Policy { .. }));
    assert_eq!(error.to_string(), path.display().to_string());
    let cause = error.source().unwrap().to_string();
    assert_eq!(
        cause,
        "statement 1 (\"A\"): neither Action nor NotAction is set"
    );
}
