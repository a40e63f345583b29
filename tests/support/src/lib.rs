//! What tests share: a gateway on loopback, and clients that it accepts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests fail the test"
)]

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use apigw_local::{Builder, LocalGateway, Request};
use apigw_runtime::{ApiClient, ClientBuilder, RetryPolicy};
use reqwest_sigv4::{Credentials, Signer};

/// The Region of the gateway.
pub const REGION: &str = "eu-west-1";
/// The access key of the caller.
pub const ACCESS_KEY: &str = "ASIAEXAMPLE";
/// The secret key of the caller.
pub const SECRET_KEY: &str = "secret/of+the/local=gateway";
/// The session token of the caller, with characters of base64 that headers and canonical requests could trip over.
pub const SESSION_TOKEN: &str = "token//of+the/local/gateway==";
/// The API key of the caller.
pub const API_KEY: &str = "key-of-the-caller";

/// Returns a file of the workspace.
pub fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

/// Returns a fixed time for tests that set a clock: 2026-11-22T12:00:00Z.
pub fn noon() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_348_800)
}

/// Returns a gateway that knows the caller.
pub fn gateway() -> Builder {
    LocalGateway::builder()
        .region(REGION)
        .temporary_credentials(ACCESS_KEY, SECRET_KEY, SESSION_TOKEN)
        .api_key(API_KEY)
}

/// Returns a gateway that serves one of the specs in `specs/`, with its overlay if there is one.
pub fn gateway_for(spec: &str) -> Builder {
    let path = file("specs").join(spec);
    let overlay = path.with_extension("overlay.yaml");
    let gateway = match overlay.exists() {
        true => gateway().overlay(overlay),
        false => gateway(),
    };
    gateway.spec(path)
}

/// Starts a gateway that serves one of the specs in `specs/`.
pub async fn serve(spec: &str) -> LocalGateway {
    gateway_for(spec).start().await.unwrap()
}

/// Returns the credentials of the caller.
pub fn credentials() -> Credentials {
    credentials_of(ACCESS_KEY, SECRET_KEY)
}

/// Returns credentials with the caller's session token.
pub fn credentials_of(access_key: &str, secret_key: &str) -> Credentials {
    let token = Some(SESSION_TOKEN.to_owned());
    Credentials::new(access_key, secret_key, token, None, "tests")
}

/// Returns the builder of a client that calls this gateway as the caller, and retries without pauses.
pub fn client_builder<C: ApiClient>(gateway: &LocalGateway) -> ClientBuilder<C> {
    ClientBuilder::new()
        .environment(|_| None)
        .endpoint(gateway.endpoint())
        .region(REGION)
        .credentials(credentials())
        .api_key(API_KEY)
        .retry(without_pauses())
}

/// Builds a client that calls this gateway as the caller, and retries without pauses.
pub async fn client<C: ApiClient>(gateway: &LocalGateway) -> C {
    client_builder(gateway).build().await.unwrap()
}

/// Returns the standard retry policy, without pauses.
pub fn without_pauses() -> RetryPolicy {
    RetryPolicy::standard().max_backoff(Duration::ZERO)
}

/// Returns a signer with the credentials of the caller.
pub fn signer() -> Signer {
    Signer::builder()
        .region(REGION)
        .credentials(credentials())
        .build()
        .unwrap()
}

/// Returns the last request that arrived.
pub fn last(gateway: &LocalGateway) -> Request {
    gateway.requests().pop().expect("no request arrived")
}

/// Returns the statuses of all responses, in order.
pub fn statuses(gateway: &LocalGateway) -> Vec<u16> {
    let exchanges = gateway.exchanges();
    exchanges.iter().map(|e| e.status.as_u16()).collect()
}
