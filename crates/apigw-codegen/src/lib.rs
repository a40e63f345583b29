//! Generates strongly typed client crates with signing built in.
//!
//! In goes an [`Api`](apigw_spec::Api) as `apigw-spec` read it; out come the [`Files`] of a
//! crate. This crate never reads or writes a file and never runs a command.
//!
//! ```text
//! Api → shape → lower → types (progenitor) → paging → render → Files
//! ```

#[doc(hidden)]
pub mod catch_panic;
mod constraints;
mod formats;
mod generate;
pub mod inspect;
mod lower;
mod paging;
pub mod render;
mod reserved;
mod runtime_source;
mod shape;
mod types;

pub use generate::{GenerateError, generate};
pub use render::{Files, Target};
pub use runtime_source::RuntimeSource;
