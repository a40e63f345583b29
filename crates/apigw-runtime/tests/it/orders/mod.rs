//! A generated client, for the tests of the runtime: `BLESS=1 cargo test -p apigw-codegen --test golden` writes it.
#![allow(dead_code, unreachable_pub, reason = "a generated crate is a library")]

mod client;
pub mod operations;
pub mod types;

pub use client::OrdersClient;
