//! Tests across crates, in `tests/`, and runnable programs, in `examples/`.
//!
//! The programs in the README are compiled and run as tests of this package.

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct ReadmeDoctests;
