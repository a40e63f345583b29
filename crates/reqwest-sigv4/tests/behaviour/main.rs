//! What the signer promises, each promise pinned on the bytes that arrive at a server on loopback.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on should stop, in its helpers too"
)]

mod support;

mod p01_aws_suite;
mod p01_conformance;
mod p02_paths;
mod p03_queries;
mod p04_wire;
mod p05_bodies;
mod p06_headers;
mod p07_hosts;
mod p08_stale_signatures;
mod p09_retries;
mod p10_credentials;
#[cfg(feature = "aws-config")]
mod p10_roles;
mod p11_clock_skew;
mod p12_endpoints;
mod p13_redirects;
mod p14_foreign_hosts;
mod p15_refusals;
mod p16_secrets;
mod p17_presigning;
mod p18_anything;
mod p19_execute;
mod p20_options;
mod p21_region_spelling;
mod p22_manifest;
mod p23_http2;
mod peers;
