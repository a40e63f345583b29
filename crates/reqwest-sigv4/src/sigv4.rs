//! The signature itself, by aws-sigv4.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use http::header::{AUTHORIZATION, HOST};
use http::{HeaderMap, HeaderValue, Method};

use crate::Error;
use crate::headers::{HeaderPolicy, X_AMZ_SECURITY_TOKEN, signable};

/// Region and service in the credential scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) region: String,
    pub(crate) service: String,
}

/// What is signed.
#[derive(Debug)]
pub(crate) struct Message<'a> {
    pub(crate) method: &'a Method,
    pub(crate) url: &'a str,
    pub(crate) host: Option<&'a str>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

/// The headers to add to the request.
pub(crate) fn sign_headers(
    message: &Message<'_>,
    policy: &HeaderPolicy,
    scope: &Scope,
    credentials: &Credentials,
    time: SystemTime,
) -> Result<HeaderMap, Error> {
    let mut signed = Vec::with_capacity(message.headers.len() + 1);
    for (name, value) in message.headers {
        let replaced = *name == HOST && message.host.is_some();
        if policy.signs(name) && !replaced {
            signed.push((name.as_str(), signable(name, value)?));
        }
    }
    signed.extend(message.host.map(|host| ("host", host)));

    let identity = credentials.clone().into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(&scope.region)
        .name(&scope.service)
        .time(time)
        .settings(SigningSettings::default())
        .build()
        .map_err(|error| Error::Signature(error.into()))?
        .into();
    let body = SignableBody::Bytes(message.body);
    let instructions = SignableRequest::new(
        message.method.as_str(),
        message.url,
        signed.into_iter(),
        body,
    )
    .and_then(|request| sign(request, &params))
    .map_err(|error| Error::Signature(error.into()))?
    .into_parts()
    .0;

    let mut added = HeaderMap::with_capacity(3);
    for header in instructions.into_parts().0 {
        let mut value = HeaderValue::from_str(header.value())
            .map_err(|error| Error::Signature(error.into()))?;
        let name = http::HeaderName::from_static(header.name());
        value.set_sensitive(name == AUTHORIZATION || name == X_AMZ_SECURITY_TOKEN);
        added.insert(name, value);
    }
    Ok(added)
}
