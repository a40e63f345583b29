//! Pulling over the wire, from a control plane that verifies every signature.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail the test")]

#[path = "../double/mod.rs"]
mod double;
mod pulling;
mod redacting;
