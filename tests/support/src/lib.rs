//! One API behind a local gateway, and clients for it.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use apigw_local::{Builder, LocalGateway, Request};
use events_client::EventsClient;
use inventory_client::InventoryClient;
use orders_client::OrdersClient;
use reqwest_sigv4::{Credentials, Signer};

pub(crate) const REGION: &str = "eu-west-1";
pub(crate) const ACCESS_KEY: &str = "ASIAEXAMPLE";
pub(crate) const SECRET: &str = "secret/of+the/local=gateway";
/// With characters that base64 has and that headers and canonical requests could trip over.
pub(crate) const TOKEN: &str = "token//of+the/local/gateway==";
pub(crate) const API_KEY: &str = "key-of-the-inventory";

/// Where clocks stand that a test sets: 2026-11-22T12:00:00Z.
pub(crate) fn noon() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_348_800)
}

/// A file of the workspace.
pub(crate) fn file(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(path)
}

/// A gateway that knows the credentials of these tests.
pub(crate) fn gateway() -> Builder {
    LocalGateway::builder()
        .region(REGION)
        .temporary_credentials(ACCESS_KEY, SECRET, TOKEN)
        .api_key(API_KEY)
}

/// A gateway that answers for one of the documents in `specs/`.
pub(crate) async fn gateway_for(spec: &str) -> LocalGateway {
    let path = file("specs").join(spec);
    let overlay = path.with_extension("overlay.yaml");
    let gateway = match overlay.exists() {
        true => gateway().overlay(overlay),
        false => gateway(),
    };
    gateway.spec(path).start().await.unwrap()
}

pub(crate) fn credentials() -> Credentials {
    credentials_of(ACCESS_KEY, SECRET)
}

pub(crate) fn credentials_of(access_key: &str, secret: &str) -> Credentials {
    Credentials::new(access_key, secret, Some(TOKEN.to_owned()), None, "tests")
}

pub(crate) async fn orders(gateway: &LocalGateway) -> OrdersClient {
    OrdersClient::builder()
        .endpoint(gateway.endpoint())
        .region(REGION)
        .credentials(credentials())
        .build()
        .await
        .unwrap()
}

pub(crate) async fn inventory(gateway: &LocalGateway) -> InventoryClient {
    InventoryClient::builder()
        .endpoint(gateway.endpoint())
        .region(REGION)
        .credentials(credentials())
        .api_key(API_KEY)
        .build()
        .await
        .unwrap()
}

pub(crate) async fn events(gateway: &LocalGateway) -> EventsClient {
    EventsClient::builder()
        .endpoint(gateway.endpoint())
        .region(REGION)
        .credentials(credentials())
        .build()
        .await
        .unwrap()
}

pub(crate) fn signer() -> Signer {
    Signer::builder()
        .region(REGION)
        .credentials(credentials())
        .build()
        .unwrap()
}

/// The last request that arrived.
pub(crate) fn last(gateway: &LocalGateway) -> Request {
    gateway.requests().pop().expect("no request arrived")
}
