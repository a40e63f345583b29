//! AWS's own test suite, from the sources of the crate `aws-sigv4`.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, SystemTime};

use http::Uri;
use reqwest_sigv4::{
    Credentials, HeaderPolicy, ServiceProfile, SignOptions, Signer, SignerBuilder,
};
use serde::Deserialize;

use crate::support::at;

/// Vectors that this crate does not sign in the same way, and why.
const EXCEPTIONS: [(&str, &str); 13] = [
    ("get-header-value-multiline", FOLDED),
    ("get-relative-relative-unnormalized", AS_IS),
    ("get-relative-unnormalized", AS_IS),
    ("get-slash-dot-slash-unnormalized", AS_IS),
    ("get-slash-pointless-dot-unnormalized", AS_IS),
    ("get-slash-unnormalized", AS_IS),
    ("get-slashes-unnormalized", AS_IS),
    ("get-space-normalized", RAW),
    ("get-space-unnormalized", RAW),
    ("get-utf8", RAW),
    ("get-vanilla-utf8-query", RAW),
    ("post-x-www-form-urlencoded", LENGTH),
    ("post-x-www-form-urlencoded-parameters", LENGTH),
];
const FOLDED: &str = "headers folded over several lines are obsolete in HTTP (RFC 9112)";
const AS_IS: &str = "only Amazon S3 signs paths without normalising them";
const RAW: &str = "a request target cannot contain spaces or raw UTF-8";
const LENGTH: &str = "content-length is never signed, because proxies change it";

/// Vectors without a `context.json`: name, keys, time, Region, service.
const WITHOUT_CONTEXT: [(&str, [&str; 2], u64, &str, &str); 2] = [
    (
        "double-encode-path",
        ["ANOTREAL", "notrealrnrELgWzOk3IfjzDKtFBhDby"],
        1_440_938_160, // 2015-08-30T12:36:00Z
        "us-east-1",
        "service",
    ),
    (
        "double-url-encode",
        ["AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"],
        1_620_747_645, // 2021-05-11T15:40:45Z
        "us-east-2",
        "lambda",
    ),
];

#[derive(Deserialize)]
struct Context {
    credentials: Keys,
    expiration_in_seconds: u64,
    region: String,
    service: String,
    sign_body: bool,
    timestamp: String,
    #[serde(default)]
    omit_session_token: bool,
}

#[derive(Deserialize)]
struct Keys {
    access_key_id: String,
    secret_access_key: String,
    token: Option<String>,
}

struct Vector {
    name: String,
    folder: PathBuf,
    context: Context,
}

impl Vector {
    fn is_exception(&self) -> bool {
        EXCEPTIONS.iter().any(|(name, _)| *name == self.name)
    }

    fn read(&self, file: &str) -> String {
        read(&self.folder, file)
    }

    fn builder(&self) -> SignerBuilder {
        let context = &self.context;
        let service = ServiceProfile::new(context.service.clone());
        let service = if context.sign_body {
            service.sending_hash()
        } else {
            service
        };
        // only AWS IoT requires the token to be added after signing, which the caller can do
        let token = context
            .credentials
            .token
            .clone()
            .filter(|_| !context.omit_session_token);
        let (key, secret) = (
            &context.credentials.access_key_id,
            &context.credentials.secret_access_key,
        );
        let time = time_of(&context.timestamp);
        Signer::builder()
            .credentials(Credentials::new(key, secret, token, None, "suite"))
            .region(&context.region)
            .service(service)
            .header_policy(HeaderPolicy::all())
            .clock(move || time)
    }

    /// The signature in the `Authorization` header; `None` if the request is not valid HTTP.
    async fn header_signature(&self, builder: SignerBuilder) -> Option<String> {
        let mut request = request(&self.read("request.txt"))?;
        let signer = builder.build().unwrap();
        signer
            .sign_http(&mut request, &SignOptions::new())
            .await
            .unwrap();
        Some(signature(&request))
    }
}

fn signature(request: &http::Request<Vec<u8>>) -> String {
    let authorization = request.headers()["authorization"].to_str().unwrap();
    authorization.split_once("Signature=").unwrap().1.to_owned()
}

fn read(folder: &std::path::Path, file: &str) -> String {
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    text.trim_end().to_owned()
}

fn time_of(timestamp: &str) -> SystemTime {
    assert_eq!(
        timestamp, "2015-08-30T12:36:00Z",
        "all vectors have the same time"
    );
    at(1_440_938_160)
}

