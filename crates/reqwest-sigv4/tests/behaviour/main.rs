//! Tests of the public API, mostly on the bytes that arrive at a server on loopback.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed step should fail the test, in helpers too"
)]

mod support;

mod credentials;
mod manifest;
mod refusals;
mod refusals_reported;
mod secrets;
mod sending;
mod settings;
mod signature;
