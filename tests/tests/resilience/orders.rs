//! The orders API.

use apigw_local::{Builder, LocalGateway};
use orders_client::OrdersClient;
use orders_client::types::{Customer, NewOrder, OrderLine};

/// Returns a gateway that serves the orders API.
pub(crate) fn gateway() -> Builder {
    support::gateway_for("orders.json")
}

/// Starts a gateway, and builds a client for it.
pub(crate) async fn start() -> (LocalGateway, OrdersClient) {
    let gateway = gateway().start().await.unwrap();
    let client = support::client(&gateway).await;
    (gateway, client)
}

/// Returns an order to create.
pub(crate) fn new_order() -> NewOrder {
    NewOrder::new(Customer::new("Ada"), vec![OrderLine::new("MUG", 2)])
}
