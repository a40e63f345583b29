//! The verifier: checks that a signature matches the received request.

use std::time::{Duration, SystemTime};

use http::HeaderMap;

use crate::refusal::{Refusal, RefusalKind};
use crate::signature::canonical::{
    CanonicalRequest, QueryReading, canonical_headers, canonical_path, canonical_query,
    payload_hash,
};
use crate::signature::credentials::{Credentials, CredentialsStore, hex, hmac_sha256};
use crate::signature::parse::{Location, ParsedSignature, without_signature};
use crate::signature::timestamp::{amz_date, parse_amz_date};

/// The validity of a signature, from API Gateway's error message: "… - 5 min."
const VALIDITY: Duration = Duration::from_secs(300);

/// The service name in the credential scope.
const SERVICE: &str = "execute-api";

const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// A request as received.
#[derive(Debug, Clone, Copy)]
pub struct WireRequest<'a> {
    /// The method, in its original case.
    pub method: &'a str,
    /// The request target: path and query, not decoded.
    pub target: &'a str,
    /// The headers. Repeated ones must be in their original order.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: &'a [u8],
}

/// The signer of an accepted request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Caller {
    /// The access key ID.
    pub access_key: String,
    /// The ARN of the caller; see [`Credentials::principal`].
    pub principal: String,
    /// The credential scope: `20261122/eu-west-2/execute-api/aws4_request`.
    pub scope: String,
    /// The signed headers, in order.
    pub signed_headers: Vec<String>,
    /// Whether the signature is in the query.
    pub presigned: bool,
    /// Whether the credentials are temporary, with a session token.
    pub temporary: bool,
}

/// The interpretations of the query string that the signature must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum QueryRule {
    /// All interpretations. This is the strictest rule; every strictly encoded query satisfies it.
    ///
    /// Public reports suggest that API Gateway uses [`QueryReading::Form`], but don't prove it.
    #[default]
    All,
    /// One interpretation.
    Only(QueryReading),
}

impl QueryRule {
    fn readings(self) -> Vec<QueryReading> {
        match self {
            Self::All => vec![QueryReading::Form, QueryReading::Spec, QueryReading::Raw],
            Self::Only(reading) => vec![reading],
        }
    }
}

/// Verifies AWS Signature Version 4, in the `Authorization` header or in a presigned URL.
///
/// It has its own canonicalization and key derivation, independent of every signer.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use apigw_local::{Credentials, RefusalKind, Verifier, WireRequest};
/// use http::HeaderMap;
///
/// let verifier = Verifier::new("eu-west-2").credentials(Credentials::example());
/// let unsigned = WireRequest { method: "GET", target: "/prod/orders", headers: &HeaderMap::new(), body: b"" };
/// let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_348_800);
/// let refusal = verifier.verify(unsigned, now).unwrap_err();
/// assert_eq!(refusal.kind(), RefusalKind::MissingAuthenticationToken);
/// ```
#[derive(Debug)]
pub struct Verifier {
    region: String,
    service: String,
    keys: CredentialsStore,
    query_rule: QueryRule,
    unsigned_payload: bool,
}

impl Verifier {
    /// Creates a verifier for requests to `execute-api` in a Region, without credentials.
    pub fn new(region: impl Into<String>) -> Self {
        Self {
            region: region.into(),
            service: SERVICE.to_owned(),
            keys: CredentialsStore::default(),
            query_rule: QueryRule::default(),
            unsigned_payload: false,
        }
    }

    /// Adds accepted credentials.
    #[must_use]
    pub fn credentials(self, credentials: Credentials) -> Self {
        self.keys.add(credentials);
        self
    }

    /// Sets the service name in the credential scope. The default is `execute-api`.
    #[must_use]
    pub fn service(mut self, service: impl Into<String>) -> Self {
        self.service = service.into();
        self
    }

    /// Sets the interpretations of the query string that the signature must match. The default is all of them.
    #[must_use]
    pub fn query_rule(mut self, rule: QueryRule) -> Self {
        self.query_rule = rule;
        self
    }

    /// Sets whether to accept `x-amz-content-sha256: UNSIGNED-PAYLOAD`.
    ///
    /// The default is `false`, since there is no public evidence that API Gateway accepts it.
    #[must_use]
    pub fn unsigned_payload(mut self, accepted: bool) -> Self {
        self.unsigned_payload = accepted;
        self
    }

    pub(crate) fn keys(&self) -> &CredentialsStore {
        &self.keys
    }

