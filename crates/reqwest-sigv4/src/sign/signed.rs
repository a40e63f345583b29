//! The record of a signature.

use std::fmt;
use std::sync::Arc;

use http::Method;

use super::body::sha256;
use super::canonical::CanonicalRequest;
use super::redact::redacted;
use super::timestamp::Timestamp;

/// What the signer signed. It is kept with the response, so that a refusal can be compared with it.
///
/// ```
/// # async fn call(http: reqwest_middleware::ClientWithMiddleware) -> Result<(), reqwest_middleware::Error> {
/// use reqwest_sigv4::Signed;
///
/// let response = http.get("https://abc123.execute-api.eu-west-2.amazonaws.com/prod/orders").send().await?;
/// if let Some(signed) = Signed::of(&response) {
///     println!("{} for {}", signed.signed_headers(), signed.credential_scope());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Signed {
    record: Arc<Record>,
}

pub(super) struct Record {
    pub(super) method: Method,
    pub(super) canonical: CanonicalRequest,
    pub(super) algorithm: &'static str,
    pub(super) timestamp: Timestamp,
    /// The credential scope.
    pub(super) scope: String,
    /// The signed host, if it was configured and may differ from the host on the wire.
    pub(super) override_host: Option<String>,
}

impl Signed {
    pub(super) fn new(record: Record) -> Self {
        Self {
            record: Arc::new(record),
        }
    }

    /// Returns what was signed of the request behind this response, or `None` if the request was sent unsigned.
    pub fn of(response: &reqwest::Response) -> Option<&Self> {
        response.extensions().get()
    }

    /// Returns the method of the request.
    pub fn method(&self) -> &Method {
        &self.record.method
    }

    /// Returns the names of the signed headers, in lower case, sorted and joined by `;`.
    pub fn signed_headers(&self) -> &str {
        self.record.canonical.signed_headers()
    }

    /// Returns the credential scope: day, Region and service, for example `20261122/eu-west-2/execute-api/aws4_request`.
    pub fn credential_scope(&self) -> &str {
        &self.record.scope
    }

    /// Returns the canonical request, with the values of secret headers and parameters replaced by `**`.
    pub fn canonical_request(&self) -> String {
        redacted(self.record.canonical.as_str()).into_owned()
    }

    /// Returns the string to sign: algorithm, time, credential scope and the hash of the canonical request.
    pub fn string_to_sign(&self) -> String {
        let hash = sha256(self.record.canonical.as_str().as_bytes());
        let Record {
            algorithm,
            timestamp,
            scope,
            ..
        } = &*self.record;
        [algorithm, timestamp.as_str(), scope, &hash].join("\n")
    }

    /// Returns the signed host, with its port.
    pub(crate) fn host(&self) -> &str {
        let mut lines = self.record.canonical.as_str().lines();
        lines
            .find_map(|line| line.strip_prefix("host:"))
            .unwrap_or_default()
    }

    pub(crate) fn override_host(&self) -> Option<&str> {
        self.record.override_host.as_deref()
    }

    pub(crate) fn canonical(&self) -> &CanonicalRequest {
        &self.record.canonical
    }
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed")
            .field("scope", &self.record.scope)
            .field("canonical_request", &self.canonical_request())
            .finish()
    }
}
