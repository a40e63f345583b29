//! The bodies of the fuzz targets, with the same random bytes in every run.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    unreachable_pub,
    reason = "a failed step should fail the test; the bodies are public for the fuzz targets"
)]

#[path = "../fuzz/bodies/query.rs"]
mod query;
#[path = "../../../tests/support/random.rs"]
mod random;
#[path = "../fuzz/bodies/refusal.rs"]
mod refusal;

use random::Random;

#[test]
fn no_response_makes_reading_a_refusal_panic() {
    let samples: [&[u8]; 9] = [
        b"403\nx-amzn-errortype: InvalidSignatureException\nx-amzn-requestid: id-1\n\n{\"message\":\"The request signature we calculated does not match the signature you provided.\\n\\nThe Canonical String for this request should have been\\n'GET\\n/prod/o\\na=1\\nhost:h\\nx-api-key:k\\n\\nhost;x-api-key\\nabc'\\n\\nThe String-to-Sign should have been\\n'AWS4-HMAC-SHA256\\n20261122T120000Z\\nabc'\\n\"}",
        b"403\nx-amzn-errortype: InvalidSignatureException:http://x/\n\n{\"message\":\"Signature expired: 20261122T114000Z is now earlier than 20261122T115500Z (20261122T120000Z - 5 min.)\"}",
        b"403\n\n{\"message\":\"Credential should be scoped to a valid region, not 'us-east-1'. Credential should be scoped to correct service: 'execute-api'. \"}",
        b"403\nx-amzn-errortype: AccessDeniedException\n\n{\"Message\":\"User: arn:aws:iam::1:user/me is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:x with an explicit deny\"}",
        b"403\napigw-requestid: JKJaXmPLvHcESHA=\n\n{\"message\":\"Forbidden\"}",
        b"403\nx-amzn-errortype: ForbiddenException\n\n{\"message\":\"Forbidden\"}",
        b"403\nx-amzn-errortype: MissingAuthenticationTokenException\n\n{\"message\":\"Missing Authentication Token\"}",
        b"400\nx-amzn-errortype: BadRequestException\n\n{\"message\":\"Missing required request parameters: [a]\"}",
        b"429\nx-amzn-errortype: LimitExceededException\n\n",
    ];
    let words: [&[u8]; 14] = [
        b"\\n",
        b"\\u001b[2J",
        b"\\r",
        b"'",
        b"\n",
        b"\n\n",
        b"\xff",
        b"(",
        b" - 5 min.)",
        b"on resource: ",
        b"User: ",
        b"host:",
        "ü".as_bytes(),
        b"x-amz-security-token:",
    ];
    let mut random = Random::new(1);
    let refusals = (0..20_000)
        .filter(|_| refusal::refusal(&random.variant(&samples, &words)))
        .count();
    assert!(refusals > 5_000, "only {refusals} were refusals");
}

#[test]
fn every_query_keeps_its_parameters_or_is_an_error() {
    let samples: [&[u8]; 6] = [
        b"a=1&b=2&a=3",
        b"q=a+b&r=a%20b&s=a%2Bb&t",
        b"=&&=x&k==&%26=%3D",
        b"q=*!'();:@/?,$[]|&u=%C3%BC",
        b"X-Amz-Date=20261122T120000Z&x-amz-signature=0&X%2DAmz-Credential=c&a",
        "ü=ö".as_bytes(),
    ];
    let words: [&[u8]; 12] = [
        b"%",
        b"%2",
        b"%ff",
        b"%C3",
        b"+",
        b"=",
        b"&",
        b"%00",
        b"X-Amz-Expires=1",
        b"%25",
        b"#",
        b"%0A",
    ];
    let mut random = Random::new(2);
    let signed = (0..10_000)
        .filter(|_| query::query(&random.variant(&samples, &words)))
        .count();
    assert!(signed > 2_000, "only {signed} were signed");
}
