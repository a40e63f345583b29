#![doc = include_str!("../README.md")]
//!
//! # What the generator writes
//!
//! ```no_run
//! use apigw_runtime::{Api, ApiClient, BuildError, Client, ClientBuilder};
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
//! # async fn run() -> Result<(), BuildError> {
//! let orders: OrdersClient = ClientBuilder::new().build().await?;
//! # Ok(()) }
//! ```
//!
//! The builder of an operation is in [`call_options!`], that of one with pages in [`Pages`].

// what the generator writes down, and the client around it
mod api;
mod client;

// building a client
mod build_error;
mod builder;
mod configuration;
mod endpoint;
mod environment;
mod user_agent;

// a call: arguments in wire form
mod call;
mod invalid;
mod options;
mod param;
mod path;
mod payload;
mod tagged;

// sending
mod attempt;
mod exchange;
mod paging;
mod request;
mod retry;
mod span;

// what comes back
mod base64_text;
mod best_fit;
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
pub use best_fit::best_fit;
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
pub use tagged::tagged;

#[cfg(feature = "multipart")]
#[doc(no_inline)]
pub use reqwest::multipart;

#[doc(hidden)]
pub use serde;

/// The future behind `.await` on an operation builder: boxed, because `IntoFuture` has to name its type.
pub type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;
