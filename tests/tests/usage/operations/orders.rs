//! The orders API: a REST API exported as OpenAPI 3.0.

use futures_util::TryStreamExt as _;
use orders_client::OrdersClient;
use orders_client::types::{
    Address, Customer, Money, NewOrder, OrderChanges, OrderLine, OrderStatus,
};

use super::{AS_SEGMENT, AWKWARD, Arrived, Auth, assert_arrived};

#[tokio::test]
async fn every_operation_sends_its_method_path_query_body_and_signature() {
    let gateway = support::serve("orders.json").await;
    let client: OrdersClient = support::client(&gateway).await;
    let order = NewOrder::new(Customer::new("Ada"), vec![OrderLine::new("MUG", 2)]);

    client.get_order(AWKWARD).await.unwrap();
    client.replace_order(AWKWARD, &order).await.unwrap();
    client.delete_order(AWKWARD).await.unwrap();
    let paid = OrderChanges::new().status(OrderStatus::Paid);
    client.update_order(AWKWARD, &paid).await.unwrap();
    client
        .get_orders()
        .limit(10)
        .next_token(AWKWARD)
        .status("PAID")
        .since(
            "2026-01-02T03:04:05Z"
                .parse::<orders_client::runtime::DateTime>()
                .unwrap(),
        )
        .await
        .unwrap();
    client.create_order(&order).await.unwrap();
    let invoice = client.get_invoice(AWKWARD).await.unwrap().into_inner();
    invoice.try_collect::<Vec<_>>().await.unwrap();
    client.get_health().await.unwrap();

    let order = r#"{"customer":{"name":"Ada"},"lines":[{"sku":"MUG","quantity":2}]}"#;
    let path = format!("/prod/orders/{AS_SEGMENT}");
    assert_arrived(
        "orders",
        &gateway,
        &[
            Arrived::expected("get_order", Auth::Signed, &format!("GET {path}")),
            Arrived::expected("replace_order", Auth::Signed, &format!("PUT {path}")).json(order),
            Arrived::expected("delete_order", Auth::Signed, &format!("DELETE {path}")),
            Arrived::expected("update_order", Auth::Signed, &format!("PATCH {path}"))
                .json(r#"{"status":"PAID"}"#),
            Arrived::expected(
                "get_orders",
                Auth::Signed,
                &format!(
                    "GET /prod/orders?limit=10&nextToken={AS_SEGMENT}&status=PAID\
                     &since=2026-01-02T03%3A04%3A05Z"
                ),
            ),
            Arrived::expected("create_order", Auth::Signed, "POST /prod/orders").json(order),
            Arrived::expected("get_invoice", Auth::Signed, &format!("GET {path}/invoice")),
            Arrived::expected("get_health", Auth::Open, "GET /prod/health"),
        ],
    );
}

#[tokio::test]
async fn each_operation_accepts_the_media_type_of_the_spec() {
    let gateway = support::serve("orders.json").await;
    let client: OrdersClient = support::client(&gateway).await;

    client.get_orders().await.unwrap();
    assert_eq!(
        support::last(&gateway).header("accept"),
        Some("application/json")
    );
    client.get_invoice("o-1").await.unwrap();
    assert_eq!(
        support::last(&gateway).header("accept"),
        Some("application/pdf")
    );
}

#[tokio::test]
async fn a_request_has_a_user_agent_and_the_headers_of_its_builder() {
    let gateway = support::serve("orders.json").await;
    let client: OrdersClient = support::client(&gateway).await;

    client.get_orders().header("X-Trace", "t-1").await.unwrap();
    let request = support::last(&gateway);
    assert_eq!(request.header("x-trace"), Some("t-1"));
    let user_agent = request.header("user-agent").unwrap();
    // the version changes with the API
    assert!(user_agent.starts_with("orders-client/0."), "{user_agent}");
}

#[tokio::test]
async fn the_signature_covers_host_date_token_and_the_type_of_the_body() {
    let gateway = support::serve("orders.json").await;
    let client: OrdersClient = support::client(&gateway).await;

    client.get_orders().await.unwrap();
    let caller = support::last(&gateway).caller.unwrap();
    assert!(caller.temporary);
    assert!(
        caller
            .scope
            .ends_with("/eu-west-1/execute-api/aws4_request"),
        "{}",
        caller.scope
    );
    assert_eq!(
        caller.signed_headers,
        ["host", "x-amz-date", "x-amz-security-token"]
    );

    client
        .update_order("o-1", &OrderChanges::new())
        .await
        .unwrap();
    assert_eq!(
        support::last(&gateway).caller.unwrap().signed_headers,
        ["content-type", "host", "x-amz-date", "x-amz-security-token"]
    );
}

#[tokio::test]
async fn every_field_of_a_body_is_sent_with_its_name_in_the_spec() {
    let gateway = support::serve("orders.json").await;
    let client: OrdersClient = support::client(&gateway).await;
    let address = Address::new("1 Rue de l'Étoile", "Paris", "FR").postal_code("75017");
    let order = NewOrder::new(
        Customer::new("Ada")
            .email("ada@example.com")
            .address(address),
        vec![OrderLine::new("MUG", 2).unit_price(Money::new(9_007_199_254_740_993, "EUR"))],
    )
    .reference("PO \"17\"")
    .note("")
    .labels(
        [
            ("b".to_owned(), "2".to_owned()),
            ("a".to_owned(), "1".to_owned()),
        ]
        .into(),
    );

    client.create_order(&order).await.unwrap();
    assert_eq!(
        support::last(&gateway).json::<serde_json::Value>().unwrap(),
        serde_json::json!({
            "reference": "PO \"17\"",
            "customer": {
                "name": "Ada",
                "email": "ada@example.com",
                "address": {
                    "street": "1 Rue de l'Étoile",
                    "city": "Paris",
                    "postalCode": "75017",
                    "country": "FR",
                },
            },
            "lines": [{
                "sku": "MUG",
                "quantity": 2,
                "unitPrice": { "amount": 9_007_199_254_740_993_i64, "currency": "EUR" },
            }],
            "note": "",
            "labels": { "a": "1", "b": "2" },
        })
    );
}
