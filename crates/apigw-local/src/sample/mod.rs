//! Sample responses, generated from the spec.

mod merge;
mod pages;
mod pattern;
mod response;
mod value;

pub(crate) use response::Sample;
