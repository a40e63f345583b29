//! Adds signing to existing reqwest code. Only the two marked lines are changed; refusals are explained in the log.
//!
//! ```text
//! cargo run -p reqwest-sigv4 --example existing_code -- https://abc123.execute-api.eu-west-2.amazonaws.com/prod/orders
//! ```

use anyhow::Context;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use reqwest_sigv4::Signer;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().init(); // as before: whatever collects the application's tracing events
    let url = std::env::args().nth(1).context("give the url to call")?;
    let http = ClientBuilder::new(reqwest_sigv4::http_client()?) // was: reqwest::Client::new()
        .with(Signer::from_env().await?) // new
        .build();
    println!("{}", orders(&http, &url).await?);
    Ok(())
}

/// Unchanged.
async fn orders(http: &ClientWithMiddleware, url: &str) -> anyhow::Result<String> {
    let response = http
        .get(url)
        .header("accept", "application/json")
        .send()
        .await?;
    Ok(response.error_for_status()?.text().await?)
}
