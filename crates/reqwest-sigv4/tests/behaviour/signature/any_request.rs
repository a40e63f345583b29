//! Random requests have the signature of aws-sigv4, or there is a typed error, never a panic.

use std::time::Duration;

use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use http::{HeaderName, HeaderValue};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use reqwest::{Method, Request, Url};
use reqwest_sigv4::{HeaderPolicy, SignOptions, Signer};

use crate::support::verifier::verify;
use crate::support::{NOON, REGION, SECRET, Server, at, builder, client, temporary_keys};

/// Text that is difficult for encoders.
fn awkward() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-zA-Z0-9._~-]{1,4}",
        "[ !-/:-@\\[-`{-~]{1,4}",
        "%[0-9a-fA-F]{2}",
        "%[0-7][0-9A-F]",
        Just("%".to_owned()),
        Just("%zz".to_owned()),
        Just("..".to_owned()),
        Just("//".to_owned()),
        "\\PC{0,3}",
    ];
    vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn headers() -> impl Strategy<Value = Vec<(HeaderName, HeaderValue)>> {
    let name = prop_oneof!["x-[a-z]{1,3}", "[a-z][a-z0-9-]{0,12}"].prop_filter_map(
        "a header's name",
        |name| {
            let name: HeaderName = name.parse().ok()?;
            (name != http::header::AUTHORIZATION && name != http::header::HOST).then_some(name)
        },
    );
    let value = prop_oneof![
        "[ -~]{0,12}".prop_map(String::into_bytes),
        vec(any::<u8>(), 0..6),
    ];
    let value = value.prop_filter_map("a header's value", |value| {
        HeaderValue::from_bytes(&value).ok()
    });
    vec((name, value), 0..6)
}

fn requests() -> impl Strategy<Value = Request> {
    let url = (
        awkward(),
        prop::option::of(awkward()),
        prop::option::of(1u16..),
    )
        .prop_filter_map("a url", |(path, query, port)| {
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            let query = query.map(|query| format!("?{query}")).unwrap_or_default();
            Url::parse(&format!("https://api.example.com{port}/{path}{query}")).ok()
        });
    let method = prop::sample::select(vec![
        Method::GET,
        Method::POST,
        Method::DELETE,
        Method::HEAD,
    ]);
    let body = prop::option::of(vec(any::<u8>(), 0..64));
    (method, url, headers(), body).prop_map(|(method, url, headers, body)| {
        let mut request = Request::new(method, url);
        for (name, value) in headers {
            request.headers_mut().append(name, value);
        }
        *request.body_mut() = body.map(Into::into);
        request
    })
}

fn signer() -> Signer {
    builder()
        .credentials(temporary_keys())
        .header_policy(HeaderPolicy::all())
        .build()
        .unwrap()
}

/// The signature of aws-sigv4 for the request as it would be sent.
fn by_aws_sigv4(request: &Request, signed_headers: &str, expires_in: Option<Duration>) -> String {
    let mut settings = SigningSettings::default();
    settings.excluded_headers = None;
    if expires_in.is_some() {
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = expires_in;
    }
    let identity = temporary_keys().into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(REGION)
        .name("execute-api")
        .time(at(NOON))
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let headers = request.headers().iter().filter(|(name, _)| {
        signed_headers
            .split(';')
            .any(|signed| signed == name.as_str())
            && !["x-amz-date", "x-amz-security-token"].contains(&name.as_str())
    });
    let headers: Vec<(&str, &str)> = headers
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect();
    let body = request
        .body()
        .and_then(|body| body.as_bytes())
        .unwrap_or_default();
    let mut url = request.url().clone();
    let unsigned: Vec<&str> = url.query().unwrap_or_default().split('&').collect();
    let unsigned: Vec<&str> = unsigned.into_iter().filter(|pair| !is_ours(pair)).collect();
    let unsigned = unsigned.join("&");
    url.set_query((!unsigned.is_empty()).then_some(&unsigned));
    let url = url.as_str().split('#').next().unwrap();
    let signable = SignableRequest::new(
        request.method().as_str(),
        url,
        headers.into_iter(),
        SignableBody::Bytes(body),
    )
    .unwrap();
    sign(signable, &params).unwrap().into_parts().1
}

