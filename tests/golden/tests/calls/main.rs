//! Every method of every golden client, called against a local gateway that serves the same document: what arrives,
//! and what becomes of every answer.
//!
//! The calls in `documents/` are written by `BLESS=1 cargo test -p apigw-codegen --test golden`. What they expect is
//! read off the document by code of its own, which shares nothing with the generator.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail the test"
)]

/// A call with the options that every builder has.
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

#[rustfmt::skip] // as the generated clients, formatted by prettyplease
mod documents;
mod expect;
mod site;
