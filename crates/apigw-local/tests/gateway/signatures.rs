//! Requests signed by other implementations: botocore 1.44, npm aws4 1.13 and @smithy/signature-v4 5.7.

use std::time::{Duration, SystemTime};

use apigw_local::{
    Caller, Credentials, LocalGateway, QueryReading, QueryRule, Refusal, RefusalKind, Verifier,
    WireRequest,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use serde::Deserialize;

use crate::wire::Wire;

pub(crate) const REGION: &str = "eu-west-1";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "IQoJb3JpZ2luX2VjEA/+=token==";
const HOST: &str = "abc123.execute-api.eu-west-1.amazonaws.com";
const DATE: &str = "20261122T120000Z";

/// A request, with the signature that the named signers create for it. The keys, date and Region are always the same.
#[derive(Deserialize)]
pub(crate) struct Case {
    pub(crate) name: String,
    signers: Vec<String>,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
    temporary: bool,
    signed_headers: Option<String>,
    signature: Option<String>,
}

pub(crate) fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("signed_requests.json")).unwrap()
}

/// Returns the signed request of a case.
pub(crate) fn signed(name: &str) -> Wire {
    cases()
        .iter()
        .find(|case| case.name == name)
        .unwrap()
        .request()
}

/// Returns the time at which all cases were signed.
pub(crate) fn signing_time() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_348_800)
}

pub(crate) fn long_term() -> Credentials {
    Credentials::new("AKIDEXAMPLE", SECRET)
}

pub(crate) fn temporary() -> Credentials {
    Credentials::temporary("ASIAEXAMPLE", SECRET, TOKEN)
}

fn verifier() -> Verifier {
    Verifier::new(REGION)
        .credentials(long_term())
        .credentials(temporary())
}

fn verify_at(verifier: &Verifier, wire: &Wire, now: SystemTime) -> Result<Caller, Refusal> {
    let mut headers = HeaderMap::new();
    for (name, value) in &wire.headers {
        let value: Vec<u8> = value
            .chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap())
            .collect();
        headers.append(
            HeaderName::try_from(name).unwrap(),
            HeaderValue::from_bytes(&value).unwrap(),
        );
    }
    let (method, target) = (wire.method.as_str(), wire.target.as_str());
    verifier.verify(
        WireRequest {
            method,
            target,
            headers: &headers,
            body: &wire.body,
        },
        now,
    )
}

fn verify(wire: &Wire) -> Result<Caller, Refusal> {
    verify_at(&verifier(), wire, signing_time())
}

impl Case {
    fn request(&self) -> Wire {
        let mut wire = Wire {
            headers: self.headers.clone(),
            ..Wire::new(&self.method, &self.target)
        };
        if !self.headers.iter().any(|(name, _)| name == "host") {
            wire = wire.header("host", HOST);
        }
        if let (Some(signed_headers), Some(signature)) = (&self.signed_headers, &self.signature) {
            let key = if self.temporary {
                "ASIAEXAMPLE"
            } else {
                "AKIDEXAMPLE"
            };
            wire = wire.header("x-amz-date", DATE).header(
                "authorization",
                &format!(
                    "AWS4-HMAC-SHA256 Credential={key}/20261122/{REGION}/execute-api/aws4_request, \
                     SignedHeaders={signed_headers}, Signature={signature}"
                ),
            );
            if self.temporary {
                wire = wire.header("x-amz-security-token", TOKEN);
            }
            // aws4 signs the length
            if signed_headers.contains("content-length") {
                wire = wire.header("content-length", &self.body.len().to_string());
            }
        }
        wire.body(self.body.clone())
    }
}

#[test]
fn requests_signed_by_botocore_aws4_and_smithy_verify() {
    for case in cases() {
        if let Err(refusal) = verify(&case.request()) {
            panic!(
                "{} signed by {:?}: {refusal}\n{}",
                case.name,
                case.signers,
                refusal.message()
            );
        }
    }
}

#[test]
fn the_caller_is_the_signer() {
    let caller = verify(&signed("t-token-query")).unwrap();
    assert_eq!(caller.access_key, "ASIAEXAMPLE");
    assert_eq!(caller.scope, "20261122/eu-west-1/execute-api/aws4_request");
    assert_eq!(
        caller.signed_headers,
        ["host", "x-amz-date", "x-amz-security-token"]
    );
    assert!(caller.temporary && !caller.presigned);
    assert!(verify(&signed("p-plain")).unwrap().presigned);
}