/// Parses a request of the suite; `None` if it is not valid HTTP.
fn request(text: &str) -> Option<http::Request<Vec<u8>>> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let line = lines.next()?;
    let (method, rest) = line.split_once(' ')?;
    let target = rest.strip_suffix(" HTTP/1.1")?;
    let mut request = http::Request::builder().method(method);
    let mut host = "";
    for line in lines {
        let (name, value) = line.split_once(':')?;
        if name.eq_ignore_ascii_case("host") {
            host = value;
        } else {
            request = request.header(name, value);
        }
    }
    let uri: Uri = format!("https://{host}{target}").parse().ok()?;
    let is_plain = target.is_ascii() && !target.contains(' ');
    request
        .uri(uri)
        .body(body.as_bytes().to_vec())
        .ok()
        .filter(|_| is_plain)
}

fn suite(version: &str) -> PathBuf {
    let rustc = Command::new("rustc").arg("-vV").output().unwrap();
    let rustc = String::from_utf8(rustc.stdout).unwrap();
    let host = rustc
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap();
    let metadata = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version=1",
            "--offline",
            "--filter-platform",
            host,
        ])
        .args([
            "--manifest-path",
            concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
        ])
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages
        .iter()
        .find(|package| package["name"] == "aws-sigv4")
        .unwrap();
    let manifest = PathBuf::from(package["manifest_path"].as_str().unwrap());
    manifest
        .with_file_name("aws-signing-test-suite")
        .join(version)
}

/// All vectors with a context, by name.
fn vectors(version: &str) -> Vec<Vector> {
    let folders = std::fs::read_dir(suite(version))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut vectors: Vec<Vector> = folders
        .filter(|folder| folder.join("context.json").exists())
        .map(|folder| Vector {
            name: folder.file_name().unwrap().to_str().unwrap().to_owned(),
            context: serde_json::from_str(&read(&folder, "context.json")).unwrap(),
            folder,
        })
        .collect();
    vectors.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(vectors.len(), 38);
    vectors
}

#[tokio::test]
async fn header_signatures_are_those_of_aws() {
    let mut signed = 0;
    for vector in vectors("v4").iter().filter(|vector| !vector.is_exception()) {
        let signature = vector.header_signature(vector.builder()).await.unwrap();
        assert_eq!(
            signature,
            vector.read("header-signature.txt"),
            "{}",
            vector.name
        );
        signed += 1;
    }
    assert_eq!(signed, 38 - EXCEPTIONS.len());
}

#[tokio::test]
async fn the_string_to_sign_is_that_of_aws() {
    let mut recorded = 0;
    for vector in vectors("v4").iter().filter(|vector| !vector.is_exception()) {
        let request = request(&vector.read("request.txt")).unwrap();
        let mut request = reqwest::Request::try_from(request).unwrap();
        let signer = vector.builder().build().unwrap();
        let options = SignOptions::new();
        let signed = signer.sign_with(&mut request, &options).await.unwrap();
        let string = signed.unwrap().string_to_sign();
        assert_eq!(
            string,
            vector.read("header-string-to-sign.txt"),
            "{}",
            vector.name
        );
        recorded += 1;
    }
    assert_eq!(recorded, 38 - EXCEPTIONS.len());
}

#[tokio::test]
async fn query_signatures_are_those_of_aws() {
    let mut signed = 0;
    for vector in vectors("v4").iter().filter(|vector| !vector.is_exception()) {
        let mut request = request(&vector.read("request.txt")).unwrap();
        let signer = vector.builder().build().unwrap();
        let expires = Duration::from_secs(vector.context.expiration_in_seconds);
        let record = signer
            .presign_http(&mut request, expires, &SignOptions::new())
            .await
            .unwrap();
        assert_eq!(
            record.unwrap().string_to_sign(),
            vector.read("query-string-to-sign.txt"),
            "{}",
            vector.name
        );
        let (_, signature) = request
            .uri()
            .query()
            .unwrap()
            .split_once("X-Amz-Signature=")
            .unwrap();
        assert_eq!(
            signature,
            vector.read("query-signature.txt"),
            "{}",
            vector.name
        );
        signed += 1;
    }
    assert_eq!(signed, 38 - EXCEPTIONS.len());
}

