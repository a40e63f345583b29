//! Calls every operation of the three APIs and prints how each call ended.
//!
//! For a verifier in front of a mock of the API: the responses of the mock do not matter, the signatures do. It calls
//! each API whose endpoint is set: `ORDERS_ENDPOINT_URL`, `INVENTORY_ENDPOINT_URL`, `EVENTS_ENDPOINT_URL`. The exit code
//! is 1 if a signed request is rejected or not sent, or if no endpoint is set.

use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;

use apigw_runtime::{Error as CallError, ErrorKind, ResponseValue};
use events_client::EventsClient;
use inventory_client::types::NewReservation;
use inventory_client::{InventoryClient, Method};
use orders_client::OrdersClient;
use orders_client::types::{
    Address, Customer, Money, NewOrder, OrderChanges, OrderLine, OrderStatus,
};
use serde_json::json;

/// An argument with characters that encoders treat differently.
const AWKWARD: &str = "a/b c+d=50%&é~*(1)";

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut tally = Tally::default();
    let is_given = |name: &str| std::env::var_os(format!("{name}_ENDPOINT_URL")).is_some();
    if is_given("ORDERS") {
        orders(&OrdersClient::from_env().await?, &mut tally).await;
    }
    if is_given("INVENTORY") {
        let client = InventoryClient::builder().api_key("key-of-the-inventory");
        inventory(&client.build().await?, &mut tally).await;
    }
    if is_given("EVENTS") {
        events(&EventsClient::from_env().await?, &mut tally).await;
    }
    println!(
        "{} signed calls accepted, {} refused or not sent; {} calls need no signature",
        tally.accepted, tally.refused, tally.open
    );
    Ok(match tally.accepted > 0 && tally.refused == 0 {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

async fn orders(client: &OrdersClient, tally: &mut Tally) {
    let address = Address::new("1 Éloi Street", "York", "GB").postal_code("YO1 7HH");
    let customer = Customer::new("Ada Lovelace")
        .email("ada@example.com")
        .address(address);
    let line = OrderLine::new(AWKWARD, 2).unit_price(Money::new(1250, "GBP"));
    let order = NewOrder::new(customer, vec![line])
        .reference("r-1")
        .note(AWKWARD)
        .labels(BTreeMap::from([("colour".to_owned(), "blå".to_owned())]));
    let changes = OrderChanges::new().status(OrderStatus::Paid).note("paid");

    let listed = client
        .get_orders()
        .limit(10)
        .status("PAID")
        .next_token(AWKWARD);
    tally.signed("get_orders", listed.await);
    tally.signed("create_order", client.create_order(&order).await);
    tally.signed("get_order", client.get_order(AWKWARD).await);
    tally.signed("replace_order", client.replace_order("o-1", &order).await);
    tally.signed("update_order", client.update_order("o-1", &changes).await);
    tally.signed("get_invoice", client.get_invoice("o-1").await);
    tally.signed("delete_order", client.delete_order("o-1").await);
    tally.open("get_health", client.get_health().await);
}

async fn inventory(client: &InventoryClient, tally: &mut Tally) {
    let reservation = NewReservation::new(3).order_id("o-1");
    let stock = client.put_items_sku(AWKWARD).if_match("\"v1\"");

    tally.open("get_api_root", client.get_api_root().await);
    let listed = client.get_items().warehouse(AWKWARD).page("2");
    tally.signed("get_items", listed.await);
    let item = json!({ "sku": "MUG", "name": "a mug" });
    tally.signed("post_items", client.post_items().json(&item).await);
    tally.signed("get_items_sku", client.get_items_sku(AWKWARD).await);
    tally.signed(
        "put_items_sku",
        stock.body("sku,stock\nMUG,7", "text/csv").await,
    );
    tally.signed("delete_items_sku", client.delete_items_sku("MUG").await);
    let reserved = client.post_items_sku_reservations("MUG", &reservation);
    tally.signed("post_items_sku_reservations", reserved.await);
    let known = client.head_items_sku_reservations_reservation_id("MUG", "r-1");
    tally.signed("head_items_sku_reservations_reservation_id", known.await);
    for method in [Method::GET, Method::POST, Method::DELETE] {
        let report = client
            .any_reports_proxy(method, AWKWARD)
            .query("year", AWKWARD);
        tally.signed("any_reports_proxy", report.await);
    }
}

async fn events(client: &EventsClient, tally: &mut Tally) {
    tally.signed("get_events", client.get_events().await);
    let event = json!({ "kind": "paid", "text": AWKWARD });
    tally.signed("post_events", client.post_events().json(&event).await);
    tally.signed(
        "get_events_event_id",
        client.get_events_event_id(AWKWARD).await,
    );
    tally.signed(
        "delete_events_event_id",
        client.delete_events_event_id("e-1").await,
    );
    let read = client.put_subscribers_subscriber_id_events_event_id(AWKWARD, "e-1");
    tally.signed(
        "put_subscribers_subscriber_id_events_event_id",
        read.body("read", "text/plain").await,
    );
    tally.open("get_status", client.get_status().await);
    for method in [Method::GET, Method::PATCH] {
        let archived = client
            .any_archive_proxy(method, AWKWARD)
            .query("from", AWKWARD);
        tally.signed("any_archive_proxy", archived.await);
    }
    tally.open(
        "any_default",
        client.any_default(Method::GET, "hooks/1").await,
    );
}

/// Counts requests by result.
#[derive(Default)]
struct Tally {
    accepted: usize,
    refused: usize,
    open: usize,
}

impl Tally {
    /// Prints one line for a signed request.
    fn signed<T, E>(&mut self, call: &str, result: Result<ResponseValue<T>, CallError<E>>) {
        // any response of the mock, including an unknown route, comes after verification
        let accepted = match &result {
            Ok(_) => true,
            Err(error) => matches!(
                error.kind(),
                ErrorKind::NotFound
                    | ErrorKind::ClientError
                    | ErrorKind::ServerError
                    | ErrorKind::Undocumented
                    | ErrorKind::Decode
            ),
        };
        match accepted {
            true => self.accepted += 1,
            false => self.refused += 1,
        }
        print(call, result);
    }

    /// Prints one line for an unsigned request, which a verifier may reject.
    fn open<T, E>(&mut self, call: &str, result: Result<ResponseValue<T>, CallError<E>>) {
        self.open += 1;
        print(call, result);
    }
}

fn print<T, E>(call: &str, result: Result<ResponseValue<T>, CallError<E>>) {
    match result {
        Ok(response) => println!("{call:<46} {}", response.status().as_u16()),
        Err(error) => {
            let status = error
                .status()
                .map_or("---".to_owned(), |status| status.as_u16().to_string());
            println!("{call:<46} {status} {error}");
        }
    }
}
