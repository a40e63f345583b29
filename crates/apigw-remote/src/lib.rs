//! Access to deployed APIs from the command line: exports and requests.
//!
//! [`pull`] downloads the specs of deployed APIs from the control plane of API Gateway. [`call`]
//! sends a request to an operation, after checking the arguments against the spec. Input is the
//! names of APIs and operations, arguments and credentials; output is spec files and responses.
//! This crate never generates code, and never changes anything in AWS except through the requests
//! that you send with [`call`]. It uses no service crate of the AWS SDK.
//!
#![doc = include_str!("../README.md")]

pub mod call;
mod encode;
pub mod pull;
