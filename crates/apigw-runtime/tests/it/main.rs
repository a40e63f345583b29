//! A client in the shape that the generator writes, against a server on loopback.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests fail the test"
)]

mod orders;
mod server;

mod build;
mod errors;
mod requests;
mod responses;
mod streams;
