use std::process::Stdio;

use apigw_local::{Fault, LocalGateway, Response};
use http::StatusCode;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;

use crate::desk::Desk;

const APIS: &str = "[orders]\nspec = \"orders.json\"\n\n[inventory]\nspec = \"inventory.json\"\n\n[events]\nspec = \"events.yaml\"\n";

const ACCESS_KEY: &str = "ASIADESK";
const SECRET_KEY: &str = "a-secret-of-the-desk-only";
const TOKEN: &str = "a-token-of-the-desk-only";
const API_KEY: &str = "a-key-of-the-desk-only";

/// A gateway for orders, and a desk with credentials for it.
async fn site() -> (LocalGateway, Desk) {
    site_of("orders.json", "ORDERS_ENDPOINT_URL").await
}

async fn site_of(spec: &str, variable: &'static str) -> (LocalGateway, Desk) {
    let specs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../specs/");
    let gateway = LocalGateway::builder()
        .spec(format!("{specs}{spec}"))
        .temporary_credentials(ACCESS_KEY, SECRET_KEY, TOKEN)
        .api_key(API_KEY)
        .start()
        .await
        .unwrap();
    let desk = desk().set(variable, gateway.endpoint());
    let address = gateway.address().to_string();
    (gateway, desk.name(address, "HOST"))
}

