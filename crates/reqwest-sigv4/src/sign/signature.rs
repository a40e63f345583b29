//! The signature: canonical request, string to sign, signing key, HMAC.
//!
//! Key derivation and HMAC are `aws-sigv4`'s. See
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.

use std::time::{Duration, SystemTime};

use aws_sigv4::sign::v4;
use http::header::HOST;
use http::{HeaderMap, HeaderValue};

use super::SignableRequest;
use super::body::sha256;
use super::canonical::{CanonicalRequest, Parts, signed_header_names};
use super::headers::{X_AMZ_DATE, X_AMZ_SECURITY_TOKEN, signable};
use super::query;
use super::signed::{Record, Signed};
use super::timestamp::Timestamp;
use crate::credentials::Loaded;
use crate::{Error, HeaderPolicy};

/// The time, Region and service of a signature.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    time: SystemTime,
    timestamp: Timestamp,
    region: &'a str,
    service: &'a str,
    /// The Regions of a SigV4a signature, whose scope has no Region.
    #[cfg(feature = "sigv4a")]
    region_set: Option<&'a str>,
}

/// Everything that a signature depends on, apart from the request itself.
pub(super) struct SigningInput<'a> {
    pub(super) scope: Scope<'a>,
    /// The host to sign.
    pub(super) host: &'a str,
    /// Whether `host` was configured, so that it may differ from the host on the wire.
    pub(super) is_host_overridden: bool,
    pub(super) payload_hash: &'a str,
    pub(super) header_policy: &'a HeaderPolicy,
    pub(super) credentials: &'a Loaded,
}

impl SigningInput<'_> {
    /// Adds the headers that are part of every signature, and returns the value of the `Authorization` header.
    pub(super) fn sign_headers<R: SignableRequest>(
        self,
        request: &mut R,
    ) -> Result<(Signed, HeaderValue), Error> {
        let credentials = self.credentials.credentials();
        let headers = request.headers_mut();
        headers.insert(X_AMZ_DATE, header_value(self.scope.timestamp.as_str())?);
        if let Some(token) = credentials.session_token() {
            headers.insert(X_AMZ_SECURITY_TOKEN, secret_header_value(token)?);
        }
        #[cfg(feature = "sigv4a")]
        if let Some(regions) = self.scope.region_set {
            headers.insert(super::headers::X_AMZ_REGION_SET, header_value(regions)?);
        }

        let canonical = CanonicalRequest::new(Parts {
            method: request.method().as_str(),
            path: request.path(),
            query: request.query().unwrap_or_default(),
            headers: signed_headers(request.headers(), self.header_policy, self.host)?,
            payload_hash: self.payload_hash,
        });
        let credential_scope = self.scope.credential_scope();
        let signature = self
            .scope
            .signature(&canonical, &credential_scope, self.credentials);
        let authorization = [
            self.scope.algorithm(),
            " Credential=",
            credentials.access_key_id(),
            "/",
            &credential_scope,
            ", SignedHeaders=",
            canonical.signed_headers(),
            ", Signature=",
            &signature,
        ]
        .concat();
        let authorization = secret_header_value(&authorization)?;
        Ok((
            self.record(request, canonical, credential_scope),
            authorization,
        ))
    }

    /// Returns the query with the signature at its end.
    pub(super) fn sign_query<R: SignableRequest>(
        self,
        request: &R,
        expires_in: Duration,
    ) -> Result<(Signed, String), Error> {
        let headers = signed_headers(request.headers(), self.header_policy, self.host)?;
        let credentials = self.credentials.credentials();
        let credential_scope = self.scope.credential_scope();
        let credential = [credentials.access_key_id(), "/", &credential_scope].concat();
        let expires_in = expires_in.as_secs().to_string();

        let mut query = request.query().unwrap_or_default().to_owned();
        query::push(&mut query, "X-Amz-Algorithm", self.scope.algorithm());
        query::push(&mut query, "X-Amz-Credential", &credential);
        query::push(&mut query, "X-Amz-Date", self.scope.timestamp.as_str());
        query::push(&mut query, "X-Amz-Expires", &expires_in);
        #[cfg(feature = "sigv4a")]
        if let Some(regions) = self.scope.region_set {
            query::push(&mut query, "X-Amz-Region-Set", regions);
        }
        if let Some(token) = credentials.session_token() {
            query::push(&mut query, "X-Amz-Security-Token", token);
        }
        let names = signed_header_names(&headers);
        query::push(&mut query, "X-Amz-SignedHeaders", &names);

        let canonical = CanonicalRequest::new(Parts {
            method: request.method().as_str(),
            path: request.path(),
            query: &query,
            headers,
            payload_hash: self.payload_hash,
        });
        let signature = self
            .scope
            .signature(&canonical, &credential_scope, self.credentials);
        query::push(&mut query, "X-Amz-Signature", &signature);
        Ok((self.record(request, canonical, credential_scope), query))
    }

    fn record<R: SignableRequest>(
        self,
        request: &R,
        canonical: CanonicalRequest,
        credential_scope: String,
    ) -> Signed {
        Signed::new(Record {
            method: request.method().clone(),
            canonical,
            algorithm: self.scope.algorithm(),
            timestamp: self.scope.timestamp,
            scope: credential_scope,
            override_host: self.is_host_overridden.then(|| self.host.to_owned()),
        })
    }
}

/// The headers that the policy signs. `host` is always one of them.
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
    pub(super) fn new(time: SystemTime, region: &'a str, service: &'a str) -> Self {
        Self {
            time,
            timestamp: Timestamp::new(time),
            region,
            service,
            #[cfg(feature = "sigv4a")]
            region_set: None,
        }
    }

    /// Signs with SigV4a for this set of Regions, if there is one.
    #[cfg(feature = "sigv4a")]
    pub(super) fn with_region_set(self, region_set: Option<&'a str>) -> Self {
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
        let day = self.timestamp.day();
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
            self.timestamp.as_str(),
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
        let key = credentials.signing_key(self.time, &self.timestamp, self.region, self.service);
        v4::calculate_signature(key, string_to_sign.as_bytes())
    }
}

/// A header's value, or the error for credentials that cannot be sent as one.
pub(super) fn header_value(text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(text).map_err(Error::UnsendableCredentials)
}

fn secret_header_value(text: &str) -> Result<HeaderValue, Error> {
    let mut value = header_value(text)?;
    value.set_sensitive(true);
    Ok(value)
}
