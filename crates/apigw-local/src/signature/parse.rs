//! Parses signatures, from the `Authorization` header or the query of a presigned URL.

use std::collections::BTreeMap;
use std::time::Duration;

use http::{HeaderMap, header};
use percent_encoding::percent_decode_str;

use crate::refusal::{Refusal, RefusalKind};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The query parameters of a presigned URL, which must not be repeated. Other `X-Amz-*` parameters can be.
const PARAMETERS: [&str; 7] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
];

/// A signature with its metadata, parsed but not verified.
pub(crate) struct ParsedSignature {
    pub(crate) access_key: String,
    pub(crate) scope: Scope,
    pub(crate) signed_headers: Vec<String>,
    pub(crate) signature: String,
    /// The value of `X-Amz-Date` as sent.
    pub(crate) date: String,
    pub(crate) session_token: Option<String>,
    pub(crate) location: Location,
}

/// The credential scope.
pub(crate) struct Scope {
    pub(crate) day: String,
    pub(crate) region: String,
    pub(crate) service: String,
    pub(crate) terminator: String,
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            day,
            region,
            service,
            terminator,
        } = self;
        write!(f, "{day}/{region}/{service}/{terminator}")
    }
}

/// The location of a signature.
pub(crate) enum Location {
    /// In the `Authorization` header.
    Header,
    /// In the query of a presigned URL, with the value of `X-Amz-Expires`.
    Query { expires: Option<Duration> },
}

impl ParsedSignature {
    /// Parses the signature of a request.
    pub(crate) fn parse(query: &str, headers: &HeaderMap) -> Result<Self, Refusal> {
        let mut authorization = headers.get_all(header::AUTHORIZATION).iter();
        let presigned = parameters(query).any(|(name, _)| name == "X-Amz-Signature");
        match (authorization.next(), authorization.next(), presigned) {
            (Some(_), Some(_), _) => Err(incomplete(
                "Authorization header must not be repeated.",
                "the request has two Authorization headers: send one",
            )),
            (Some(_), None, true) => Err(Refusal::new(
                RefusalKind::InvalidSignature,
                "The request must be signed in its header or in its query, not in both.",
                "the request has both an Authorization header and X-Amz-Signature in its query: send only one of them",
            )),
            (Some(value), None, false) => {
                let value = value.to_str().map_err(|_| {
                    incomplete(
                        "Authorization header is not ASCII.",
                        "the Authorization header contains bytes outside ASCII",
                    )
                })?;
                Self::from_header(value, headers)
            }
            (None, _, true) => Self::from_query(query),
            (None, _, false) => Err(Refusal::missing_token(
                "the request is not signed: it has no Authorization header, and no X-Amz-Signature in its query",
            )),
        }
    }

    fn from_header(authorization: &str, headers: &HeaderMap) -> Result<Self, Refusal> {
        let (algorithm, fields) = authorization.split_once(' ').unwrap_or((authorization, ""));
        let mut parts = BTreeMap::new();
        for field in fields
            .split(',')
            .map(str::trim)
            .filter(|field| !field.is_empty())
        {
            let (name, value) = field.split_once('=').ok_or_else(|| {
                incomplete(
                    format!(
                        "'{field}' not a valid key=value pair (missing equal-sign) in Authorization header: '{authorization}'."
                    ),
                    "the Authorization header is not a Signature Version 4 header; it may be a bearer token or basic authentication",
                )
            })?;
            if parts.insert(name, value).is_some() {
                return Err(incomplete(
                    format!("Authorization header must not repeat '{name}'."),
                    format!("the Authorization header contains {name:?} twice"),
                ));
            }
        }
        if algorithm.starts_with("AWS4-") && algorithm != ALGORITHM {
            return Err(unsupported(algorithm));
        }
        let date = headers
            .get("x-amz-date")
            .map(|date| date.to_str().unwrap_or_default());
        let (Some(credential), Some(signed_headers), Some(signature), Some(date), ALGORITHM) = (
            parts.get("Credential"),
            parts.get("SignedHeaders"),
            parts.get("Signature"),
            date,
            algorithm,
        ) else {
            let mut missing: Vec<String> = ["Credential", "Signature", "SignedHeaders"]
                .iter()
                .filter(|name| !parts.contains_key(*name))
                .map(|name| format!("Authorization header requires '{name}' parameter."))
                .collect();
            if date.is_none() {
                missing.push(
                    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.".into(),
                );
            }
            return Err(incomplete(
                format!("{} Authorization={algorithm}", missing.join(" ")),
                format!(
                    "the Authorization header is not a complete {ALGORITHM} header, \
                     or the x-amz-date header is missing (the Date header is not supported)"
                ),
            ));
        };
        let (access_key, scope) = parse_credential(credential)?;
        let session_token = headers
            .get("x-amz-security-token")
            .map(|token| String::from_utf8_lossy(token.as_bytes()).into_owned())
            .filter(|token| !token.is_empty());
        Ok(Self {
            access_key,
            scope,
            signed_headers: parse_signed_headers(signed_headers),
            signature: (*signature).to_owned(),
            date: date.to_owned(),
            session_token,
            location: Location::Header,
        })
    }

