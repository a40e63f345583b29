//! Independent signers compute the same signatures.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderName;
use reqwest::{Method, Request};
use reqwest_sigv4::{Credentials, Error, HeaderPolicy, SignOptions, Signed, Signer};
use serde::Deserialize;

use crate::support::{Watch, at};

#[derive(Deserialize)]
pub(crate) struct Table {
    pub(crate) access_key: String,
    pub(crate) token_access_key: String,
    pub(crate) secret: String,
    pub(crate) token: String,
    pub(crate) region: String,
    pub(crate) epoch: u64,
    pub(crate) expires: u64,
    pub(crate) cases: Vec<Case>,
}

#[derive(Deserialize)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) host: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) auth: String,
    pub(crate) token: bool,
    pub(crate) canonical_request: String,
    pub(crate) signature: String,
    #[serde(default)]
    pub(crate) body_base64: String,
}

type Expected = fn(&Error) -> bool;

/// Requests that the signer rejects, because services parse them in different ways.
pub(crate) const REFUSED: [(&str, Expected); 4] = [
    ("q-bad-percent", |error| {
        matches!(error, Error::QueryEscape { .. })
    }),
    ("q-bad-percent-zz", |error| {
        matches!(error, Error::QueryEscape { .. })
    }),
    ("h-latin1", |error| {
        matches!(error, Error::HeaderValue { .. })
    }),
    ("h-tab-inside", |error| {
        matches!(error, Error::HeaderValue { .. })
    }),
];

/// Requests whose path `Url` would normalise, so they are signed as an `http::Request`.
const RESOLVED: [&str; 1] = ["path-encoded-dotdot"];

/// Headers that the others sign, but this crate never does: they change in transit.
const UNSTABLE_HEADERS: [&str; 1] = ["h-cookie"];

pub(crate) fn table() -> Table {
    serde_json::from_str(include_str!("../../vectors/cases.json")).unwrap()
}

#[tokio::test]
async fn independent_signers_compute_the_same_signature() {
    let table = table();
    let mut compared = 0;
    for case in &table.cases {
        let signer = signer(&table, case);
        if RESOLVED.contains(&case.id.as_str()) {
            let uri = format!("https://{}{}", case.host, case.target);
            let mut request = http::Request::get(uri).body("").unwrap();
            signer
                .sign_http(&mut request, &SignOptions::new())
                .await
                .unwrap();
            let authorization = request.headers()["authorization"].to_str().unwrap();
            assert!(authorization.ends_with(&case.signature), "{}", case.id);
            compared += 1;
            continue;
        }
        let mut request = request(case);
        let outcome = match case.auth.as_str() {
            "query" => {
                signer
                    .presign(&mut request, std::time::Duration::from_secs(table.expires))
                    .await
            }
            _ => signer.sign(&mut request).await,
        };
        if let Some((_, is_expected)) = REFUSED.iter().find(|(id, _)| *id == case.id) {
            let error = outcome.unwrap_err();
            assert!(is_expected(&error), "{}: {error}", case.id);
            continue;
        }
        outcome.unwrap_or_else(|error| panic!("{}: {error}", case.id));
        if UNSTABLE_HEADERS.contains(&case.id.as_str()) {
            continue;
        }
        assert_eq!(
            signature(&request),
            case.signature,
            "{}\n{}",
            case.id,
            case.canonical_request
        );
        compared += 1;
    }
    assert_eq!(
        compared,
        table.cases.len() - REFUSED.len() - UNSTABLE_HEADERS.len()
    );
    assert!(compared > 70, "{compared}");
}

/// Compares the text itself, not only its hash: `Signed` contains the canonical request.
#[tokio::test]
async fn signed_contains_the_canonical_request() {
    let table = table();
    let server = crate::support::Server::start().await;
    for case in table
        .cases
        .iter()
        .filter(|case| case.auth == "header" && !case.token)
    {
        let left_out = ["h-api-key"] // not shown
            .into_iter()
            .chain(UNSTABLE_HEADERS)
            .chain(RESOLVED)
            .chain(REFUSED.map(|(id, _)| id));
        if left_out.into_iter().any(|id| id == case.id) {
            continue;
        }
        let request = request(case);
        let target = Redirected(server.url(""));
        let http = reqwest_middleware::ClientBuilder::new(reqwest_sigv4::http_client().unwrap())
            .with(signer_for(&table, case, Some(case.host.clone())))
            .build();
        let response = http.execute(target.at_loopback(request)).await.unwrap();
        let mut canonical = Signed::of(&response).unwrap().canonical_request();
        if case.id == "h-host-override" {
            // the table signs the header; here the signing host is set
            canonical = canonical.replace(&case.host, "api.example.com");
        }
        assert_eq!(canonical, case.canonical_request, "{}", case.id);
    }
}

/// Sends requests for other hosts to the test server.
pub(crate) struct Redirected(pub(crate) String);

impl Redirected {
    pub(crate) fn at_loopback(&self, request: Request) -> Request {
        let mut url: reqwest::Url = self.0.parse().unwrap();
        url.set_path(request.url().path());
        url.set_query(request.url().query());
        let mut moved = Request::new(request.method().clone(), url);
        *moved.headers_mut() = request.headers().clone();
        moved.headers_mut().remove("host");
        *moved.body_mut() = request
            .body()
            .and_then(|body| body.as_bytes())
            .map(|body| body.to_vec().into());
        moved
    }
}

pub(crate) fn request(case: &Case) -> Request {
    let url = format!("https://{}{}", case.host, case.target);
    let mut request = Request::new(
        Method::from_bytes(case.method.as_bytes()).unwrap(),
        url.parse().unwrap(),
    );
    for (name, value) in &case.headers {
        let latin1: Vec<u8> = value.chars().map(|c| u8::try_from(c).unwrap()).collect();
        let name: HeaderName = name.parse().unwrap();
        request
            .headers_mut()
            .append(name, http::HeaderValue::from_bytes(&latin1).unwrap());
    }
    let body = STANDARD.decode(&case.body_base64).unwrap();
    if !body.is_empty() {
        *request.body_mut() = Some(body.into());
    }
    request
}

fn signer(table: &Table, case: &Case) -> Signer {
    signer_for(table, case, None)
}

fn signer_for(table: &Table, case: &Case, host: Option<String>) -> Signer {
    let epoch = at(table.epoch);
    let credentials = if case.token {
        Credentials::new(
            &table.token_access_key,
            &table.secret,
            Some(table.token.clone()),
            None,
            "table",
        )
    } else {
        Credentials::new(&table.access_key, &table.secret, None, None, "table")
    };
    let builder = Signer::builder()
        .credentials(credentials)
        .region(&table.region)
        .header_policy(HeaderPolicy::all())
        .clock(move || epoch);
    match host {
        Some(host) => builder.signing_host(host),
        None => builder,
    }
    .build()
    .unwrap()
}

fn signature(request: &Request) -> String {
    let in_query = request
        .url()
        .query_pairs()
        .find(|(key, _)| key == "X-Amz-Signature");
    match in_query {
        Some((_, signature)) => signature.into_owned(),
        None => {
            let authorization = request.headers()["authorization"].to_str().unwrap();
            authorization.split_once("Signature=").unwrap().1.to_owned()
        }
    }
}

#[test]
fn the_test_clock_has_the_time_of_the_table() {
    use reqwest_sigv4::Clock;
    assert_eq!(Watch::noon().now(), at(table().epoch));
}
