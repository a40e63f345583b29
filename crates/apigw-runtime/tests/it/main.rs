//! Tests of a generated client against a local server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers may panic in tests"
)]

#[cfg(any(feature = "aws-config", feature = "tracing"))]
mod alone;
mod orders;
mod server;

#[cfg(feature = "aws-config")]
mod aws_configuration;
mod build;
mod errors;
mod events;
#[cfg(feature = "stream")]
mod forms;
#[cfg(feature = "tracing")]
mod log;
#[cfg(feature = "opentelemetry")]
mod metrics;
mod paging;
mod requests;
mod responses;
mod retries;
#[cfg(feature = "tracing")]
mod spans;
mod streams;
#[cfg(feature = "test")]
mod testing;
