//! Calls an API through its custom domain, which names neither Region nor service, and signs for no other host.
//!
//! ```text
//! cargo run -p reqwest-sigv4 --example custom_domain -- api.example.com eu-west-2 /orders
//! ```

use anyhow::Context;
use reqwest_middleware::ClientBuilder;
use reqwest_sigv4::Signer;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let host = arguments.next().context("give the host")?;
    let region = arguments.next().context("give the region of the api")?;
    let path = arguments.next().unwrap_or_default();

    let signer = Signer::builder()
        .region(region)
        .allow_host(&host)
        .load()
        .await?;
    let http = ClientBuilder::new(reqwest_sigv4::http_client()?)
        .with(signer)
        .build();
    let response = http.get(format!("https://{host}{path}")).send().await?;
    println!("{}\n{}", response.status(), response.text().await?);
    Ok(())
}
