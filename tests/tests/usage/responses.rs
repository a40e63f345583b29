//! Responses with every status that a spec declares, decoded as the types of the client, and with undeclared content.

use events_client::EventsClient;
use inventory_client::InventoryClient;
use std::collections::BTreeSet;
use std::fs;

use apigw_local::{Fault, LocalGateway, Response};
use apigw_runtime::{AnyBody, ErrorKind};
use events_client::Method;
use futures_util::TryStreamExt as _;
use http::StatusCode;
use inventory_client::operations::PostItemsSkuReservationsError;
use inventory_client::types::NewReservation;
use orders_client::OrdersClient;
use orders_client::operations::{CreateOrderError, ReplaceOrderError, UpdateOrderError};
use orders_client::types::{Customer, NewOrder, OrderChanges, OrderLine, OrderStatus};
use serde_json::{Value, json};

use crate::operations::generated;

/// Sets the next response of an operation.
fn answer(gateway: &LocalGateway, operation: &str, status: u16, body: Value) {
    let response = Response::json(StatusCode::from_u16(status).unwrap(), body);
    gateway
        .inject_on(operation, Fault::Answer(response))
        .unwrap();
}

/// Sets the next response of an operation, without a body.
fn answer_nothing(gateway: &LocalGateway, operation: &str, status: u16) {
    let response = Response::empty(StatusCode::from_u16(status).unwrap());
    gateway
        .inject_on(operation, Fault::Answer(response))
        .unwrap();
}

/// Returns an order with all properties of the spec.
fn order() -> Value {
    json!({
        "id": "o-1",
        "status": "PAID",
        "customer": { "name": "Ada" },
        "lines": [{ "sku": "MUG", "quantity": 2 }],
        "total": { "amount": 4200, "currency": "EUR" },
        "createdAt": "2026-01-02T03:04:05Z",
    })
}

fn new_order() -> NewOrder {
    NewOrder::new(Customer::new("Ada"), vec![OrderLine::new("MUG", 2)])
}

/// Returns operation and status of every declared response, except those of CORS mocks.
fn declared(api: &str, document: &str) -> BTreeSet<(String, u16)> {
    let document = fs::read(support::file("specs").join(document)).unwrap();
    let document: Value = serde_json::from_slice(&document).unwrap();
    let names = generated(api);
    let mut declared = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method = match method.as_str() {
                "options" => continue,
                "x-amazon-apigateway-any-method" => "ANY".to_owned(),
                verb => verb.to_uppercase(),
            };
            let name = &names[&format!("{method} {path}")];
            for status in operation["responses"].as_object().unwrap().keys() {
                declared.insert((name.clone(), status.parse().unwrap()));
            }
        }
    }
    declared
}

/// Returns operation and status of every response so far.
fn answered(gateway: &LocalGateway) -> BTreeSet<(String, u16)> {
    let exchanges = gateway.exchanges().into_iter();
    exchanges
        .map(|exchange| {
            (
                exchange.request.operation.unwrap(),
                exchange.status.as_u16(),
            )
        })
        .collect()
}

