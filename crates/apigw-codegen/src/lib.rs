#![doc = include_str!("../README.md")]

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
mod shape;
mod types;

pub use generate::{GenerateError, generate};
pub use render::{Dependencies, Files, Target};
