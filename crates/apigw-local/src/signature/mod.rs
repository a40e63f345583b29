//! Verification of AWS Signature Version 4.
//!
//! It is written from the AWS documentation and shares no code with any signer, so a bug in a
//! signer can't also be here. It never uses the `aws-sigv4` crate.

pub(crate) mod canonical;
pub(crate) mod credentials;
mod parse;
pub(crate) mod timestamp;
pub(crate) mod verify;
