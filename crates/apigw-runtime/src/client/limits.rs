//! How long a call may take, and how much of its response is read.

use std::time::Duration;

/// Above API Gateway's own limit of 29 seconds, so that its response arrives.
const TIMEOUT: Duration = Duration::from_secs(30);

/// API Gateway returns 10 MB at most unless it streams ("Quotas", developer guide); the rest is
/// room for what was compressed.
const RESPONSE_LIMIT: usize = 64 * 1024 * 1024;

/// The limits of a call: the client's, unless the call sets its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Of each attempt.
    pub(crate) timeout: Duration,
    /// Of the whole call, with every attempt and the pauses between them.
    pub(crate) total_timeout: Option<Duration>,
    /// Bytes of a response that are read into memory.
    pub(crate) response_limit: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: TIMEOUT,
            total_timeout: None,
            response_limit: RESPONSE_LIMIT,
        }
    }
}
