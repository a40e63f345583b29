//! Turns API Gateway exports into strongly typed client crates with signing built in.
//!
//! ```text
//! Document::read → swagger2, fixups → Api::read → engine (progenitor) → render → plan → write
//! ```

pub mod api;
pub mod diagnostic;
pub mod document;
pub mod report;

pub use api::Api;
pub use report::{Fixup, Report};
