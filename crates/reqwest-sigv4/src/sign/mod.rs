//! Signing one request, step by step.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::provider::ProvideCredentials;
use http::header::AUTHORIZATION;

use crate::clock::skew::{SharedSkew, Skew};
use crate::config::service::PayloadRule;
use crate::config::settings::Settings;
use crate::credentials::{CachedCredentials, CredentialsFailure, Loaded};
use crate::refusal::RefusalLog;
use crate::{Clock, Error, SignOptions};

pub(crate) mod address;
pub(crate) mod body;
pub(crate) mod canonical;
pub(crate) mod headers;
mod query;
pub(crate) mod redact;
mod request;
mod resolve;
mod signature;
mod signed;
pub(crate) mod timestamp;

pub use redact::{is_secret_header, redact};
pub use signed::Signed;

pub(crate) use request::SignableRequest;

use body::UNSIGNED_PAYLOAD;
use headers::{X_AMZ_CONTENT_SHA256, X_APIGW_API_ID};
use resolve::{Resolved, resolve};
use signature::{Scope, SigningInput, header_value};

/// The longest lifetime of a presigned URL that Signature Version 4 allows, in seconds.
const MAX_EXPIRES_IN: u64 = 7 * 24 * 60 * 60;

/// One signature of one request.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) signed: Signed,
    pub(crate) skew: Skew,
    pub(crate) credentials: Arc<Loaded>,
}

/// A request that is ready for its signature, in the headers or in the query.
struct Prepared {
    resolved: Resolved,
    payload_hash: String,
    credentials: Arc<Loaded>,
}

/// What the clones of a signer share.
pub(crate) struct State {
    pub(crate) settings: Settings,
    pub(crate) credentials: CachedCredentials,
    pub(crate) clock: Arc<dyn Clock>,
    /// `None` if clock skew correction is disabled.
    pub(crate) skew: Option<SharedSkew>,
    pub(crate) refusals: RefusalLog,
}

impl State {
    /// Signs in the headers. Returns `None` if the request is to be sent unsigned.
    pub(crate) async fn sign<R: SignableRequest>(
        &self,
        request: &mut R,
        options: &SignOptions,
    ) -> Result<Option<Attempt>, Error> {
        let Some(prepared) = self.prepare(request, options).await? else {
            return Ok(None);
        };
        let hash = prepared.payload_hash.as_str();
        if hash == UNSIGNED_PAYLOAD || prepared.resolved.service.payload() != PayloadRule::Hashed {
            request
                .headers_mut()
                .insert(X_AMZ_CONTENT_SHA256, header_value(hash)?);
        }
        if let Some(api_id) = &self.settings.private_api_id {
            request.headers_mut().insert(X_APIGW_API_ID, api_id.clone());
        }
        let skew = self.skew.as_ref();
        let skew = skew.map(SharedSkew::get).unwrap_or_default();
        let time = skew.apply(self.clock.now());

        let (signed, authorization) = self.signing_input(&prepared, time).sign_headers(request)?;
        request.headers_mut().insert(AUTHORIZATION, authorization);
        Ok(Some(Attempt {
            signed,
            skew,
            credentials: prepared.credentials,
        }))
    }

    /// Signs in the query. Returns `None` if the request is to be sent unsigned.
    pub(crate) async fn presign<R: SignableRequest>(
        &self,
        request: &mut R,
        expires_in: Duration,
        options: &SignOptions,
    ) -> Result<Option<Signed>, Error> {
        if !(1..=MAX_EXPIRES_IN).contains(&expires_in.as_secs()) {
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
        let (signed, query) = self
            .signing_input(&prepared, now)
            .sign_query(request, expires_in)?;
        request.set_query(Some(&query))?;
        Ok(Some(signed))
    }

    /// The steps before any signature: resolves what to sign for, rewrites the query, hashes the body and loads credentials.
    async fn prepare<R: SignableRequest>(
        &self,
        request: &mut R,
        options: &SignOptions,
    ) -> Result<Option<Prepared>, Error> {
        let settings = &self.settings;
        let address = request.address();
        let Some(resolved) = resolve(settings, address, request.headers_mut(), options)? else {
            return Ok(None);
        };
        if let Some(query) = request.query() {
            let rewritten = query::rewrite(query)?;
            request.set_query(rewritten.as_deref())?;
        }
        let payload_hash = body::hash(request, resolved.payload, settings.body_limit).await?;
        let credentials = self.load_credentials(options).await;
        Ok(Some(Prepared {
            resolved,
            payload_hash,
            credentials: credentials.map_err(Error::Credentials)?,
        }))
    }

    async fn load_credentials(
        &self,
        options: &SignOptions,
    ) -> Result<Arc<Loaded>, CredentialsFailure> {
        match &options.credentials {
            None => self.credentials.get().await,
            Some(provider) => match provider.provide_credentials().await {
                Ok(credentials) => Ok(Arc::new(Loaded::new(credentials))),
                Err(error) => Err(CredentialsFailure::new(error)),
            },
        }
    }

    fn signing_input<'a>(&'a self, prepared: &'a Prepared, time: SystemTime) -> SigningInput<'a> {
        let settings = &self.settings;
        let resolved = &prepared.resolved;
        let scope = Scope::new(time, &resolved.region, resolved.service.name());
        #[cfg(feature = "sigv4a")]
        let scope = scope.with_region_set(settings.region_set.as_deref());
        SigningInput {
            scope,
            host: &resolved.host,
            is_host_overridden: resolved.is_host_overridden,
            payload_hash: &prepared.payload_hash,
            header_policy: &settings.header_policy,
            credentials: &prepared.credentials,
        }
    }
}