    /// Verifies a request at the time `now`.
    ///
    /// # Errors
    ///
    /// Returns a [`Refusal`] with the message that API Gateway returns, and the exact reason.
    pub fn verify(&self, request: WireRequest<'_>, now: SystemTime) -> Result<Caller, Refusal> {
        let (path, query) = request
            .target
            .split_once('?')
            .unwrap_or((request.target, ""));
        let parsed = ParsedSignature::parse(query, request.headers)?;
        self.check_scope(&parsed)?;
        let credentials = self.check_credentials(&parsed, now)?;
        check_time(&parsed, now)?;
        check_signed_headers(&parsed, request.headers)?;
        let payload_hash = self.check_payload(request)?;

        let presigned = matches!(parsed.location, Location::Query { .. });
        let query = if presigned {
            without_signature(query)
        } else {
            query.to_owned()
        };
        let signed_headers = parsed.signed_headers.join(";");
        let headers = canonical_headers(request.headers, &parsed.signed_headers);
        let key = credentials.signing_key(&parsed.scope.day, &self.region, &self.service);
        let path = canonical_path(path);
        let mut verified_queries = Vec::new();
        for reading in self.query_rule.readings() {
            let query = canonical_query(&query, reading);
            if verified_queries.contains(&query) {
                continue; // the interpretations agree, as for every strictly encoded query
            }
            let canonical = CanonicalRequest::new(
                request.method,
                &path,
                &query,
                &headers,
                &signed_headers,
                &payload_hash,
            );
            let string_to_sign = canonical.string_to_sign(&parsed.date, &parsed.scope.to_string());
            if hex(&hmac_sha256(&key, &string_to_sign)) != parsed.signature {
                return Err(Refusal::mismatch(
                    &canonical,
                    &string_to_sign,
                    mismatch_reason(reading, self.query_rule),
                ));
            }
            verified_queries.push(query);
        }
        Ok(Caller {
            access_key: parsed.access_key,
            principal: credentials.principal_arn().to_owned(),
            scope: parsed.scope.to_string(),
            signed_headers: parsed.signed_headers,
            presigned,
            temporary: credentials.session_token().is_some(),
        })
    }

    fn check_scope(&self, parsed: &ParsedSignature) -> Result<(), Refusal> {
        let scope = &parsed.scope;
        let mut wrong = Vec::new();
        if scope.region != self.region {
            wrong.push(format!(
                "Credential should be scoped to a valid region, not '{}'.",
                scope.region
            ));
        }
        if scope.service != self.service {
            wrong.push(format!(
                "Credential should be scoped to correct service: '{}'.",
                self.service
            ));
        }
        if scope.terminator != "aws4_request" {
            wrong.push(format!(
                "Credential should be scoped with a valid terminator: 'aws4_request', not '{}'.",
                scope.terminator
            ));
        }
        let signing_day = parsed.date.get(..8).unwrap_or(&parsed.date);
        if scope.day != signing_day {
            wrong.push(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
                 '{}' != '{signing_day}', from '{}'.",
                scope.day, parsed.date
            ));
        }
        if wrong.is_empty() {
            return Ok(());
        }
        Err(invalid(
            wrong.join(" "),
            format!(
                "the credential scope is {:?}, expected \"{signing_day}/{}/{}/aws4_request\"",
                scope.to_string(),
                self.region,
                self.service
            ),
        ))
    }

    fn check_credentials(
        &self,
        parsed: &ParsedSignature,
        now: SystemTime,
    ) -> Result<Credentials, Refusal> {
        let credentials = self.keys.find(&parsed.access_key).ok_or_else(|| {
            Refusal::unrecognized_client(format!("unknown access key ID {:?}", parsed.access_key))
        })?;
        match (credentials.session_token(), parsed.session_token.as_deref()) {
            (None, None) => {}
            (Some(known), Some(sent)) if known == sent => {}
            (Some(_), Some(_)) => {
                return Err(Refusal::unrecognized_client(
                    "the session token does not belong to this access key ID",
                ));
            }
            (Some(_), None) => {
                return Err(Refusal::unrecognized_client(
                    "the credentials are temporary, but the request has no session token",
                ));
            }
            (None, Some(_)) => {
                return Err(Refusal::unrecognized_client(
                    "the credentials are long-term, but the request has a session token",
                ));
            }
        }
        if credentials.has_expired(now) {
            return Err(Refusal::expired_token());
        }
        Ok(credentials)
    }

    /// Returns the payload hash. It is always computed from the body, and must match the header, if any.
    fn check_payload(&self, request: WireRequest<'_>) -> Result<String, Refusal> {
        let actual = payload_hash(request.body);
        match request.headers.get("x-amz-content-sha256") {
            None => Ok(actual),
            Some(declared) if declared.as_bytes() == actual.as_bytes() => Ok(actual),
            Some(declared) if declared.as_bytes() == UNSIGNED_PAYLOAD.as_bytes() => {
                if self.unsigned_payload {
                    Ok(UNSIGNED_PAYLOAD.to_owned())
                } else {
                    Err(invalid(
                        "The value of 'x-amz-content-sha256' is not supported.",
                        "x-amz-content-sha256 is UNSIGNED-PAYLOAD: sign the hash of the body",
                    ))
                }
            }
            Some(_) => Err(invalid(
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
                "x-amz-content-sha256 is not the hash of the body",
            )),
        }
    }
}

