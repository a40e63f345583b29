//! What the libraries return, as text for a terminal.

pub mod inspection;
pub mod plan;
mod table;
