//! Keeps generated clients up to date with their specs.
//!
//! In go `specs/apis.toml`, the specs and the crates on disk; out comes a [`Plan`]: what is to
//! be written for each API, whom the change breaks, and the version that follows.
//! [`Plan::apply`] writes it, each crate whole or not at all. This crate never makes a request
//! and never prints.

mod add;
mod client;
pub mod compat;
pub mod config;
mod crate_dir;
pub mod plan;
mod unchanged;
mod workspace;

pub use compat::{Change, Changes, Effect};
pub use config::{ApiConfig, Apis};
pub use crate_dir::Lock;
pub use plan::{Plan, Planned, State};
pub use workspace::Workspace;
