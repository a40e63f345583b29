//! Adds signing to existing reqwest code. Only the two marked lines are changed.
//!
//! ```text
//! cargo run -p reqwest-sigv4 --example existing_code -- https://abc123.execute-api.eu-west-2.amazonaws.com/prod/orders
//! ```

use anyhow::Context;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use reqwest_sigv4::{Refusal, Signer};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let url = std::env::args().nth(1).context("give the url to call")?;
    let http = ClientBuilder::new(reqwest_sigv4::http_client()?) // was: reqwest::Client::new()
        .with(Signer::from_env().await?) // new
        .build();
    println!("{}", orders(&http, &url).await?);
    Ok(())
}

/// Unchanged, except for the explanation at the end.
async fn orders(http: &ClientWithMiddleware, url: &str) -> anyhow::Result<String> {
    let response = http
        .get(url)
        .header("accept", "application/json")
        .send()
        .await?;
    let (response, refusal) = Refusal::from_response(response).await?;
    if let Some(refusal) = refusal {
        anyhow::bail!("{refusal}");
    }
    Ok(response.error_for_status()?.text().await?)
}
