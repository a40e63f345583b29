//! Sample responses, generated from the spec.

mod pattern;
mod response;
mod value;

pub(crate) use response::response;
