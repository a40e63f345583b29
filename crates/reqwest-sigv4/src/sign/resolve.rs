//! What one request is signed for: Region, service, host and kind of payload.

use std::borrow::Cow;

use http::HeaderMap;

use super::address::Address;
use super::headers;
use crate::config::region;
use crate::config::service::{PayloadRule, ServiceProfile};
use crate::config::settings::{Settings, header_setting};
use crate::endpoint::{HostParts, UnknownHost};
use crate::{Error, Payload, SignOptions};

/// The choices for one request, from its options, the signer's settings and its host.
#[derive(Debug)]
pub(super) struct Resolved {
    /// Empty for a signature over a set of Regions.
    pub(super) region: String,
    pub(super) service: ServiceProfile,
    /// The host to sign.
    pub(super) host: String,
    /// Whether `host` was configured, so that it may differ from the host on the wire.
    pub(super) is_host_overridden: bool,
    pub(super) payload: Payload,
}

/// Resolves what to sign a request for, and removes an earlier signature from its headers.
///
/// Returns `None` if the request is to be sent unsigned.
pub(super) fn resolve(
    settings: &Settings,
    address: Option<Address>,
    headers: &mut HeaderMap,
    options: &SignOptions,
) -> Result<Option<Resolved>, Error> {
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
    if !headers::prepare(headers, settings.existing_authorization)? {
        return Ok(None);
    }
    if let Some(host) = &options.signing_host {
        header_setting("SignOptions::signing_host", host)?;
    }
    let override_host = options
        .signing_host
        .as_ref()
        .or(settings.signing_host.as_ref());
    let signed_host = match override_host {
        Some(host) => host.clone(),
        None => headers::explicit_host(headers)?.unwrap_or(authority),
    };
    let lower_case_host = match signed_host.bytes().any(|b| b.is_ascii_uppercase()) {
        true => Cow::Owned(signed_host.to_ascii_lowercase()),
        false => Cow::Borrowed(&*signed_host),
    };
    let parts = HostParts::parse(&lower_case_host).or_else(|| HostParts::parse(&host));
    let unknown = match parts {
        None => UnknownHost::parse(&lower_case_host),
        Some(_) => None,
    };
    let named_region = match (&parts, &unknown) {
        (Some(parts), _) => Some(parts.region),
        (None, Some(unknown)) => unknown.region,
        (None, None) => None,
    };
    let region = match (&options.region, &settings.region, named_region) {
        (Some(region), ..) => region::normalise(region)?,
        (None, Some(region), _) => region.clone(),
        (None, None, Some(region)) => region.to_owned(),
        (None, None, None) if settings.is_multi_region() => String::new(),
        (None, None, None) => fallback_region(settings, &host)?,
    };
    let service = match (&options.service, &settings.service, &parts) {
        (Some(service), ..) => service.clone().checked()?,
        (None, Some(service), _) => service.clone(),
        (None, None, Some(parts)) => ServiceProfile::new(parts.service),
        (None, None, None) => match unknown {
            // another service would refuse a signature for API Gateway without saying why
            Some(unknown) => {
                return Err(Error::NoService {
                    proposal: unknown.service.map(str::to_owned),
                    host,
                });
            }
            None => ServiceProfile::EXECUTE_API,
        },
    };
    let payload = match (options.payload, service.payload()) {
        (Some(payload), _) => payload,
        (None, PayloadRule::Unsigned) => Payload::Unsigned,
        (None, PayloadRule::Hashed | PayloadRule::HashedAndSent) => settings.payload,
    };
    Ok(Some(Resolved {
        region,
        service,
        is_host_overridden: override_host.is_some(),
        host: signed_host,
        payload,
    }))
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
