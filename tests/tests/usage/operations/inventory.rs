//! The inventory API: a REST API exported as Swagger 2.0, with an API key on one operation.

use inventory_client::InventoryClient;
use inventory_client::Method;
use inventory_client::types::NewReservation;
use serde_json::json;

use super::{AS_SEGMENT, AS_SEGMENTS, AWKWARD, Arrived, Auth, assert_arrived};

#[tokio::test]
async fn every_operation_sends_its_method_path_query_body_and_signature() {
    let gateway = support::serve("inventory.json").await;
    let client: InventoryClient = support::client(&gateway).await;

    client.get_api_root().await.unwrap();
    client
        .get_items()
        .warehouse(AWKWARD)
        .page("2")
        .await
        .unwrap();
    client
        .post_items()
        .json(&json!({ "sku": "MUG" }))
        .await
        .unwrap();
    client.post_items().await.unwrap();
    client.get_items_sku(AWKWARD).await.unwrap();
    let new_stock = client.put_items_sku(AWKWARD).if_match("\"v1\"");
    new_stock
        .body("sku,stock\nMUG,7", "text/csv")
        .await
        .unwrap();
    assert_eq!(support::last(&gateway).header("if-match"), Some("\"v1\""));
    client.delete_items_sku(AWKWARD).await.unwrap();
    let reservation = NewReservation::new(3).order_id("o-1");
    client
        .post_items_sku_reservations(AWKWARD, &reservation)
        .await
        .unwrap();
    client
        .head_items_sku_reservations_reservation_id(AWKWARD, "r-1")
        .await
        .unwrap();
    client
        .any_reports_proxy(Method::GET, AWKWARD)
        .query("year", AWKWARD)
        .await
        .unwrap();
    let report = client.any_reports_proxy(Method::POST, "2025/q1");
    report.json(&["sold"]).await.unwrap();
    client
        .any_reports_proxy(Method::DELETE, "2025/q1")
        .await
        .unwrap();

    assert_arrived(
        "inventory",
        &gateway,
        &[
            Arrived::expected("get_api_root", Auth::Open, "GET /live/"),
            Arrived::expected(
                "get_items",
                Auth::Signed,
                &format!("GET /live/items?warehouse={AS_SEGMENT}&page=2"),
            ),
            Arrived::expected("post_items", Auth::Signed, "POST /live/items")
                .json(r#"{"sku":"MUG"}"#),
            Arrived::expected("post_items", Auth::Signed, "POST /live/items"),
            Arrived::expected(
                "get_items_sku",
                Auth::Signed,
                &format!("GET /live/items/{AS_SEGMENT}"),
            ),
            Arrived::expected(
                "put_items_sku",
                Auth::Signed,
                &format!("PUT /live/items/{AS_SEGMENT}"),
            )
            .body("text/csv", "sku,stock\nMUG,7"),
            Arrived::expected(
                "delete_items_sku",
                Auth::Signed,
                &format!("DELETE /live/items/{AS_SEGMENT}"),
            ),
            Arrived::expected(
                "post_items_sku_reservations",
                Auth::SignedWithApiKey,
                &format!("POST /live/items/{AS_SEGMENT}/reservations"),
            )
            .json(r#"{"quantity":3,"orderId":"o-1"}"#),
            Arrived::expected(
                "head_items_sku_reservations_reservation_id",
                Auth::Signed,
                &format!("HEAD /live/items/{AS_SEGMENT}/reservations/r-1"),
            ),
            Arrived::expected(
                "any_reports_proxy",
                Auth::Signed,
                &format!("GET /live/reports/{AS_SEGMENTS}?year={AS_SEGMENT}"),
            ),
            Arrived::expected(
                "any_reports_proxy",
                Auth::Signed,
                "POST /live/reports/2025/q1",
            )
            .json(r#"["sold"]"#),
            Arrived::expected(
                "any_reports_proxy",
                Auth::Signed,
                "DELETE /live/reports/2025/q1",
            ),
        ],
    );
}

#[tokio::test]
async fn the_signature_covers_the_api_key() {
    let gateway = support::serve("inventory.json").await;
    let client: InventoryClient = support::client(&gateway).await;

    client
        .post_items_sku_reservations("MUG", &NewReservation::new(1))
        .await
        .unwrap();
    assert_eq!(
        support::last(&gateway).caller.unwrap().signed_headers,
        [
            "content-type",
            "host",
            "x-amz-date",
            "x-amz-security-token",
            "x-api-key"
        ]
    );
}
