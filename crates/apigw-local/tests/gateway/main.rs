//! The gateway as its callers see it: over real connections, with requests that other signers signed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

mod answers;
mod faults;
mod refusals;
mod signed;
mod spec;
mod wire;
