//! What generated clients, and reqwest code with the signer, send, return and report. A gateway on loopback verifies
//! every signature with an implementation of its own. Faults are in `resilience`.
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
mod websocket;
