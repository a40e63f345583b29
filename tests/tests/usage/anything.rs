//! Properties of signing any request: a gateway accepts it, or signing fails for a valid reason; and a gateway rejects
//! the request after any change.

use std::cell::Cell;
use std::time::Duration;

use apigw_local::{Caller, QueryRule, Refusal, RefusalKind, Verifier, WireRequest};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::uri::Scheme;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestCaseResult, TestRunner};
use reqwest::{Body, Url};
use reqwest_sigv4::{Credentials, Error, HeaderPolicy, Signer};

#[test]
fn signed_requests_are_accepted_and_unchanged() {
    for_any_request(|case| case.is_accepted(Way::Header));
}

#[test]
fn presigned_requests_are_accepted_and_unchanged() {
    for_any_request(|case| case.is_accepted(Way::Query));
}

#[test]
fn changes_after_signing_are_rejected() {
    for_any_request(|case| case.is_rejected_after_any_change(Way::Header));
}

#[test]
fn changes_after_presigning_are_rejected() {
    for_any_request(|case| case.is_rejected_after_any_change(Way::Query));
}

/// Where the signature is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Header,
    Query,
}

/// One case: credentials and policy, a request, and changes to it.
#[derive(Clone, Debug)]
struct Case {
    request: Request,
    temporary: bool,
    policy: Policy,
    life: Duration,
    change: Change,
}

impl Case {
    /// Returns whether the request was signed; an error must have a valid reason.
    fn is_accepted(&self, way: Way) -> Result<bool, TestCaseError> {
        let (url, wire) = match self.signed(way) {
            Ok(signed) => signed,
            Err(error) => {
                prop_assert!(self.justifies(&error, way), "no reason for {error:?}");
                return Ok(false);
            }
        };
        let caller = wire.judged_by(&verifier());
        prop_assert!(caller.is_ok(), "{way:?} refused: {caller:?}, {wire:?}");
        let caller = caller.unwrap();
        prop_assert_eq!(caller.presigned, way == Way::Query);
        prop_assert_eq!(caller.temporary, self.temporary);
        for name in wire.headers.keys().map(HeaderName::as_str) {
            let signed = caller.signed_headers.iter().any(|signed| signed == name);
            prop_assert!(signed || !self.policy.must_sign(name), "{} unsigned", name);
            prop_assert!(!signed || self.policy.may_sign(name), "{} signed", name);
        }

        prop_assert_eq!(parameters(&url), parameters(&self.request.url));
        prop_assert_eq!(url.path(), self.request.url.path());
        prop_assert_eq!(&wire.body, &self.request.body.bytes());
        let before = self.request.header_map();
        for name in before.keys().filter(|name| !REPLACED.contains(name)) {
            let values = |headers: &HeaderMap| -> Vec<_> {
                headers.get_all(name).into_iter().cloned().collect()
            };
            prop_assert_eq!(values(&wire.headers), values(&before), "{}", name);
        }
        Ok(true)
    }

    fn is_rejected_after_any_change(&self, way: Way) -> Result<bool, TestCaseError> {
        let Ok((_, wire)) = self.signed(way) else {
            return Ok(false);
        };
        let caller = wire.judged_by(&verifier());
        prop_assert!(caller.is_ok(), "{way:?} refused: {caller:?}, {wire:?}");
        for (what, changed) in self.change.all(&wire, &caller.unwrap()) {
            let refusal = changed.judged_by(&verifier());
            prop_assert!(refusal.is_err(), "accepted: {what}, {wire:?}, {changed:?}");
            // a presigned query can be invalid for several reasons
            if (what, way) != ("query", Way::Query) {
                prop_assert_eq!(
                    refusal.unwrap_err().kind(),
                    RefusalKind::InvalidSignature,
                    "{}",
                    what
                );
            }
        }

        let other_token = self.change.token(&wire, way);
        let refusal = other_token.judged_by(&verifier()).map_err(|r| r.kind());
        prop_assert_eq!(refusal, Err(RefusalKind::UnrecognizedClient));
        // even if it is a valid token of the key, because the token is signed
        let refusal = other_token.judged_by(&verifier_of_the_other_token());
        let refusal = refusal.map_err(|r| r.kind());
        prop_assert_eq!(refusal, Err(RefusalKind::InvalidSignature));
        Ok(true)
    }

