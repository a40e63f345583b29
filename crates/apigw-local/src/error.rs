//! Why a gateway did not start.

use std::io;

use apigw_spec::Diagnostic;

/// A gateway could not be started, or was asked for an operation it does not have.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The API's document cannot be read.
    #[error(transparent)]
    Spec(#[from] Diagnostic),
    /// The port is taken, or loopback is not available.
    #[error("cannot listen on 127.0.0.1:{port}; choose another port, or 0 for any free one")]
    Listen {
        /// The port that was asked for.
        port: u16,
        /// What the operating system said.
        source: io::Error,
    },
    /// No operation has this name, operation id, or method and path.
    #[error("no operation {name:?} in this API; it has: {known}")]
    UnknownOperation {
        /// The name that was given.
        name: String,
        /// The names there are.
        known: String,
    },
}
