//! What a user sees of the whole: generated clients, and existing reqwest code with the signer,
//! against a gateway on loopback that verifies every signature with an implementation of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail the test"
)]

mod site;

mod anything;
mod clients;
mod existing_code;
mod operations;
mod paging;
mod refusals;
mod responses;
mod tampering;
