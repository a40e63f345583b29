//! The record of a signature: what was signed, for explaining refusals.

use std::fmt;
use std::sync::Arc;

use http::Method;

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
        redacted(self.record.canonical.as_str())
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

/// Headers whose values are nobody's business.
const SECRET_HEADERS: [&str; 5] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "x-amz-security-token",
    "x-api-key",
];

/// Whether a header's value must not be shown.
pub(crate) fn is_secret(name: &str) -> bool {
    SECRET_HEADERS.contains(&name)
}

/// A canonical request without secret values.
pub(crate) fn redacted(canonical: &str) -> String {
    let lines: Vec<String> = canonical.lines().map(redacted_line).collect();
    lines.join("\n")
}

/// One line of a canonical request without secret values.
pub(crate) fn redacted_line(line: &str) -> String {
    if let Some((name, _)) = line.split_once(':').filter(|(name, _)| is_secret(name)) {
        return format!("{name}:**");
    }
    line.split('&')
        .map(|pair| match pair.split_once('=') {
            Some((key, _)) if key.eq_ignore_ascii_case("X-Amz-Security-Token") => {
                format!("{key}=**")
            }
            _ => pair.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_values_are_left_out() {
        let canonical = "GET\n/\na=1&X-Amz-Security-Token=t0k3n&b=2\nhost:h\nx-amz-security-token:t0k3n\nx-api-key:k3y\n\nhost;x-api-key\nhash";
        let shown = redacted(canonical);
        assert!(
            !shown.contains("t0k3n") && !shown.contains("k3y"),
            "{shown}"
        );
        assert!(shown.contains("a=1&X-Amz-Security-Token=**&b=2"), "{shown}");
        assert!(shown.contains("\nx-api-key:**\n"), "{shown}");
    }
}
