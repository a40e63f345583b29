//! Constants that describe an API and its operations, written by the generator.

use http::Method;

use crate::Client;

/// An API, as described by its spec.
#[derive(Debug)]
pub struct Api {
    /// The name in `apis.toml`.
    pub name: &'static str,
    /// The environment variable that overrides the endpoint, for example `ORDERS_ENDPOINT_URL`.
    pub endpoint_variable: &'static str,
    /// Name and version of the generated crate, the first product in `User-Agent`.
    pub user_agent: &'static str,
    /// The invoke URL including the stage, if the spec contains one.
    pub endpoint: Option<&'static str>,
    /// The Region of the API, if the spec contains one.
    pub region: Option<&'static str>,
    /// Whether any operation requires IAM authorization. If not, the client needs no credentials.
    pub signed: bool,
}

/// A generated client: a newtype around [`Client`] for one API.
pub trait ApiClient: Sized {
    /// The API that this client calls.
    const API: &'static Api;

    /// Wraps a client built by [`ClientBuilder`](crate::ClientBuilder).
    fn from_client(client: Client) -> Self;
}

/// An operation, as described by the spec.
#[derive(Debug)]
pub struct Operation {
    /// The name of the method in the generated client. Errors and spans contain it.
    pub name: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path relative to the stage, with parameters in braces: `/orders/{order_id}`, `/files/{proxy+}`.
    pub path: &'static str,
    /// How requests are authorized.
    pub auth: Auth,
    /// Whether the operation requires an API key.
    pub api_key: bool,
    /// The media type sent in `Accept`. API Gateway only uses the first type in `Accept`.
    pub accept: Option<&'static str>,
}

/// How requests to an operation are authorized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// IAM authorization. Requests are signed.
    Iam,
    /// No authorization. Requests are not signed.
    None,
    /// A Lambda authorizer, a user pool or a JWT. The caller sets the header that the authorizer reads; requests are not signed.
    Custom,
}
