//! An API as AWS runs it.
//!
//! [`pull`] downloads the specs of deployed APIs from API Gateway's control plane; [`call`] sends
//! one request to an operation, from arguments given in a shell and checked against the spec. In
//! go names and credentials, out come files and responses. This crate never generates code, and
//! uses no service crate of the AWS SDK.

pub mod call;
mod encode;
pub mod pull;
