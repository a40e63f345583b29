//! A test double of API Gateway's control plane on loopback.
//!
//! It verifies every signature with the verifier of `apigw-local`, and lists APIs in pages of two.
//! It follows the API references of `apigateway` (2015-07-09) and `apigatewayv2` (2018-11-29).

#![allow(clippy::unwrap_used, reason = "a failed step should fail the test")]
#![allow(dead_code, reason = "each test binary uses only a part of it")]

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use apigw_local::{Clock, Credentials, Verifier, WireRequest};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::Barrier;
use tokio::task::JoinHandle;

pub(crate) const REGION: &str = "eu-west-1";
pub(crate) const ACCESS_KEY: &str = "AKIDCONTROLPLANE";
pub(crate) const SECRET_KEY: &str = "a-secret-for-tests-only";

/// The access key ID of an assumed role.
pub(crate) const ROLE_KEY: &str = "ASIACONTROLPLANE";
const ROLE_TOKEN: &str = "a-token-for-tests-only";

/// The number of APIs per page.
const PAGE: usize = 2;

/// An API of the account.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) protocol: Protocol,
    /// The stages, with their exports.
    pub(crate) stages: BTreeMap<&'static str, Export>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Rest,
    Http,
    WebSocket,
}

/// An export in both formats.
#[derive(Clone, Default)]
pub(crate) struct Export {
    pub(crate) json: Vec<u8>,
    pub(crate) yaml: Vec<u8>,
}

impl Export {
    pub(crate) fn json(text: impl Into<Vec<u8>>) -> Self {
        Self {
            json: text.into(),
            ..Self::default()
        }
    }

    pub(crate) fn yaml(text: impl Into<Vec<u8>>) -> Self {
        Self {
            yaml: text.into(),
            ..Self::default()
        }
    }
}