fn desk() -> Desk {
    Desk::new(&[
        ("specs/apis.toml", APIS),
        (
            "specs/orders.json",
            include_str!("../../../../specs/orders.json"),
        ),
        (
            "specs/inventory.json",
            include_str!("../../../../specs/inventory.json"),
        ),
        (
            "specs/events.yaml",
            include_str!("../../../../specs/events.yaml"),
        ),
    ])
    .set("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    .set("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    .set("AWS_SESSION_TOKEN", TOKEN)
}

const ORDER: &str =
    r#"{"customer":{"name":"Ada Lovelace"},"lines":[{"sku":"engine","quantity":1}]}"#;

#[tokio::test]
async fn a_response_is_printed_with_its_status() {
    let (gateway, desk) = site().await;
    desk.shows("call", &["call", "orders", "get_orders", "-p", "limit=10"])
        .await;
    desk.shows(
        "call-by-route",
        &[
            "call",
            "orders",
            "GET /orders/{orderId}",
            "-p",
            "order_id=o 1/é",
        ],
    )
    .await;
    let requests = gateway.requests();
    assert!(requests.iter().all(|request| request.caller.is_some()));
    assert_eq!(requests[1].path_parameter("orderId"), Some("o 1/é"));
}

#[tokio::test]
async fn a_body_comes_from_stdin_a_file_or_the_command_line() {
    let (gateway, desk) = site().await;
    desk.shows_with(
        "call-stdin",
        &["call", "orders", "create_order", "--body", "-"],
        ORDER,
    )
    .await;
    fs_err::write(desk.path("order.json"), ORDER).unwrap();
    desk.shows(
        "call-file",
        &["call", "orders", "create_order", "--body", "@order.json"],
    )
    .await;
    desk.shows(
        "call-text",
        &["call", "orders", "create_order", "--body", ORDER],
    )
    .await;
    let bodies: Vec<_> = gateway
        .requests()
        .into_iter()
        .map(|request| request.body)
        .collect();
    assert_eq!(bodies, [ORDER, ORDER, ORDER]);
}

#[tokio::test]
async fn invalid_arguments_are_not_sent() {
    let (gateway, desk) = site().await;
    desk.shows("call-unknown-operation", &["call", "orders", "get_order_s"])
        .await;
    desk.shows("call-no-operation", &["call", "orders"]).await;
    desk.shows(
        "call-unknown-parameter",
        &["call", "orders", "get_orders", "-p", "limits=1"],
    )
    .await;
    desk.shows("call-missing", &["call", "orders", "get_order"])
        .await;
    desk.shows(
        "call-mismatch",
        &["call", "orders", "get_orders", "-p", "limit=ten"],
    )
    .await;
    desk.shows("call-no-body", &["call", "orders", "create_order"])
        .await;
    desk.shows(
        "call-not-json",
        &["call", "orders", "create_order", "-d", "{"],
    )
    .await;
    desk.shows(
        "call-wrong-body",
        &["call", "orders", "create_order", "-d", "{\"lines\":[]}"],
    )
    .await;
    desk.shows(
        "call-other-path",
        &["call", "orders", "get_order", "-p", "orderId=.."],
    )
    .await;
    desk.shows(
        "call-bodiless",
        &["call", "orders", "get_orders", "-d", "x"],
    )
    .await;
    desk.shows("call-unknown-api", &["call", "order", "get_orders"])
        .await;
    desk.shows(
        "call-param-without-value",
        &["call", "orders", "get_orders", "-p", "limit"],
    )
    .await;
    assert!(gateway.requests().is_empty());
}

#[tokio::test]
async fn an_error_status_sets_the_exit_code() {
    let specs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../specs/orders.json");
    let gateway = LocalGateway::builder()
        .spec(specs)
        .temporary_credentials(ACCESS_KEY, SECRET_KEY, TOKEN)
        .on("get_order", |_| {
            Response::json(
                StatusCode::NOT_FOUND,
                json!({ "code": "NOT_FOUND", "message": "there is no order o-1" }),
            )
        })
        .start()
        .await
        .unwrap();
    let desk = desk().set("ORDERS_ENDPOINT_URL", gateway.endpoint());
    desk.shows(
        "call-404",
        &[
            "call",
            "orders",
            "get_order",
            "-p",
            "orderId=o-1",
            "--explain",
        ],
    )
    .await;
}

#[tokio::test]
async fn each_status_class_has_an_exit_code_and_other_bodies_are_printed_unchanged() {
    let specs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../specs/orders.json");
    let gateway = LocalGateway::builder()
        .spec(specs)
        .temporary_credentials(ACCESS_KEY, SECRET_KEY, TOKEN)
        .on("get_order", |_| {
            Response::empty(StatusCode::FOUND).header("location", "https://elsewhere.example/")
        })
        .on("get_orders", |_| {
            Response::bytes(StatusCode::BAD_GATEWAY, "text/plain", "nobody is home\n")
        })
        .on("get_health", |_| {
            Response::bytes(StatusCode::OK, "application/json", "{not json")
        })
        .on("get_invoice", |_| {
            Response::bytes(
                StatusCode::OK,
                "application/pdf",
                b"%PDF\x00\xff".as_slice(),
            )
        })
        .start()
        .await
        .unwrap();
    let desk = desk().set("ORDERS_ENDPOINT_URL", gateway.endpoint());
    desk.shows(
        "call-302",
        &["call", "orders", "get_order", "-p", "orderId=o-1"],
    )
    .await;
    desk.shows("call-502", &["call", "orders", "get_orders", "--explain"])
        .await;
    desk.shows(
        "call-bad-json",
        &["call", "orders", "get_health", "--explain"],
    )
    .await;
    let invoice = [
        "call",
        "orders",
        "GET /orders/{orderId}/invoice",
        "-p",
        "orderId=o-1",
    ];
    let output = desk.command(&invoice).output().await.unwrap();
    assert_eq!(output.stdout, b"%PDF\x00\xff");
}

#[tokio::test]
async fn a_refusal_is_explained() {
    let (gateway, desk) = site().await;
    gateway.inject(Fault::Throttled.times(1));
    desk.shows(
        "call-throttled",
        &["call", "orders", "get_orders", "--explain"],
    )
    .await;
    let wrong = desk.set("AWS_SECRET_ACCESS_KEY", "another");
    wrong
        .shows("call-refused", &["call", "orders", "get_orders"])
        .await;
    wrong
        .shows(
            "call-explain",
            &["call", "orders", "get_orders", "--explain"],
        )
        .await;
    wrong
        .shows(
            "call-unsigned",
            &["call", "orders", "get_orders", "--unsigned", "--explain"],
        )
        .await;
}

#[tokio::test]
async fn a_line_changed_in_transit_is_shown() {
    let (gateway, desk) = site().await;
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = proxy.local_addr().unwrap().to_string();
    let behind = gateway.address();
    // a proxy that rewrites the query
    tokio::spawn(async move {
        let (mut client, _) = proxy.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            request.push(client.read_u8().await.unwrap());
        }
        let request = String::from_utf8(request).unwrap();
        let mut server = TcpStream::connect(behind).await.unwrap();
        server
            .write_all(request.replace("limit=10", "limit=100").as_bytes())
            .await
            .unwrap();
        // until either side hangs up
        let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
    });
    let endpoint = format!("http://{address}/prod");
    let desk = desk
        .set("ORDERS_ENDPOINT_URL", endpoint)
        .name(address, "PROXY");
    desk.shows(
        "call-changed-on-the-way",
        &[
            "call",
            "orders",
            "get_orders",
            "-p",
            "limit=10",
            "--explain",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_dry_run_sends_nothing() {
    let (gateway, desk) = site().await;
    desk.shows(
        "call-dry-run",
        &["call", "orders", "create_order", "-d", ORDER, "--dry-run"],
    )
    .await;
    desk.shows(
        "call-dry-run-unsigned",
        &["call", "orders", "get_health", "--dry-run"],
    )
    .await;
    desk.shows(
        "call-curl",
        &["call", "orders", "create_order", "-d", ORDER, "--curl"],
    )
    .await;
    assert!(gateway.requests().is_empty());
}

#[tokio::test]
async fn any_url_is_called() {
    let gateway = LocalGateway::builder()
        .region("eu-west-1")
        .temporary_credentials(ACCESS_KEY, SECRET_KEY, TOKEN)
        .on("POST /any/path", |request| {
            Response::bytes(
                StatusCode::OK,
                "text/plain",
                request.query("q").unwrap_or_default(),
            )
        })
        .start()
        .await
        .unwrap();
    let url = format!("{}/any/path?a=b", gateway.endpoint());
    let desk = desk().name(gateway.endpoint(), "ENDPOINT");
    let arguments = [
        "call",
        &url,
        "-X",
        "post",
        "-p",
        "q=x y",
        "--region",
        "eu-west-1",
    ];
    desk.shows("call-url", &arguments).await;
    desk.shows("call-url-with-operation", &["call", &url, "get_orders"])
        .await;
    desk.shows("call-no-region", &["call", &url]).await;
}

#[tokio::test]
async fn an_api_key_comes_from_its_variable() {
    let (gateway, desk) = site_of("inventory.json", "INVENTORY_ENDPOINT_URL").await;
    let reserve = [
        "call",
        "inventory",
        "POST /items/{sku}/reservations",
        "-p",
        "sku=MUG",
        "-d",
        "{\"quantity\":1}",
    ];
    desk.shows("call-no-api-key", &reserve).await;
    assert!(gateway.requests().is_empty());
    let desk = desk.set("INVENTORY_API_KEY", API_KEY);
    desk.shows("call-api-key", &reserve).await;
    let with_curl: Vec<&str> = reserve.into_iter().chain(["--curl"]).collect();
    desk.shows("call-api-key-curl", &with_curl).await;
    assert_eq!(gateway.requests().len(), 1);
}

#[tokio::test]
async fn a_profile_provides_credentials() {
    let (gateway, _) = site().await;
    let credentials = format!(
        "[shop]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\naws_session_token = {TOKEN}\n"
    );
    let desk = Desk::new(&[
        ("specs/apis.toml", APIS),
        (
            "specs/orders.json",
            include_str!("../../../../specs/orders.json"),
        ),
        (".aws/credentials", &credentials),
    ])
    .set("ORDERS_ENDPOINT_URL", gateway.endpoint());
    let call = ["call", "orders", "get_orders", "--profile", "shop"];
    let answered = desk.command(&call).output().await.unwrap();
    assert!(
        answered.status.success(),
        "{}",
        String::from_utf8_lossy(&answered.stderr)
    );
    let caller = gateway.requests()[0].caller.clone().unwrap();
    assert_eq!(caller.access_key, ACCESS_KEY);
    desk.shows(
        "call-unknown-profile",
        &["call", "orders", "get_orders", "--profile", "shp"],
    )
    .await;
}

#[tokio::test]
async fn service_selects_the_service_to_sign_for() {
    let (gateway, desk) = site().await;
    desk.shows(
        "call-service",
        &[
            "call",
            "orders",
            "get_orders",
            "--service",
            "lambda",
            "--explain",
        ],
    )
    .await;
    assert!(gateway.requests()[0].caller.is_none());
}

#[tokio::test]
async fn an_any_operation_requires_a_method() {
    let (gateway, desk) = site_of("inventory.json", "INVENTORY_ENDPOINT_URL").await;
    let report = [
        "call",
        "inventory",
        "ANY /reports/{proxy+}",
        "-p",
        "proxy=2026/11 a",
    ];
    desk.shows("call-any", &report).await;
    let with_method: Vec<&str> = report.into_iter().chain(["-X", "DELETE"]).collect();
    desk.shows("call-any-delete", &with_method).await;
    let requests = gateway.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].method, "DELETE");
    assert_eq!(requests[0].path(), "/live/reports/2026/11%20a");
}

#[tokio::test]
async fn no_server_and_no_credentials() {
    let (_gateway, desk) = site().await;
    let gone = [
        "call",
        "orders",
        "get_orders",
        "--endpoint",
        "http://127.0.0.1:1/prod",
    ];
    desk.shows("call-no-answer", &gone).await;
    let nobody = Desk::new(&[
        ("specs/apis.toml", APIS),
        (
            "specs/orders.json",
            include_str!("../../../../specs/orders.json"),
        ),
    ]);
    nobody
        .shows("call-no-credentials", &["call", "orders", "get_orders"])
        .await;
}

#[tokio::test]
async fn help() {
    Desk::new(&[]).shows("call-help", &["call", "--help"]).await;
}

/// Runs the command that `--curl` prints in a shell, if curl is installed.
#[tokio::test]
async fn the_curl_command_is_accepted_by_the_gateway() {
    let (gateway, desk) = site().await;
    let calls: [&[&str]; 3] = [
        &[
            "get_orders",
            "-p",
            "limit=3",
            "-p",
            "nextToken=it's \"q\" $HOME `x` é&=+",
        ],
        &[
            "create_order",
            "-d",
            "{\"customer\":{\"name\":\"Ada's \\\"$HOME\\\"\"},\"lines\":[{\"sku\":\"e\",\"quantity\":1}]}",
        ],
        &["get_order", "-p", "orderId=o-1"],
    ];
    if Command::new("curl")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .await
        .is_err()
    {
        return; // the tokens of the line are in the snapshots
    }
    for call in calls {
        let arguments: Vec<&str> = ["call", "orders"].iter().chain(call).copied().collect();
        let called = desk.command(&arguments).output().await.unwrap();
        assert!(
            called.status.success(),
            "{}",
            String::from_utf8_lossy(&called.stderr)
        );
        let with_curl: Vec<&str> = arguments.iter().copied().chain(["--curl"]).collect();
        let line = desk.command(&with_curl).output().await.unwrap().stdout;
        let line = String::from_utf8(line).unwrap();
        for secret in [ACCESS_KEY, SECRET_KEY, TOKEN] {
            assert!(!line.contains(secret), "{line}");
        }
        let ran = Command::new("/bin/sh")
            .args(["-c", &line])
            .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
            .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
            .env("AWS_SESSION_TOKEN", TOKEN)
            .output()
            .await
            .unwrap();
        let answer = String::from_utf8_lossy(&ran.stdout).into_owned();
        assert!(
            answer.starts_with("HTTP/1.1 20"),
            "{line}\n{answer}\n{}",
            String::from_utf8_lossy(&ran.stderr)
        );
    }
    let exchanges = gateway.requests();
    for pair in exchanges.chunks(2) {
        let [ours, curls] = pair else {
            panic!("two requests a call")
        };
        assert_eq!(ours.method, curls.method);
        assert_eq!(ours.path(), curls.path());
        let sorted = |request: &apigw_local::Request| {
            let mut pairs: Vec<_> = request.query_pairs().collect();
            pairs.sort();
            pairs
        };
        assert_eq!(sorted(ours), sorted(curls));
        assert_eq!(ours.body, curls.body);
        assert!(curls.caller.is_some());
    }
}
