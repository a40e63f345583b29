//! The runtime of generated API Gateway clients.
//!
//! This crate configures clients, encodes arguments, signs, sends and retries requests, and decodes
//! responses. It does not depend on a particular API; the generated crates do.
//!
#![doc = include_str!("../README.md")]

mod api;
mod call;
mod client;
pub mod codegen;
mod error;
mod operation;
mod paging;
mod response;
mod send;
#[cfg(feature = "test")]
pub mod testing;
mod values;

pub use api::ApiClient;
pub use bytes::Bytes;
pub use call::Call;
pub use call::either_body::EitherBody;
pub use call::field_style::FieldStyle;
pub use call::part::Part;
pub use client::Client;
pub use client::build_error::BuildError;
pub use client::builder::ClientBuilder;
pub use error::{Error, ErrorKind};
pub use futures_util::Stream;
pub use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
pub use paging::{Items, Pages};
#[cfg(feature = "aws-config")]
pub use reqwest_sigv4::AssumeRole;
pub use reqwest_sigv4::{Credentials, Refusal, SignOptions, Signed};
pub use response::body::{AnyBody, Text};
pub use response::decode::{DecodeError, FromResponse, NoErrorBody};
pub use response::events::{Event, EventStream};
pub use response::lines::JsonLines;
pub use response::stream::ByteStream;
pub use response::{RawResponse, ResponseValue};
pub use send::retry::RetryPolicy;
#[cfg(feature = "chrono")]
pub use values::date_time::DateTime;
pub use values::nullable::Nullable;

#[cfg(feature = "multipart")]
#[doc(no_inline)]
pub use reqwest::multipart;

// for callers whose own crates do not have them
#[doc(no_inline)]
pub use async_trait::async_trait;
#[cfg(feature = "chrono")]
#[doc(no_inline)]
pub use chrono;
#[doc(no_inline)]
pub use http;
#[cfg(feature = "opentelemetry")]
#[doc(no_inline)]
pub use opentelemetry;
#[doc(no_inline)]
pub use reqwest;
#[doc(no_inline)]
pub use reqwest_middleware;
#[doc(no_inline)]
pub use serde_json;
#[cfg(feature = "uuid")]
#[doc(no_inline)]
pub use uuid;
