//! The possible causes of a refusal without a reason, told apart as far as the response and the request allow.
//!
//! REST APIs send `ForbiddenException` for API keys, stages, private APIs and firewalls; a missing permission has an exception of its own.
//! HTTP APIs send `Forbidden` for whatever is wrong with signature or permission.

use http::HeaderMap;

use crate::Signed;
use crate::endpoint::Endpoint;

/// The kind of API that sent a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Front {
    Rest,
    Http,
    Unknown,
}

impl Front {
    /// REST APIs send an exception and `x-amz-apigw-id`, HTTP APIs send `apigw-requestid`.
    pub(super) fn of(headers: &HeaderMap, error_type: Option<&str>) -> Self {
        if error_type.is_some() || headers.contains_key("x-amz-apigw-id") {
            Self::Rest
        } else if headers.contains_key("apigw-requestid") {
            Self::Http
        } else {
            Self::Unknown
        }
    }
}

/// What is known of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    host: Host,
    has_api_key: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Host {
    /// `{api-id}.execute-api.{region}.amazonaws.com`
    Default,
    VpcEndpoint,
    CustomDomain,
    OtherService,
}

impl Sent {
    pub(super) fn of(signed: &Signed) -> Self {
        let is_api_gateway = signed.credential_scope().rsplit('/').nth(1) == Some("execute-api");
        let host = match Endpoint::from_host(signed.host()) {
            _ if !is_api_gateway => Host::OtherService,
            Some(endpoint) if endpoint.api_id().is_none() => Host::VpcEndpoint,
            Some(_) => Host::Default,
            None => Host::CustomDomain,
        };
        let has_api_key = signed
            .signed_headers()
            .split(';')
            .any(|name| name == "x-api-key");
        Self { host, has_api_key }
    }
}

const NO_API_KEY: &str =
    "the method requires an API key, and the request has none: send it as x-api-key";
const BAD_API_KEY: &str =
    "the API key in x-api-key is unknown, disabled or in no usage plan of this stage";
const NO_STAGE: &str = "the URL does not contain a stage of the API";
const NO_MAPPING: &str = "the path does not begin with a base path of the custom domain";
const ENDPOINT_DISABLED: &str =
    "the API's default endpoint is disabled: call the API's custom domain";
const PRIVATE: &str = "the API is private and called from outside of its VPC, or public and called from a VPC whose endpoint has private DNS";
const PRIVATE_ID: &str =
    "the VPC endpoint serves several private APIs: set `private_api_id` on the signer's builder";
const FIREWALL: &str = "a web application firewall (AWS WAF) blocks the request";

const NO_PERMISSION: &str = "the caller's policy does not allow execute-api:Invoke on this route and stage (the default stage is `$default`)";
const OTHER_ACCOUNT: &str = "the API is in another account: HTTP APIs have no resource policies, so assume a role in that account";
const BAD_SIGNATURE: &str = "the signature is not valid: check the secret key, the session token, the Region and this machine's clock";
const UNSIGNED: &str = "the request was sent unsigned";

const NO_ROUTE: &str =
    "the API has no such path and method, or it was changed and not deployed to this stage since";
const STAGE_MISSING: &str = "the URL lacks the stage, or has another one";
const STAGE_ON_DOMAIN: &str =
    "the path contains the stage: on a custom domain, the base path replaces it";

/// The causes of a `Forbidden`, most likely first. `None` if the request is not known.
pub(super) fn of_forbidden(front: Front, sent: Option<Sent>) -> Vec<&'static str> {
    let rest = || {
        let api_keys: &[_] = match sent {
            Some(sent) if sent.has_api_key => &[BAD_API_KEY],
            Some(_) => &[NO_API_KEY],
            None => &[NO_API_KEY, BAD_API_KEY],
        };
        let host: &[_] = match sent.map(|sent| sent.host) {
            Some(Host::VpcEndpoint) => &[PRIVATE_ID, NO_STAGE],
            Some(Host::CustomDomain) => &[NO_MAPPING],
            _ => &[NO_STAGE, ENDPOINT_DISABLED, PRIVATE],
        };
        [api_keys, host, &[FIREWALL]].concat()
    };
    let http = || {
        let unsigned: &[_] = if sent.is_none() { &[UNSIGNED] } else { &[] };
        [&[NO_PERMISSION, BAD_SIGNATURE, OTHER_ACCOUNT], unsigned].concat()
    };
    match (sent.map(|sent| sent.host), front) {
        (Some(Host::OtherService), _) => Vec::new(),
        (_, Front::Rest) => rest(),
        (_, Front::Http) => http(),
        (_, Front::Unknown) => [http(), rest()].concat(),
    }
}

/// The causes of a missing token, most likely first: a request that was signed has one.
pub(super) fn of_missing_token(sent: Option<Sent>) -> Vec<&'static str> {
    match sent.map(|sent| sent.host) {
        Some(Host::OtherService) => Vec::new(),
        Some(Host::CustomDomain) => vec![STAGE_ON_DOMAIN, NO_ROUTE],
        Some(Host::Default | Host::VpcEndpoint) => vec![NO_ROUTE, STAGE_MISSING],
        None => vec![UNSIGNED, NO_ROUTE, STAGE_MISSING],
    }
}
