//! What generated clients send, return and report, and reqwest code with the signer, against a gateway on loopback
//! that verifies every signature with an implementation of its own. What they do about faults is in `resilience`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail the test"
)]

mod anything;
mod clients;
mod existing_code;
mod operations;
mod paging;
mod progenitor;
mod refusals;
mod responses;
mod tampering;
mod testing;