    fn from_query(query: &str) -> Result<Self, Refusal> {
        let mut parts: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in parameters(query) {
            if PARAMETERS.contains(&name.as_str()) && parts.insert(name.clone(), value).is_some() {
                return Err(incomplete(
                    format!("AWS query-string parameters must not repeat '{name}'."),
                    format!(
                        "the query contains {name:?} twice: remove the old signature before presigning again"
                    ),
                ));
            }
        }
        let mut require = |name: &str| {
            parts
                .remove(name)
                .filter(|value| !value.is_empty())
                .ok_or_else(|| {
                    incomplete(
                        format!("AWS query-string parameters must include '{name}'."),
                        format!("the presigned URL has no {name}"),
                    )
                })
        };
        let algorithm = require("X-Amz-Algorithm")?;
        if algorithm != ALGORITHM {
            return Err(unsupported(&algorithm));
        }
        let (access_key, scope) = parse_credential(&require("X-Amz-Credential")?)?;
        let date = require("X-Amz-Date")?;
        let signed_headers = parse_signed_headers(&require("X-Amz-SignedHeaders")?);
        let signature = require("X-Amz-Signature")?;
        let expires = match parts.remove("X-Amz-Expires") {
            None => None,
            Some(seconds) => Some(seconds.parse().map(Duration::from_secs).map_err(|_| {
                incomplete(
                    "X-Amz-Expires should be a number",
                    format!("X-Amz-Expires is {seconds:?}, not a number of seconds"),
                )
            })?),
        };
        Ok(Self {
            access_key,
            scope,
            signed_headers,
            signature,
            date,
            session_token: parts.remove("X-Amz-Security-Token"),
            location: Location::Query { expires },
        })
    }
}

/// Returns the query without the signature, which does not sign itself.
pub(crate) fn without_signature(query: &str) -> String {
    let pairs: Vec<&str> = query
        .split('&')
        .filter(|pair| pair.split('=').next() != Some("X-Amz-Signature"))
        .collect();
    pairs.join("&")
}

/// Returns the decoded names and values of a query. `+` is a plus, as in session tokens.
fn parameters(query: &str) -> impl Iterator<Item = (String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decode = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
            (decode(name), decode(value))
        })
}

fn parse_credential(credential: &str) -> Result<(String, Scope), Refusal> {
    let parts: Vec<&str> = credential.split('/').collect();
    let [access_key, day, region, service, terminator] = parts[..] else {
        return Err(incomplete(
            format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{credential}'."
            ),
            format!("the credential has {} parts instead of 5", parts.len()),
        ));
    };
    let scope = Scope {
        day: day.to_owned(),
        region: region.to_owned(),
        service: service.to_owned(),
        terminator: terminator.to_owned(),
    };
    Ok((access_key.to_owned(), scope))
}

fn parse_signed_headers(list: &str) -> Vec<String> {
    list.split(';').map(str::to_owned).collect()
}