    /// Returns the URL, and the request as sent.
    fn signed(&self, way: Way) -> Result<(Url, Wire), Error> {
        let (access_key, token) = match self.temporary {
            true => (support::ACCESS_KEY, Some(support::SESSION_TOKEN.to_owned())),
            false => (LONG_TERM_KEY, None),
        };
        let signer = Signer::builder()
            .region(support::REGION)
            .credentials(Credentials::new(
                access_key,
                support::SECRET_KEY,
                token,
                None,
                "tests",
            ))
            .header_policy(self.policy.header_policy())
            .body_limit(BODY_LIMIT)
            .clock(support::noon)
            .build()
            .unwrap();
        let mut request = self.request.build();
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(async {
                match way {
                    Way::Header => signer.sign(&mut request).await,
                    Way::Query => signer.presign(&mut request, self.life).await,
                }
            })?;
        Ok((request.url().clone(), Wire::of(request)))
    }

    /// Whether this case is a reason for the error.
    fn justifies(&self, error: &Error, way: Way) -> bool {
        let Request {
            url, headers, body, ..
        } = &self.request;
        let query = url.query().unwrap_or_default();
        let all = |name: &HeaderName| -> Vec<&HeaderValue> {
            let values = headers.iter().filter(|(other, _)| other == name);
            values.map(|(_, value)| value).collect()
        };
        match error {
            Error::QueryEscape { part } => query.contains(part) && !starts_with_escape(part),
            Error::QueryNotUtf8 { part } => {
                let lossy = |text: &str| text.contains(char::REPLACEMENT_CHARACTER);
                let mut pairs = url.query_pairs();
                query.contains(part) && pairs.any(|(name, value)| lossy(&name) || lossy(&value))
            }
            Error::HeaderValue { name } => {
                let unsignable = |byte: &u8| *byte == b'\t' || !byte.is_ascii();
                self.policy.may_sign(name.as_str())
                    && all(name)
                        .iter()
                        .any(|v| v.as_bytes().iter().any(unsignable))
            }
            Error::HostRepeated => all(&HOST).len() > 1,
            Error::AuthorizationPresent => all(&AUTHORIZATION)
                .iter()
                .any(|value| !value.as_bytes().starts_with(b"AWS4-")),
            Error::Userinfo { host } => {
                url.host_str() == Some(host)
                    && (!url.username().is_empty() || url.password().is_some())
            }
            Error::BodyTooLarge { limit } => {
                matches!(body, Content::Stream(_)) && body.bytes().len() > *limit
            }
            Error::InvalidExpiry { expires_in } => {
                way == Way::Query
                    && *expires_in == self.life
                    && !(1..=604_800).contains(&self.life.as_secs())
            }
            _ => false,
        }
    }
}

const LONG_TERM_KEY: &str = "AKIDEXAMPLE";
const OTHER_TOKEN: &str = "token/of/somebody/else";
const BODY_LIMIT: usize = 48;

/// Headers that signing or the HTTP client replaces.
const REPLACED: [HeaderName; 6] = [
    AUTHORIZATION,
    CONTENT_LENGTH,
    TRANSFER_ENCODING,
    HeaderName::from_static("x-amz-content-sha256"),
    HeaderName::from_static("x-amz-date"),
    HeaderName::from_static("x-amz-security-token"),
];

fn verifier() -> Verifier {
    use apigw_local::Credentials;
    Verifier::new(support::REGION)
        .credentials(Credentials::new(LONG_TERM_KEY, support::SECRET_KEY))
        .credentials(Credentials::temporary(
            support::ACCESS_KEY,
            support::SECRET_KEY,
            support::SESSION_TOKEN,
        ))
        .query_rule(QueryRule::All)
}

