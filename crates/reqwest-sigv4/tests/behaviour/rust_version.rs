//! The oldest Rust that this crate promises is the one that the AWS crates need.

use crate::support::cargo::aws_sigv4;

#[test]
fn the_promised_rust_version_is_the_one_of_the_aws_crates() {
    assert_eq!(env!("CARGO_PKG_RUST_VERSION"), aws_sigv4()["rust_version"]);
}
