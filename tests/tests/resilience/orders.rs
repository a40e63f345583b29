//! The orders API behind a local gateway, and a client for it that does not pause.

use std::path::PathBuf;
use std::time::Duration;

use apigw_local::{Builder, LocalGateway};
use apigw_runtime::{ClientBuilder, RetryPolicy};
use orders_client::types::{Customer, NewOrder, OrderLine};
use orders_client::{Credentials, OrdersClient};

pub(crate) const REGION: &str = "eu-west-1";
const SECRET: &str = "secret/of+the/local=gateway";

pub(crate) fn gateway() -> Builder {
    let spec = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../specs/orders.json");
    LocalGateway::builder()
        .region(REGION)
        .credentials("AKIDEXAMPLE", SECRET)
        .spec(spec)
}

pub(crate) async fn orders() -> (LocalGateway, OrdersClient) {
    let gateway = gateway().start().await.unwrap();
    let client = builder(&gateway).build().await.unwrap();
    (gateway, client)
}

pub(crate) fn builder(gateway: &LocalGateway) -> ClientBuilder<OrdersClient> {
    OrdersClient::builder()
        .environment(|_| None)
        .endpoint(gateway.endpoint())
        .region(REGION)
        .credentials(Credentials::new("AKIDEXAMPLE", SECRET, None, None, "tests"))
        .retry(at_once())
}

/// The standard policy, without pauses.
pub(crate) fn at_once() -> RetryPolicy {
    RetryPolicy::standard().max_backoff(Duration::ZERO)
}

pub(crate) fn new_order() -> NewOrder {
    NewOrder::new(Customer::new("Ada"), vec![OrderLine::new("MUG", 2)])
}

/// The statuses that were answered, in their order.
pub(crate) fn statuses(gateway: &LocalGateway) -> Vec<u16> {
    let exchanges = gateway.exchanges();
    exchanges.iter().map(|e| e.status.as_u16()).collect()
}
