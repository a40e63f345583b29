//! The gateway itself, without its network: one request in, one answer out.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use apigw_codegen::Api;
use apigw_codegen::api::Operation;
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::clock::Clock;
use crate::fault::{Delivery, Fault, Faults};
use crate::refusal::{ApiKind, Refusal, RefusalKind};
use crate::request::{Exchange, Request};
use crate::response::Response;
use crate::route::{Match, Router};
use crate::sample;
use crate::verify::{Caller, Verifier, WireRequest};

/// Answers the requests for one operation.
pub(crate) type Handler = Arc<dyn Fn(&Request) -> Response + Send + Sync>;

/// Is told of every exchange.
pub(crate) type Listener = Arc<dyn Fn(&Exchange) + Send + Sync>;

/// An API deployed to a stage.
pub(crate) struct Stage {
    pub(crate) kind: ApiKind,
    /// `/prod`, or empty without a stage.
    pub(crate) base_path: String,
    pub(crate) verifier: Verifier,
    pub(crate) verify: bool,
    pub(crate) clock: Clock,
    pub(crate) api_keys: HashSet<String>,
    pub(crate) api: DeployedApi,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
    pub(crate) next_id: AtomicU64,
}

/// What goes back to the caller, and how.
pub(crate) struct Outcome {
    pub(crate) response: Response,
    pub(crate) delivery: Delivery,
    /// The time that the `Date` header names.
    pub(crate) date: SystemTime,
}

impl Stage {
    /// A request id in the form of the service's; counted, so that a run can be repeated.
    pub(crate) fn request_id(&self) -> String {
        let number = self.next_id.fetch_add(1, Ordering::Relaxed);
        match self.kind {
            ApiKind::Rest => format!("00000000-0000-4000-8000-{number:012x}"),
            ApiKind::Http => format!("{number:015x}="),
        }
    }

    /// Answers one request and writes it down.
    pub(crate) fn handle(&self, mut request: Request) -> Outcome {
        let route = self.route(&request);
        let found = route.as_ref().ok().and_then(Option::as_ref);
        let fault = self.faults.next(found.map(|found| found.operation));
        let date = match fault.as_ref().and_then(Fault::skew) {
            Some(skew) => skew.apply(self.clock.now()),
            None => self.clock.now(),
        };
        let answer = self.admit(route, &mut request, fault.as_ref(), date);
        let (response, refusal) = match answer {
            Ok(found) => {
                let response = self.api.answer(found, &request);
                let distorted = match &fault {
                    Some(fault) => fault.distort(response),
                    None => response,
                };
                (distorted, None)
            }
            Err(refusal) => (refusal.response(self.kind), Some(refusal)),
        };
        let response = self.with_request_id(response, &request.id);
        self.log.add(Exchange {
            request,
            status: response.status,
            refusal,
        });
        Outcome {
            response,
            delivery: fault.map_or(Delivery::Whole, |fault| fault.delivery()),
            date,
        }
    }

    /// Refuses a request whose body was too large to read.
    pub(crate) fn refuse_too_large(&self, request: Request, limit: usize) -> Outcome {
        let refusal = Refusal::too_large(limit);
        let response = self.with_request_id(refusal.response(self.kind), &request.id);
        self.log.add(Exchange {
            request,
            status: response.status,
            refusal: Some(refusal),
        });
        Outcome {
            response,
            delivery: Delivery::Whole,
            date: self.clock.now(),
        }
    }

    /// The operation that a request is for; none is fine only where everything is echoed.
    fn route(&self, request: &Request) -> Result<Option<Match>, Refusal> {
        let path = request
            .path()
            .strip_prefix(&self.base_path)
            .filter(|rest| rest.is_empty() || rest.starts_with('/'))
            .ok_or_else(|| {
                Refusal::no_stage(format!(
                    "the path {:?} does not begin with the stage {:?}",
                    request.path(),
                    self.base_path
                ))
            })?;
        match self.api.router.find(request.method.as_str(), path) {
            None if !self.api.echo => Err(Refusal::no_route(format!(
                "no operation for {} {path:?} behind the stage {:?}",
                request.method, self.base_path
            ))),
            found => Ok(found),
        }
    }

    /// Decides whether a request may pass, in the order of the service: route, signature, API key, quota.
    fn admit(
        &self,
        route: Result<Option<Match>, Refusal>,
        request: &mut Request,
        fault: Option<&Fault>,
        now: SystemTime,
    ) -> Result<Option<Match>, Refusal> {
        let found = match route {
            Ok(found) => found,
            // a garbled signature is reported even where there is no route
            Err(no_route) => match self.verified(request, now) {
                Err(garbled) if garbled.kind() == RefusalKind::IncompleteSignature => {
                    return Err(garbled);
                }
                _ => return Err(no_route),
            },
        };
        let operation = found.as_ref().map(|found| self.api.operation(found));
        if let Some((operation, found)) = operation.zip(found.as_ref()) {
            request.operation = Some(operation.name.clone());
            request.path_parameters = found.path_parameters.clone();
        }
        if self.verify && operation.is_none_or(|operation| operation.auth.iam) {
            request.caller = Some(self.verified(request, now)?);
        }
        if operation.is_some_and(|operation| operation.auth.api_key) {
            self.check_api_key(request)?;
        }
        match fault.and_then(Fault::refusal) {
            Some(refusal) => Err(refusal),
            None => Ok(found),
        }
    }

