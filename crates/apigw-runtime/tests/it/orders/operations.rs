use std::future::IntoFuture;

use apigw_runtime::{
    AnyBody, Auth, ByteStream, Call, Client, DecodeError, Error, FromResponse, Items, Method,
    Operation, Pages, Pending, RawResponse, ResponseValue, Token, Undocumented, call_options,
};

use super::types;

static GET_ORDERS: Operation = Operation {
    name: "get_orders",
    method: Method::GET,
    path: "/orders",
    auth: Auth::Iam,
    api_key: false,
    accept: Some("application/json"),
};

#[derive(Debug, Clone)]
#[must_use = "a request does nothing until it is awaited"]
pub struct GetOrders {
    call: Call,
}

call_options!(GetOrders, GET_ORDERS);

impl GetOrders {
    pub(crate) fn new(client: &Client) -> Self {
        Self {
            call: Call::new(client, &GET_ORDERS),
        }
    }

    pub fn limit(mut self, limit: i64) -> Self {
        self.call.query("limit", limit);
        self
    }

    pub fn status(mut self, status: types::Status) -> Self {
        self.call.query("status", status);
        self
    }

    pub fn tag(mut self, tags: &[&str]) -> Self {
        self.call.query_each("tag", tags);
        self
    }

    pub fn fields(mut self, fields: &[&str]) -> Self {
        self.call.query_joined("fields", fields);
        self
    }

    pub fn pages(self) -> Pages<types::OrderPage, types::Problem> {
        Pages::by_token(self.call, "nextToken", |page| Token::of(&page.next_token))
    }

    pub fn stream(self) -> Items<types::Order, types::Problem> {
        self.pages().items(|page| page.items)
    }

    pub async fn send(self) -> Result<ResponseValue<types::OrderPage>, Error<types::Problem>> {
        self.call.send().await
    }
}

impl IntoFuture for GetOrders {
    type Output = Result<ResponseValue<types::OrderPage>, Error<types::Problem>>;
    type IntoFuture = Pending<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

static GET_ORDER: Operation = Operation {
    name: "get_order",
    method: Method::GET,
    path: "/orders/{order_id}",
    auth: Auth::Iam,
    api_key: true,
    accept: Some("application/json"),
};

#[derive(Debug, Clone)]
#[must_use = "a request does nothing until it is awaited"]
pub struct GetOrder {
    call: Call,
}

call_options!(GetOrder, GET_ORDER);

impl GetOrder {
    pub(crate) fn new(client: &Client, order_id: String) -> Self {
        let mut call = Call::new(client, &GET_ORDER);
        call.path("order_id", order_id);
        Self { call }
    }

    pub async fn send(self) -> Result<ResponseValue<types::Order>, Error<GetOrderError>> {
        self.call.send().await
    }
}

impl IntoFuture for GetOrder {
    type Output = Result<ResponseValue<types::Order>, Error<GetOrderError>>;
    type IntoFuture = Pending<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum GetOrderError {
    Status404(types::Problem),
    Status409(types::Conflict),
}

impl FromResponse for GetOrderError {
    fn from_response(response: &RawResponse) -> Result<Self, DecodeError> {
        Ok(match response.status().as_u16() {
            404 => Self::Status404(response.decode()?),
            409 => Self::Status409(response.decode()?),
            _ => return Err(DecodeError::undocumented_status(response)),
        })
    }
}

static CREATE_ORDER: Operation = Operation {
    name: "create_order",
    method: Method::POST,
    path: "/orders",
    auth: Auth::Iam,
    api_key: false,
    accept: Some("application/json"),
};

#[derive(Debug, Clone)]
#[must_use = "a request does nothing until it is awaited"]
pub struct CreateOrder {
    call: Call,
}

call_options!(CreateOrder, CREATE_ORDER);

impl CreateOrder {
    pub(crate) fn new(client: &Client, body: &types::NewOrder) -> Self {
        let mut call = Call::new(client, &CREATE_ORDER);
        call.json(body);
        Self { call }
    }

    pub async fn send(self) -> Result<ResponseValue<types::Order>, Error<types::Problem>> {
        self.call.send().await
    }
}

impl IntoFuture for CreateOrder {
    type Output = Result<ResponseValue<types::Order>, Error<types::Problem>>;
    type IntoFuture = Pending<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

static DELETE_ORDER: Operation = Operation {
    name: "delete_order",
    method: Method::DELETE,
    path: "/orders/{order_id}",
    auth: Auth::Custom,
    api_key: false,
    accept: None,
};

#[derive(Debug, Clone)]
#[must_use = "a request does nothing until it is awaited"]
pub struct DeleteOrder {
    call: Call,
}

call_options!(DeleteOrder, DELETE_ORDER);

impl DeleteOrder {
    pub(crate) fn new(client: &Client, order_id: String) -> Self {
        let mut call = Call::new(client, &DELETE_ORDER);
        call.path("order_id", order_id);
        Self { call }
    }

    pub async fn send(self) -> Result<ResponseValue<()>, Error<Undocumented>> {
        self.call.send().await
    }
}

impl IntoFuture for DeleteOrder {
    type Output = Result<ResponseValue<()>, Error<Undocumented>>;
    type IntoFuture = Pending<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

static GET_HEALTH: Operation = Operation {
    name: "get_health",
    method: Method::GET,
    path: "/health/",
    auth: Auth::None,
    api_key: false,
    accept: None,
};

#[derive(Debug, Clone)]
#[must_use = "a request does nothing until it is awaited"]
pub struct GetHealth {
    call: Call,
}

call_options!(GetHealth, GET_HEALTH);

impl GetHealth {
    pub(crate) fn new(client: &Client) -> Self {
        Self {
            call: Call::new(client, &GET_HEALTH),
        }
    }

    pub async fn send(self) -> Result<ResponseValue<AnyBody>, Error<Undocumented>> {
        self.call.send().await
    }
}

impl IntoFuture for GetHealth {
    type Output = Result<ResponseValue<AnyBody>, Error<Undocumented>>;
    type IntoFuture = Pending<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

static GET_INVOICE: Operation = Operation {
    name: "get_invoice",
    method: Method::GET,
    path: "/invoices/{path+}",
    auth: Auth::Iam,
    api_key: false,
    accept: Some("application/pdf"),
};

#[derive(Debug, Clone)]
#[must_use = "a request does nothing until it is awaited"]
pub struct GetInvoice {
    call: Call,
}

call_options!(GetInvoice, GET_INVOICE);

impl GetInvoice {
    pub(crate) fn new(client: &Client, path: String) -> Self {
        let mut call = Call::new(client, &GET_INVOICE);
        call.path("path", path);
        Self { call }
    }

    pub async fn send(self) -> Result<ResponseValue<ByteStream>, Error<types::Problem>> {
        self.call.send_stream().await
    }
}

impl IntoFuture for GetInvoice {
    type Output = Result<ResponseValue<ByteStream>, Error<types::Problem>>;
    type IntoFuture = Pending<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
