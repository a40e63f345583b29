//! What the signer promises, each promise pinned on the bytes that arrive at a server on loopback.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on should stop, in its helpers too"
)]

mod support;

mod allowed_hosts;
mod any_request;
mod aws_suite;
mod clock_skew;
mod credentials;
mod headers;
mod http2;
mod independent_signers;
mod invalid_settings;
mod options;
mod outside_verifiers;
mod paths;
mod payloads;
mod presigning;
mod queries;
mod redirects;
mod refusals;
mod region_and_service;
mod retries;
#[cfg(feature = "aws-config")]
mod roles;
mod rust_version;
mod secrets;
mod signing_again;
mod signing_host;
mod tampering;
mod ways_to_send;
