//! What an API can gain without breaking its callers, and what breaks them.
//!
//! `specs/evolution_v2.yaml` is `evolution_v1.yaml` with one more query parameter, header, property of a body and
//! of a response, enum value, status, schema and operation, all of them optional. One caller, `evolution/caller.rs`,
//! compiles against both clients, and a client of the first version understands a service of the second.
//!
//! These changes break callers, and `regen --check` reports them:
//!
//! - an operation, a parameter, a field or a model that is removed, renamed or gets another type;
//! - a parameter that becomes required: its setter becomes an argument; and the reverse;
//! - a field of a body that becomes required: `new` takes one more argument;
//! - a field of a response that becomes optional: its type becomes `Option`;
//! - a success with a body of another kind: `T` becomes an enum by status;
//! - the first body that an error declares (`Error` becomes `Error<Problem>`), and an error with another body, or
//!   without one (`Error<Problem>` becomes an enum by status);
//! - the first body that a request declares: `.json(…)` with any value is removed;
//! - a model or a value whose Rust name another one had before (`a-b` and `a_b`), if it is the first in the spec.
#![allow(clippy::expect_used, reason = "helpers of tests fail the test")]

use apigw_local::{LocalGateway, Request, Response};
use http::StatusCode;
use serde_json::{Value, json};

mod first {
    use golden::evolution_v1::{EvolutionV1Client as Client, operations, types};

    include!("evolution/caller.rs");
}

mod second {
    use golden::evolution_v2::{EvolutionV2Client as Client, operations, types};

    include!("evolution/caller.rs");
}

type Answer = (StatusCode, Value);

/// Starts a service with these responses.
async fn service(spec: &str, orders: Value, created: Answer, missing: Value) -> LocalGateway {
    let json = |(status, body): Answer| move |_: &Request| Response::json(status, body.clone());
    let gateway = support::gateway()
        .spec(support::file("tests/golden/specs").join(spec))
        .on("get_orders", json((StatusCode::OK, orders)))
        .on("create_order", json(created))
        .on("get_order", json((StatusCode::NOT_FOUND, missing)))
        .start();
    gateway.await.expect("the spec can be served")
}

async fn first_service() -> LocalGateway {
    let orders = json!([{ "id": "o-1", "status": "OPEN" }, { "id": "o-2", "status": "SHIPPED" }]);
    let created = json!({ "id": "o-3", "status": "OPEN" });
    let missing = json!({ "message": "no such order" });
    let created = (StatusCode::CREATED, created);
    service("evolution_v1.yaml", orders, created, missing).await
}

async fn second_service() -> LocalGateway {
    let orders = json!([
        { "id": "o-1", "status": "LOST" },
        { "id": "o-2", "status": "SHIPPED", "carrier": "by sea" },
    ]);
    let conflict = json!({ "message": "there already", "field": "sku" });
    let missing = json!({ "message": "no such order", "field": "orderId" });
    let created = (StatusCode::CONFLICT, conflict);
    service("evolution_v2.yaml", orders, created, missing).await
}

/// Returns method and target, and body, of every request.
fn asked(gateway: &LocalGateway) -> Vec<(String, String)> {
    let text = |request: Request| {
        let body = String::from_utf8_lossy(&request.body).into_owned();
        (format!("{} {}", request.method, request.target), body)
    };
    gateway.requests().into_iter().map(text).collect()
}

const OF_THE_FIRST: [&str; 4] = [
    "o-1 still open",
    "o-2 on its way",
    "o-3 still open",
    "Some(404) no such order",
];

const OF_THE_SECOND: [&str; 4] = [
    "o-1 LOST",
    "o-2 on its way",
    // a status that the first spec does not have: its bytes are kept, its type is not guessed
    "Some(409) ClientError",
    "Some(404) no such order",
];

#[tokio::test]
async fn code_for_the_first_client_works_with_the_second() {
    let gateway = first_service().await;
    assert_eq!(
        first::call(&support::client(&gateway).await).await,
        OF_THE_FIRST
    );
    let before = asked(&gateway);
    gateway.forget();
    assert_eq!(
        second::call(&support::client(&gateway).await).await,
        OF_THE_FIRST
    );
    assert_eq!(asked(&gateway), before);
    assert_eq!(before[1].1, r#"{"sku":"engine/1","note":"ring twice"}"#);
}

#[tokio::test]
async fn the_first_client_works_with_the_second_service() {
    let gateway = second_service().await;
    assert_eq!(
        first::call(&support::client(&gateway).await).await,
        OF_THE_SECOND
    );
}

#[tokio::test]
async fn additions_can_be_used() {
    use golden::evolution_v2::EvolutionV2Client;
    use golden::evolution_v2::types::{Gift, NewOrder, Status};

    let gateway = second_service().await;
    let client: EvolutionV2Client = support::client(&gateway).await;
    let orders = client
        .get_orders()
        .status(Status::Lost)
        .x_trace("t-1")
        .await;
    let orders = orders.expect("a success");
    assert_eq!(orders[0].status, Status::Lost);
    assert_eq!(orders[1].carrier.as_deref(), Some("by sea"));
    let order = NewOrder::new("engine/1").gift(Gift::new("for Ada"));
    let error = client.create_order(&order).await.expect_err("a conflict");
    let problem = error.body().expect("the spec declares a body");
    assert_eq!(problem.field.as_deref(), Some("sku"));
    let asked = asked(&gateway);
    assert!(asked[0].0.ends_with("/orders?status=LOST"), "{asked:?}");
    assert_eq!(
        asked[1].1,
        r#"{"sku":"engine/1","gift":{"card":"for Ada"}}"#
    );
}
