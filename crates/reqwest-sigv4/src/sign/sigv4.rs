//! The signature: canonical request, string to sign, signing key, HMAC.
//!
//! Key derivation and HMAC are `aws-sigv4`'s. See
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.

use std::time::{Duration, SystemTime};

use aws_sigv4::sign::v4;
use http::header::{AUTHORIZATION, HOST};
use http::{HeaderMap, HeaderValue, Method};

use crate::Error;
use crate::credentials::Loaded;
use crate::sign::canonical::{CanonicalRequest, Parts, signed_header_names};
use crate::sign::headers::{HeaderPolicy, X_AMZ_DATE, X_AMZ_SECURITY_TOKEN, signable};
use crate::sign::payload::sha256;
use crate::sign::query;
use crate::sign::signed::{Record, Signed};
use crate::sign::timestamp::Timestamp;

/// Whom and when a signature is for.
#[derive(Debug)]
pub(crate) struct Scope<'a> {
    time: SystemTime,
    stamp: Timestamp,
    region: &'a str,
    service: &'a str,
    /// The Regions of a SigV4a signature, which has no Region in its scope.
    #[cfg(feature = "sigv4a")]
    region_set: Option<&'a str>,
}

/// The parts of a request that go into its signature, apart from the headers.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    pub(crate) method: &'a Method,
    /// The host to sign, which is the one on the wire unless the caller knows better.
    pub(crate) host: &'a str,
    /// Whether the caller knows better.
    pub(crate) host_is_chosen: bool,
    pub(crate) path: &'a str,
    /// Strictly encoded.
    pub(crate) query: &'a str,
    pub(crate) payload_hash: &'a str,
}

/// Signs in the `Authorization` header.
pub(crate) fn sign_headers(
    target: &Target<'_>,
    headers: &mut HeaderMap,
    policy: &HeaderPolicy,
    scope: &Scope<'_>,
    credentials: &Loaded,
) -> Result<Signed, Error> {
    headers.insert(X_AMZ_DATE, value(scope.stamp.as_str())?);
    if let Some(token) = credentials.credentials().session_token() {
        headers.insert(X_AMZ_SECURITY_TOKEN, secret(token)?);
    }
    #[cfg(feature = "sigv4a")]
    if let Some(regions) = scope.region_set {
        headers.insert(crate::sign::headers::X_AMZ_REGION_SET, value(regions)?);
    }

    let canonical = CanonicalRequest::new(Parts {
        method: target.method.as_str(),
        path: target.path,
        query: target.query,
        headers: signed_headers(headers, policy, target.host)?,
        payload_hash: target.payload_hash,
    });
    let credential_scope = scope.credential_scope();
    let signature = scope.signature(&canonical, &credential_scope, credentials);
    let authorization = [
        scope.algorithm(),
        " Credential=",
        credentials.credentials().access_key_id(),
        "/",
        &credential_scope,
        ", SignedHeaders=",
        canonical.signed_headers(),
        ", Signature=",
        &signature,
    ]
    .concat();
    headers.insert(AUTHORIZATION, secret(&authorization)?);
    Ok(Signed::new(target.record(
        canonical,
        credential_scope,
        scope,
    )))
}

impl Target<'_> {
    fn record(
        &self,
        canonical: CanonicalRequest,
        credential_scope: String,
        scope: &Scope<'_>,
    ) -> Record {
        Record {
            method: self.method.clone(),
            canonical,
            algorithm: scope.algorithm(),
            time: scope.stamp,
            scope: credential_scope,
            chosen_host: self.host_is_chosen.then(|| self.host.to_owned()),
        }
    }
}

