//! Timeouts, and the limit of the response size.

use std::time::Duration;

/// Longer than API Gateway's own timeout of 29 seconds, so that its response arrives.
const TIMEOUT: Duration = Duration::from_secs(30);

/// API Gateway returns at most 10 MB unless it streams ("Quotas", developer guide). The rest leaves
/// room for decompressed bodies.
const RESPONSE_LIMIT: usize = 64 * 1024 * 1024;

/// The limits of a request. By default those of the client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The timeout of each attempt.
    pub(crate) timeout: Duration,
    /// The timeout of all attempts, including the delays between them.
    pub(crate) total_timeout: Option<Duration>,
    /// The maximum number of response bytes read into memory.
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
