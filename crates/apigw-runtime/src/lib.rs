//! What all generated API Gateway clients share: one [`ClientBuilder`], one [`Error`], one place that sends.
//!
//! A generated crate is thin code over this one. It carries constants ([`Api`], [`Operation`]) and types; every builder it has holds one
//! [`Call`], whose setters turn arguments into wire form at once and whose [`send`](Call::send) signs, sends and decodes.
//!
//! ```no_run
//! use apigw_runtime::{Api, ApiClient, Client, ClientBuilder, Error, Method};
//!
//! #[derive(Debug, Clone)]
//! struct OrdersClient {
//!     client: Client,
//! }
//!
//! impl ApiClient for OrdersClient {
//!     const API: &'static Api = &Api {
//!         name: "orders",
//!         user_agent: "orders-client/0.1.0",
//!         endpoint: Some("https://abc123.execute-api.eu-west-2.amazonaws.com/prod"),
//!         region: Some("eu-west-2"),
//!         signed: true,
//!     };
//!     fn from_client(client: Client) -> Self {
//!         Self { client }
//!     }
//! }
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let orders: OrdersClient = ClientBuilder::new().build().await?;
//! let mut call = orders.client.request(Method::GET, "/orders/{order_id}");
//! match call.path("order_id", "o-1").query("expand", true).send_untyped().await {
//!     Ok(order) => println!("{}", order.text()?),
//!     Err(error) if error.is_retryable() => println!("later: {error}"),
//!     Err(error) => return Err(error.into()),
//! }
//! # Ok(()) }
//! ```
//!
//! # Features
//!
//! - `aws-config` (default): credentials and Region from the environment, profiles, SSO, containers and instance metadata
//! - `rustls` (default), `native-tls`: TLS of the HTTP client that the builder makes
//! - `tracing` (default): a span for each call, and in it one for each attempt, with OpenTelemetry's names and without any argument
//! - `stream` (default): [`Call::stream`], to upload what is not in memory
//! - `multipart`: `Call::multipart`, to upload forms with files
//! - `test`: `testing`, a gateway in the process that tests call in place of AWS
//! - `gzip`: asks for compressed responses and decompresses them; API Gateway compresses where the API sets a minimum size

// what the generator writes down, and the client around it
mod api;
mod client;

// building a client
mod build_error;
mod builder;
mod endpoint;
mod environment;

// a call: arguments in wire form
mod call;
mod invalid;
mod options;
mod param;
mod path;
mod payload;

// sending
mod attempt;
mod exchange;
mod paging;
mod retry;
mod span;

// what comes back
mod base64_text;
mod body;
mod decode;
mod open_enum;
mod response;
mod stream;

// or not
mod error;

// tests of callers
#[cfg(feature = "test")]
pub mod testing;

use std::future::Future;
use std::pin::Pin;

pub use api::{Api, ApiClient, Auth, Operation};
pub use body::{AnyBody, Text};
pub use build_error::BuildError;
pub use builder::ClientBuilder;
pub use bytes::Bytes;
pub use call::Call;
pub use client::Client;
pub use decode::{DecodeError, FromResponse, Undocumented};
pub use error::{Error, ErrorKind};
pub use futures_util::Stream;
pub use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
pub use paging::{Items, Pages, Token};
#[cfg(feature = "aws-config")]
pub use reqwest_sigv4::AssumeRole;
pub use reqwest_sigv4::{Credentials, Refusal, SignOptions, Signed};
pub use response::{RawResponse, ResponseValue};
pub use retry::RetryPolicy;
pub use stream::ByteStream;

#[doc(hidden)]
pub use serde;

/// The future behind `.await` on an operation builder: boxed, because `IntoFuture` has to name its type.
pub type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;
