//! The sample client: written by hand, line for line what the generator writes.
#![allow(unreachable_pub, reason = "a generated crate is a library")]

mod client;
pub mod operations;
pub mod types;

pub use client::OrdersClient;
