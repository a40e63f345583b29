//! A local gateway for the orders API that stores orders.
//!
//! `cargo run -p demo --bin gateway -- orders` starts it, runs the program `orders`
//! against it and stops; without a name it prints the variables to export and waits.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use apigw_local::{Exchange, LocalGateway, Request, Response};
use http::StatusCode;
use serde_json::{Value, json};

/// The credentials of the only caller.
const ACCESS_KEY: &str = "AKIDEXAMPLE";
const SECRET_KEY: &str = "a-secret-of-the-local-gateway-only";

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let create = Store::default();
    let (list, get) = (create.clone(), create.clone());
    let specs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../specs");
    let gateway = LocalGateway::builder()
        .spec(specs.join("orders.json"))
        .credentials(ACCESS_KEY, SECRET_KEY)
        .on("get_orders", move |_| list.list())
        .on("create_order", move |request| create.create(request))
        .on("get_order", move |request| get.get(request))
        .on_request(log)
        .start()
        .await?;
    let environment = [
        ("ORDERS_ENDPOINT_URL", gateway.endpoint()),
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
    ];
    println!("gateway       {}", gateway.endpoint());

    let Some(program) = std::env::args().nth(1) else {
        for (name, value) in environment {
            println!("export {name}={value}");
        }
        println!("Ctrl-C stops it");
        tokio::signal::ctrl_c().await?;
        return Ok(ExitCode::SUCCESS);
    };
    let program = std::env::current_exe()?.with_file_name(program);
    let status = tokio::process::Command::new(program)
        .envs(environment)
        .env_remove("AWS_SESSION_TOKEN")
        .env_remove("AWS_PROFILE")
        .status()
        .await?;
    Ok(match status.success() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// Prints a request, the signed headers and the credential scope, without secrets.
fn log(exchange: &Exchange) {
    let request = &exchange.request;
    println!("  {} {}", request.method, request.target);
    match &request.caller {
        Some(caller) => println!(
            "    signed    {}\n    scope     {}/{}",
            caller.signed_headers.join(";"),
            caller.access_key,
            caller.scope
        ),
        None => println!("    refused   {}", exchange.status),
    }
}

/// Orders by ID.
#[derive(Clone, Default)]
struct Store(Arc<Mutex<BTreeMap<String, Value>>>);

impl Store {
    fn list(&self) -> Response {
        let orders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let items: Vec<&Value> = orders.values().collect();
        Response::json(StatusCode::OK, json!({ "items": items }))
    }

    fn create(&self, request: &Request) -> Response {
        let mut order = match request.json::<Value>() {
            Ok(order @ Value::Object(_)) => order,
            _ => {
                let problem = json!({ "message": "Invalid request body" });
                return Response::json(StatusCode::BAD_REQUEST, problem);
            }
        };
        let mut orders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let id = format!("order-{}", orders.len() + 1);
        order["id"] = json!(id);
        order["status"] = json!("PENDING");
        order["createdAt"] = json!("2026-01-02T03:04:05Z");
        order["total"] = json!({ "amount": 4200, "currency": "EUR" });
        orders.insert(id, order.clone());
        Response::json(StatusCode::CREATED, order)
    }

    fn get(&self, request: &Request) -> Response {
        let orders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let id = request.path_parameter("orderId").unwrap_or_default();
        match orders.get(id) {
            Some(order) => Response::json(StatusCode::OK, order.clone()),
            None => Response::json(
                StatusCode::NOT_FOUND,
                json!({ "code": "NOT_FOUND", "message": format!("there is no order {id}") }),
            ),
        }
    }
}
