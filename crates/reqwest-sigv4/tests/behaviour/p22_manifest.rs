//! P22: the oldest Rust that this crate promises is the one that the AWS crates need.

#[test]
fn the_manifest_promises_the_rust_version_of_the_aws_crates() {
    assert_eq!(env!("CARGO_PKG_RUST_VERSION"), "1.94.1");
}
