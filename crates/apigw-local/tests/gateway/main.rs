//! Tests of the gateway over real connections, with requests signed by other implementations.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failed step should fail the test"
)]

mod faults;
mod in_memory;
mod policies;
mod refusals;
mod responses;
mod signatures;
mod spec;
mod wire;