impl Api {
    pub(crate) fn new(
        protocol: Protocol,
        id: &'static str,
        name: &'static str,
        stages: impl IntoIterator<Item = (&'static str, Export)>,
    ) -> Self {
        Self {
            id,
            name,
            protocol,
            stages: stages.into_iter().collect(),
        }
    }
}

/// Errors to inject.
#[derive(Clone, Copy, Default)]
pub(crate) struct Trouble {
    /// The number of requests to throttle.
    pub(crate) throttles: usize,
    /// The `Retry-After` of throttled requests, in seconds.
    pub(crate) retry_after: Option<u64>,
    /// Denies access below this path. `""` denies all access.
    pub(crate) denied: Option<&'static str>,
    /// Truncates exports to half of their length.
    pub(crate) cut: bool,
}

#[derive(Default)]
struct State {
    apis: Vec<Api>,
    trouble: Trouble,
    /// Makes exports wait for each other.
    barrier: Option<Arc<Barrier>>,
    /// The method, target and status of every request.
    log: Vec<String>,
    accepts: Vec<String>,
    /// The access key ID of every request with a valid signature.
    callers: Vec<String>,
}

/// The test double. It stops when dropped.
pub(crate) struct Double {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    server: JoinHandle<()>,
}

impl Drop for Double {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Double {
    pub(crate) async fn start(apis: impl IntoIterator<Item = Api>) -> Self {
        let state = Arc::new(Mutex::new(State {
            apis: apis.into_iter().collect(),
            ..State::default()
        }));
        let verifier = Arc::new(
            Verifier::new(REGION)
                .service("apigateway")
                .credentials(Credentials::new(ACCESS_KEY, SECRET_KEY))
                .credentials(Credentials::temporary(ROLE_KEY, SECRET_KEY, ROLE_TOKEN)),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::clone(&state);
        let server = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (state, verifier) = (Arc::clone(&shared), Arc::clone(&verifier));
                tokio::spawn(async move {
                    let service = service_fn(move |request: Request<Incoming>| {
                        let (state, verifier) = (Arc::clone(&state), Arc::clone(&verifier));
                        async move {
                            let (head, body) = request.into_parts();
                            let body = body.collect().await.unwrap().to_bytes();
                            if head.method == Method::POST {
                                return Ok::<_, Infallible>(assume_role(&state, &body));
                            }
                            let response = respond(&state, &verifier, &head);
                            let barrier = state.lock().unwrap().barrier.clone();
                            if let Some(barrier) =
                                barrier.filter(|_| head.uri.path().contains("/exports/"))
                            {
                                barrier.wait().await;
                            }
                            Ok(response)
                        }
                    });
                    // the client may close the connection
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Self {
            address,
            state,
            server,
        }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn trouble(&self, trouble: Trouble) {
        self.state.lock().unwrap().trouble = trouble;
    }

    /// Delays exports until this number is requested concurrently.
    pub(crate) fn meet(&self, exports: usize) {
        self.state.lock().unwrap().barrier = Some(Arc::new(Barrier::new(exports)));
    }

    /// Replaces the export of a stage.
    pub(crate) fn deploy(&self, id: &str, stage: &'static str, export: Export) {
        let mut state = self.state.lock().unwrap();
        let api = state.apis.iter_mut().find(|api| api.id == id).unwrap();
        api.stages.insert(stage, export);
    }

    /// Returns a line for each request: `GET /restapis?limit=500 200`.
    pub(crate) fn log(&self) -> Vec<String> {
        self.state.lock().unwrap().log.clone()
    }

    /// Returns the access key IDs of the callers.
    pub(crate) fn callers(&self) -> Vec<String> {
        self.state.lock().unwrap().callers.clone()
    }

    /// Returns the values of `Accept`.
    pub(crate) fn accepts(&self) -> Vec<String> {
        self.state.lock().unwrap().accepts.clone()
    }
}

type FakeResponse = Response<Full<Bytes>>;

/// Implements `AssumeRole` of STS, without verifying the signature.
fn assume_role(state: &Mutex<State>, body: &[u8]) -> FakeResponse {
    let body = String::from_utf8_lossy(body)
        .replace("%3A", ":")
        .replace("%2F", "/");
    let role = body
        .split('&')
        .find_map(|pair| pair.strip_prefix("RoleArn="));
    state
        .lock()
        .unwrap()
        .log
        .push(format!("AssumeRole {}", role.unwrap()));
    let xml = format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
         <AssumedRoleUser><AssumedRoleId>AROA:s</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn>\
         </AssumedRoleUser><Credentials><AccessKeyId>{ROLE_KEY}</AccessKeyId>\
         <SecretAccessKey>{SECRET_KEY}</SecretAccessKey><SessionToken>{ROLE_TOKEN}</SessionToken>\
         <Expiration>2126-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    );
    let mut response = Response::new(Full::new(xml.into()));
    response
        .headers_mut()
        .insert("content-type", "text/xml".parse().unwrap());
    response
}

fn respond(state: &Mutex<State>, verifier: &Verifier, request: &Parts) -> FakeResponse {
    let target = request.uri.path_and_query().unwrap().to_string();
    let mut state = state.lock().unwrap();
    let response = handle(&mut state, verifier, request, &target);
    let line = format!("{} {target} {}", request.method, response.status().as_u16());
    state.log.push(line);
    let accept = request
        .headers
        .get("accept")
        .map(|value| value.to_str().unwrap().to_owned());
    state.accepts.extend(accept);
    response
}

fn handle(state: &mut State, verifier: &Verifier, request: &Parts, target: &str) -> FakeResponse {
    let wire = WireRequest {
        method: request.method.as_str(),
        target,
        headers: &request.headers,
        body: b"",
    };
    match verifier.verify(wire, Clock::system().now()) {
        Ok(caller) => state.callers.push(caller.access_key),
        Err(refusal) => {
            let kind = refusal.kind().error_type().unwrap_or_default();
            return error(StatusCode::FORBIDDEN, kind, refusal.message());
        }
    }
    if state.trouble.throttles > 0 {
        state.trouble.throttles -= 1;
        let mut response = error(
            StatusCode::TOO_MANY_REQUESTS,
            "TooManyRequestsException",
            "Too Many Requests",
        );
        if let Some(seconds) = state.trouble.retry_after {
            response.headers_mut().insert("retry-after", seconds.into());
        }
        return response;
    }
    let path = request.uri.path();
    if state
        .trouble
        .denied
        .is_some_and(|denied| path.starts_with(denied))
    {
        let resource = path.strip_prefix("/v2").unwrap_or(path);
        return error(
            StatusCode::FORBIDDEN,
            "AccessDeniedException",
            &format!(
                "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: apigateway:GET on \
                 resource: arn:aws:apigateway:{REGION}::{resource} because no identity-based policy \
                 allows the apigateway:GET action"
            ),
        );
    }
    let query = request.uri.query().unwrap_or_default();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    route(state, &segments, query, &request.headers)
        .unwrap_or_else(|message| error(StatusCode::NOT_FOUND, "NotFoundException", message))
}

fn route(
    state: &State,
    segments: &[&str],
    query: &str,
    headers: &HeaderMap,
) -> Result<FakeResponse, &'static str> {
    let parameter = |name: &str| {
        query.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            (key == name).then(|| value.replace("%24", "$").replace("%2F", "/"))
        })
    };
    let find = |rest: bool, id: &str, unknown| {
        let mut apis = state.apis.iter();
        apis.find(|api| api.id == id && (api.protocol == Protocol::Rest) == rest)
            .ok_or(unknown)
    };
    const NO_REST_API: &str = "Invalid API identifier specified 123456789012:nothing";
    const NO_HTTP_API: &str = "Unable to find API";
    let accept = headers.get("accept").map(|value| value.to_str().unwrap());
    match segments {
        ["restapis"] => {
            let apis = state
                .apis
                .iter()
                .filter(|api| api.protocol == Protocol::Rest);
            let items = apis.map(|api| {
                format!(
                    r#"{{"id":"{}","name":"{}","createdDate":1720000000}}"#,
                    api.id, api.name
                )
            });
            Ok(page(
                "item",
                "position",
                items.collect(),
                parameter("position"),
            ))
        }
        ["restapis", id, "stages"] => {
            let api = find(true, id, NO_REST_API)?;
            let stages = api
                .stages
                .keys()
                .map(|name| format!(r#"{{"stageName":"{name}","deploymentId":"d1"}}"#));
            let stages: Vec<String> = stages.collect();
            Ok(json(format!(r#"{{"item":[{}]}}"#, stages.join(","))))
        }
        ["restapis", id, "stages", stage, "exports", "oas30"] => {
            let api = find(true, id, NO_REST_API)?;
            let export = api
                .stages
                .get(stage)
                .ok_or("Invalid stage identifier specified")?;
            if parameter("extensions").as_deref() != Some("apigateway") {
                return Ok(error(
                    StatusCode::BAD_REQUEST,
                    "BadRequestException",
                    "extensions",
                ));
            }
            let text = match accept {
                Some("application/yaml") => &export.yaml,
                _ => &export.json,
            };
            Ok(export_of(state, text))
        }
        ["v2", "apis"] => {
            let apis = state
                .apis
                .iter()
                .filter(|api| api.protocol != Protocol::Rest);
            let items = apis.map(|api| {
                let protocol = match api.protocol {
                    Protocol::WebSocket => "WEBSOCKET",
                    _ => "HTTP",
                };
                format!(
                    r#"{{"apiId":"{}","name":"{}","protocolType":"{protocol}"}}"#,
                    api.id, api.name
                )
            });
            Ok(page(
                "items",
                "nextToken",
                items.collect(),
                parameter("nextToken"),
            ))
        }
        ["v2", "apis", id, "stages"] => {
            let api = find(false, id, NO_HTTP_API)?;
            let items = api
                .stages
                .keys()
                .map(|name| format!(r#"{{"stageName":"{name}"}}"#));
            Ok(page(
                "items",
                "nextToken",
                items.collect(),
                parameter("nextToken"),
            ))
        }
        ["v2", "apis", id, "exports", "OAS30"] => {
            let api = find(false, id, NO_HTTP_API)?;
            let stage = parameter("stageName").unwrap_or_default();
            let export = api
                .stages
                .get(stage.as_str())
                .ok_or("Unable to find Stage")?;
            match parameter("outputType").as_deref() {
                Some("JSON") => Ok(export_of(state, &export.json)),
                Some("YAML") => Ok(export_of(state, &export.yaml)),
                _ => Ok(error(
                    StatusCode::BAD_REQUEST,
                    "BadRequestException",
                    "outputType is required",
                )),
            }
        }
        _ => Err("no such resource"),
    }
}

/// Returns a page of a list. The token of the next page is the index of its first item, and needs
/// percent-encoding.
fn page(items: &str, token: &str, all: Vec<String>, from: Option<String>) -> FakeResponse {
    let from: usize = from.map_or(0, |token| token.trim_start_matches("at/").parse().unwrap());
    let shown = all[from..]
        .iter()
        .take(PAGE)
        .cloned()
        .collect::<Vec<_>>()
        .join(",");
    let next = match from + PAGE < all.len() {
        true => format!(r#","{token}":"at/{}""#, from + PAGE),
        false => String::new(),
    };
    json(format!(r#"{{"{items}":[{shown}]{next}}}"#))
}

fn export_of(state: &State, text: &[u8]) -> FakeResponse {
    let end = match state.trouble.cut {
        true => text.len() / 2,
        false => text.len(),
    };
    Response::new(Full::new(Bytes::copy_from_slice(&text[..end])))
}

fn json(text: String) -> FakeResponse {
    Response::new(Full::new(text.into()))
}

fn error(status: StatusCode, kind: &str, message: &str) -> FakeResponse {
    let body = format!(r#"{{"message":{message:?}}}"#);
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert("x-amzn-errortype", kind.parse().unwrap());
    response
}