fn verifier_of_the_other_token() -> Verifier {
    let key = |id| apigw_local::Credentials::temporary(id, support::SECRET_KEY, OTHER_TOKEN);
    Verifier::new(support::REGION)
        .credentials(key(LONG_TERM_KEY))
        .credentials(key(support::ACCESS_KEY))
}

/// A request before it is signed.
#[derive(Clone, Debug)]
struct Request {
    method: Method,
    url: Url,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Content,
}

#[derive(Clone, Debug)]
enum Content {
    None,
    Bytes(Vec<u8>),
    Stream(Vec<Vec<u8>>),
}

impl Request {
    fn build(&self) -> reqwest::Request {
        let mut request = reqwest::Request::new(self.method.clone(), self.url.clone());
        *request.headers_mut() = self.header_map();
        *request.body_mut() = match self.body.clone() {
            Content::None => None,
            Content::Bytes(bytes) => Some(bytes.into()),
            Content::Stream(chunks) => {
                let chunks = chunks.into_iter().map(Ok::<_, std::io::Error>);
                Some(Body::wrap_stream(futures_util::stream::iter(chunks)))
            }
        };
        request
    }

    fn header_map(&self) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in &self.headers {
            map.append(name, value.clone());
        }
        map
    }
}

impl Content {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::None => Vec::new(),
            Self::Bytes(bytes) => bytes.clone(),
            Self::Stream(chunks) => chunks.concat(),
        }
    }
}

