//! Lowers the schemas of an API to simpler ones that progenitor can turn into types without loss
//! or panics.
//!
//! This crate renders string enums (with an `Unknown` variant, so that new values do not break
//! clients) and unions itself. Aliases of simple types are resolved where they are used. Inline
//! objects, enums and unions are named after their location, so that names never collide.

mod lowered;
mod lowerer;
mod merge;
mod schema;
mod subtypes;
mod union;

pub(crate) use lowered::{Distinction, Enum, Field, Lowered, Slot, Struct, Union};
pub(crate) use lowerer::Lowerer;