fn unsupported(algorithm: &str) -> Refusal {
    incomplete(
        format!("Unsupported AWS 'algorithm': '{algorithm}'."),
        format!("the signature algorithm {algorithm:?} is not supported: use {ALGORITHM}"),
    )
}

fn incomplete(message: impl Into<String>, reason: impl Into<String>) -> Refusal {
    Refusal::new(RefusalKind::IncompleteSignature, message, reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    const CREDENTIAL: &str = "AKID/20261122/eu-west-1/execute-api/aws4_request";

    fn refused(query: &str, headers: &[(&'static str, &str)]) -> Refusal {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_str(value).unwrap());
        }
        match ParsedSignature::parse(query, &map) {
            Ok(_) => panic!("not refused: {query} {headers:?}"),
            Err(refusal) => refusal,
        }
    }

    #[test]
    fn a_bearer_token_is_an_incomplete_signature() {
        let refusal = refused("", &[("authorization", "Bearer eyJh.bGci")]);
        assert_eq!(refusal.kind(), RefusalKind::IncompleteSignature);
        assert_eq!(
            refusal.message(),
            "'eyJh.bGci' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer eyJh.bGci'."
        );
        assert!(!refusal.reason().contains("eyJh"));
    }

    #[test]
    fn missing_parts_are_named() {
        let refusal = refused(
            "",
            &[(
                "authorization",
                "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=ab",
            )],
        );
        assert_eq!(
            refusal.message(),
            "Authorization header requires 'Credential' parameter. Authorization header requires existence of either a \
             'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256"
        );
    }

    #[test]
    fn a_header_and_a_query_signature_together_are_refused() {
        let refusal = refused(
            "X-Amz-Signature=ab",
            &[("authorization", "AWS4-HMAC-SHA256 a=b")],
        );
        assert_eq!(refusal.kind(), RefusalKind::InvalidSignature);
    }

    #[test]
    fn a_presigned_url_must_have_each_parameter_once() {
        let complete = format!(
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}&X-Amz-Date=20261122T120000Z&X-Amz-Expires=300\
             &X-Amz-SignedHeaders=host&X-Amz-Signature=ab",
            CREDENTIAL.replace('/', "%2F")
        );
        assert!(ParsedSignature::parse(&complete, &HeaderMap::new()).is_ok());
        for part in [
            "X-Amz-Algorithm",
            "X-Amz-Credential",
            "X-Amz-Date",
            "X-Amz-SignedHeaders",
        ] {
            let refusal = refused(&complete.replace(part, "x"), &[]);
            assert_eq!(refusal.kind(), RefusalKind::IncompleteSignature);
            assert!(refusal.reason().contains(part), "{refusal}");
        }
        for extra in ["&X-Amz-Date=20261122T120000Z", "&X-Amz-Signature=cd"] {
            let refusal = refused(&format!("{complete}{extra}"), &[]);
            assert!(refusal.reason().contains("twice"), "{refusal}");
        }
        let own_twice = format!("{complete}&X-Amz-Meta=1&X-Amz-Meta=2");
        assert!(ParsedSignature::parse(&own_twice, &HeaderMap::new()).is_ok());
        let refusal = refused(&complete.replace("=300", "=soon"), &[]);
        assert!(refusal.reason().contains("\"soon\""), "{refusal}");
    }

    #[test]
    fn other_algorithms_are_refused() {
        let authorization = format!(
            "AWS4-ECDSA-P256-SHA256 Credential={CREDENTIAL}, SignedHeaders=host, Signature=ab"
        );
        let refusal = refused(
            "",
            &[
                ("authorization", &authorization),
                ("x-amz-date", "20261122T120000Z"),
            ],
        );
        assert_eq!(
            refusal.message(),
            "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'."
        );
    }

    #[test]
    fn only_the_signature_is_removed_from_a_presigned_query() {
        assert_eq!(
            without_signature("a=1&X-Amz-Signature=ab&X-Amz-SignatureX=c&"),
            "a=1&X-Amz-SignatureX=c&"
        );
    }
}
