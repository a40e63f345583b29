//! Calls every method of every golden client against a local gateway that serves the same spec, and checks the
//! request that arrives and the result of every response.
//!
//! The build script writes the calls, see `calls` in this package. What they expect is read off the spec by
//! separate code, which shares nothing with the generator.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail the test"
)]

/// Sets the options that every builder has.
macro_rules! with_options {
    ($call:expr) => {
        $call
            .header("X-More", "a/b +")
            .idempotency_key("key 1")
            .timeout(crate::harness::A_MINUTE)
            .total_timeout(crate::harness::A_MINUTE)
            .retry(apigw_runtime::RetryPolicy::none())
    };
}

mod expect;
mod harness;

use apigw_runtime::{Method, SignOptions, multipart};

use harness::{Access, Body, Harness};

/// One module per spec.
#[allow(deprecated, reason = "deprecated methods are called as well")]
mod specs {
    include!(concat!(env!("OUT_DIR"), "/calls.rs"));
}