/// Checks that the request was signed within five minutes of `now`.
///
/// For presigned URLs, `X-Amz-Expires` can only shorten this: API Gateway was observed to refuse them after five minutes
/// regardless of its value.
fn check_time(parsed: &ParsedSignature, now: SystemTime) -> Result<(), Refusal> {
    let signed_at = parse_amz_date(&parsed.date).ok_or_else(|| {
        Refusal::new(
            RefusalKind::IncompleteSignature,
            "Date must be in ISO-8601 'basic format'.",
            format!(
                "X-Amz-Date must have the format 20261122T120000Z, but is {:?}",
                parsed.date
            ),
        )
    })?;
    let lifetime = match parsed.location {
        Location::Query {
            expires: Some(expires),
        } => expires.min(VALIDITY),
        _ => VALIDITY,
    };
    let (signed, today) = (amz_date(signed_at), amz_date(now));
    if let Ok(age) = now.duration_since(signed_at)
        && age > lifetime
    {
        let limit = amz_date(now - lifetime);
        return Err(invalid(
            format!(
                "Signature expired: {signed} is now earlier than {limit} ({today} - {} min.)",
                minutes(lifetime)
            ),
            format!(
                "signed {} s ago: sign again, and check the caller's clock",
                age.as_secs()
            ),
        ));
    }
    if let Ok(ahead) = signed_at.duration_since(now)
        && ahead > VALIDITY
    {
        let limit = amz_date(now + VALIDITY);
        return Err(invalid(
            format!(
                "Signature not yet current: {signed} is still later than {limit} ({today} + {} min.)",
                minutes(VALIDITY)
            ),
            format!(
                "signed {} s in the future: check the caller's clock",
                ahead.as_secs()
            ),
        ));
    }
    Ok(())
}

fn minutes(lifetime: Duration) -> String {
    (lifetime.as_secs_f64() / 60.0).to_string()
}

fn check_signed_headers(parsed: &ParsedSignature, headers: &HeaderMap) -> Result<(), Refusal> {
    let names = &parsed.signed_headers;
    let lower_case = names.iter().all(|name| *name == name.to_ascii_lowercase());
    let ascending = names.windows(2).all(|pair| pair[0] < pair[1]);
    if !lower_case || !ascending {
        return Err(invalid(
            "SignedHeaders must be sorted, in lower case and without repeats.",
            format!(
                "SignedHeaders is {:?}: it must be sorted and in lowercase, with each name once",
                names.join(";")
            ),
        ));
    }
    if !names.iter().any(|name| name == "host") {
        return Err(invalid(
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
            "the host header is not signed",
        ));
    }
    if let Some(name) = names
        .iter()
        .find(|name| !headers.contains_key(name.as_str()))
    {
        return Err(invalid(
            format!(
                "'{name}' is named as a SignedHeader, but it does not exist in the HTTP request"
            ),
            format!("{name:?} is signed but missing: a proxy may have removed it"),
        ));
    }
    let unsigned = headers
        .keys()
        .map(|name| name.as_str())
        .find(|name| name.starts_with("x-amz-") && !names.iter().any(|signed| signed == name));
    match (unsigned, &parsed.location) {
        (Some(name), Location::Header) => Err(invalid(
            format!("There were headers present in the request which were not signed: {name}"),
            format!("{name:?} is not signed: every x-amz-* header must be signed"),
        )),
        _ => Ok(()),
    }
}

fn mismatch_reason(reading: QueryReading, rule: QueryRule) -> String {
    match (reading, rule) {
        (QueryReading::Form, _) | (_, QueryRule::Only(_)) => {
            "the signature does not match the request: compare the canonical request with the caller's line by line; \
             if they are the same, the secret access key is wrong"
                .to_owned()
        }
        (reading, QueryRule::All) => format!(
            "the query is ambiguous, and the signature does not match its {reading:?} interpretation: \
             encode the query strictly, with %20 for a space, before signing"
        ),
    }
}

fn invalid(message: impl Into<String>, reason: impl Into<String>) -> Refusal {
    Refusal::new(RefusalKind::InvalidSignature, message, reason)
}