#[test]
fn a_request_changed_after_signing_is_refused() {
    type Change = fn(&mut Wire);
    let changes: [(&str, Change, RefusalKind); 22] = [
        (
            "method",
            |wire| wire.method = "PATCH".into(),
            RefusalKind::InvalidSignature,
        ),
        (
            "path",
            |wire| wire.target.insert_str(5, "/x"),
            RefusalKind::InvalidSignature,
        ),
        (
            "query",
            |wire| wire.target.push_str("?x=1"),
            RefusalKind::InvalidSignature,
        ),
        (
            "body",
            |wire| wire.body.push(b'!'),
            RefusalKind::InvalidSignature,
        ),
        (
            "signature",
            |wire| edit(wire, "Signature=", "Signature=0"),
            RefusalKind::InvalidSignature,
        ),
        (
            "host",
            |wire| edit(wire, "abc123", "abc124"),
            RefusalKind::InvalidSignature,
        ),
        (
            "signed header",
            |wire| edit(wire, "application/json", "text/plain"),
            RefusalKind::InvalidSignature,
        ),
        (
            "date",
            |wire| edit(wire, "T120000Z", "T120001Z"),
            RefusalKind::InvalidSignature,
        ),
        (
            "day",
            |wire| edit(wire, "/20261122/", "/20261121/"),
            RefusalKind::InvalidSignature,
        ),
        (
            "region",
            |wire| edit(wire, "/eu-west-1/", "/us-east-1/"),
            RefusalKind::InvalidSignature,
        ),
        (
            "service",
            |wire| edit(wire, "execute-api/", "s3/"),
            RefusalKind::InvalidSignature,
        ),
        (
            "terminator",
            |wire| edit(wire, "aws4_request", "aws5_request"),
            RefusalKind::InvalidSignature,
        ),
        (
            "header order",
            |wire| edit(wire, "host;x-amz-date", "x-amz-date;host"),
            RefusalKind::InvalidSignature,
        ),
        (
            "header case",
            |wire| edit(wire, "=content-type", "=Content-Type"),
            RefusalKind::InvalidSignature,
        ),
        (
            "repeated header",
            |wire| edit(wire, "host;", "host;host;"),
            RefusalKind::InvalidSignature,
        ),
        (
            "missing header",
            |wire| edit(wire, "=content-type", "=cache-control;content-type"),
            RefusalKind::InvalidSignature,
        ),
        (
            "unsigned host",
            |wire| edit(wire, ";host;", ";"),
            RefusalKind::InvalidSignature,
        ),
        (
            "unsigned x-amz header",
            |wire| *wire = wire.clone().header("x-amz-meta", "1"),
            RefusalKind::InvalidSignature,
        ),
        (
            "access key",
            |wire| edit(wire, "=AKID", "=AKIX"),
            RefusalKind::UnrecognizedClient,
        ),
        (
            "session token",
            |wire| *wire = wire.clone().header("x-amz-security-token", "t"),
            RefusalKind::UnrecognizedClient,
        ),
        (
            "credential",
            |wire| edit(wire, "/aws4_request", ""),
            RefusalKind::IncompleteSignature,
        ),
        (
            "no signature",
            |wire| wire.headers.retain(|(name, _)| name != "authorization"),
            RefusalKind::MissingAuthenticationToken,
        ),
    ];
    let untouched = signed("b-post-json");
    assert!(verify(&untouched).is_ok());
    for (name, change, kind) in changes {
        let mut wire = untouched.clone();
        change(&mut wire);
        let refusal = verify(&wire).expect_err(name);
        assert_eq!(refusal.kind(), kind, "{name}: {refusal}");
    }
}

/// Replaces text in the header values. Panics if there is none.
fn edit(wire: &mut Wire, from: &str, to: &str) {
    let mut found = false;
    for (_, value) in &mut wire.headers {
        found |= value.contains(from);
        *value = value.replace(from, to);
    }
    assert!(found, "no header contains {from:?}");
}

#[test]
fn a_changed_presigned_url_is_refused() {
    let untouched = signed("p-query");
    for (from, to) in [
        ("a=1", "a=2"),
        ("X-Amz-Expires=300", "X-Amz-Expires=301"),
        ("/prod/o", "/prod/p"),
        ("b=2&", ""),
    ] {
        let mut wire = untouched.clone();
        wire.target = wire.target.replacen(from, to, 1);
        assert_ne!(wire.target, untouched.target, "{from}");
        assert_eq!(
            verify(&wire).expect_err(from).kind(),
            RefusalKind::InvalidSignature
        );
    }
}

#[test]
fn a_signature_is_valid_for_five_minutes_before_and_after_its_time() {
    let five_minutes = Duration::from_secs(300);
    let second = Duration::from_secs(1);
    for name in ["q-unsorted", "p-plain"] {
        let at = |now| verify_at(&verifier(), &signed(name), now);
        let (first, last) = (signing_time() - five_minutes, signing_time() + five_minutes);
        assert!(at(first).is_ok() && at(last).is_ok(), "{name}");
        assert_eq!(
            at(last + second).unwrap_err().message(),
            "Signature expired: 20261122T120000Z is now earlier than 20261122T120001Z (20261122T120501Z - 5 min.)"
        );
        assert_eq!(
            at(first - second).unwrap_err().message(),
            "Signature not yet current: 20261122T120000Z is still later than 20261122T115959Z (20261122T115459Z + 5 min.)"
        );
    }
}

