//! A local gateway that serves a spec, and a client for it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use apigw_local::{Builder, LocalGateway, Request, Response};
use apigw_runtime::{ApiClient, Bytes, Call, Method, RetryPolicy};
use futures_util::FutureExt as _;
use http::{HeaderName, StatusCode};
use serde_json::Value;
use support::{ACCESS_KEY, API_KEY};

use crate::expect;

/// Longer than any request here takes.
pub(crate) const A_MINUTE: Duration = Duration::from_secs(60);

const STAGE: &str = "/test";

/// Headers of every request.
const OF_EVERY_REQUEST: [&str; 4] = ["content-length", "host", "transfer-encoding", "user-agent"];
/// Headers of every signed request.
const OF_A_SIGNATURE: [&str; 3] = ["authorization", "x-amz-date", "x-amz-security-token"];

/// How a request is authorized.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Open,
    /// With an API key.
    Key,
    /// Signed, and accepted by the gateway.
    Signed,
    SignedWithKey,
}

/// The body of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Body {
    Nothing,
    Json(&'static str),
    Bytes(&'static str),
    /// Names and values.
    Form(&'static [(&'static str, &'static str)]),
    Parts(&'static [Part<&'static str>]),
}

/// Name, file name, content type and text of a part.
type Part<T> = (T, Option<T>, Option<T>, T);

/// A gateway with a settable response for one operation, and a client with credentials and an API key.
pub(crate) struct Harness<C> {
    gateway: LocalGateway,
    pub(crate) client: C,
    operation: Option<&'static str>,
    response: Arc<Mutex<Response>>,
}

impl<C: ApiClient> Harness<C> {
    /// Serves a spec, for calls of one operation.
    pub(crate) async fn start(spec: &str, operation: &'static str) -> Self {
        let spec = support::file("tests/golden/specs").join(spec);
        let response = Arc::new(Mutex::new(Response::empty(StatusCode::OK)));
        let responses = Arc::clone(&response);
        let gateway = support::gateway()
            .spec(spec)
            .on(operation, move |_: &Request| {
                responses.lock().unwrap().clone()
            });
        Self::with(gateway, Some(operation), response).await
    }

    async fn with(
        gateway: Builder,
        operation: Option<&'static str>,
        response: Arc<Mutex<Response>>,
    ) -> Self {
        let gateway = gateway.stage(STAGE).start().await.unwrap();
        let client = support::client_builder(&gateway).retry(RetryPolicy::none());
        Self {
            client: client.build().await.unwrap(),
            gateway,
            operation,
            response,
        }
    }

    /// Sets the response to the next requests, and forgets the requests so far.
    pub(crate) fn respond(&self, status: u16, media_type: Option<&str>, body: &'static str) {
        self.gateway.forget();
        let status = StatusCode::from_u16(status).unwrap();
        *self.response.lock().unwrap() = match media_type {
            Some(media_type) => Response::bytes(status, media_type, body),
            None => Response::empty(status),
        };
    }

    /// Asserts that exactly this request arrived: its line without the stage, its own headers in any order, and its
    /// body.
    #[track_caller]
    pub(crate) fn received(&self, access: Access, line: &str, headers: &[&str], body: Body) {
        let requests = self.gateway.requests();
        self.gateway.forget();
        let [request] = requests.as_slice() else {
            panic!("{} requests arrived instead of one", requests.len())
        };
        let target = request.target.strip_prefix(STAGE).unwrap();
        assert_eq!(format!("{} {target}", request.method), line);
        assert_eq!(request.operation.as_deref(), self.operation);
        assert_eq!(access_of(request), access);
        let mut expected = headers.to_vec();
        expected.sort_unstable();
        assert_eq!(headers_of(request), expected);
        assert_body(request, body);
    }
}

/// Calls `request`, the method for routes that the spec does not describe: signed, and with the API key.
pub(crate) async fn undescribed_route<C: ApiClient>(request: impl Fn(&C, Method, &str) -> Call) {
    let unused = Arc::new(Mutex::new(Response::empty(StatusCode::OK)));
    let echo = support::gateway();
    let harness = Harness::with(echo, None, unused).await;
    let call = request(&harness.client, Method::PATCH, "/beyond the/{spec}");
    let call = call.path("spec", "a/b+c%é&=");
    expect::success(call.send_untyped().await, 200);
    let line = "PATCH /beyond%20the/a%2Fb%2Bc%25%C3%A9%26%3D";
    harness.received(Access::SignedWithKey, line, &["accept: */*"], Body::Nothing);
}

/// Returns how a request was authorized; panics if it carries only a part of that.
#[track_caller]
fn access_of(request: &Request) -> Access {
    let signed_headers = OF_A_SIGNATURE.map(|name| request.header(name).is_some());
    let verified = request
        .caller
        .as_ref()
        .map(|caller| caller.access_key.as_str());
    let signed = match (signed_headers, verified) {
        ([true, true, true], Some(ACCESS_KEY)) => true,
        ([false, false, false], None) => false,
        other => panic!("half a signature, or an unexpected one: {other:?}"),
    };
    match (signed, request.header("x-api-key")) {
        (false, None) => Access::Open,
        (false, Some(API_KEY)) => Access::Key,
        (true, None) => Access::Signed,
        (true, Some(API_KEY)) => Access::SignedWithKey,
        (_, Some(_)) => panic!("not the API key of the caller"),
    }
}

/// Returns the headers that the operation itself sets, sorted, without the random boundary of a multipart form.
fn headers_of(request: &Request) -> Vec<String> {
    let is_own = |name: &HeaderName| {
        let others = [&OF_EVERY_REQUEST[..], &OF_A_SIGNATURE[..], &["x-api-key"]];
        !others.concat().contains(&name.as_str())
    };
    let own = request.headers.iter().filter(|(name, _)| is_own(name));
    let own = own.map(|(name, value)| {
        let value = std::str::from_utf8(value.as_bytes()).unwrap();
        let value = match value.split_once("; boundary=") {
            Some((media_type, _)) => media_type,
            None => value,
        };
        let value = match name.as_str() == "idempotency-key" && is_uuid(value) {
            true => "(generated)",
            false => value,
        };
        format!("{name}: {value}")
    });
    let mut own: Vec<String> = own.collect();
    own.sort_unstable();
    own
}

/// Returns whether the client made this value.
fn is_uuid(value: &str) -> bool {
    let parts = value.split('-');
    let is_hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    parts.clone().all(is_hex) && parts.map(str::len).eq([8, 4, 4, 4, 12])
}

#[track_caller]
fn assert_body(request: &Request, expected: Body) {
    let sent = std::str::from_utf8(&request.body).unwrap();
    let texts = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        let texts = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        texts.collect()
    };
    match expected {
        Body::Nothing => assert_eq!(sent, ""),
        Body::Json(json) => {
            let [sent, json]: [Value; 2] =
                [sent, json].map(|text| serde_json::from_str(text).unwrap());
            assert_eq!(sent, json);
        }
        Body::Bytes(text) => assert_eq!(sent, text),
        Body::Form(fields) => {
            let pairs = url::form_urlencoded::parse(sent.as_bytes()).into_owned();
            assert_eq!(pairs.collect::<Vec<_>>(), texts(fields));
        }
        Body::Parts(parts) => {
            let boundary = multer::parse_boundary(request.header("content-type").unwrap()).unwrap();
            // of a form without parts, only the end remains; reqwest's form does not send it
            if parts.is_empty() {
                assert!(["", &format!("--{boundary}--\r\n")].contains(&sent));
                return;
            }
            let owned = |text: &str| text.to_owned();
            let expected = parts.iter().map(|(name, file_name, content_type, text)| {
                let [file_name, content_type] = [file_name, content_type].map(|of| of.map(owned));
                (owned(name), file_name, content_type, owned(text))
            });
            let received = parts_of(request.body.clone(), boundary).now_or_never();
            assert_eq!(received.unwrap(), expected.collect::<Vec<_>>());
        }
    }
}

/// Returns the parts of a multipart form, read by a parser that is not ours.
async fn parts_of(body: Bytes, boundary: String) -> Vec<Part<String>> {
    let body = futures_util::stream::iter([Ok::<_, std::io::Error>(body)]);
    let mut form = multer::Multipart::new(body, boundary);
    let mut parts = Vec::new();
    while let Some(part) = form.next_field().await.unwrap() {
        let name = part.name().unwrap().to_owned();
        let file_name = part.file_name().map(str::to_owned);
        let content_type = part.content_type().map(ToString::to_string);
        parts.push((name, file_name, content_type, part.text().await.unwrap()));
    }
    parts
}
