//! Rust types for schemas, as progenitor makes them.

pub(crate) mod engine;
pub(crate) mod names;
pub(crate) mod rust_type;
