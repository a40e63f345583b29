//! Tests of code that calls a generated client, such as `customer` below.

use orders_client::operations::{CreateOrder, GetInvoice, GetOrder};
use orders_client::runtime::testing::{Fault, Response, TestApi, TestError, json};
use orders_client::types::{Customer, Money, NewOrder, Order, OrderLine, OrderStatus, Problem};
use orders_client::{Error, ErrorKind, OrdersClient, ResponseValue, StatusCode};

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

/// Returns what to show for an order; tested without a client.
fn label(order: Result<ResponseValue<Order>, Error<Problem>>) -> String {
    match order {
        Ok(order) => format!("{}: {:?}", order.id, order.status),
        Err(error) if error.is_not_found() => match error.body() {
            Some(problem) => problem.message.clone(),
            None => "not found".to_owned(),
        },
        Err(error) => format!("{:?}", error.kind()),
    }
}

#[test]
fn results_are_made_without_a_client_and_without_json() {
    let created: orders_client::runtime::DateTime =
        serde_json::from_value(json!("2025-03-14T09:26:53Z")).unwrap();
    let lines = vec![OrderLine::new("MUG", 2)];
    let total = Money::new(2500, "EUR");
    let order = Order::new(
        "o-1",
        OrderStatus::Paid,
        Customer::new("Ada"),
        lines,
        total,
        created,
    );
    let order = ResponseValue::mock(order.note("by hand"));
    assert_eq!(order.note.as_deref(), Some("by hand"));
    assert_eq!(label(Ok(order)), "o-1: Paid");

    let problem = Problem::new("OrderNotFound", "no such order");
    let error = Error::mock_response(StatusCode::NOT_FOUND, problem);
    assert_eq!(label(Err(error)), "no such order");
    let error = Error::mock_response(StatusCode::NOT_FOUND, None);
    assert_eq!(label(Err(error)), "not found");
    assert_eq!(label(Err(Error::mock(ErrorKind::Timeout))), "Timeout");
}

#[tokio::test]
async fn a_hundred_apis_in_memory_need_no_port() {
    for _ in 0..100 {
        let api = TestApi::<OrdersClient>::builder()
            .answer::<GetOrder>(order(StatusCode::OK))
            .in_memory();
        let api = api.start().await.unwrap();
        assert_eq!(api.gateway().address().port(), 0);
        assert!(customer(api.client(), "o-1").await.unwrap().is_some());
        assert!(api.gateway().requests()[0].caller.is_some(), "signed");
    }
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
