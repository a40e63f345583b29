//! A check that nothing changes a request after signing.

use async_trait::async_trait;
use http::Extensions;
use http::header::HOST;
use reqwest::{Body, Request, Response};
use reqwest_middleware::{Middleware, Next, Result};

use crate::Error;
use crate::Signed;
use crate::refusal::difference::Difference;
use crate::sign::address::Address;
use crate::sign::body::{UNSIGNED_PAYLOAD, sha256};
use crate::sign::canonical::{CanonicalRequest, Parts};
use crate::sign::headers;

/// Middleware that returns an error if a request was changed after signing, or if one signature is sent twice.
///
/// Add it last, in tests or to debug refusals. It hashes every body a second time.
///
/// ```
/// use reqwest_sigv4::{SignatureGuard, Signer};
///
/// # fn client(signer: Signer) -> Result<(), reqwest_sigv4::Error> {
/// let http = reqwest_middleware::ClientBuilder::new(reqwest_sigv4::http_client()?)
///     .with(signer)
///     .with(SignatureGuard)
///     .build();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SignatureGuard;

/// The signature of the request being sent, in its extensions.
#[derive(Clone, Debug)]
pub(super) struct InFlight {
    signed: Signed,
    sent: bool,
}

impl InFlight {
    pub(super) fn new(signed: Signed) -> Self {
        Self {
            signed,
            sent: false,
        }
    }
}

#[async_trait]
impl Middleware for SignatureGuard {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        if let Some(in_flight) = extensions.get_mut::<InFlight>() {
            if std::mem::replace(&mut in_flight.sent, true) {
                return Err(Error::SentTwice.into());
            }
            check(&in_flight.signed, &request)?;
        }
        next.run(request, extensions).await
    }
}

/// Builds the canonical request of what will be sent and compares it with what was signed.
fn check(signed: &Signed, request: &Request) -> std::result::Result<(), Error> {
    let address = Address::of_url(request.url()).ok_or(Error::NoHost)?;
    let host = match signed.override_host() {
        Some(chosen) => chosen.to_owned(),
        None => headers::explicit_host(request.headers())?.unwrap_or(address.authority),
    };
    let mut sent = Vec::new();
    for name in signed.signed_headers().split(';') {
        if name == HOST.as_str() {
            sent.push((name, host.as_str()));
            continue;
        }
        for value in request.headers().get_all(name) {
            sent.push((name, value.to_str().unwrap_or("bytes outside ascii")));
        }
    }
    let hashed = signed.canonical().payload_hash();
    let payload_hash = match request.body().map(Body::as_bytes) {
        _ if hashed == UNSIGNED_PAYLOAD => hashed.to_owned(),
        Some(None) => hashed.to_owned(), // a stream with a precomputed hash
        Some(Some(bytes)) => sha256(bytes),
        None => sha256(b""),
    };
    let canonical = CanonicalRequest::new(Parts {
        method: request.method().as_str(),
        path: request.url().path(),
        query: request.url().query().unwrap_or_default(),
        headers: sent,
        payload_hash: &payload_hash,
    });
    match Difference::first(signed.canonical().as_str(), canonical.as_str()) {
        Some(difference) => Err(Error::ChangedAfterSigning {
            part: difference.part().clone(),
        }),
        None => Ok(()),
    }
}
