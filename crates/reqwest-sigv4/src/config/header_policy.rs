//! Which headers are signed.

use http::HeaderName;
use http::header::HOST;

/// Headers that clients, tracing, proxies and load balancers add, change or remove in transit. They are never signed, regardless of the policy.
///
/// The union of the headers that botocore and the AWS SDK for JavaScript skip, and of those reported to break signatures.
const NEVER: [&str; 31] = [
    "accept",
    "accept-encoding",
    "authorization",
    "baggage",
    "cache-control",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "forwarded",
    "from",
    "keep-alive",
    "max-forwards",
    "pragma",
    "presigned-expires",
    "range",
    "referer",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-amzn-trace-id",
    "x-b3-traceid",
    "x-original-authorization",
    "x-real-ip",
    "x-request-id",
    "b3",
];

/// Prefixes of such headers.
const NEVER_PREFIXES: [&str; 5] = ["cf-", "proxy-", "sec-", "x-b3-", "x-forwarded-"];

/// Which headers of a request are signed.
///
/// A service rejects the request if a proxy changes a signed header. So the default is the short list that API Gateway requires:
/// `host`, `content-type`, every `x-amz-*`, `x-api-key` and `x-apigw-api-id`. Headers that often change in transit (`user-agent`,
/// `accept-encoding`, `traceparent`, `x-forwarded-*`, `cookie`, `content-length` …) are never signed.
///
/// ```
/// use http::HeaderName;
/// use reqwest_sigv4::HeaderPolicy;
///
/// let policy = HeaderPolicy::minimal().also(HeaderName::from_static("x-tenant"));
/// assert!(policy.signs(&HeaderName::from_static("x-tenant")));
/// assert!(!policy.signs(&http::header::USER_AGENT));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderPolicy {
    all: bool,
    also: Vec<HeaderName>,
    never: Vec<HeaderName>,
}

impl HeaderPolicy {
    /// Signs `host`, `content-type`, `x-amz-*`, `x-api-key` and `x-apigw-api-id`. The default.
    pub fn minimal() -> Self {
        Self::default()
    }

    /// Signs every header that is not known to change in transit.
    pub fn all() -> Self {
        Self {
            all: true,
            ..Self::default()
        }
    }

    /// Also signs this header.
    #[must_use]
    pub fn also(mut self, name: HeaderName) -> Self {
        self.also.push(name);
        self
    }

    /// Does not sign this header. Has no effect on `host` and `x-amz-*`, which every service requires.
    #[must_use]
    pub fn never(mut self, name: HeaderName) -> Self {
        self.never.push(name);
        self
    }

    /// Returns whether a header of this name is signed.
    pub fn signs(&self, name: &HeaderName) -> bool {
        let text = name.as_str();
        if *name == HOST || text.starts_with("x-amz-") {
            return true;
        }
        let wanted = self.all
            || matches!(text, "content-type" | "x-api-key" | "x-apigw-api-id")
            || self.also.contains(name);
        wanted && !self.never.contains(name) && is_stable(text)
    }
}

/// Returns whether a header usually arrives unchanged.
fn is_stable(name: &str) -> bool {
    !NEVER.contains(&name) && !NEVER_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// What to do if a request already has an `Authorization` header.
///
/// ```
/// use reqwest_sigv4::{ExistingAuthorization, Signer};
///
/// // the backend needs the bearer token, and API Gateway does not forward `Authorization`
/// let builder = Signer::builder().existing_authorization(ExistingAuthorization::Keep);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExistingAuthorization {
    /// Returns [`Error::AuthorizationPresent`](crate::Error::AuthorizationPresent), because two kinds of authorization on one request are a mistake. The default.
    ///
    /// The signature of an earlier attempt is not a mistake: it is replaced.
    #[default]
    Error,
    /// Signs the request and removes the other header.
    Replace,
    /// Signs the request and sends the other header, unsigned, as `x-original-authorization`.
    Keep,
    /// Sends the request unsigned, with its own header.
    Skip,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> HeaderName {
        name.parse().unwrap()
    }

    #[test]
    fn the_minimal_policy_signs_the_short_list() {
        let policy = HeaderPolicy::minimal();
        for signed in [
            "host",
            "content-type",
            "x-amz-date",
            "x-amz-meta-a",
            "x-api-key",
        ] {
            assert!(policy.signs(&name(signed)), "{signed}");
        }
        for unsigned in ["x-custom", "accept", "user-agent", "content-length", "date"] {
            assert!(!policy.signs(&name(unsigned)), "{unsigned}");
        }
    }

    #[test]
    fn headers_that_change_in_transit_are_never_signed() {
        let unstable = NEVER.iter().map(|n| n.to_string());
        let families = NEVER_PREFIXES.iter().map(|prefix| format!("{prefix}thing"));
        for unstable in unstable.chain(families) {
            let policy = HeaderPolicy::all().also(name(&unstable));
            assert!(!policy.signs(&name(&unstable)), "{unstable}");
        }
    }

    #[test]
    fn a_policy_can_widen_and_narrow() {
        let policy = HeaderPolicy::all().never(name("x-b")).never(name("host"));
        assert!(policy.signs(&name("x-a")));
        assert!(!policy.signs(&name("x-b")));
        assert!(policy.signs(&name("host")));
        assert!(
            HeaderPolicy::minimal()
                .also(name("x-b"))
                .signs(&name("x-b"))
        );
    }
}
