//! A client in the shape that the generator writes, against a server on loopback.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests fail the test"
)]

#[cfg(any(feature = "aws-config", feature = "tracing"))]
mod alone;
mod orders;
mod server;

#[cfg(feature = "aws-config")]
mod aws_configuration;
mod build;
mod errors;
mod paging;
mod requests;
mod responses;
mod retries;
#[cfg(feature = "tracing")]
mod spans;
mod streams;
#[cfg(feature = "test")]
mod testing;
