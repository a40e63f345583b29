//! Signs random requests: the signature equals that of aws-sigv4, or there is a typed error, never a panic.
//!
//! ```text
//! cargo +nightly fuzz run any_request -- -max_total_time=600
//! ```

#![no_main]

use std::time::{Duration, SystemTime};

use arbitrary::Arbitrary;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use libfuzzer_sys::fuzz_target;
use reqwest::{Method, Request, Url};
use reqwest_sigv4::{Credentials, HeaderPolicy, SignOptions, Signer};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    scheme: Option<&'a str>,
    rest: &'a str,
    headers: Vec<(&'a [u8], &'a [u8])>,
    body: Option<&'a [u8]>,
    host: Option<&'a str>,
    region: Option<&'a str>,
    expires_in: Option<u64>,
}

fuzz_target!(|input: Input| {
    let address = format!("{}{}", input.scheme.unwrap_or("https://api.example.com/"), input.rest);
    let mut options = SignOptions::new();
    if let Some(host) = input.host {
        options = options.signing_host(host);
    }
    if let Some(region) = input.region {
        options = options.region(region);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();

    if let Ok(url) = address.parse::<Url>() {
        let mut request = Request::new(Method::POST, url);
        for (name, value) in &input.headers {
            if let (Ok(name), Ok(value)) = (
                http::HeaderName::from_bytes(name),
                http::HeaderValue::from_bytes(value),
            ) {
                request.headers_mut().append(name, value);
            }
        }
        *request.body_mut() = input.body.map(|body| body.to_vec().into());
        if runtime.block_on(signer().sign_with(&mut request, &options)).is_ok() && options_are_plain(&input) {
            compare(&request);
        }
        if let Some(seconds) = input.expires_in {
            let life = Duration::from_secs(seconds);
            let _ = runtime.block_on(signer().presign_with(&mut request, life, &options));
        }
    }
    if let Ok(uri) = address.parse::<http::Uri>() {
        let mut request = http::Request::new(input.body.unwrap_or_default());
        *request.uri_mut() = uri;
        let _ = runtime.block_on(signer().sign_http(&mut request, &options));
        if let Some(seconds) = input.expires_in {
            let life = Duration::from_secs(seconds);
            let _ = runtime.block_on(signer().presign_http(&mut request, life, &options));
        }
    }
});

fn options_are_plain(input: &Input) -> bool {
    input.host.is_none() && input.region.is_none()
}

fn keys() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "a secret", Some("a token".to_owned()), None, "fuzz")
}

fn noon() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_348_800)
}

fn signer() -> Signer {
    Signer::builder()
        .credentials(keys())
        .region("eu-west-1")
        .service("execute-api")
        .header_policy(HeaderPolicy::all())
        .clock(noon)
        .build()
        .unwrap()
}

/// Compares the signature with that of aws-sigv4 over the same headers.
fn compare(request: &Request) {
    let authorization = request.headers()["authorization"].to_str().unwrap();
    let (_, rest) = authorization.split_once("SignedHeaders=").unwrap();
    let (names, ours) = rest.split_once(", Signature=").unwrap();
    let names: Vec<&str> = names.split(';').collect();
    let headers = request.headers().iter().filter(|(name, _)| {
        names.contains(&name.as_str()) && !["x-amz-date", "x-amz-security-token"].contains(&name.as_str())
    });
    let headers: Vec<(&str, &str)> =
        headers.map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();

    let mut settings = SigningSettings::default();
    settings.excluded_headers = None;
    let identity = keys().into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region("eu-west-1")
        .name("execute-api")
        .time(noon())
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let url = request.url().as_str().split('#').next().unwrap();
    let body = request.body().and_then(|body| body.as_bytes()).unwrap_or_default();
    // aws-sigv4 accepts fewer requests than an HTTP client; the others cannot be compared
    let Ok(signable) =
        SignableRequest::new("POST", url, headers.into_iter(), SignableBody::Bytes(body))
    else {
        return;
    };
    let theirs = sign(signable, &params).unwrap().into_parts().1;
    assert_eq!(ours, theirs, "{request:?}");
}
