//! Faults between pages.

use apigw_local::{Fault, Response};
use apigw_runtime::Pages;
use apigw_runtime::codegen::Token;
use http::{Method, StatusCode};
use orders_client::OrdersClient;
use orders_client::types::OrderPage;
use serde_json::json;
use support::statuses;

use crate::orders;

#[tokio::test]
async fn faults_between_pages_are_retried() {
    let gateway = orders::gateway()
        .on("get_orders", |request| {
            let next = match request.query("nextToken").as_deref() {
                None => json!("1/2=+"),
                Some("1/2=+") => json!("end"),
                _ => json!(null),
            };
            Response::json(StatusCode::OK, json!({ "items": [], "nextToken": next }))
        })
        .start()
        .await
        .unwrap();
    let client = support::client_builder::<OrdersClient>(&gateway)
        .build()
        .await
        .unwrap();
    gateway.inject(Fault::Throttled.every(2));
    let call = client.request(Method::GET, "/orders");
    let call = call.query("limit", 10);
    let pages: Pages<OrderPage> = Pages::by_token(call, "nextToken", |page: &OrderPage| {
        Token::of(&page.next_token)
    });
    assert_eq!(pages.collect().await.unwrap().len(), 3);
    assert_eq!(statuses(&gateway), [200, 429, 200, 429, 200]);
    assert!(gateway.requests().iter().all(|r| r.caller.is_some()));
}
