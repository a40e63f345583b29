//! What the generator knows about an API and its operations: constants, nothing else.

use http::Method;

use crate::Client;

/// An API, as its export describes it.
#[derive(Debug)]
pub struct Api {
    /// The name in `apis.toml`.
    pub name: &'static str,
    /// The environment variable that overrides the endpoint, for example `ORDERS_ENDPOINT_URL`.
    pub endpoint_variable: &'static str,
    /// Name and version of the generated crate, the first product in `User-Agent`.
    pub user_agent: &'static str,
    /// The invoke URL with its stage, if the export names one.
    pub endpoint: Option<&'static str>,
    /// The Region of the API, if the export names one.
    pub region: Option<&'static str>,
    /// Whether any operation is protected by IAM. If none is, the client needs no credentials.
    pub signed: bool,
}

/// A generated client: a name around [`Client`] and the API it belongs to.
pub trait ApiClient: Sized {
    /// The API behind this client.
    const API: &'static Api;

    /// Wraps a client that [`ClientBuilder`](crate::ClientBuilder) has built.
    fn from_client(client: Client) -> Self;
}

/// An operation, as the export describes it.
#[derive(Debug)]
pub struct Operation {
    /// The method's name in the generated client, which errors and spans carry.
    pub name: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path below the stage, with parameters in braces: `/orders/{order_id}`, `/files/{proxy+}`.
    pub path: &'static str,
    /// What protects the operation.
    pub auth: Auth,
    /// Whether the operation demands an API key.
    pub api_key: bool,
    /// The one media type to ask for. API Gateway looks at the first type of `Accept` only.
    pub accept: Option<&'static str>,
}

/// What protects an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// IAM: the request is signed.
    Iam,
    /// Nothing: the request is sent as it is.
    None,
    /// A Lambda authorizer, a user pool or a JWT: the caller sets the header that it looks at; the request is not signed.
    Custom,
}
