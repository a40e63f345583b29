//! Calls an API in another account with the credentials of an assumed role.
//!
//! ```text
//! cargo run -p reqwest-sigv4 --example assumed_role -- arn:aws:iam::111122223333:role/orders-caller https://abc123.execute-api.eu-west-2.amazonaws.com/prod/orders
//! ```

use std::time::Duration;

use anyhow::Context;
use reqwest_middleware::ClientBuilder;
use reqwest_sigv4::{AssumeRole, Signer};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let role = arguments.next().context("give the role's arn")?;
    let url = arguments.next().context("give the url to call")?;

    // assumed by the first request, and refreshed in the background before the credentials expire
    let role = AssumeRole::new(role)
        .session_name("orders-report")
        .duration(Duration::from_secs(3600));
    let signer = Signer::builder().assume_role(role).load().await?;

    let http = ClientBuilder::new(reqwest_sigv4::http_client()?)
        .with(signer)
        .build();
    let response = http.get(url).send().await?;
    println!("{}\n{}", response.status(), response.text().await?);
    Ok(())
}