    fn verified(&self, request: &Request, now: SystemTime) -> Result<Caller, Refusal> {
        let wire = WireRequest {
            method: request.method.as_str(),
            target: &request.target,
            headers: &request.headers,
            body: &request.body,
        };
        self.verifier.verify(wire, now)
    }

    /// Without keys of its own, the gateway takes any.
    fn check_api_key(&self, request: &Request) -> Result<(), Refusal> {
        match request.header("x-api-key") {
            None => Err(Refusal::api_key(
                "this operation needs an x-api-key header, and none arrived",
            )),
            Some(key) if self.api_keys.is_empty() || self.api_keys.contains(key) => Ok(()),
            Some(_) => Err(Refusal::api_key(
                "the x-api-key is not one that this gateway knows",
            )),
        }
    }

    fn with_request_id(&self, response: Response, id: &str) -> Response {
        match self.kind {
            ApiKind::Rest => response.header("x-amzn-requestid", id).header(
                "x-amz-apigw-id",
                &format!("{}=", id.replace('-', "").split_off(17)),
            ),
            ApiKind::Http => response.header("apigw-requestid", id),
        }
    }
}

/// Where a handler or a fault is attached: an operation by its name, its operation id, or its method and path.
pub(crate) struct DeployedApi {
    api: Api,
    router: Router,
    handlers: HashMap<usize, Handler>,
    /// Made when first asked for.
    samples: Vec<OnceLock<Response>>,
    /// Whether requests without an operation are echoed.
    echo: bool,
}

impl DeployedApi {
    pub(crate) fn new(api: Api, echo: bool) -> Self {
        Self {
            router: Router::new(&api.operations),
            samples: api.operations.iter().map(|_| OnceLock::new()).collect(),
            handlers: HashMap::new(),
            api,
            echo,
        }
    }

    pub(crate) fn handle(&mut self, operation: usize, handler: Handler) {
        self.handlers.insert(operation, handler);
    }

    /// The operation with this name, operation id, or method and path (`GET /orders/{orderId}`).
    pub(crate) fn find(&self, name: &str) -> Result<usize, crate::Error> {
        let named = |operation: &Operation| {
            operation.name == name
                || operation.operation_id.as_deref() == Some(name)
                || operation.route() == name
        };
        self.api.operations.iter().position(named).ok_or_else(|| {
            let known: Vec<&str> = self
                .api
                .operations
                .iter()
                .map(|operation| operation.name.as_str())
                .collect();
            crate::Error::UnknownOperation {
                name: name.to_owned(),
                known: known.join(", "),
            }
        })
    }

    fn operation(&self, found: &Match) -> &Operation {
        &self.api.operations[found.operation]
    }

    fn answer(&self, found: Option<Match>, request: &Request) -> Response {
        let Some(found) = found else {
            return echo(request);
        };
        if let Some(handler) = self.handlers.get(&found.operation) {
            return handler(request);
        }
        self.samples[found.operation]
            .get_or_init(|| sample::response(&self.api, self.operation(&found)))
            .clone()
    }
}

/// What arrived, as JSON; secrets are left out.
fn echo(request: &Request) -> Response {
    let headers: Map<String, Value> = request
        .headers
        .keys()
        .map(|name| {
            let values: Vec<Value> = request
                .headers
                .get_all(name)
                .iter()
                .map(|value| match value.is_sensitive() {
                    true => json!("(not shown)"),
                    false => json!(String::from_utf8_lossy(value.as_bytes())),
                })
                .collect();
            (name.to_string(), Value::Array(values))
        })
        .collect();
    let query: Vec<Value> = request
        .query_pairs()
        .filter(|(name, _)| !name.starts_with("X-Amz-"))
        .map(|(name, value)| json!([name, value]))
        .collect();
    Response::json(
        StatusCode::OK,
        json!({
            "method": request.method.as_str(),
            "path": request.path(),
            "query": query,
            "headers": headers,
            "body": String::from_utf8_lossy(&request.body),
            "caller": request.caller.as_ref().map(|caller| json!({
                "accessKey": caller.access_key,
                "scope": caller.scope,
                "signedHeaders": caller.signed_headers,
                "presigned": caller.presigned,
            })),
        }),
    )
}

/// The last exchanges, the oldest first.
pub(crate) struct Log {
    exchanges: Mutex<VecDeque<Exchange>>,
    keep: usize,
    listener: Option<Listener>,
}

impl Log {
    pub(crate) fn new(keep: usize, listener: Option<Listener>) -> Self {
        Self {
            exchanges: Mutex::default(),
            keep,
            listener,
        }
    }

    fn add(&self, exchange: Exchange) {
        if let Some(listener) = &self.listener {
            listener(&exchange);
        }
        let mut exchanges = self
            .exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        exchanges.push_back(exchange);
        if exchanges.len() > self.keep {
            exchanges.pop_front();
        }
    }

    pub(crate) fn all(&self) -> Vec<Exchange> {
        let exchanges = self
            .exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        exchanges.iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        self.exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stage")
            .field("kind", &self.kind)
            .field("base_path", &self.base_path)
            .field("operations", &self.api.api.operations.len())
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}
