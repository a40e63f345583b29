//! Independent verifiers accept what is sent, and reject it after tampering.
//!
//! Needs a server that verifies `execute-api` in `eu-west-1` for the keys of `tests/vectors/cases.json`, on its own clock, so it only runs manually:
//!
//! ```text
//! SIGV4_VERIFIER=http://127.0.0.1:8091 cargo test -p reqwest-sigv4 --test behaviour peers -- --ignored
//! ```

use std::time::Duration;

use reqwest::{Method, Request};
use reqwest_sigv4::{Credentials, Error, HeaderPolicy, Refusal, SignerBuilder};

use super::independent_signers::{self, Case, REFUSED, Table};
use crate::support::client;

fn verifier() -> String {
    std::env::var("SIGV4_VERIFIER").unwrap()
}

fn builder(table: &Table, token: bool) -> SignerBuilder {
    let credentials = if token {
        let token = Some(table.token.clone());
        Credentials::new(&table.token_access_key, &table.secret, token, None, "table")
    } else {
        Credentials::new(&table.access_key, &table.secret, None, None, "table")
    };
    reqwest_sigv4::Signer::builder()
        .credentials(credentials)
        .region(&table.region)
}

fn here(case: &Case) -> Request {
    independent_signers::Redirected(verifier()).at_loopback(independent_signers::request(case))
}

#[tokio::test]
#[ignore = "needs a verifier"]
async fn every_case_is_accepted_or_rejected_before_sending() {
    let table = independent_signers::table();
    for policy in [HeaderPolicy::minimal(), HeaderPolicy::all()] {
        for case in &table.cases {
            let signer = builder(&table, case.token)
                .header_policy(policy.clone())
                .build()
                .unwrap();
            let request = here(case);
            let response = if case.auth == "query" {
                let mut request = request;
                signer
                    .presign(&mut request, Duration::from_secs(60))
                    .await
                    .unwrap();
                reqwest_sigv4::http_client()
                    .unwrap()
                    .execute(request)
                    .await
                    .unwrap()
            } else {
                match client(signer).execute(request).await {
                    Ok(response) => response,
                    Err(error) => {
                        let expected = REFUSED.iter().find(|(id, _)| *id == case.id);
                        assert!(
                            expected.is_some_and(|(_, is_it)| is_it(Error::find(&error).unwrap())),
                            "{error}"
                        );
                        continue;
                    }
                }
            };
            let (response, refusal) = Refusal::from_response(response).await.unwrap();
            assert_eq!(response.status(), 200, "{}: {refusal:?}", case.id);
        }
    }
}

#[tokio::test]
#[ignore = "needs a verifier"]
async fn a_wrong_key_and_every_change_after_signing_are_rejected() {
    let table = independent_signers::table();
    let signer = builder(&table, true).build().unwrap();
    let plain = || {
        let mut request = Request::new(
            Method::POST,
            format!("{}/prod/o?a=1", verifier()).parse().unwrap(),
        );
        request
            .headers_mut()
            .insert("content-type", "text/plain".parse().unwrap());
        *request.body_mut() = Some("body".into());
        request
    };
    let http = reqwest_sigv4::http_client().unwrap();

    let mut untouched = plain();
    signer.sign(&mut untouched).await.unwrap();
    assert_eq!(http.execute(untouched).await.unwrap().status(), 200);

    type Change = fn(&mut Request);
    let changes: [(&str, Change); 9] = [
        ("method", |r| *r.method_mut() = Method::PUT),
        ("path", |r| r.url_mut().set_path("/prod/p")),
        ("query", |r| r.url_mut().set_query(Some("a=2"))),
        ("header", |r| {
            r.headers_mut()
                .insert("content-type", "text/html".parse().unwrap());
        }),
        ("body", |r| *r.body_mut() = Some("bodY".into())),
        ("date", |r| {
            r.headers_mut()
                .insert("x-amz-date", "20201122T120000Z".parse().unwrap());
        }),
        ("token", |r| {
            r.headers_mut()
                .insert("x-amz-security-token", "another".parse().unwrap());
        }),
        ("no token", |r| {
            r.headers_mut().remove("x-amz-security-token");
        }),
        ("region", |r| {
            let authorization = r.headers()["authorization"]
                .to_str()
                .unwrap()
                .replace("eu-west-1", "eu-west-2");
            r.headers_mut()
                .insert("authorization", authorization.parse().unwrap());
        }),
    ];
    for (name, change) in changes {
        let mut request = plain();
        signer.sign(&mut request).await.unwrap();
        change(&mut request);
        let response = http.execute(request).await.unwrap();
        let (response, refusal) = Refusal::from_response(response).await.unwrap();
        assert_eq!(response.status(), 403, "{name}");
        assert!(refusal.is_some(), "{name}");
    }

    let wrong = Credentials::new(&table.access_key, "wrong", None, None, "test");
    let wrong = client(builder(&table, false).credentials(wrong).build().unwrap());
    let response = wrong.execute(plain()).await.unwrap();
    let (_, refusal) = Refusal::from_response(response).await.unwrap();
    assert!(refusal.unwrap().hint().contains("AWS_SECRET_ACCESS_KEY"));
}