#[test]
fn expired_temporary_credentials_are_distinguished_from_unknown_ones() {
    let expired = temporary().expires_at(signing_time() - Duration::from_secs(1));
    let verifier = Verifier::new(REGION).credentials(expired);
    let refusal = verify_at(&verifier, &signed("t-token-query"), signing_time()).unwrap_err();
    assert_eq!(refusal.kind(), RefusalKind::ExpiredToken);
}

#[test]
fn a_declared_body_hash_must_match_the_body() {
    for (declared, reason) in [
        ("UNSIGNED-PAYLOAD", "sign the hash"),
        ("e3b0", "not the hash of the body"),
    ] {
        let mut wire = signed("b-post-json").header("x-amz-content-sha256", declared);
        edit(&mut wire, "host;", "host;x-amz-content-sha256;");
        let refusal = verify(&wire).unwrap_err();
        assert_eq!(refusal.kind(), RefusalKind::InvalidSignature);
        assert!(refusal.reason().contains(reason), "{refusal}");
    }
}

#[test]
fn an_ambiguous_query_matches_only_one_interpretation() {
    // `q=a+b`: signed unchanged by botocore, with a space by aws-sigv4 1.6, and with a plus as documented by AWS
    let readings = [
        (
            QueryReading::Raw,
            "32640e376eeab30f42143a6d31a07f3cd64383d7519b7b27442a5cf10f72f3b4",
        ),
        (
            QueryReading::Form,
            "9598fbaaa607f146d70f4e28bd4dbffa17c7bad3092c6e5634cfed7e0e054cac",
        ),
        (
            QueryReading::Spec,
            "50fa87832809c6c0d295c427485eb6b7d55130969bee6aafdb47361da16b5515",
        ),
    ];
    for (signed_as, signature) in readings {
        let case = Case {
            target: "/prod/o?q=a+b".into(),
            signature: Some(signature.into()),
            ..cases()
                .into_iter()
                .find(|case| case.name == "q-unsorted")
                .unwrap()
        };
        for (read_as, _) in readings {
            let verifier = verifier().query_rule(QueryRule::Only(read_as));
            let verdict = verify_at(&verifier, &case.request(), signing_time());
            assert_eq!(
                verdict.is_ok(),
                read_as == signed_as,
                "{signed_as:?} read as {read_as:?}"
            );
        }
        assert!(verify(&case.request()).is_err(), "{signed_as:?}");
    }
}

proptest! {
    #[test]
    fn arbitrary_requests_are_refused_without_a_panic(
        target in "/[ -~]{0,40}",
        parameters in proptest::sample::subsequence(&PRESIGNED[..], 0..=PRESIGNED.len()),
        value in "[ -~\u{a0}-\u{ff}]{0,30}",
        authorization in "(AWS4-HMAC-SHA256 )?(Credential=[ -~]{0,40}, ?)?(SignedHeaders=[a-z;-]{0,20}, ?)?(Signature=[0-9a-f]{0,8})?",
        date in "[0-9TZ]{0,17}",
    ) {
        let presigned: String = parameters.iter().map(|name| format!("&{name}={date}")).collect();
        let header = Wire::get(&target).header("authorization", &authorization);
        for wire in [header, Wire::get(&format!("{target}?{presigned}"))] {
            let wire = wire.header("x-amz-date", &date).header("x-any", &value);
            prop_assert!(verify(&wire).is_err());
        }
    }
}

const PRESIGNED: [&str; 7] = [
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&x",
    "X-Amz-Credential",
    "X-Amz-Credential=A%2F20261122%2Feu-west-1%2Fexecute-api%2Faws4_request&x",
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Expires",
    "X-Amz-Signature",
];

#[tokio::test]
async fn signed_requests_are_accepted_over_a_connection() {
    let gateway = LocalGateway::builder()
        .region(REGION)
        .stage("prod")
        .caller(long_term())
        .caller(temporary())
        .clock(signing_time())
        .start()
        .await
        .unwrap();
    for case in cases()
        .iter()
        .filter(|case| case.target.starts_with("/prod") && case.method != "HEAD")
    {
        let wire = Wire {
            // the test client adds the length
            headers: case
                .request()
                .headers
                .into_iter()
                .filter(|(name, _)| name != "content-length")
                .collect(),
            ..case.request()
        };
        let reply = wire.send(gateway.address()).await.unwrap();
        assert_eq!(reply.status, 200, "{}: {}", case.name, reply.text());
        assert_eq!(reply.json()["method"], case.method);
    }
    assert_eq!(
        gateway
            .exchanges()
            .iter()
            .filter(|exchange| exchange.refusal.is_some())
            .count(),
        0
    );
}
