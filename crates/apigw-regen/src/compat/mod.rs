//! Whether a change of a client breaks its callers: their builds, or programs on the wire.

mod callers;
mod changes;
mod narrowing;
mod surface;
pub(crate) mod wire;

pub use changes::{Change, Changes, Effect, TypeChanges};
