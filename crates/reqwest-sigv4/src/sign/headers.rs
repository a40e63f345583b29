//! Which headers are signed.

use http::header::{AUTHORIZATION, HOST};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::Error;

pub(crate) const X_AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
pub(crate) const X_AMZ_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
pub(crate) const X_AMZ_CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
pub(crate) const X_APIGW_API_ID: HeaderName = HeaderName::from_static("x-apigw-api-id");
pub(crate) const X_AMZ_REGION_SET: HeaderName = HeaderName::from_static("x-amz-region-set");
pub(crate) const X_ORIGINAL_AUTHORIZATION: HeaderName =
    HeaderName::from_static("x-original-authorization");

/// Headers that clients, tracing, proxies and load balancers add, change or drop on the way: never signed, whatever the policy.
///
/// The union of what botocore and the AWS SDK for JavaScript leave out, and of what is reported to break signatures in flight.
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

/// The same, for families of names.
const NEVER_PREFIXES: [&str; 5] = ["cf-", "proxy-", "sec-", "x-b3-", "x-forwarded-"];

/// Which headers of a request are signed.
///
/// The service checks only what is signed, and refuses the request if a proxy changed one of them. So the default is the short list that
/// API Gateway asks for: `host`, `content-type`, every `x-amz-*`, `x-api-key` and `x-apigw-api-id`. Headers that are known to change on the
/// way (`user-agent`, `accept-encoding`, `traceparent`, `x-forwarded-*`, `cookie`, `content-length` …) are never signed.
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
    /// `host`, `content-type`, `x-amz-*`, `x-api-key` and `x-apigw-api-id`: the default.
    pub fn minimal() -> Self {
        Self::default()
    }

    /// Every header that is not known to change on the way.
    pub fn all() -> Self {
        Self {
            all: true,
            ..Self::default()
        }
    }

    /// Signs this header too.
    #[must_use]
    pub fn also(mut self, name: HeaderName) -> Self {
        self.also.push(name);
        self
    }

    /// Does not sign this header. `host` and `x-amz-*` are signed all the same: a service refuses a request without.
    #[must_use]
    pub fn never(mut self, name: HeaderName) -> Self {
        self.never.push(name);
        self
    }

    /// Whether a request's header of this name is signed.
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

/// Whether a header arrives as it was sent.
fn is_stable(name: &str) -> bool {
    !NEVER.contains(&name) && !NEVER_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// What to do when a request already has an `Authorization` header.
///
/// ```
/// use reqwest_sigv4::{ExistingAuthorization, Signer};
///
/// // the service behind the gateway wants a bearer token, which API Gateway does not pass on
/// let builder = Signer::builder().existing_authorization(ExistingAuthorization::Keep);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExistingAuthorization {
    /// Refuse to sign, with [`Error::AuthorizationPresent`]: two kinds of authorization on one request are a mistake. The default.
    ///
    /// A signature of an earlier attempt is no mistake: it is replaced.
    #[default]
    Error,
    /// Sign, and drop the other header.
    Replace,
    /// Sign, and send the other header as `x-original-authorization`, unsigned.
    Keep,
    /// Send the request as it is, unsigned.
    Skip,
}

/// What [`prepare`] found about the `Authorization` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prepared {
    Sign,
    Skip,
}

/// Applies the policy about `Authorization` and removes what an earlier signature left behind.
pub(crate) fn prepare(
    headers: &mut HeaderMap,
    existing: ExistingAuthorization,
) -> Result<Prepared, Error> {
    let foreign = headers
        .get_all(AUTHORIZATION)
        .iter()
        .any(|value| !value.as_bytes().starts_with(b"AWS4-"));
    if foreign {
        match existing {
            ExistingAuthorization::Error => return Err(Error::AuthorizationPresent),
            ExistingAuthorization::Skip => return Ok(Prepared::Skip),
            ExistingAuthorization::Replace => {}
            ExistingAuthorization::Keep => {
                if let Some(mut value) = headers.get(AUTHORIZATION).cloned() {
                    value.set_sensitive(true);
                    headers.insert(X_ORIGINAL_AUTHORIZATION, value);
                }
            }
        }
    }
    for stale in [
        AUTHORIZATION,
        X_AMZ_DATE,
        X_AMZ_SECURITY_TOKEN,
        X_AMZ_CONTENT_SHA256,
        X_AMZ_REGION_SET,
    ] {
        headers.remove(stale);
    }
    Ok(Prepared::Sign)
}

/// The `Host` header that the caller has set; over HTTP/1.1 it is sent instead of the URL's host.
pub(crate) fn explicit_host(headers: &HeaderMap) -> Result<Option<String>, Error> {
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => Ok(None),
        (Some(host), None) => Ok(Some(signable(&HOST, host)?.to_owned())),
        (Some(_), Some(_)) => Err(Error::HostRepeated),
    }
}

/// A setting that is sent as a header's value, or an error that names the method that gave it.
pub(crate) fn setting(method: &'static str, text: &str) -> Result<HeaderValue, Error> {
    let is_visible = !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
    HeaderValue::from_str(text)
        .ok()
        .filter(|_| is_visible)
        .ok_or(Error::InvalidSetting { setting: method })
}

/// The text of a header that will be signed, or an error that names the header.
///
/// TABs are refused because services fold them in different ways, bytes outside ASCII because they have no agreed encoding.
pub(crate) fn signable<'a>(name: &HeaderName, value: &'a HeaderValue) -> Result<&'a str, Error> {
    value
        .to_str()
        .ok()
        .filter(|text| !text.contains('\t'))
        .ok_or_else(|| Error::HeaderValue { name: name.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> HeaderName {
        name.parse().unwrap()
    }

    #[test]
    fn the_short_list_is_signed() {
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
    fn what_changes_on_the_way_is_never_signed() {
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

    #[test]
    fn an_unsignable_value_is_an_error_that_shows_the_name_only() {
        for value in [&b"a\tb"[..], b"caf\xe9", "ü".as_bytes()] {
            let value = HeaderValue::from_bytes(value).unwrap();
            let error = signable(&name("x-name"), &value).unwrap_err();
            assert!(
                error.to_string().starts_with("header x-name holds"),
                "{error}"
            );
        }
        assert_eq!(
            signable(&name("x"), &HeaderValue::from_static("a  b")).unwrap(),
            "a  b"
        );
    }
}
