//! Tests of code that calls a generated client, such as `customer` below.

use orders_client::operations::{CreateOrder, GetInvoice, GetOrder};
use orders_client::runtime::testing::{Fault, Response, TestApi, TestError, json};
use orders_client::types::{Customer, NewOrder, OrderLine};
use orders_client::{Error, OrdersClient, StatusCode};

/// Returns the customer of an order, if the order exists.
async fn customer(client: &OrdersClient, order_id: &str) -> Result<Option<Customer>, Error> {
    match client.get_order(order_id).await {
        Ok(order) => Ok(Some(order.into_inner().customer)),
        Err(error) if error.status() == Some(StatusCode::NOT_FOUND) => Ok(None),
        Err(error) => Err(error.into_untyped()),
    }
}

fn order(status: StatusCode) -> Response {
    let body = json!({
        "id": "o-1",
        "status": "PENDING",
        "total": { "amount": 2500, "currency": "EUR" },
        "createdAt": "2025-03-14T09:26:53Z",
        "customer": { "name": "Ada" },
        "lines": [{ "sku": "MUG", "quantity": 2 }],
    });
    Response::json(status, body)
}

#[tokio::test]
async fn a_response_is_set_in_three_lines() {
    let api = TestApi::<OrdersClient>::builder().answer::<GetOrder>(order(StatusCode::OK));
    let api = api.start().await.unwrap();
    let customer = customer(api.client(), "o-1").await.unwrap().unwrap();
    assert_eq!(customer.name, "Ada");
}

#[tokio::test]
async fn a_response_can_depend_on_the_request() {
    let api = TestApi::<OrdersClient>::builder().answer_with::<GetOrder>(|request| {
        match request.path_parameter("orderId") {
            Some("o-1") => order(StatusCode::OK),
            _ => Response::json(
                StatusCode::NOT_FOUND,
                json!({ "code": "OrderNotFound", "message": "no such order" }),
            ),
        }
    });
    let api = api.start().await.unwrap();
    assert!(customer(api.client(), "o-1").await.unwrap().is_some());
    assert!(customer(api.client(), "o-2").await.unwrap().is_none());
}

#[tokio::test]
async fn other_operations_return_examples_of_the_spec() {
    let document = support::file("specs/orders.json");
    let pdf = Response::bytes(StatusCode::OK, "application/pdf", "%PDF-1.7");
    let api = TestApi::<OrdersClient>::builder()
        .document(document)
        .answer::<GetInvoice>(pdf);
    let api = api.start().await.unwrap();
    let client = api.client();
    assert!(!client.get_orders().await.unwrap().items.is_empty());
    let invoice = client.get_invoice("o-1").await.unwrap().into_inner();
    assert_eq!(invoice.collect_bytes().await.unwrap(), "%PDF-1.7");
}

#[tokio::test]
async fn the_spec_inside_the_client_has_examples_too() {
    let api = TestApi::<OrdersClient>::builder().described_by(orders_client::DOCUMENT);
    let api = api.start().await.unwrap();
    let client = api.client();
    assert!(client.get_orders().await.unwrap().status().is_success());
    assert!(client.get_order("o-1").await.is_ok());
}

#[tokio::test]
async fn faults_can_be_tested_too() {
    let api = TestApi::<OrdersClient>::builder()
        .answer::<GetOrder>(order(StatusCode::OK))
        .client(|builder| builder.retry(support::without_pauses()));
    let api = api.start().await.unwrap();
    api.gateway().inject(Fault::Throttled.times(2));
    assert!(customer(api.client(), "o-1").await.unwrap().is_some());

    api.gateway().inject(Fault::Throttled.always());
    let error = customer(api.client(), "o-1").await.unwrap_err();
    assert!(error.is_throttled(), "{error}");
}

#[tokio::test]
async fn a_response_that_does_not_match_the_spec_is_an_error() {
    let created = Response::json(StatusCode::CREATED, json!({ "id": "o-7" }));
    let api = TestApi::<OrdersClient>::builder().answer::<CreateOrder>(created);
    let error = api.start().await.unwrap_err();
    assert!(
        matches!(
            error,
            TestError::Answer {
                operation: "create_order",
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn requests_can_be_inspected() {
    let api = TestApi::<OrdersClient>::builder().answer::<CreateOrder>(order(StatusCode::CREATED));
    let api = api.start().await.unwrap();
    let new_order = NewOrder::new(Customer::new("Ada"), vec![OrderLine::new("MUG", 2)]);
    api.client().create_order(&new_order).await.unwrap();
    let request = api.gateway().requests().remove(0);
    assert!(request.caller.is_some(), "signed");
    let sent: serde_json::Value = request.json().unwrap();
    assert_eq!(sent["customer"]["name"], "Ada");
    assert_eq!(sent["lines"], json!([{ "sku": "MUG", "quantity": 2 }]));
}
