//! Errors.

use std::io;
use std::path::PathBuf;

use apigw_spec::Diagnostic;

/// An error from starting a gateway, or from naming an operation that it does not have.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The spec or overlay can't be read.
    #[error(transparent)]
    Spec(#[from] Diagnostic),
    /// The port is in use, or loopback is not available.
    #[error("cannot listen on 127.0.0.1:{port}; choose another port, or 0 for any free one")]
    Listen {
        /// The port.
        port: u16,
        /// The error from the operating system.
        source: io::Error,
    },
    /// A policy can't be read, or has an element that is not supported.
    #[error("{}", path.display())]
    Policy {
        /// The file of the policy.
        path: PathBuf,
        /// What is wrong, with the statement.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No operation has this name, `operationId`, or method and path.
    #[error("no operation {name:?} in this API; it has: {known}")]
    UnknownOperation {
        /// The unknown name.
        name: String,
        /// The names of the API's operations, separated by commas.
        known: String,
    },
}
