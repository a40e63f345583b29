use std::process::Output;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

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

/// A running `serve`, and what it printed.
struct Serving {
    process: Child,
    exports: Vec<(String, String)>,
    printed: String,
}

impl Serving {
    /// Starts `serve`, and reads what it prints until it serves.
    async fn start(desk: &Desk, arguments: &[&str]) -> Self {
        let mut process = desk
            .command(&[&["serve"], arguments].concat())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let (mut exports, mut printed) = (Vec::new(), String::new());
        while let Some(line) = lines.next_line().await.unwrap() {
            let export = line.strip_prefix("export ");
            if let Some((name, value)) = export.and_then(|line| line.split_once('=')) {
                let value = value.trim_matches('\'').to_owned();
                exports.push((name.to_owned(), value));
            }
            printed += &format!("{line}\n");
            if line.starts_with("unset ") {
                break;
            }
        }
        Self {
            process,
            exports,
            printed,
        }
    }

    /// Runs `call` with the printed variables.
    async fn call(&self, desk: &Desk, arguments: &[&str]) -> Output {
        let mut command = desk.command(&[&["call"], arguments].concat());
        command.envs(self.exports.clone()).output().await.unwrap()
    }

    /// Returns the value of a printed variable.
    fn value(&self, name: &str) -> &str {
        let found = self.exports.iter().find(|(own, _)| own == name);
        &found.unwrap().1
    }

