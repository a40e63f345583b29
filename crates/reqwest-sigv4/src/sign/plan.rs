//! Decides whether a request is signed, and for which host, Region and service.

use std::borrow::Cow;

use http::HeaderMap;

use super::address::Address;
use super::headers::{self, Prepared};
use super::payload::Payload;
use crate::config::endpoint::Told;
use crate::config::options::SignOptions;
use crate::config::region;
use crate::config::service::{PayloadRule, ServiceProfile};
use crate::config::settings::Settings;
use crate::error::Error;

/// What is known about a signature before the payload is hashed.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Empty for a signature that names a set of Regions.
    pub(super) region: String,
    pub(super) service: ServiceProfile,
    /// The host to sign.
    pub(super) host: String,
    /// Whether that is another host than the one on the wire.
    pub(super) host_is_chosen: bool,
    pub(super) payload: Payload,
}

impl Plan {
    /// Decides whether and for whom to sign, and removes what an earlier signature left behind.
    pub(super) fn decide(
        settings: &Settings,
        address: Option<Address>,
        headers: &mut HeaderMap,
        options: &SignOptions,
    ) -> Result<Option<Plan>, Error> {
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
        if let Some(host) = &options.signing_host {
            headers::setting("SignOptions::signing_host", host)?;
        }
        let chosen_host = options
            .signing_host
            .as_ref()
            .or(settings.signing_host.as_ref());
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
            (None, None, None) => fallback_region(settings, &host)?,
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
            (None, PayloadRule::Hashed | PayloadRule::HashedAndSent) => settings.payload,
        };
        Ok(Some(Plan {
            region,
            service,
            host: signed_host,
            host_is_chosen: chosen_host.is_some(),
            payload,
        }))
    }
}

fn fallback_region(settings: &Settings, host: &str) -> Result<String, Error> {
    let region = settings.fallback_region.clone();
    if let Some(region) = &region {
        tracing::debug!(
            host,
            region,
            "no Region in the host name; using the configured Region"
        );
    }
    region.ok_or_else(|| Error::NoRegion {
        host: host.to_owned(),
    })
}
