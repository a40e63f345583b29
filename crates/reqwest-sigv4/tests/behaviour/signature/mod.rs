//! Signatures are correct for every request.

mod any_request;
mod aws_suite;
mod bodies;
mod headers;
mod hosts;
mod http2;
mod independent_signers;
mod independent_verifiers;
mod paths;
mod presigning;
mod queries;
mod signing_again;
mod tampering;