    /// Stops, and returns the log.
    async fn log(mut self) -> String {
        self.process.start_kill().unwrap();
        let output = self.process.wait_with_output().await.unwrap();
        String::from_utf8(output.stderr).unwrap()
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[track_caller]
fn assert_exit(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{}", stderr(output));
}

/// `serve` prints everything that `call` needs.
#[tokio::test]
async fn the_exported_variables_are_enough_to_call() {
    let desk = desk();
    let serving = Serving::start(&desk, &["orders"]).await;
    let called = serving.call(&desk, &["orders", "get_orders"]).await;
    assert_exit(&called, 0);
    let unsigned = ["orders", "get_orders", "--unsigned"];
    assert_exit(&serving.call(&desk, &unsigned).await, 40);
    let endpoint = serving.value("ORDERS_ENDPOINT_URL");
    let address = endpoint
        .trim_start_matches("http://")
        .trim_end_matches("/prod")
        .to_owned();
    let printed = serving.printed.clone();
    let log = serving.log().await;
    desk.name(address, "HOST").is(
        "serve",
        &format!("$ cargo apigw serve orders\n--- stdout\n{printed}--- stderr\n{log}"),
    );
}

#[tokio::test]
async fn temporary_credentials_need_their_session_token() {
    let desk = desk();
    let token = "it's a/token+==";
    let mut serving = Serving::start(&desk, &["orders", "--session-token", token]).await;
    assert!(
        serving
            .printed
            .contains(r"export AWS_SESSION_TOKEN='it'\''s a/token+=='"),
        "{}",
        serving.printed
    );
    serving
        .exports
        .retain(|(name, _)| name != "AWS_SESSION_TOKEN");
    let without = serving.call(&desk, &["orders", "get_orders"]).await;
    assert_exit(&without, 40);
    let exports = [("AWS_SESSION_TOKEN".to_owned(), token.to_owned())];
    serving.exports.extend(exports);
    let with = serving.call(&desk, &["orders", "get_orders"]).await;
    assert_exit(&with, 0);
    let log = serving.log().await;
    assert!(log.contains("the request has no session token"), "{log}");
}

#[tokio::test]
async fn a_clock_can_be_wrong() {
    let desk = desk();
    for (offset, problem) in [
        ("-10m", "in the future: check the caller's clock"),
        ("1h", "ago: sign again"),
    ] {
        let serving = Serving::start(&desk, &["orders", "--clock-offset", offset]).await;
        // the signer corrects its clock, and tries again
        let called = serving.call(&desk, &["orders", "get_orders"]).await;
        assert_exit(&called, 0);
        let log = serving.log().await;
        assert!(log.contains(problem), "{log}");
    }
    let ten = ["serve", "orders", "--clock-offset", "ten"];
    desk.shows("serve-bad-offset", &ten).await;
}

#[tokio::test]
async fn a_spec_is_served_by_its_path() {
    let desk = desk();
    // listed in apis.toml, in a workspace
    let serving = Serving::start(&desk, &["specs/orders.json"]).await;
    let called = serving.call(&desk, &["orders", "get_orders"]).await;
    assert_exit(&called, 0);
    // anywhere else
    let alone = Desk::new(&[(
        "my things.yaml",
        "openapi: 3.0.1\ninfo: { title: t, version: '1' }\npaths: { /a: { get: { responses: { 204: { description: d } } } } }\n",
    )]);
    let serving = Serving::start(&alone, &["my things.yaml"]).await;
    let url = format!("{}/a", serving.value("MY_THINGS_ENDPOINT_URL"));
    assert_exit(&serving.call(&alone, &[&url]).await, 0);
    alone
        .shows("serve-no-file", &["serve", "specs/none.yaml"])
        .await;
}

#[tokio::test]
async fn a_changed_spec_is_served_without_a_restart() {
    let desk = desk();
    let serving = Serving::start(&desk, &["orders"]).await;
    let url = format!("{}/wares", serving.value("ORDERS_ENDPOINT_URL"));
    let call = ["-X", "GET", url.as_str()];
    assert_exit(&serving.call(&desk, &call).await, 40);
    let spec = desk.read("specs/orders.json");
    let changed = spec.replace("\"/orders\" :", "\"/wares\" :");
    assert_ne!(spec, changed);
    fs_err::write(desk.path("specs/orders.json"), changed).unwrap();
    assert_exit(&serving.call(&desk, &call).await, 0);
    fs_err::write(desk.path("specs/orders.json"), "{").unwrap();
    assert_exit(&serving.call(&desk, &call).await, 0);
    let log = serving.log().await;
    assert!(log.contains("Reloaded orders"), "{log}");
    assert!(log.contains("specs/orders.json"), "{log}");
}

/// The policy that `policy` prints is tried before it is requested.
#[tokio::test]
async fn a_printed_policy_allows_its_operations_and_no_others() {
    let desk = desk();
    let printed = ["policy", "orders", "--operations", "get_orders"];
    let printed = desk.command(&printed).output().await.unwrap();
    assert_exit(&printed, 0);
    fs_err::write(desk.path("policy.json"), &printed.stdout).unwrap();
    let serving = Serving::start(&desk, &["orders", "--policy", "policy.json"]).await;
    let allowed = serving.call(&desk, &["orders", "get_orders"]).await;
    assert_exit(&allowed, 0);
    let order = ["orders", "get_order", "-p", "orderId=1", "--explain"];
    let denied = serving.call(&desk, &order).await;
    assert_exit(&denied, 40);
    let told = stderr(&denied);
    assert!(
        told.contains("arn:aws:iam::123456789012:user/local"),
        "{told}"
    );
    let body = String::from_utf8_lossy(&denied.stdout).into_owned();
    let expected = "is not authorized to perform: execute-api:Invoke on resource: \
        arn:aws:execute-api:eu-west-1:********9012:";
    assert!(body.contains(expected), "{body}");
    let log = serving.log().await;
    assert!(
        log.contains("refused: no statement of the policy allows GET/orders/1"),
        "{log}"
    );
}

#[tokio::test]
async fn the_caller_of_a_policy_can_be_chosen() {
    let policy = r#"{ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "execute-api:Invoke",
        "Resource": "arn:aws:execute-api:eu-west-1:111122223333:z9/live/*",
        "Condition": {
            "IpAddress": { "aws:SourceIp": "192.0.2.0/24" },
            "StringEquals": { "aws:PrincipalArn": "arn:aws:iam::111122223333:role/shop" }
        } }] }"#;
    let desk = desk();
    fs_err::write(desk.path("p.json"), policy).unwrap();
    let chosen = [
        "orders",
        "--policy",
        "p.json",
        "--source-ip",
        "192.0.2.9",
        "--account",
        "111122223333",
        "--api-id",
        "z9",
        "--stage",
        "live",
        "--session-token",
        "t",
        "--principal",
        "arn:aws:sts::111122223333:assumed-role/shop/laptop",
    ];
    let serving = Serving::start(&desk, &chosen).await;
    let called = serving.call(&desk, &["orders", "get_orders"]).await;
    assert_exit(&called, 0);
    let serving = Serving::start(&desk, &["orders", "--policy", "p.json"]).await;
    let called = serving.call(&desk, &["orders", "get_orders"]).await;
    assert_exit(&called, 40);
}

#[tokio::test]
async fn a_policy_that_cannot_be_evaluated() {
    let desk = desk();
    let policy = r#"{ "Statement": [{ "Sid": "Office", "Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": { "DateLessThan": { "aws:CurrentTime": "2026-01-01" } } }] }"#;
    fs_err::write(desk.path("policy.json"), policy).unwrap();
    let serve = ["serve", "orders", "--policy", "policy.json"];
    desk.shows("serve-policy-unsupported", &serve).await;
    let serve = ["serve", "orders", "--policy", "none.json"];
    desk.shows("serve-policy-missing", &serve).await;
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
