use tokio::io::{AsyncBufReadExt, BufReader};

use crate::desk::Desk;

const APIS: &str = "[orders]\nspec = \"orders.json\"\n";

fn desk() -> Desk {
    Desk::new(&[
        ("specs/apis.toml", APIS),
        (
            "specs/orders.json",
            include_str!("../../../../specs/orders.json"),
        ),
    ])
}

/// `serve` prints everything that `call` needs.
#[tokio::test]
async fn the_exported_variables_are_enough_to_call() {
    let desk = desk();
    let mut serving = desk.command(&["serve", "orders"]).spawn().unwrap();
    let mut printed = BufReader::new(serving.stdout.take().unwrap()).lines();
    let mut exports = Vec::new();
    let mut shown = String::new();
    while let Some(line) = printed.next_line().await.unwrap() {
        if let Some((name, value)) = line
            .strip_prefix("export ")
            .and_then(|line| line.split_once('='))
        {
            exports.push((name.to_owned(), value.to_owned()));
        }
        shown += &format!("{line}\n");
        if line.starts_with("unset ") {
            break;
        }
    }
    let (_, endpoint) = exports
        .iter()
        .find(|(name, _)| name == "ORDERS_ENDPOINT_URL")
        .unwrap();
    let called = desk
        .command(&["call", "orders", "get_orders"])
        .envs(exports.clone())
        .output()
        .await
        .unwrap();
    assert!(
        called.status.success(),
        "{}",
        String::from_utf8_lossy(&called.stderr)
    );
    let refused = desk
        .command(&["call", "orders", "get_orders", "--unsigned"])
        .envs(exports.clone())
        .output()
        .await
        .unwrap();
    assert_eq!(refused.status.code(), Some(40));
    let address = endpoint
        .trim_start_matches("http://")
        .trim_end_matches("/prod")
        .to_owned();
    serving.start_kill().unwrap();
    let output = serving.wait_with_output().await.unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    desk.name(address, "HOST").is(
        "serve",
        &format!("$ cargo apigw serve orders\n--- stdout\n{shown}--- stderr\n{log}"),
    );
}

#[tokio::test]
async fn a_port_in_use() {
    let desk = desk();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let desk = desk.name(port.clone(), "PORT");
    desk.shows("serve-port-taken", &["serve", "orders", "--port", &port])
        .await;
}

#[tokio::test]
async fn an_unknown_api() {
    desk().shows("serve-unknown", &["serve", "order"]).await;
    desk().shows("serve-help", &["serve", "--help"]).await;
}
