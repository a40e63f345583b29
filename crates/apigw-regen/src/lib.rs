#![doc = include_str!("../README.md")]

pub mod compat;
mod disk;
pub mod plan;
pub mod workspace;

pub use compat::{Change, Changes, Effect};
pub use disk::Lock;
pub use plan::{Plan, Planned, State};
pub use workspace::{ApiConfig, Apis, Workspace};