#[tokio::test]
async fn encoded_paths_are_encoded_again() {
    for (name, [key, secret], seconds, region, service) in WITHOUT_CONTEXT {
        let folder = suite("v4").join(name);
        let mut request = request(&read(&folder, "request.txt")).unwrap();
        let signer = Signer::builder()
            .credentials(Credentials::new(key, secret, None, None, "suite"))
            .region(region)
            .service(service)
            .clock(move || at(seconds))
            .build()
            .unwrap();
        signer
            .sign_http(&mut request, &SignOptions::new())
            .await
            .unwrap();
        let expected = read(&folder, "header-signed-request.txt");
        let expected = expected
            .split("Signature=")
            .nth(1)
            .unwrap()
            .lines()
            .next()
            .unwrap();
        assert_eq!(signature(&request), expected, "{name}");
    }
}

#[tokio::test]
async fn the_exceptions_are_not_signed_as_in_the_suite() {
    for vector in vectors("v4").iter().filter(|vector| vector.is_exception()) {
        let signature = vector.header_signature(vector.builder()).await;
        let expected = Some(vector.read("header-signature.txt"));
        assert_ne!(signature, expected, "{} passes now", vector.name);
    }
}

#[cfg(feature = "sigv4a")]
mod v4a {
    use p256::ecdsa::signature::Verifier;
    use p256::ecdsa::{Signature, VerifyingKey};

    use super::*;

    #[derive(Deserialize)]
    #[serde(rename_all = "UPPERCASE")]
    struct PublicKey {
        x: String,
        y: String,
    }

    impl PublicKey {
        fn of(vector: &Vector) -> VerifyingKey {
            let key: Self = serde_json::from_str(&vector.read("public-key.json")).unwrap();
            let point = bytes(&format!("04{}{}", key.x, key.y));
            VerifyingKey::from_sec1_bytes(&point).unwrap()
        }
    }

    fn bytes(hex: &str) -> Vec<u8> {
        let digits = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        hex.as_bytes().chunks(2).map(digits).collect()
    }

    #[tokio::test]
    async fn sigv4a_signatures_verify_with_the_suites_public_keys() {
        let mut signed = 0;
        for vector in vectors("v4a")
            .iter()
            .filter(|vector| !vector.is_exception())
        {
            let builder = vector.builder().region_set(&vector.context.region);
            let signature = vector.header_signature(builder).await.unwrap();
            let signature = Signature::from_der(&bytes(&signature)).unwrap();
            let string_to_sign = vector.read("header-string-to-sign.txt");
            PublicKey::of(vector)
                .verify(string_to_sign.as_bytes(), &signature)
                .unwrap_or_else(|error| panic!("{}: {error}", vector.name));
            signed += 1;
        }
        assert_eq!(signed, 38 - EXCEPTIONS.len());
    }

    #[tokio::test]
    async fn sigv4a_queries_verify_with_the_suites_public_keys() {
        for vector in vectors("v4a")
            .iter()
            .filter(|vector| !vector.is_exception())
        {
            let mut request = request(&vector.read("request.txt")).unwrap();
            let signer = vector
                .builder()
                .region_set(&vector.context.region)
                .build()
                .unwrap();
            let expires = Duration::from_secs(vector.context.expiration_in_seconds);
            signer
                .presign_http(&mut request, expires, &SignOptions::new())
                .await
                .unwrap();
            let (_, signature) = request
                .uri()
                .query()
                .unwrap()
                .split_once("X-Amz-Signature=")
                .unwrap();
            let signature = Signature::from_der(&bytes(signature)).unwrap();
            let string_to_sign = vector.read("query-string-to-sign.txt");
            PublicKey::of(vector)
                .verify(string_to_sign.as_bytes(), &signature)
                .unwrap_or_else(|error| panic!("{}: {error}", vector.name));
        }
    }

    #[tokio::test]
    async fn a_region_set_is_sent_and_signed_and_needs_no_region() {
        let signer = Signer::builder()
            .credentials(crate::support::keys())
            .clock(crate::support::Watch::noon())
            .region_set("us-east-1,us-west-2")
            .build()
            .unwrap();
        let mut request = http::Request::get("https://api.example.com/")
            .body("")
            .unwrap();
        signer
            .sign_http(&mut request, &SignOptions::new())
            .await
            .unwrap();
        assert_eq!(request.headers()["x-amz-region-set"], "us-east-1,us-west-2");
        let authorization = request.headers()["authorization"].to_str().unwrap();
        let expected = "AWS4-ECDSA-P256-SHA256 Credential=AKIDEXAMPLE/20261122/execute-api/aws4_request, \
                        SignedHeaders=host;x-amz-date;x-amz-region-set, Signature=";
        assert!(authorization.starts_with(expected), "{authorization}");
    }
}