/// Signs in the query, which is returned with the signature at its end.
pub(crate) fn sign_query(
    target: &Target<'_>,
    headers: &HeaderMap,
    policy: &HeaderPolicy,
    scope: &Scope<'_>,
    credentials: &Loaded,
    expires_in: Duration,
) -> Result<(String, Signed), Error> {
    let headers = signed_headers(headers, policy, target.host)?;
    let account = credentials.credentials();
    let credential_scope = scope.credential_scope();
    let credential = [account.access_key_id(), "/", &credential_scope].concat();

    let mut query = target.query.to_owned();
    query::push(&mut query, "X-Amz-Algorithm", scope.algorithm());
    query::push(&mut query, "X-Amz-Credential", &credential);
    query::push(&mut query, "X-Amz-Date", scope.stamp.as_str());
    query::push(
        &mut query,
        "X-Amz-Expires",
        &expires_in.as_secs().to_string(),
    );
    #[cfg(feature = "sigv4a")]
    if let Some(regions) = scope.region_set {
        query::push(&mut query, "X-Amz-Region-Set", regions);
    }
    if let Some(token) = account.session_token() {
        query::push(&mut query, "X-Amz-Security-Token", token);
    }
    query::push(
        &mut query,
        "X-Amz-SignedHeaders",
        &signed_header_names(&headers),
    );

    let canonical = CanonicalRequest::new(Parts {
        method: target.method.as_str(),
        path: target.path,
        query: &query,
        headers,
        payload_hash: target.payload_hash,
    });
    let signature = scope.signature(&canonical, &credential_scope, credentials);
    query::push(&mut query, "X-Amz-Signature", &signature);
    let signed = Signed::new(target.record(canonical, credential_scope, scope));
    Ok((query, signed))
}

/// The headers that the policy signs, `host` always among them.
fn signed_headers<'a>(
    headers: &'a HeaderMap,
    policy: &HeaderPolicy,
    host: &'a str,
) -> Result<Vec<(&'a str, &'a str)>, Error> {
    let mut signed = Vec::with_capacity(headers.len() + 1);
    signed.push((HOST.as_str(), host));
    for (name, value) in headers {
        if *name != HOST && policy.signs(name) {
            signed.push((name.as_str(), signable(name, value)?));
        }
    }
    Ok(signed)
}

impl<'a> Scope<'a> {
    pub(crate) fn new(time: SystemTime, region: &'a str, service: &'a str) -> Self {
        Self {
            time,
            stamp: Timestamp::new(time),
            region,
            service,
            #[cfg(feature = "sigv4a")]
            region_set: None,
        }
    }

    /// Signs with SigV4a for this set of Regions, if one is given.
    #[cfg(feature = "sigv4a")]
    pub(crate) fn with_region_set(self, region_set: Option<&'a str>) -> Self {
        Self { region_set, ..self }
    }

    fn algorithm(&self) -> &'static str {
        #[cfg(feature = "sigv4a")]
        if self.region_set.is_some() {
            return "AWS4-ECDSA-P256-SHA256";
        }
        "AWS4-HMAC-SHA256"
    }

    fn credential_scope(&self) -> String {
        let day = self.stamp.day();
        #[cfg(feature = "sigv4a")]
        if self.region_set.is_some() {
            return [day, "/", self.service, "/aws4_request"].concat();
        }
        [day, "/", self.region, "/", self.service, "/aws4_request"].concat()
    }

    fn signature(
        &self,
        canonical: &CanonicalRequest,
        credential_scope: &str,
        credentials: &Loaded,
    ) -> String {
        let string_to_sign = [
            self.algorithm(),
            self.stamp.as_str(),
            credential_scope,
            &sha256(canonical.as_str().as_bytes()),
        ]
        .join("\n");
        #[cfg(feature = "sigv4a")]
        if self.region_set.is_some() {
            use aws_sigv4::sign::v4a;
            let account = credentials.credentials();
            let key =
                v4a::generate_signing_key(account.access_key_id(), account.secret_access_key());
            return v4a::calculate_signature(key, string_to_sign.as_bytes());
        }
        let key = credentials.signing_key(self.time, &self.stamp, self.region, self.service);
        v4::calculate_signature(key, string_to_sign.as_bytes())
    }
}

/// Text as the value of a header.
pub(crate) fn value(text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(text).map_err(Error::UnsendableCredentials)
}

fn secret(text: &str) -> Result<HeaderValue, Error> {
    let mut value = value(text)?;
    value.set_sensitive(true);
    Ok(value)
}
