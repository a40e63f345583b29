//! Tests of `pull` with a fake control plane that verifies every signature.

#![allow(clippy::unwrap_used, reason = "a failed step should fail the test")]

#[path = "../double/mod.rs"]
mod double;
mod pulling;
mod redacting;
