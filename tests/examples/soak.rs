//! A client under load: 64 tasks, a fault in every twentieth response, credentials that expire every few seconds.
//!
//! `cargo run --release -p tests --example soak [CALLS]`, by default 200,000 calls. It prints figures, and fails if
//! a response was wrong, a retryable request failed too early, or memory grew.

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant, SystemTime};

use apigw_local::{Credentials as Known, Fault, LocalGateway, Request, Response};
use aws_credential_types::provider::{ProvideCredentials, future};
use http::StatusCode;
use orders_client::types::{Customer, NewOrder, OrderLine};
use orders_client::{Credentials, OrdersClient};
use reqwest_sigv4::{Clock as _, SystemClock};
use serde_json::{Value, json};

const TASKS: u64 = 64;
const CALLS: u64 = 200_000;

/// How long credentials are valid.
const LIFE: Duration = Duration::from_secs(3);

/// How much memory may grow after the first tenth of the calls, in bytes.
const GROWTH: u64 = 16 * 1024 * 1024;

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let calls = match std::env::args().nth(1) {
        Some(calls) => calls.parse()?,
        None => CALLS,
    };
    let arrived = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&arrived);
    let specs = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let gateway = LocalGateway::builder()
        .spec(specs.join("orders.json"))
        .credentials("nobody", "nobody")
        .on("get_order", get)
        .on("create_order", create)
        .on_request(move |_| {
            count.fetch_add(1, Relaxed);
        })
        .keep_requests(0)
        .start()
        .await?;
    // five faults, each in one of a hundred responses
    gateway.inject(Fault::ServerError(StatusCode::INTERNAL_SERVER_ERROR).every(100));
    gateway.inject(Fault::ServerError(StatusCode::SERVICE_UNAVAILABLE).every(100));
    gateway.inject(Fault::Throttled.every(100));
    gateway.inject(Fault::Reset.every(100));
    gateway.inject(Fault::CutBody.every(100));

    let gateway = Arc::new(gateway);
    let issuer = Issuer::new(&gateway);
    let client = OrdersClient::builder()
        .endpoint(gateway.endpoint())
        .environment(|_| None)
        .credentials(issuer.clone())
        .build()
        .await?;

    let tally = Arc::new(Tally::default());
    let begun = Instant::now();
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let (client, tally) = (client.clone(), Arc::clone(&tally));
            tokio::spawn(async move {
                for n in (task..calls).step_by(TASKS as usize) {
                    call(&client, n, &tally).await;
                    if tally.done.fetch_add(1, Relaxed) + 1 == calls / 10 {
                        tally.warm.store(resident(), Relaxed);
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await?;
    }
    let elapsed = begun.elapsed();

    let [early, late] = [tally.warm.load(Relaxed), resident()];
    let growth = late.saturating_sub(early);
    let mib = |bytes: u64| bytes as f64 / (1024.0 * 1024.0);
    println!(
        "calls          {calls} in {elapsed:.1?}, {:.0} a second",
        calls as f64 / elapsed.as_secs_f64()
    );
    println!("requests       {} arrived", arrived.load(Relaxed));
    println!("credentials    {} handed out", issuer.issued.load(Relaxed));
    println!("succeeded      {}", tally.succeeded.load(Relaxed));
    println!(
        "writes failed  {}, which may have run and are not repeated",
        tally.writes.load(Relaxed)
    );
    println!(
        "reads failed   {}, after three attempts",
        tally.reads.load(Relaxed)
    );
    println!("given up early {}", tally.early.load(Relaxed));
    println!("wrong answers  {}", tally.wrong.load(Relaxed));
    println!(
        "memory         {:.1} MiB after a tenth, {:.1} MiB at the end",
        mib(early),
        mib(late)
    );

    let sound = tally.wrong.load(Relaxed) == 0 && tally.early.load(Relaxed) == 0 && growth < GROWTH;
    Ok(if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Results of the calls.
#[derive(Default)]
struct Tally {
    done: AtomicU64,
    succeeded: AtomicU64,
    writes: AtomicU64,
    reads: AtomicU64,
    early: AtomicU64,
    wrong: AtomicU64,
    /// Memory once all connections are open, in bytes.
    warm: AtomicU64,
}

/// Sends a request, every tenth a write, whose response is different from all others.
async fn call(client: &OrdersClient, n: u64, tally: &Tally) {
    let (right, error) = if n.is_multiple_of(10) {
        let note = format!("note {n}");
        let order = NewOrder::new(Customer::new("Ada"), vec![OrderLine::new("MUG", 1)]);
        match client.create_order(&order.note(&note)).await {
            Ok(order) => (order.note.as_deref() == Some(&note), None),
            Err(error) => (true, Some(error.into_untyped())),
        }
    } else {
        let id = format!("o-{n}/+ ü");
        match client.get_order(&id).await {
            Ok(order) => (order.id == id, None),
            Err(error) => (true, Some(error.into_untyped())),
        }
    };
    let counter = match error {
        None if right => &tally.succeeded,
        None => &tally.wrong,
        Some(error) if error.is_retryable() && error.attempts() < 3 => &tally.early,
        Some(error) if error.is_retryable() => &tally.reads,
        // any other fault than the injected ones is a wrong response
        Some(error)
            if error
                .status()
                .is_none_or(|s| s.is_server_error() || s.is_success()) =>
        {
            &tally.writes
        }
        Some(error) => {
            eprintln!("{error}");
            &tally.wrong
        }
    };
    counter.fetch_add(1, Relaxed);
}

fn get(request: &Request) -> Response {
    let id = request.path_parameter("orderId").unwrap_or_default();
    Response::json(StatusCode::OK, order(json!({ "id": id })))
}

fn create(request: &Request) -> Response {
    match request.json::<Value>() {
        Ok(new) => Response::json(StatusCode::CREATED, order(new)),
        Err(_) => Response::json(
            StatusCode::BAD_REQUEST,
            json!({ "code": "BAD", "message": "no order" }),
        ),
    }
}

/// Returns an order with these fields, and sample values for the others.
fn order(fields: Value) -> Value {
    let mut order = json!({
        "id": "o-new",
        "status": "PENDING",
        "customer": { "name": "Ada" },
        "lines": [{ "sku": "MUG", "quantity": 1 }],
        "total": { "amount": 4200, "currency": "EUR" },
        "createdAt": "2026-01-02T03:04:05Z",
    });
    if let (Value::Object(order), Value::Object(fields)) = (&mut order, fields) {
        order.extend(fields);
    }
    order
}

/// Provides credentials that expire soon, and adds them to the gateway.
#[derive(Clone, Debug)]
struct Issuer {
    gateway: Arc<LocalGateway>,
    issued: Arc<AtomicU64>,
}

impl Issuer {
    fn new(gateway: &Arc<LocalGateway>) -> Self {
        Self {
            gateway: Arc::clone(gateway),
            issued: Arc::default(),
        }
    }

    fn issue(&self) -> Credentials {
        let id = format!("ASIA{}", self.issued.fetch_add(1, Relaxed));
        let (secret, token) = (format!("secret of {id}"), format!("token of {id}"));
        let end: SystemTime = SystemClock.now() + LIFE;
        let known = Known::temporary(&id, &secret, &token);
        self.gateway.add_credentials(known.expires_at(end));
        Credentials::new(id, secret, Some(token), Some(end), "soak")
    }
}

impl ProvideCredentials for Issuer {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Ok(self.issue()))
    }
}

/// Returns the memory of this process in bytes, or 0 on systems without `/proc`.
fn resident() -> u64 {
    const PAGE: u64 = 4096;
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let pages = pages.and_then(|text| text.split(' ').nth(1)?.parse::<u64>().ok());
    pages.unwrap_or_default() * PAGE
}
