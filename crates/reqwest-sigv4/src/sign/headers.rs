//! The headers of a signature.

use http::header::{AUTHORIZATION, HOST};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{Error, ExistingAuthorization};

pub(super) const X_AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
pub(super) const X_AMZ_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
pub(super) const X_AMZ_CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
pub(super) const X_APIGW_API_ID: HeaderName = HeaderName::from_static("x-apigw-api-id");
pub(super) const X_AMZ_REGION_SET: HeaderName = HeaderName::from_static("x-amz-region-set");
pub(super) const X_ORIGINAL_AUTHORIZATION: HeaderName =
    HeaderName::from_static("x-original-authorization");

/// Applies the policy for an existing `Authorization` header and removes the headers of an earlier signature.
///
/// Returns `false` if the request is to be sent unsigned.
pub(super) fn prepare(
    headers: &mut HeaderMap,
    existing: ExistingAuthorization,
) -> Result<bool, Error> {
    let has_foreign = headers
        .get_all(AUTHORIZATION)
        .iter()
        .any(|value| !value.as_bytes().starts_with(b"AWS4-"));
    if has_foreign {
        match existing {
            ExistingAuthorization::Error => return Err(Error::AuthorizationPresent),
            ExistingAuthorization::Skip => return Ok(false),
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
    Ok(true)
}

/// Returns the `Host` header set by the caller, which HTTP/1.1 clients send instead of the URL's host.
pub(crate) fn explicit_host(headers: &HeaderMap) -> Result<Option<String>, Error> {
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => Ok(None),
        (Some(host), None) => Ok(Some(signable(&HOST, host)?.to_owned())),
        (Some(_), Some(_)) => Err(Error::HostRepeated),
    }
}

/// Returns the text of a header that will be signed.
///
/// TABs are rejected because services fold them in different ways, and non-ASCII bytes because they have no agreed encoding.
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
    fn an_unsignable_value_is_an_error_that_shows_the_name_only() {
        for value in [&b"a\tb"[..], b"caf\xe9", "ü".as_bytes()] {
            let value = HeaderValue::from_bytes(value).unwrap();
            let error = signable(&name("x-name"), &value).unwrap_err();
            assert!(
                error.to_string().starts_with("header x-name contains"),
                "{error}"
            );
        }
        assert_eq!(
            signable(&name("x"), &HeaderValue::from_static("a  b")).unwrap(),
            "a  b"
        );
    }
}