fn is_ours(pair: &str) -> bool {
    [
        "Algorithm",
        "Credential",
        "Date",
        "Expires",
        "SignedHeaders",
        "Signature",
        "Security-Token",
    ]
    .iter()
    .any(|name| pair.starts_with(&format!("X-Amz-{name}=")))
}

/// Sends the requests: what the client puts on the wire verifies.
#[test]
fn received_requests_verify() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let server = runtime.block_on(Server::start());
    let http = client(signer());
    let base: Url = server.url("").parse().unwrap();
    let mut runner = TestRunner::default();
    runner
        .run(&requests(), |mut request| {
            request.url_mut().set_scheme("http").unwrap();
            request.url_mut().set_host(base.host_str()).unwrap();
            request.url_mut().set_port(base.port()).unwrap();
            for name in FRAMING {
                request.headers_mut().remove(name);
            }
            if runtime.block_on(http.execute(request)).is_ok() {
                let received = server.received().pop().unwrap();
                prop_assert_eq!(verify(&received, SECRET), Ok(()));
            }
            Ok(())
        })
        .unwrap();
    assert!(server.received().len() > 50, "hardly any request was sent");
}

/// Headers that break HTTP if a caller sets them.
const FRAMING: [&str; 5] = [
    "connection",
    "content-length",
    "te",
    "transfer-encoding",
    "upgrade",
];

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

proptest! {
    #[test]
    fn a_signed_request_has_the_signature_of_aws_sigv4(mut request in requests()) {
        if run(signer().sign(&mut request)).is_ok() {
            let authorization = request.headers()["authorization"].to_str().unwrap();
            let (_, rest) = authorization.split_once("SignedHeaders=").unwrap();
            let (signed_headers, signature) = rest.split_once(", Signature=").unwrap();
            prop_assert_eq!(by_aws_sigv4(&request, signed_headers, None), signature);
        }
    }

    #[test]
    fn a_presigned_url_has_the_signature_of_aws_sigv4(mut request in requests()) {
        let life = Duration::from_secs(300);
        if run(signer().presign(&mut request, life)).is_ok() {
            let query = request.url().query().unwrap();
            let (_, signature) = query.split_once("X-Amz-Signature=").unwrap();
            let (_, rest) = query.split_once("X-Amz-SignedHeaders=").unwrap();
            let signed_headers = rest.split('&').next().unwrap().replace("%3B", ";");
            prop_assert_eq!(by_aws_sigv4(&request, &signed_headers, Some(life)), signature);
        }
    }

    #[test]
    fn rewriting_is_idempotent(mut request in requests()) {
        if run(signer().sign(&mut request)).is_ok() {
            let (url, authorization) = (request.url().clone(), request.headers()["authorization"].clone());
            run(signer().sign(&mut request)).unwrap();
            prop_assert_eq!(request.url(), &url);
            prop_assert_eq!(&request.headers()["authorization"], &authorization);
        }
    }

    #[test]
    fn no_request_makes_the_signer_panic(
        uri in "\\PC{0,40}",
        url in "[a-z]{0,6}:/{0,3}\\PC{0,40}",
        headers in headers(),
        authorization in prop::option::of("[ -~]{0,20}"),
        region in ".{0,12}",
        host in ".{0,12}",
        life in any::<u64>(),
    ) {
        let options = SignOptions::new().region(region).signing_host(host);
        let life = Duration::from_secs(life);
        if let Ok(url) = url.parse::<Url>() {
            let mut request = Request::new(Method::GET, url);
            for (name, value) in &headers {
                request.headers_mut().append(name, value.clone());
            }
            if let Some(authorization) = &authorization {
                request.headers_mut().insert("authorization", authorization.parse().unwrap());
            }
            let _ = run(signer().sign_with(&mut request, &options));
            let _ = run(signer().presign_with(&mut request, life, &options));
        }
        if let Ok(uri) = uri.parse::<http::Uri>() {
            let mut request = http::Request::new("");
            *request.uri_mut() = uri;
            let _ = run(signer().sign_http(&mut request, &options));
            let _ = run(signer().presign_http(&mut request, life, &options));
        }
    }
}
