//! Types of fields that JSON can hold and Rust's own types cannot.

#[cfg(feature = "chrono")]
pub(crate) mod date_time;
pub(crate) mod nullable;
pub(crate) mod present;
