//! Paging.

use apigw_local::{Fault, Response};
use http::StatusCode;
use orders_client::OrdersClient;
use serde_json::{Value, json};

/// Serves three pages of `get_orders`, the last one without a token.
async fn gateway() -> apigw_local::LocalGateway {
    support::gateway()
        .spec(support::file("specs/orders.json"))
        .on("get_orders", |request| {
            let page = match request.query("nextToken").as_deref() {
                None => json!({ "items": [order("o-1"), order("o-2")], "nextToken": "a/b+c=" }),
                Some("a/b+c=") => json!({ "items": [], "nextToken": "last" }),
                Some("last") => json!({ "items": [order("o-3")] }),
                Some(other) => panic!("no page {other}"),
            };
            Response::json(StatusCode::OK, page)
        })
        .start()
        .await
        .unwrap()
}

fn order(id: &str) -> Value {
    json!({
        "id": id, "status": "PAID", "customer": { "name": "Ada" }, "lines": [],
        "total": { "amount": 1, "currency": "EUR" }, "createdAt": "2026-01-02T03:04:05Z",
    })
}

#[tokio::test]
async fn a_stream_returns_the_items_of_all_pages_in_order() {
    let gateway = gateway().await;
    let client: OrdersClient = support::client(&gateway).await;

    let mut orders = client.get_orders().limit(2).stream();
    let mut ids = Vec::new();
    while let Some(order) = orders.next().await {
        ids.push(order.unwrap().id);
    }
    assert_eq!(ids, ["o-1", "o-2", "o-3"]);
    let targets: Vec<String> = gateway.requests().into_iter().map(|r| r.target).collect();
    assert_eq!(
        targets,
        [
            "/prod/orders?limit=2",
            "/prod/orders?limit=2&nextToken=a%2Fb%2Bc%3D",
            "/prod/orders?limit=2&nextToken=last",
        ]
    );
}

#[tokio::test]
async fn pages_are_fetched_on_demand() {
    let gateway = gateway().await;
    let client: OrdersClient = support::client(&gateway).await;

    let mut pages = client.get_orders().pages();
    assert_eq!(gateway.requests().len(), 0);
    assert_eq!(pages.next().await.unwrap().unwrap().items.len(), 2);
    assert_eq!(gateway.requests().len(), 1);
}

#[tokio::test]
async fn an_error_ends_a_stream_after_the_items_before_it() {
    let gateway = gateway().await;
    let client: OrdersClient = support::client(&gateway).await;

    let mut orders = client.get_orders().stream();
    assert_eq!(orders.next().await.unwrap().unwrap().id, "o-1");
    assert_eq!(orders.next().await.unwrap().unwrap().id, "o-2");
    let problem = Response::json(StatusCode::BAD_REQUEST, json!({ "message": "expired" }));
    gateway
        .inject_on("get_orders", Fault::Answer(problem))
        .unwrap();
    let error = orders.next().await.unwrap().unwrap_err();
    assert_eq!(error.status(), Some(StatusCode::BAD_REQUEST));
    assert!(orders.next().await.is_none());
}
