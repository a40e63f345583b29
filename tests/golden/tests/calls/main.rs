//! Calls every method of every golden client against a local gateway that serves the same document, and checks the
//! request that arrives and the result of every response.
//!
//! The build script writes the calls, see `calls` in this package. What they expect is read off the document by
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
            .timeout(crate::site::A_MINUTE)
            .total_timeout(crate::site::A_MINUTE)
            .retry(apigw_runtime::RetryPolicy::none())
    };
}

mod expect;
mod site;

use apigw_runtime::{Method, SignOptions, multipart};

use site::{Access, Body, Site};

/// One module per document.
mod documents {
    include!(concat!(env!("OUT_DIR"), "/calls.rs"));
}
