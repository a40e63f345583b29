//! From a request to a signed request: the one path that every form of signing takes.
//!
//! 1. [`plan`]: whether to sign, for which host, Region and service; stale signatures are removed.
//! 2. [`query`]: the query is rewritten to its canonical spelling, so that the wire is what is signed.
//! 3. [`payload`]: the payload is hashed.
//! 4. Credentials are looked up, and the time is read.
//! 5. [`sigv4`]: canonical request, string to sign and signature, in a header or in the query.

pub(crate) mod address;
pub(crate) mod canonical;
pub(crate) mod headers;
pub(crate) mod payload;
mod plan;
pub(crate) mod query;
mod request;
pub(crate) mod signed;
mod sigv4;
pub(crate) mod timestamp;

use std::mem;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::provider::ProvideCredentials;
use http::HeaderMap;

use crate::clock::Clock;
use crate::clock::skew::{SharedSkew, Skew};
use crate::config::options::SignOptions;
use crate::config::service::PayloadRule;
use crate::config::settings::Settings;
use crate::credentials::{CachedCredentials, CredentialsFailure, Loaded};
use crate::error::Error;
use headers::{X_AMZ_CONTENT_SHA256, X_APIGW_API_ID};
use payload::UNSIGNED_PAYLOAD;
use plan::Plan;
use request::Signable;
use signed::Signed;
use sigv4::{Scope, Target};

/// The longest validity of a presigned URL that Signature Version 4 allows, in seconds.
const LONGEST: u64 = 7 * 24 * 60 * 60;

/// What the clones of a signer share.
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) credentials: CachedCredentials,
    pub(crate) clock: Arc<dyn Clock>,
    /// `None` if the correction is switched off.
    pub(crate) skew: Option<SharedSkew>,
}

/// A signature that was added to a request, and what it was made with.
#[derive(Debug)]
pub(crate) struct Signature {
    pub(crate) signed: Signed,
    pub(crate) skew: Skew,
    pub(crate) credentials: Arc<Loaded>,
}

/// A request with nothing left to do but to sign it.
struct Prepared {
    plan: Plan,
    payload_hash: String,
    credentials: Arc<Loaded>,
}

impl Shared {
    /// Signs in the `Authorization` header; `None` if the request is to be sent unsigned.
    pub(crate) async fn sign<R: Signable>(
        &self,
        request: &mut R,
        options: &SignOptions,
    ) -> Result<Option<Signature>, Error> {
        let Some(prepared) = self.prepare(request, options).await? else {
            return Ok(None);
        };
        let skew = self.skew.as_ref().map(SharedSkew::get).unwrap_or_default();
        let scope = self.scope(&prepared.plan, skew.apply(self.clock.now()));
        // taken out, so that the rest of the request can be read while they are written
        let mut headers = mem::take(request.headers_mut());
        let signed = self.seal(&prepared, request, &mut headers, &scope);
        *request.headers_mut() = headers;
        Ok(Some(Signature {
            signed: signed?,
            skew,
            credentials: prepared.credentials,
        }))
    }

    /// Signs in the query; `None` if the request is to be sent unsigned.
    ///
    /// The time is this machine's, not corrected by the service's clock.
    pub(crate) async fn presign<R: Signable>(
        &self,
        request: &mut R,
        expires_in: Duration,
        options: &SignOptions,
    ) -> Result<Option<Signed>, Error> {
        if !(1..=LONGEST).contains(&expires_in.as_secs()) {
            return Err(Error::InvalidExpiry { expires_in });
        }
        let Some(prepared) = self.prepare(request, options).await? else {
            return Ok(None);
        };
        let now = self.clock.now();
        let expires_in = match prepared.credentials.credentials().expiry() {
            None => expires_in,
            Some(end) => expires_in.min(end.duration_since(now).unwrap_or_default()),
        };
        if expires_in < Duration::from_secs(1) {
            return Err(Error::CredentialsEnded);
        }
        let (query, signed) = sigv4::sign_query(
            &prepared.target(request),
            request.headers(),
            &self.settings.header_policy,
            &self.scope(&prepared.plan, now),
            &prepared.credentials,
            expires_in,
        )?;
        request.set_query(Some(&query))?;
        Ok(Some(signed))
    }

    /// The steps before the signature; `None` if the request is to be sent unsigned.
    async fn prepare<R: Signable>(
        &self,
        request: &mut R,
        options: &SignOptions,
    ) -> Result<Option<Prepared>, Error> {
        let address = request.address();
        let Some(plan) = Plan::decide(&self.settings, address, request.headers_mut(), options)?
        else {
            return Ok(None);
        };
        if let Some(query) = request.query() {
            let rewritten = query::rewrite(query)?;
            if rewritten.as_deref() != Some(query) {
                request.set_query(rewritten.as_deref())?;
            }
        }
        let payload_hash = request
            .payload_hash(plan.payload, self.settings.body_limit)
            .await?;
        let credentials = self
            .credentials(options)
            .await
            .map_err(Error::Credentials)?;
        Ok(Some(Prepared {
            plan,
            payload_hash,
            credentials,
        }))
    }

    async fn credentials(&self, options: &SignOptions) -> Result<Arc<Loaded>, CredentialsFailure> {
        match &options.credentials {
            None => self.credentials.get().await,
            Some(provider) => match provider.provide_credentials().await {
                Ok(credentials) => Ok(Arc::new(Loaded::new(credentials))),
                Err(error) => Err(CredentialsFailure::new(error)),
            },
        }
    }

    fn scope<'a>(&'a self, plan: &'a Plan, time: SystemTime) -> Scope<'a> {
        let scope = Scope::new(time, &plan.region, plan.service.name());
        #[cfg(feature = "sigv4a")]
        let scope = scope.with_region_set(self.settings.region_set.as_deref());
        scope
    }

    /// Adds the signature, and the headers that it covers.
    fn seal(
        &self,
        prepared: &Prepared,
        request: &impl Signable,
        headers: &mut HeaderMap,
        scope: &Scope<'_>,
    ) -> Result<Signed, Error> {
        let unsigned = prepared.payload_hash == UNSIGNED_PAYLOAD;
        if unsigned || prepared.plan.service.payload() != PayloadRule::Hashed {
            headers.insert(X_AMZ_CONTENT_SHA256, sigv4::value(&prepared.payload_hash)?);
        }
        if let Some(api_id) = &self.settings.api_id {
            headers.insert(X_APIGW_API_ID, api_id.clone());
        }
        sigv4::sign_headers(
            &prepared.target(request),
            headers,
            &self.settings.header_policy,
            scope,
            &prepared.credentials,
        )
    }
}

impl Prepared {
    fn target<'a>(&'a self, request: &'a impl Signable) -> Target<'a> {
        Target {
            method: request.method(),
            host: &self.plan.host,
            host_is_chosen: self.plan.host_is_chosen,
            path: request.path(),
            query: request.query().unwrap_or_default(),
            payload_hash: &self.payload_hash,
        }
    }
}
