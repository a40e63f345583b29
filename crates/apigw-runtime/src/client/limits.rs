//! Timeouts, and the limit of the response size.

use std::time::Duration;

/// Longer than API Gateway's own timeout of 29 seconds, so that its response arrives.
const TIMEOUT: Duration = Duration::from_secs(30);

/// API Gateway closes an idle stream after 5 minutes (30 seconds at edge-optimized endpoints), so a longer pause means a lost
/// connection ("Stream the integration response", developer guide).
const IDLE_TIMEOUT: Duration = Duration::from_secs(300);

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
    /// The maximum time between two chunks of a streaming response.
    pub(crate) idle_timeout: Duration,
    /// The maximum number of response bytes read into memory.
    pub(crate) response_limit: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: TIMEOUT,
            total_timeout: None,
            idle_timeout: IDLE_TIMEOUT,
            response_limit: RESPONSE_LIMIT,
        }
    }
}
