//! Time to sign a request compared with a lower bound, measured alternately in one run.
//!
//! ```text
//! cargo bench -p reqwest-sigv4
//! ```

use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime};

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use reqwest::{Method, Request};
use reqwest_sigv4::{Credentials, Signer};
use sha2::{Digest, Sha256};

const URL: &str =
    "https://abc123.execute-api.eu-west-1.amazonaws.com/prod/orders?limit=10&from=a%20b";
const ROUNDS: usize = 15;

fn keys() -> Credentials {
    Credentials::new(
        "AKIDEXAMPLE",
        "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        None,
        None,
        "bench",
    )
}

fn noon() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_348_800)
}

/// Prints the medians of both sides, in nanoseconds per call, and the median of their ratios.
fn compare(name: &str, calls: u32, mut ours: impl FnMut(), mut theirs: impl FnMut()) {
    let time = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        for _ in 0..calls {
            work();
        }
        start.elapsed().as_nanos() as f64 / f64::from(calls)
    };
    let mut rounds: Vec<(f64, f64)> = (0..=ROUNDS)
        .map(|_| (time(&mut ours), time(&mut theirs)))
        .collect();
    rounds.remove(0); // warm-up
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    println!(
        "{name:<44} {:>9.0} ns  {:>9.0} ns  {:>6.2}",
        median(rounds.iter().map(|(ours, _)| *ours).collect()),
        median(rounds.iter().map(|(_, theirs)| *theirs).collect()),
        median(rounds.iter().map(|(ours, theirs)| ours / theirs).collect()),
    );
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let (Ok(runtime), Ok(signer)) = (
        runtime,
        Signer::builder().credentials(keys()).clock(noon).build(),
    ) else {
        return;
    };
    let Ok(url) = URL.parse::<reqwest::Url>() else {
        return;
    };
    let sign_with_us = |body: Option<&'static [u8]>| {
        let mut request = Request::new(Method::GET, url.clone());
        *request.body_mut() = body.map(reqwest::Body::from);
        let signed = runtime.block_on(signer.sign(&mut request));
        assert!(black_box(signed).is_ok());
    };

    println!(
        "{:<44} {:>12}  {:>12}  {:>6}",
        "", "this crate", "baseline", "ratio"
    );
    compare(
        "GET, compared with aws-sigv4",
        2000,
        || sign_with_us(None),
        bare_aws_sigv4,
    );
    let body: &'static [u8] = vec![7; 64 * 1024].leak();
    compare(
        "64 KiB, compared with hashing the body",
        200,
        || sign_with_us(Some(body)),
        || {
            black_box(Sha256::digest(body));
        },
    );
}

fn bare_aws_sigv4() {
    let identity = keys().into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region("eu-west-1")
        .name("execute-api")
        .time(noon())
        .settings(SigningSettings::default())
        .build();
    let request = http::Request::get(URL).body("");
    let (Ok(params), Ok(mut request)) = (params, request) else {
        return;
    };
    let params = params.into();
    let headers = std::iter::empty();
    let signed = SignableRequest::new("GET", URL, headers, SignableBody::Bytes(b""))
        .and_then(|request| sign(request, &params));
    if let Ok(signed) = signed {
        signed.into_parts().0.apply_to_request_http1x(&mut request);
    }
    black_box(request);
}
