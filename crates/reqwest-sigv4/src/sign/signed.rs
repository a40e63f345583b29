//! The record of a signature: what was signed, for explaining refusals.

use std::fmt;
use std::sync::Arc;

use http::Method;

use crate::secrets::redact_text;
use crate::sign::canonical::CanonicalRequest;
use crate::sign::payload::sha256;
use crate::sign::timestamp::Timestamp;

/// What the signer signed: kept beside the response, so that a refusal can be compared with it.
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

pub(crate) struct Record {
    pub(crate) method: Method,
    pub(crate) canonical: CanonicalRequest,
    pub(crate) algorithm: &'static str,
    pub(crate) time: Timestamp,
    pub(crate) scope: String,
    /// The host, if it is another than the one on the wire.
    pub(crate) chosen_host: Option<String>,
}

impl Signed {
    pub(crate) fn new(record: Record) -> Self {
        Self {
            record: Arc::new(record),
        }
    }

    /// The record of the request that got this response; `None` if it was sent unsigned.
    pub fn of(response: &reqwest::Response) -> Option<&Self> {
        response.extensions().get()
    }

    /// The method of the request.
    pub fn method(&self) -> &Method {
        &self.record.method
    }

    /// The names of the signed headers, in lower case, sorted and joined by `;`.
    pub fn signed_headers(&self) -> &str {
        self.record.canonical.signed_headers()
    }

    /// Day, Region and service that the signature is for, for example `20261122/eu-west-2/execute-api/aws4_request`.
    pub fn credential_scope(&self) -> &str {
        &self.record.scope
    }

    /// The canonical request, with the values of secret headers and parameters left out.
    pub fn canonical_request(&self) -> String {
        redact_text(self.record.canonical.as_str()).into_owned()
    }

    /// The string to sign: algorithm, time, scope and the hash of the canonical request.
    pub fn string_to_sign(&self) -> String {
        let Record {
            canonical,
            algorithm,
            time,
            scope,
            ..
        } = &*self.record;
        let hash = sha256(canonical.as_str().as_bytes());
        [algorithm, time.as_str(), scope, &hash].join("\n")
    }

    pub(crate) fn chosen_host(&self) -> Option<&str> {
        self.record.chosen_host.as_deref()
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
