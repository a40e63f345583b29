//! Text for the terminal, made from what the libraries return.

pub mod inspection;
pub mod plan;
mod table;
