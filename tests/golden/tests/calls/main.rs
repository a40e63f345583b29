//! Every method of every golden client, called against a local gateway that serves the same document: what arrives,
//! and what becomes of every answer.
//!
//! The calls in `documents/` are written by `BLESS=1 cargo test -p apigw-codegen --test golden`. What they expect is
//! read off the document by code of its own, which shares nothing with the generator.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail the test"
)]

#[rustfmt::skip] // as the generated clients, formatted by prettyplease
mod documents;
mod expect;
mod site;
