//! Lowers an API's schemas to the plain ones that progenitor turns into types
//! without loss and without a panic.
//!
//! What Rust has a better form for is kept apart and rendered by us: enums of texts
//! (open, so that a new value breaks nobody) and unions. Aliases of plain types are
//! resolved where they are used. Every inline object, enum and union gets a name from
//! the place where it stands, so that no two types can meet under one name.

mod lowered;
mod lowerer;
mod merge;
mod schema;
mod subtypes;
mod union;

pub(crate) use lowered::{Distinction, Enum, Field, Lowered, Slot, Struct, Union};
pub(crate) use lowerer::Lowerer;
