//! Tracing, retries and the signer in the right order: every attempt is part of one trace, and gets a new signature.
//!
//! ```text
//! cargo run -p reqwest-sigv4 --features retry --example retries_and_tracing -- https://abc123.execute-api.eu-west-2.amazonaws.com/prod/orders
//! ```

use std::time::Duration;

use anyhow::Context;
use reqwest_middleware::ClientBuilder;
use reqwest_retry::RetryTransientMiddleware;
use reqwest_retry::policies::ExponentialBackoff;
use reqwest_sigv4::{SigV4RetryStrategy, Signer};
use reqwest_tracing::TracingMiddleware;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().init();
    let url = std::env::args().nth(1).context("give the url to call")?;

    let inner = reqwest_sigv4::client_builder()
        .timeout(Duration::from_secs(29)) // API Gateway's default timeout
        .build()?;
    let policy = ExponentialBackoff::builder().build_with_max_retries(2);
    let retries =
        RetryTransientMiddleware::new_with_policy_and_strategy(policy, SigV4RetryStrategy::new());
    let http = ClientBuilder::new(inner)
        .with(TracingMiddleware::default())
        .with(retries)
        .with(Signer::from_env().await?)
        .build();

    let response = http.get(url).send().await?;
    println!("{}\n{}", response.status(), response.text().await?);
    Ok(())
}
