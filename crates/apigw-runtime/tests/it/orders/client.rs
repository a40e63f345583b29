use apigw_runtime::{Api, ApiClient, BuildError, Call, Client, ClientBuilder, Method};

use super::{operations, types};

/// The orders API.
#[derive(Debug, Clone)]
pub struct OrdersClient {
    client: Client,
}

impl ApiClient for OrdersClient {
    const API: &'static Api = &Api {
        name: "orders",
        user_agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")),
        endpoint: Some("https://abc123.execute-api.eu-west-2.amazonaws.com/prod"),
        region: Some("eu-west-2"),
        signed: true,
    };

    fn from_client(client: Client) -> Self {
        Self { client }
    }
}

impl OrdersClient {
    pub fn builder() -> ClientBuilder<Self> {
        ClientBuilder::new()
    }

    #[allow(
        dead_code,
        reason = "compiled only: it reads the environment of the process"
    )]
    pub async fn from_env() -> Result<Self, BuildError> {
        Self::builder().build().await
    }

    pub fn request(&self, method: Method, path: &str) -> Call {
        self.client.request(method, path)
    }

    pub fn get_orders(&self) -> operations::GetOrders {
        operations::GetOrders::new(&self.client)
    }

    pub fn get_order(&self, order_id: impl Into<String>) -> operations::GetOrder {
        operations::GetOrder::new(&self.client, order_id.into())
    }

    pub fn create_order(&self, body: &types::NewOrder) -> operations::CreateOrder {
        operations::CreateOrder::new(&self.client, body)
    }

    pub fn delete_order(&self, order_id: impl Into<String>) -> operations::DeleteOrder {
        operations::DeleteOrder::new(&self.client, order_id.into())
    }

    pub fn get_health(&self) -> operations::GetHealth {
        operations::GetHealth::new(&self.client)
    }

    pub fn get_invoice(&self, path: impl Into<String>) -> operations::GetInvoice {
        operations::GetInvoice::new(&self.client, path.into())
    }
}