#[tokio::test]
async fn every_status_of_the_orders_api_decodes_as_its_type() {
    let gateway = support::serve("orders.json").await;
    let client: OrdersClient = support::client(&gateway).await;

    answer(&gateway, "get_order", 200, order());
    let paid = client.get_order("o-1").await.unwrap();
    assert_eq!((paid.status(), paid.id.as_str()), (StatusCode::OK, "o-1"));
    answer(
        &gateway,
        "get_order",
        404,
        json!({ "code": "NotFound", "message": "gone" }),
    );
    let problem = client.get_order("o-1").await.unwrap_err();
    assert_eq!(problem.kind(), ErrorKind::NotFound);
    assert_eq!(problem.body().unwrap().code, "NotFound");

    answer(&gateway, "replace_order", 200, order());
    assert_eq!(
        client.replace_order("o-1", &new_order()).await.unwrap().id,
        "o-1"
    );
    answer(
        &gateway,
        "replace_order",
        400,
        json!({ "message": "no lines" }),
    );
    match client
        .replace_order("o-1", &new_order())
        .await
        .unwrap_err()
        .into_body()
    {
        Some(ReplaceOrderError::Status400(error)) => {
            assert_eq!(error.message.as_deref(), Some("no lines"));
        }
        other => panic!("{other:?}"),
    }
    answer(
        &gateway,
        "replace_order",
        404,
        json!({ "code": "NotFound", "message": "gone" }),
    );
    match client
        .replace_order("o-1", &new_order())
        .await
        .unwrap_err()
        .into_body()
    {
        Some(ReplaceOrderError::Status404(problem)) => assert_eq!(problem.message, "gone"),
        other => panic!("{other:?}"),
    }

    answer_nothing(&gateway, "delete_order", 204);
    let deleted = client.delete_order("o-1").await.unwrap();
    assert_eq!(deleted.status(), StatusCode::NO_CONTENT);
    let () = deleted.into_inner();
    answer(
        &gateway,
        "delete_order",
        404,
        json!({ "code": "NotFound", "message": "gone" }),
    );
    assert_eq!(
        client
            .delete_order("o-1")
            .await
            .unwrap_err()
            .body()
            .unwrap()
            .message,
        "gone"
    );

    let changes = OrderChanges::new();
    answer(&gateway, "update_order", 200, order());
    assert_eq!(
        client
            .update_order("o-1", &changes)
            .await
            .unwrap()
            .total
            .amount,
        4200
    );
    answer(&gateway, "update_order", 400, json!({}));
    match client
        .update_order("o-1", &changes)
        .await
        .unwrap_err()
        .into_body()
    {
        Some(UpdateOrderError::Status400(error)) => assert_eq!(error.message, None),
        other => panic!("{other:?}"),
    }
    answer(
        &gateway,
        "update_order",
        404,
        json!({ "code": "NotFound", "message": "gone" }),
    );
    match client
        .update_order("o-1", &changes)
        .await
        .unwrap_err()
        .into_body()
    {
        Some(UpdateOrderError::Status404(problem)) => assert_eq!(problem.code, "NotFound"),
        other => panic!("{other:?}"),
    }

    answer(
        &gateway,
        "get_orders",
        200,
        json!({ "items": [order()], "nextToken": "2" }),
    );
    let page = client.get_orders().await.unwrap();
    assert_eq!(
        (page.items.len(), page.next_token.as_deref()),
        (1, Some("2"))
    );
    answer(
        &gateway,
        "get_orders",
        400,
        json!({ "message": "limit is negative" }),
    );
    let error = client.get_orders().limit(-1).await.unwrap_err();
    assert_eq!(
        error.body().unwrap().message.as_deref(),
        Some("limit is negative")
    );

    answer(&gateway, "create_order", 201, order());
    assert_eq!(
        client.create_order(&new_order()).await.unwrap().status(),
        StatusCode::CREATED
    );
    answer(
        &gateway,
        "create_order",
        400,
        json!({ "message": "no lines" }),
    );
    match client
        .create_order(&new_order())
        .await
        .unwrap_err()
        .into_body()
    {
        Some(CreateOrderError::Status400(error)) => {
            assert_eq!(error.message.as_deref(), Some("no lines"));
        }
        other => panic!("{other:?}"),
    }
    answer(
        &gateway,
        "create_order",
        409,
        json!({ "message": "twice", "orderId": "o-0" }),
    );
    match client
        .create_order(&new_order())
        .await
        .unwrap_err()
        .into_body()
    {
        Some(CreateOrderError::Status409(conflict)) => assert_eq!(conflict.order_id, "o-0"),
        other => panic!("{other:?}"),
    }

    client.get_invoice("o-1").await.unwrap();
    answer(
        &gateway,
        "get_invoice",
        404,
        json!({ "code": "NotFound", "message": "gone" }),
    );
    assert_eq!(
        client
            .get_invoice("o-1")
            .await
            .unwrap_err()
            .body()
            .unwrap()
            .code,
        "NotFound"
    );

    assert_eq!(client.get_health().await.unwrap().status, "ok");

    assert_eq!(answered(&gateway), declared("orders", "orders.json"));
}

