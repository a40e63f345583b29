//! Sample responses, generated from the spec.

mod pages;
mod pattern;
mod response;
mod value;

pub(crate) use response::Sample;