/// A request as it arrives.
#[derive(Clone, Debug)]
struct Wire {
    method: String,
    path: String,
    query: Option<String>,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Wire {
    /// Returns a request with the headers that reqwest and hyper add.
    fn of(request: reqwest::Request) -> Self {
        let request: http::Request<Body> = request.try_into().unwrap();
        let (parts, body) = request.into_parts();
        let body = body.as_bytes().unwrap().to_vec();
        let mut headers = parts.headers;
        let host = headers.entry(HOST);
        host.or_insert_with(|| host_of(&parts.uri).parse().unwrap());
        let accept = headers.entry(ACCEPT);
        accept.or_insert(HeaderValue::from_static("*/*"));
        headers.insert(CONTENT_LENGTH, body.len().into());
        Self {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().map(str::to_owned),
            headers,
            body,
        }
    }

    fn judged_by(&self, verifier: &Verifier) -> Result<Caller, Refusal> {
        let Self {
            method,
            path,
            query,
            headers,
            body,
        } = self;
        let target = match query {
            Some(query) => format!("{path}?{query}"),
            None => path.clone(),
        };
        let request = WireRequest {
            method,
            target: &target,
            headers,
            body,
        };
        verifier.verify(request, support::noon())
    }
}

fn host_of(uri: &Uri) -> String {
    let own_port = match uri.scheme() == Some(&Scheme::HTTPS) {
        true => 443,
        false => 80,
    };
    let host = uri.host().unwrap();
    match uri.port_u16().filter(|port| *port != own_port) {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Changes to a signed request.
#[derive(Clone, Debug)]
struct Change {
    method: Method,
    at: Index,
    character: char,
    bit: u8,
    seconds: u8,
}

impl Change {
    /// Returns one request per part, with this part changed.
    fn all(&self, wire: &Wire, caller: &Caller) -> Vec<(&'static str, Wire)> {
        let mut all = Vec::new();
        let mut add = |what, change: &dyn Fn(&mut Wire)| {
            let mut changed = wire.clone();
            change(&mut changed);
            all.push((what, changed));
        };
        if self.method.as_str() != wire.method {
            add("method", &|wire| wire.method = self.method.to_string());
        }
        add("path", &|wire| {
            wire.path = format!("/{}", self.altered(&wire.path[1..]));
        });
        add("query", &|wire| {
            wire.query = Some(self.altered(wire.query.as_deref().unwrap_or_default()));
        });
        add("more query", &|wire| {
            let more = format!("{}=", self.character);
            wire.query = Some(match &wire.query {
                Some(query) => format!("{query}&{more}"),
                None => more,
            });
        });
        add("body", &|wire| match wire.body.len() {
            0 => wire.body.push(self.bit),
            length => wire.body[self.at.index(length)] ^= 1 << self.bit,
        });
        add("longer body", &|wire| wire.body.push(self.bit));
        let later = format!("20261122T1200{:02}Z", self.seconds);
        match caller.presigned {
            false => add("date", &|wire| {
                let later = later.parse().unwrap();
                assert!(wire.headers.insert("x-amz-date", later).is_some());
            }),
            true => add("date", &|wire| {
                wire.set_parameter("X-Amz-Date", &later);
            }),
        }
        let (names, at) = (&caller.signed_headers, self.at);
        let own = |name: &&String| !["x-amz-date", "x-amz-security-token"].contains(&&***name);
        let names: Vec<&String> = names.iter().filter(own).collect();
        let name = names[at.index(names.len())].as_str();
        add("header", &|wire| {
            let value = wire.headers.get_mut(name).unwrap();
            *value = self.altered(value.to_str().unwrap()).parse().unwrap();
        });
        add("header gone", &|wire| {
            wire.headers.remove(name).unwrap();
        });
        all
    }

    /// Replaces the token, or adds one.
    fn token(&self, wire: &Wire, way: Way) -> Wire {
        let mut wire = wire.clone();
        match way {
            Way::Header => {
                let token = HeaderValue::from_static(OTHER_TOKEN);
                wire.headers.insert("x-amz-security-token", token);
            }
            Way::Query => {
                wire.set_parameter("X-Amz-Security-Token", &OTHER_TOKEN.replace('/', "%2F"));
            }
        }
        wire
    }

    /// Replaces one character of a text, or adds one to an empty text.
    ///
    /// The character is not a dot, a slash or a space, so that normalization can't undo the change.
    fn altered(&self, text: &str) -> String {
        let mut characters: Vec<char> = text.chars().collect();
        match characters.len() {
            0 => characters.push(self.character),
            length => {
                let place = &mut characters[self.at.index(length)];
                *place = match self.character {
                    same if same == *place && same == 'x' => 'y',
                    same if same == *place => 'x',
                    other => other,
                };
            }
        }
        characters.into_iter().collect()
    }
}

impl Wire {
    fn set_parameter(&mut self, name: &str, value: &str) {
        let query = self.query.take().unwrap();
        let is_it = |pair: &&str| pair.split('=').next() == Some(name);
        let others = query.split('&').filter(|pair| !is_it(pair));
        let pairs: Vec<&str> = others.collect();
        self.query = Some(format!("{}&{name}={value}", pairs.join("&")));
    }
}

/// Which headers to sign.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Policy {
    Default,
    AndTenant,
    AllButTenant,
}

impl Policy {
    fn header_policy(self) -> HeaderPolicy {
        let tenant = HeaderName::from_static("x-tenant");
        match self {
            Self::Default => HeaderPolicy::default(),
            Self::AndTenant => HeaderPolicy::minimal().also(tenant),
            Self::AllButTenant => HeaderPolicy::all().never(tenant),
        }
    }

    fn must_sign(self, name: &str) -> bool {
        match name {
            "host" | "content-type" | "x-api-key" | "x-apigw-api-id" => true,
            "x-tenant" => self == Self::AndTenant,
            _ => name.starts_with("x-amz-"),
        }
    }

    fn may_sign(self, name: &str) -> bool {
        let unstable = ["accept", "authorization", "content-length", "user-agent"];
        self.must_sign(name)
            || self == Self::AllButTenant && name != "x-tenant" && !unstable.contains(&name)
    }
}

/// Returns the decoded parameters, without those of a signature.
fn parameters(url: &Url) -> Vec<(String, String)> {
    let signature = [
        "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-expires",
        "x-amz-security-token",
        "x-amz-signature",
        "x-amz-signedheaders",
    ];
    url.query_pairs()
        .filter(|(name, _)| !signature.contains(&&*name.to_ascii_lowercase()))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

fn starts_with_escape(text: &str) -> bool {
    let digits = text.as_bytes().get(1..3);
    text.starts_with('%') && digits.is_some_and(|d| d.iter().all(u8::is_ascii_hexdigit))
}

/// Tests a property that returns whether the request was signed; most requests must be.
fn for_any_request(property: impl Fn(Case) -> Result<bool, TestCaseError>) {
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    let (signed, cases) = (Cell::new(0_u32), config.cases);
    let outcome = TestRunner::new(config).run(&cases_of_all_kinds(), |case| -> TestCaseResult {
        signed.set(signed.get() + u32::from(property(case)?));
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    let signed = signed.get();
    assert!(signed > cases / 2, "only {signed} of {cases} were signed");
}

fn cases_of_all_kinds() -> impl Strategy<Value = Case> {
    let policy = select(vec![
        Policy::Default,
        Policy::AndTenant,
        Policy::AllButTenant,
    ]);
    let life = prop_oneof![9 => 1..=604_800_u64, 1 => any::<u64>()];
    let change = (
        methods(),
        any::<Index>(),
        prop::char::ranges(vec!['0'..='9', 'A'..='Z', 'a'..='z'].into()),
        0..8_u8,
        1..60_u8,
    );
    let change = change.prop_map(|(method, at, character, bit, seconds)| Change {
        method,
        at,
        character,
        bit,
        seconds,
    });
    (requests(), any::<bool>(), policy, life, change).prop_map(
        |(request, temporary, policy, life, change)| Case {
            request,
            temporary,
            policy,
            life: Duration::from_secs(life),
            change,
        },
    )
}

fn requests() -> impl Strategy<Value = Request> {
    let header = (header_names(), header_values());
    (methods(), urls(), vec(header, 0..8), contents()).prop_map(|(method, url, headers, body)| {
        Request {
            method,
            url,
            headers,
            body,
        }
    })
}

fn methods() -> impl Strategy<Value = Method> {
    let known = select(vec![
        "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE",
    ]);
    let method = prop_oneof![
        4 => known.prop_map(str::to_owned),
        1 => "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,8}",
    ];
    // not CONNECT: it has no path, and API Gateway does not support it
    method
        .prop_filter("no tunnel", |method| method != "CONNECT")
        .prop_map(|method| method.parse().unwrap())
}

fn urls() -> impl Strategy<Value = Url> {
    let userinfo = prop_oneof![30 => Just(""), 1 => select(vec!["ada@", "ada:pw@", ":pw@"])];
    let host = prop_oneof![
        select(vec![
            "abc123.execute-api.eu-west-1.amazonaws.com",
            "API.example.com",
            "api.example.com.",
            "bücher.example",
            "127.0.0.1",
            "[::1]",
        ])
        .prop_map(str::to_owned),
        "[a-z0-9_-]{1,8}\\.[a-z]{2,3}",
    ];
    let port = prop::option::of(prop_oneof![Just(80), Just(443), any::<u16>()]);
    let path = prop_oneof![
        1 => Just(String::new()),
        9 => text(4).prop_map(|path| format!("/{path}")),
    ];
    let scheme = select(vec!["http", "https"]);
    let parts = (
        scheme,
        userinfo,
        host,
        port,
        path,
        prop::option::of(query()),
    );
    parts.prop_filter_map("a url", |(scheme, userinfo, host, port, path, query)| {
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        format!("{scheme}://{userinfo}{host}{port}{path}{query}")
            .parse()
            .ok()
    })
}

fn query() -> impl Strategy<Value = String> {
    let key = prop_oneof![
        4 => text(0),
        1 => text(1),
        3 => select(vec!["", "a", "a", "A", "a-b", "a%2Eb"]).prop_map(str::to_owned),
        1 => select(vec![
            "X-Amz-Date", "X-Amz-Signature", "x-amz-credential", "X%2DAmz-Signature", "X-Amz-Foo", "X-Amz-",
        ])
        .prop_map(str::to_owned),
    ];
    let pair = (key, prop::option::of(text(0)));
    let pair = pair.prop_map(|(key, value)| match value {
        Some(value) => format!("{key}={value}"),
        None => key,
    });
    vec(pair, 0..5).prop_map(|pairs| pairs.join("&"))
}

/// Text that is hard to encode; `broken` of about thirty pieces have invalid escapes, or are not UTF-8.
fn text(broken: u32) -> impl Strategy<Value = String> {
    let whole = prop_oneof![
        8 => "[a-zA-Z0-9._~-]{1,4}",
        4 => "[ -$&-~]{1,4}",
        4 => select(vec![
            "+", "//", "/", ".", "..", "/../", "/./", "%2F", "%2e", "%2E%2e", "%20", "%2B", "%25", "%2525", "=", "&", "&&",
            "%00", "%7E", "%41", ";", ":", "*", "'",
        ])
        .prop_map(str::to_owned),
        4 => ("\\PC{1,3}", any::<bool>()).prop_map(|(text, upper)| escaped(text.as_bytes(), upper)),
        4 => "[^%\\pC]{1,3}",
        2 => "[^%]{1,2}",
    ];
    let broken_piece = prop_oneof![
        select(vec!["%", "%z", "%zz", "%4", "%%20"]).prop_map(str::to_owned),
        (vec(any::<u8>(), 1..4), any::<bool>()).prop_map(|(bytes, upper)| escaped(&bytes, upper)),
    ];
    let piece = prop_oneof![
        30 => whole,
        broken => broken_piece,
    ];
    vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn escaped(bytes: &[u8], upper: bool) -> String {
    let escape = |byte: &u8| match upper {
        true => format!("%{byte:02X}"),
        false => format!("%{byte:02x}"),
    };
    bytes.iter().map(escape).collect()
}

fn header_names() -> impl Strategy<Value = HeaderName> {
    let name = prop_oneof![
        20 => select(vec![
            "content-type", "x-api-key", "x-apigw-api-id", "x-amz-meta-a", "x-amz-meta-b", "x-amz-target", "x-tenant", "x-tenant",
            "accept", "cookie", "user-agent", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256",
        ])
        .prop_map(str::to_owned),
        8 => "[!#$%&'*+.^_`|~0-9a-z-]{1,8}",
        2 => select(vec!["host", "host", "authorization", "content-length", "transfer-encoding"]).prop_map(str::to_owned),
    ];
    name.prop_map(|name| name.parse().unwrap())
}

fn header_values() -> impl Strategy<Value = HeaderValue> {
    let value = prop_oneof![
        20 => "[!-~]{0,8}".prop_map(String::into_bytes),
        20 => " {0,2}[ -~]{0,8} {0,3}[!-~]{0,2} {0,2}".prop_map(String::into_bytes),
        1 => "AWS4-HMAC-SHA256 [!-~]{0,4}".prop_map(String::into_bytes),
        1 => "[ \ta-z]{1,6}".prop_map(String::into_bytes),
        1 => "\\PC{0,4}".prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..4),
    ];
    value.prop_filter_map("a header's value", |value| {
        HeaderValue::from_bytes(&value).ok()
    })
}

fn contents() -> impl Strategy<Value = Content> {
    let chunks = vec(vec(any::<u8>(), 0..24), 0..5);
    prop_oneof![
        Just(Content::None),
        Just(Content::Bytes(Vec::new())),
        vec(any::<u8>(), 0..96).prop_map(Content::Bytes),
        chunks.prop_map(Content::Stream),
    ]
}
