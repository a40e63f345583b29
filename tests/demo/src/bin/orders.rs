//! A caller of the orders API.
//!
//! Endpoint and credentials come from the environment, as the AWS SDKs find them:
//! `cargo xtask demo` sets `ORDERS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID` and
//! `AWS_SECRET_ACCESS_KEY` for a local gateway.

use std::error::Error;

use orders_client::types::{Customer, NewOrder, OrderLine};
use orders_client::{Credentials, OrdersClient};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let client = OrdersClient::from_env().await?;

    let page = client.get_orders().limit(10).await?;
    println!("get_orders    {} orders", page.items.len());

    let order = NewOrder::new(
        Customer::new("Ada Lovelace"),
        vec![OrderLine::new("engine/1 + spare=50%", 2)],
    )
    .note("ring twice");
    let created = client.create_order(&order).await?;
    println!(
        "create_order  {} {} {}",
        created.status(),
        created.id,
        created.status.as_str()
    );

    let fetched = client.get_order(&created.id).await?;
    println!("get_order     {} for {}", fetched.id, fetched.customer.name);

    // a rejected request: a known access key with a wrong secret
    let key = std::env::var("AWS_ACCESS_KEY_ID")?;
    let stranger = OrdersClient::builder()
        .credentials(Credentials::new(
            key,
            "not-the-secret",
            None,
            None,
            "example",
        ))
        .build()
        .await?;
    match stranger.get_orders().limit(10).await {
        Ok(_) => return Err("a wrong secret was accepted".into()),
        Err(error) => {
            println!("wrong secret  {error}");
            println!(
                "              status {:?}, type {:?}, request {:?}",
                error.status(),
                error.error_type(),
                error.request_id()
            );
        }
    }
    Ok(())
}
