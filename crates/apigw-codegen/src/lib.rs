#![doc = include_str!("../README.md")]

#[doc(hidden)]
pub mod catch_panic;
mod constraints;
mod directions;
mod formats;
mod generate;
pub mod inspect;
mod lower;
mod paging;
mod parts;
pub mod render;
mod reserved;
mod runtime_source;
mod shape;
pub mod typed;
mod types;

pub use generate::{GenerateError, generate};
pub use render::{Files, Target};
pub use runtime_source::RuntimeSource;
