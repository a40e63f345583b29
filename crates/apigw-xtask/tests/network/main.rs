//! The output of the network commands: the real binary, against doubles on loopback.
//!
//! `BLESS=1 cargo test -p apigw-xtask --test network` updates the snapshots.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod call;
mod desk;
#[path = "../../../apigw-remote/tests/double/mod.rs"]
mod double;
mod new;
mod pull;
mod serve;
