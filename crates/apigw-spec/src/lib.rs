//! Reads API Gateway specs into a dialect-independent model, [`Api`].
//!
//! The input is a spec: OpenAPI 3.0 or 3.1, or Swagger 2.0, as JSON or YAML, with an optional
//! [overlay]. The output is an [`Api`], and a [`Report`] of all fixes applied to the spec. If the
//! spec cannot be used, the error is a [`Diagnostic`] with its location and how to fix it. This
//! crate never makes network requests and never generates code.
//!
//! ```text
//! Spec::read → overlay → swagger2 → fixes → understand → Api
//! ```

pub mod api;
pub mod aws;
pub mod choices;
pub mod diagnostic;
pub mod environment;
pub mod fixes;
pub mod media_type;
pub mod names;
mod order;
pub mod overlay;
pub mod paging;
pub mod pointer;
pub mod report;
pub mod schema;
pub mod spec;
pub mod swagger2;
mod understand;
pub mod write;

pub use api::Api;
pub use choices::Choices;
pub use diagnostic::Diagnostic;
pub use report::{Fix, Report};
pub use spec::{Dialect, Spec};

/// The examples in the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
