//! Turns API Gateway exports into strongly typed client crates with signing built in.
//!
//! ```text
//! Document::read → swagger2, fixups → Api::read → shape, lower → engine (progenitor) → render
//! ```

pub mod api;
mod auth;
#[cfg(feature = "config")]
pub mod config;
#[cfg(feature = "generate")]
pub mod corpus;
pub mod diagnostic;
pub mod document;
mod endpoint;
#[cfg(feature = "generate")]
mod engine;
pub mod fixups;
#[cfg(feature = "generate")]
mod generate;
#[cfg(feature = "generate")]
pub mod inspect;
#[cfg(feature = "generate")]
mod limits;
#[cfg(feature = "generate")]
mod lower;
pub mod names;
#[cfg(feature = "overlay")]
pub mod overlay;
#[cfg(feature = "generate")]
mod paging;
#[cfg(feature = "generate")]
pub mod plan;
pub mod policy;
#[cfg(feature = "generate")]
mod quiet;
mod read;
#[cfg(feature = "generate")]
mod render;
pub mod report;
#[cfg(feature = "generate")]
mod rust_type;
#[cfg(feature = "generate")]
mod shape;
#[cfg(feature = "generate")]
mod table;
#[cfg(feature = "generate")]
mod type_names;
#[cfg(feature = "config")]
pub mod write;

pub use api::Api;
pub use diagnostic::Diagnostic;
pub use document::{Dialect, Document};
#[cfg(feature = "generate")]
pub use generate::{GenerateError, generate};
#[cfg(feature = "generate")]
pub use render::{Dependencies, Files, Target};
pub use report::{Fixup, Report};
