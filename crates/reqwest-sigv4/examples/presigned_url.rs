//! Prints a URL that works without credentials for five minutes.
//!
//! ```text
//! cargo run -p reqwest-sigv4 --example presigned_url -- https://abc123.execute-api.eu-west-2.amazonaws.com/prod/orders
//! ```

use std::time::Duration;

use anyhow::Context;
use reqwest_sigv4::Signer;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let url = std::env::args().nth(1).context("give the url to sign")?;
    let mut request = reqwest::Request::new(reqwest::Method::GET, url.parse()?);
    let signer = Signer::from_env().await?;
    signer
        .presign(&mut request, Duration::from_secs(300))
        .await?;
    println!("{}", request.url());
    Ok(())
}
