use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct OrderPage {
    pub items: Vec<Order>,
    #[serde(rename = "nextToken", default)]
    pub next_token: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Order {
    pub id: String,
    pub total: f64,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct NewOrder {
    pub sku: String,
    pub quantity: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    InTransit,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Problem {
    pub message: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Conflict {
    pub existing: String,
}
