//! Keeps generated clients up to date with their specs.
//!
//! In go `specs/apis.toml`, the specs and the crates on disk; out comes a [`Plan`]: what is to
//! be written for each API, whom the change breaks, and the version that follows.
//! [`Plan::apply`] writes it, each crate whole or not at all. This crate never makes a request
//! and never prints.

pub mod compat;
mod disk;
pub mod plan;
pub mod workspace;

pub use compat::{Change, Changes, Effect};
pub use disk::Lock;
pub use plan::{Plan, Planned, State};
pub use workspace::{ApiConfig, Apis, Workspace};
