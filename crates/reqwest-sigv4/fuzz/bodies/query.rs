//! A query keeps its parameters when it is rewritten, and is then the same for every parser, or there is a typed error.

use reqwest::Url;
use reqwest_sigv4::{Credentials, Error, SignOptions, Signer};

/// Signs a request with this query. Returns whether it can be signed.
pub fn query(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let address = format!("https://abc123.execute-api.eu-west-1.amazonaws.com/prod?{text}");
    let Ok(uri) = address.parse::<http::Uri>() else {
        return false;
    };
    let before = uri.query().unwrap_or_default().to_owned();
    let mut request = http::Request::new("");
    *request.uri_mut() = uri;
    match sign(&mut request) {
        Ok(()) => {}
        Err(Error::QueryEscape { .. } | Error::QueryNotUtf8 { .. } | Error::Uri(_)) => {
            return false;
        }
        Err(error) => panic!("{before:?}: {error}"),
    }
    let after = request.uri().query().unwrap_or_default().to_owned();
    let is_strict = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%=&".contains(&byte);
    assert!(after.bytes().all(is_strict), "{before:?} became {after:?}");
    assert_eq!(
        parameters(&before),
        parameters(&after),
        "{before:?} became {after:?}"
    );

    sign(&mut request).unwrap();
    assert_eq!(
        request.uri().query().unwrap_or_default(),
        after,
        "rewritten twice"
    );
    true
}

fn sign(request: &mut http::Request<&str>) -> Result<(), Error> {
    let signer = Signer::builder()
        .credentials(Credentials::new(
            "AKIDEXAMPLE",
            "a secret",
            None,
            None,
            "fuzz",
        ))
        .build()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let signed = runtime.block_on(signer.sign_http(request, &SignOptions::new()));
    signed.map(drop)
}

/// The parameters as the `url` crate reads them, without an earlier signature and empty pairs.
fn parameters(query: &str) -> Vec<(String, String)> {
    const SIGNATURE: [&str; 8] = [
        "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-expires",
        "x-amz-region-set",
        "x-amz-security-token",
        "x-amz-signature",
        "x-amz-signedheaders",
    ];
    let url = Url::parse(&format!("http://h/?{query}")).unwrap();
    let pairs = url.query_pairs().into_owned();
    pairs
        .filter(|(name, _)| !SIGNATURE.contains(&name.to_ascii_lowercase().as_str()))
        .collect()
}
