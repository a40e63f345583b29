//! Code that calls the client of `shop.yaml`, and names all of it that it can.

use shop::types::{Health, NewOrder, Order, Problem, Status};
use shop::{Error, ResponseValue, ShopClient};
use shop::runtime::codegen::chrono::NaiveDate;
use shop::types::Address;

/// Lists orders.
pub async fn list(client: &ShopClient) -> Result<Vec<Order>, Error> {
    let orders = client.list_orders().limit(10).status(Status::Open).await?;
    Ok(orders.into_inner())
}

/// What an order holds.
pub fn read(order: Order) -> (String, f64, Option<String>) {
    let Order { id, total, reference, .. } = order;
    (id, total, reference)
}

/// Where an order stands.
pub fn stands(order: &Order) -> &str {
    match &order.status {
        Status::Open => "open",
        Status::Paid => "paid",
        Status::Unknown(other) => other,
        _ => "new to us",
    }
}

/// Creates an order.
pub async fn create(client: &ShopClient) -> Result<ResponseValue<Order>, Error<Problem>> {
    let order = NewOrder::new("Ada").note("by hand");
    let _: &Option<String> = &order.note;
    client.create_order(&order).await
}

/// Deletes an order.
pub async fn delete(client: &ShopClient) -> Result<ResponseValue<()>, Error> {
    client.delete_order("o-1").await
}

/// Stores an address.
pub async fn put(client: &ShopClient, day: NaiveDate) -> bool {
    let address = Address::new("1 Main St", "D01").floor("2");
    let put = client.put_address("IE", "Dublin", day, day, &address);
    put.await.is_ok()
}

/// Adds a photo.
pub async fn add(client: &ShopClient) -> bool {
    client.add_photo(vec![7]).note("blurred").await.is_ok()
}

/// What is known before asking.
pub fn unknown() -> Health {
    Health::default()
}

/// Whether the shop is up.
pub async fn is_up(client: &ShopClient) -> Result<bool, Error> {
    let Health { up, .. } = client.get_health().await?.into_inner();
    Ok(up == Some(true))
}