#[tokio::test]
async fn every_status_of_the_inventory_api_decodes_as_its_type() {
    let gateway = support::serve("inventory.json").await;
    let client: InventoryClient = support::client(&gateway).await;

    answer(
        &gateway,
        "get_api_root",
        200,
        json!({ "name": "inventory" }),
    );
    let about = client.get_api_root().await.unwrap();
    assert_eq!(
        about.json::<Value>().unwrap(),
        json!({ "name": "inventory" })
    );

    answer(
        &gateway,
        "get_items",
        200,
        json!([{ "sku": "MUG", "stock": 3, "weight": 0.25 }]),
    );
    let items = client.get_items().await.unwrap();
    assert_eq!((items[0].stock, items[0].weight), (3, Some(0.25)));

    answer(&gateway, "post_items", 200, json!({ "sku": "MUG" }));
    let added = client
        .post_items()
        .json(&json!({ "sku": "MUG" }))
        .await
        .unwrap();
    assert_eq!(added.text().unwrap(), r#"{"sku":"MUG"}"#);

    answer(
        &gateway,
        "get_items_sku",
        200,
        json!({ "sku": "MUG", "stock": 3 }),
    );
    assert_eq!(client.get_items_sku("MUG").await.unwrap().stock, 3);
    answer(
        &gateway,
        "get_items_sku",
        404,
        json!({ "message": "never had one" }),
    );
    let error = client.get_items_sku("MUG").await.unwrap_err();
    assert_eq!(
        error.body().unwrap().message.as_deref(),
        Some("never had one")
    );

    answer_nothing(&gateway, "put_items_sku", 200);
    assert!(client.put_items_sku("MUG").await.unwrap().is_empty());

    answer_nothing(&gateway, "delete_items_sku", 204);
    let () = client.delete_items_sku("MUG").await.unwrap().into_inner();

    let three = NewReservation::new(3);
    let reserved = json!({ "id": "r-1", "expiresAt": "2026-01-02T03:04:05.5Z" });
    answer(&gateway, "post_items_sku_reservations", 200, reserved);
    let reservation = client
        .post_items_sku_reservations("MUG", &three)
        .await
        .unwrap();
    assert_eq!(
        reservation.expires_at.as_ref().unwrap().to_rfc3339(),
        "2026-01-02T03:04:05.500+00:00"
    );
    answer(
        &gateway,
        "post_items_sku_reservations",
        409,
        json!({ "message": "sold out" }),
    );
    let error = client
        .post_items_sku_reservations("MUG", &three)
        .await
        .unwrap_err();
    assert!(matches!(
        error.body(),
        Some(PostItemsSkuReservationsError::Status409(problem)) if problem.message.as_deref() == Some("sold out")
    ));

    answer_nothing(&gateway, "post_items_sku_reservations", 400);
    let error = client
        .post_items_sku_reservations("MUG", &NewReservation::new(0))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ClientError, "{error}");
    assert!(matches!(
        error.body(),
        Some(PostItemsSkuReservationsError::Status400(body)) if body.is_empty()
    ));

    client
        .head_items_sku_reservations_reservation_id("MUG", "r-1")
        .await
        .unwrap();

    assert_eq!(answered(&gateway), declared("inventory", "inventory.json"));
}

#[tokio::test]
async fn a_body_without_a_schema_is_returned_as_received() {
    let gateway = support::serve("events.yaml").await;
    let client: EventsClient = support::client(&gateway).await;

    let csv = Response::bytes(StatusCode::ACCEPTED, "text/csv; charset=utf-8", "a,b\n");
    gateway.inject_on("get_events", Fault::Answer(csv)).unwrap();
    let body = client.get_events().await.unwrap();
    assert_eq!(body.status(), StatusCode::ACCEPTED);
    assert_eq!(body.content_type(), Some("text/csv; charset=utf-8"));
    assert_eq!(body.text().unwrap(), "a,b\n");

    answer(&gateway, "any_default", 200, json!([1, 2]));
    let body = client.any_default(Method::GET, "numbers").await.unwrap();
    assert_eq!(body.json::<Vec<u8>>().unwrap(), [1, 2]);

    answer(&gateway, "post_events", 422, json!({ "why": "no kind" }));
    let error = client.post_events().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ClientError);
    let why: AnyBody = error.raw().unwrap().decode().unwrap();
    assert_eq!(why.text().unwrap(), r#"{"why":"no kind"}"#);
}

