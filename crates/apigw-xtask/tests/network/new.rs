use apigw_local::{LocalGateway, Response};
use http::StatusCode;

use crate::desk::Desk;

#[tokio::test]
async fn an_api_is_added_from_a_url() {
    let spec = include_str!("../../../../specs/orders.json");
    let site = LocalGateway::builder()
        .verify(false)
        .on("GET /orders.json", move |_| {
            Response::bytes(StatusCode::OK, "application/json", spec)
        })
        .on("GET /page", |_| {
            Response::bytes(StatusCode::OK, "text/html", "<html></html>")
        })
        .on("GET /gone.json", |_| Response::empty(StatusCode::NOT_FOUND))
        .start()
        .await
        .unwrap();
    let desk = Desk::new(&[
        ("specs/apis.toml", "# none yet\n"),
        (
            "Cargo.toml",
            "[workspace.dependencies]\napigw-runtime = \"0.1\"\n",
        ),
    ])
    .name(site.endpoint(), "SITE");
    let from = |page: &str| format!("{}/{page}", site.endpoint());
    desk.shows(
        "new-from-url",
        &["new", "orders", "--from", &from("orders.json")],
    )
    .await;
    assert_eq!(desk.read("specs/orders.json"), spec);
    assert!(desk.path("crates/generated/orders/src/lib.rs").exists());
    desk.shows(
        "new-from-missing-page",
        &["new", "stock", "--from", &from("gone.json")],
    )
    .await;
    desk.shows("new-from-page", &["new", "stock", "--from", &from("page")])
        .await;
    assert!(!desk.read("specs/apis.toml").contains("stock"));
}
