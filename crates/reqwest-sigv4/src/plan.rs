//! What a signer does for every kind of request: decide, look up, sign.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use aws_credential_types::provider::ProvideCredentials;
use http::{HeaderMap, Method};

use crate::address::Address;
use crate::body::UNSIGNED_PAYLOAD;
use crate::credentials::{CachedCredentials, CredentialsFailure, Loaded};
use crate::endpoint::Told;
use crate::headers::{self, Prepared, X_AMZ_CONTENT_SHA256, X_APIGW_API_ID};
use crate::service::{PayloadRule, ServiceProfile};
use crate::settings::Settings;
use crate::sigv4::{self, Scope, Target};
use crate::skew::{SharedSkew, Skew};
use crate::{Clock, Error, Payload, SignOptions, Signed, region};

/// What the clones of a signer share.
pub(crate) struct Inner {
    pub(crate) settings: Settings,
    pub(crate) credentials: CachedCredentials,
    pub(crate) clock: Arc<dyn Clock>,
    /// `None` if the correction is switched off.
    pub(crate) skew: Option<SharedSkew>,
}

/// One signature of one request.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) signed: Signed,
    pub(crate) skew: Skew,
    pub(crate) credentials: Arc<Loaded>,
}

/// What is known about a signature before the payload is hashed.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Empty for a signature that names a set of Regions.
    region: String,
    service: ServiceProfile,
    pub(crate) host: String,
    host_is_chosen: bool,
    pub(crate) payload: Payload,
}

impl Plan {
    /// What is signed of a request whose query has been rewritten.
    pub(crate) fn target<'a>(
        &'a self,
        method: &'a Method,
        path: &'a str,
        query: Option<&'a str>,
        payload_hash: &'a str,
    ) -> Target<'a> {
        Target {
            method,
            host: &self.host,
            host_is_chosen: self.host_is_chosen,
            path,
            query: query.unwrap_or_default(),
            payload_hash,
        }
    }
}

impl Inner {
    /// Decides whether and for whom to sign, and removes what an earlier signature left behind.
    pub(crate) fn plan(
        &self,
        address: Option<Address>,
        headers: &mut HeaderMap,
        options: &SignOptions,
    ) -> Result<Option<Plan>, Error> {
        let settings = &self.settings;
        if options.skip {
            return Ok(None);
        }
        let address = address.ok_or(Error::NoHost)?;
        if !settings.allowed_hosts.contains(&address.host) {
            return Ok(None);
        }
        let Address {
            host, authority, ..
        } = address.without_userinfo()?;
        if headers::prepare(headers, settings.existing_authorization)? == Prepared::Skip {
            return Ok(None);
        }
        if let Some(host) = &options.host {
            headers::setting("SignOptions::host", host)?;
        }
        let chosen_host = options.host.as_ref().or(settings.signing_host.as_ref());
        let signed_host = match chosen_host {
            Some(chosen) => chosen.clone(),
            None => headers::explicit_host(headers)?.unwrap_or(authority),
        };
        let signed_name = match signed_host.bytes().any(|b| b.is_ascii_uppercase()) {
            true => Cow::Owned(signed_host.to_ascii_lowercase()),
            false => Cow::Borrowed(&*signed_host),
        };
        let told = Told::by(&signed_name).or_else(|| Told::by(&host));
        let region = match (&options.region, &settings.region, &told) {
            (Some(chosen), ..) => region::normalise(chosen)?,
            (None, Some(configured), _) => configured.clone(),
            (None, None, Some(told)) => told.region.to_owned(),
            (None, None, None) if settings.is_multi_region() => String::new(),
            (None, None, None) => self.fallback_region(&host)?,
        };
        let service = match (&options.service, &settings.service, &told) {
            (Some(chosen), ..) => chosen.clone().checked()?,
            (None, Some(configured), _) => configured.clone(),
            (None, None, Some(told)) => ServiceProfile::new(told.service),
            (None, None, None) => ServiceProfile::EXECUTE_API,
        };
        let payload = match (options.payload, service.payload()) {
            (Some(chosen), _) => chosen,
            (None, PayloadRule::Unsigned) => Payload::Unsigned,
            (None, PayloadRule::Hashed | PayloadRule::HashedAndSent) => settings.body_policy,
        };
        Ok(Some(Plan {
            region,
            service,
            host: signed_host,
            host_is_chosen: chosen_host.is_some(),
            payload,
        }))
    }

    pub(crate) async fn credentials(
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

    pub(crate) fn scope<'a>(&'a self, plan: &'a Plan, time: SystemTime) -> Scope<'a> {
        let scope = Scope::new(time, &plan.region, plan.service.name());
        #[cfg(feature = "sigv4a")]
        let scope = scope.with_region_set(self.settings.region_set.as_deref());
        scope
    }

    /// Adds the signature, and the headers that go with it.
    pub(crate) fn seal(
        &self,
        target: &Target<'_>,
        plan: &Plan,
        headers: &mut HeaderMap,
        scope: &Scope<'_>,
        credentials: &Loaded,
    ) -> Result<Signed, Error> {
        let unsigned = target.payload_hash == UNSIGNED_PAYLOAD;
        if unsigned || plan.service.payload() != PayloadRule::Hashed {
            headers.insert(X_AMZ_CONTENT_SHA256, sigv4::value(target.payload_hash)?);
        }
        if let Some(api_id) = &self.settings.api_id {
            headers.insert(X_APIGW_API_ID, api_id.clone());
        }
        sigv4::sign_headers(
            target,
            headers,
            &self.settings.header_policy,
            scope,
            credentials,
        )
    }

    fn fallback_region(&self, host: &str) -> Result<String, Error> {
        let region = self.settings.fallback_region.clone();
        if let Some(region) = &region {
            tracing::debug!(
                host,
                region,
                "the host tells no region, taking the configured one"
            );
        }
        region.ok_or_else(|| Error::NoRegion {
            host: host.to_owned(),
        })
    }
}