#[tokio::test]
async fn a_binary_body_is_a_stream_of_its_bytes() {
    let pdf: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8).collect();
    let gateway = support::serve("orders.json").await;
    let client: OrdersClient = support::client(&gateway).await;

    let invoice = Response::bytes(StatusCode::OK, "application/pdf", pdf.clone())
        .header("content-disposition", "attachment; filename=\"o-1.pdf\"");
    gateway
        .inject_on("get_invoice", Fault::Answer(invoice))
        .unwrap();
    let invoice = client.get_invoice("o-1").await.unwrap();
    assert_eq!(
        invoice.header("content-disposition"),
        Some("attachment; filename=\"o-1.pdf\"")
    );
    let pieces: Vec<_> = invoice.into_inner().try_collect().await.unwrap();
    assert_eq!(pieces.concat(), pdf);
}

#[tokio::test]
async fn an_interrupted_stream_ends_in_an_error() {
    let gateway = support::serve("orders.json").await;
    let client: OrdersClient = support::client(&gateway).await;

    gateway.inject_on("get_invoice", Fault::CutBody).unwrap();
    let invoice = client.get_invoice("o-1").await.unwrap().into_inner();
    let error = invoice.collect_bytes().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
}

/// Returns this order as the client decodes it.
async fn read(order: Value) -> orders_client::types::Order {
    let gateway = support::serve("orders.json").await;
    let client: OrdersClient = support::client(&gateway).await;
    answer(&gateway, "get_order", 200, order);
    client.get_order("o-1").await.unwrap().into_inner()
}

#[tokio::test]
async fn an_undeclared_enum_value_is_kept_as_unknown() {
    let mut lost = order();
    lost["status"] = json!("LOST_AT_SEA");
    let lost = read(lost).await;
    assert_eq!(lost.status, OrderStatus::Unknown("LOST_AT_SEA".to_owned()));
    assert_eq!(
        serde_json::to_value(&lost).unwrap()["status"],
        "LOST_AT_SEA"
    );
}

#[tokio::test]
async fn optional_fields_that_are_absent_or_null_are_none() {
    let mut bare = order();
    bare["note"] = Value::Null;
    let bare = read(bare).await;
    assert_eq!(bare.note, None);
    assert_eq!(bare.reference, None);
    assert_eq!(bare.labels, None);
    assert_eq!(bare.shipped_at, None);
    assert_eq!(bare.customer.address, None);
    assert_eq!(bare.lines[0].unit_price, None);
}

#[tokio::test]
async fn undeclared_fields_are_ignored() {
    let mut newer = order();
    newer["giftWrap"] = json!({ "paper": "blue" });
    newer["customer"]["loyalty"] = json!(7);
    assert_eq!(read(newer).await, read(order()).await);
}

#[tokio::test]
async fn a_64_bit_integer_keeps_every_digit() {
    let mut dear = order();
    dear["total"]["amount"] = json!(i64::MAX);
    assert_eq!(read(dear).await.total.amount, 9_223_372_036_854_775_807);
}

#[tokio::test]
async fn a_missing_required_field_is_a_decode_error_with_its_path() {
    let gateway = support::serve("orders.json").await;
    let client: OrdersClient = support::client(&gateway).await;

    let mut broken = order();
    broken["total"].as_object_mut().unwrap().remove("currency");
    answer(
        &gateway,
        "get_orders",
        200,
        json!({ "items": [order(), broken] }),
    );
    let error = client.get_orders().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("`items[1].total`"), "{error}");
    assert_eq!(error.status(), Some(StatusCode::OK));
}

#[tokio::test]
async fn an_html_page_of_a_proxy_is_undocumented_and_kept() {
    let gateway = support::serve("orders.json").await;
    let client: OrdersClient = support::client(&gateway).await;

    gateway.inject(Fault::HtmlPage(StatusCode::BAD_GATEWAY));
    let error = client.create_order(&new_order()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ServerError, "{error}");
    assert_eq!(error.raw().unwrap().content_type(), Some("text/html"));
    assert!(error.raw().unwrap().bytes().starts_with(b"<html>"));
    assert!(!error.is_retryable(), "a POST may have run");
}
