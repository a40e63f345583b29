//! The stage: turns a request into a response, without the network.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use apigw_spec::api::{Method, Operation};

use crate::clock::Clock;
use crate::deployment::api::DeployedApi;
use crate::deployment::api_keys::ApiKeys;
use crate::deployment::kind::ApiKind;
use crate::deployment::live::LiveApi;
use crate::deployment::route::Match;
use crate::fault::{Delivery, Fault, Faults};
use crate::policy::AccessControl;
use crate::refusal::{Refusal, RefusalKind};
use crate::server::log::Log;
use crate::server::request::{Exchange, Request};
use crate::server::response::Response;
use crate::signature::verify::{Caller, Verifier, WireRequest};

/// An API deployed to a stage.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) kind: ApiKind,
    /// `/prod`, or an empty string for the `$default` stage.
    pub(crate) base_path: String,
    pub(crate) verifier: Verifier,
    pub(crate) verify: bool,
    pub(crate) clock: Clock,
    pub(crate) api_keys: ApiKeys,
    pub(crate) api: LiveApi,
    pub(crate) access: AccessControl,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
    pub(crate) next_id: AtomicU64,
    /// `None` unless this is a WebSocket API.
    #[cfg(feature = "websocket")]
    pub(crate) sockets: Option<crate::server::websocket::Sockets>,
}

/// A response, and how to send it.
pub(crate) struct Outcome {
    pub(crate) response: Response,
    pub(crate) delivery: Delivery,
    /// The value of the `Date` header.
    pub(crate) date: SystemTime,
    /// The connection that a handshake opens.
    #[cfg(feature = "websocket")]
    pub(crate) opens: Option<String>,
}

impl Stage {
    /// Returns a request ID in the format of API Gateway. IDs are numbered, so that test runs are reproducible.
    pub(crate) fn request_id(&self) -> String {
        let number = self.next_id.fetch_add(1, Ordering::Relaxed);
        match self.kind {
            ApiKind::Rest => format!("00000000-0000-4000-8000-{number:012x}"),
            ApiKind::Http => format!("{number:015x}="),
        }
    }

    /// Handles a request, and logs the exchange.
    pub(crate) fn handle(&self, mut request: Request) -> Outcome {
        let api = self.api.current();
        let route = self.route(&api, &request);
        let found = route.as_ref().ok().and_then(Option::as_ref);
        let operation = found.map(|found| api.operation(found).route());
        let fault = self.faults.next(operation.as_deref());
        let date = match fault.as_ref().and_then(Fault::skew) {
            Some(skew) => skew.apply(self.clock.now()),
            None => self.clock.now(),
        };
        let admitted = self.admit(&api, route, &mut request, fault.as_ref(), date);
        let (response, refusal) = match admitted {
            Ok(found) => {
                let response = self.respond(&api, found, &request);
                let response = match &fault {
                    Some(fault) => fault.change(response),
                    None => response,
                };
                (response, None)
            }
            Err(refusal) => (refusal.response(self.kind), Some(refusal)),
        };
        let response = self.with_request_id(response, &request.id);
        #[cfg(feature = "websocket")]
        let opens = (response.status == http::StatusCode::SWITCHING_PROTOCOLS)
            .then(|| crate::server::websocket::connection_id(&request));
        self.log.add(Exchange {
            request,
            status: response.status,
            refusal,
        });
        Outcome {
            #[cfg(feature = "websocket")]
            opens,
            response,
            delivery: fault.map_or(Delivery::Normal, |fault| fault.delivery()),
            date,
        }
    }

    /// Refuses a request whose body is larger than `limit` bytes.
    pub(crate) fn refuse_too_large(&self, request: Request, limit: usize) -> Outcome {
        let refusal = Refusal::too_large(limit);
        let response = self.with_request_id(refusal.response(self.kind), &request.id);
        self.log.add(Exchange {
            request,
            status: response.status,
            refusal: Some(refusal),
        });
        Outcome {
            #[cfg(feature = "websocket")]
            opens: None,
            response,
            delivery: Delivery::Normal,
            date: self.clock.now(),
        }
    }

    fn respond(&self, api: &DeployedApi, found: Option<Match>, request: &Request) -> Response {
        #[cfg(feature = "websocket")]
        if let Some(sockets) = &self.sockets {
            let path = self.path_in_stage(request).unwrap_or(request.path());
            return sockets.respond(request, path, &self.clock);
        }
        api.respond(found, request)
    }

    /// Returns the operation that a request matches, or `None` if it matches none and is not refused.
    fn route(&self, api: &DeployedApi, request: &Request) -> Result<Option<Match>, Refusal> {
        let path = self.path_in_stage(request).ok_or_else(|| {
            Refusal::no_stage(format!(
                "the path {:?} does not start with the stage {:?}",
                request.path(),
                self.base_path
            ))
        })?;
        api.route(request.method.as_str(), path)
    }

    /// Returns the path as sent, without the stage.
    fn path_in_stage<'a>(&self, request: &'a Request) -> Option<&'a str> {
        let rest = request.path().strip_prefix(&self.base_path);
        rest.filter(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Checks a request in the same order as API Gateway: route, signature, policies, API key, quota.
    fn admit(
        &self,
        api: &DeployedApi,
        route: Result<Option<Match>, Refusal>,
        request: &mut Request,
        fault: Option<&Fault>,
        now: SystemTime,
    ) -> Result<Option<Match>, Refusal> {
        let found = match route {
            Ok(found) => found,
            Err(no_route) => {
                return Err(self.malformed_signature(request, now).unwrap_or(no_route));
            }
        };
        let operation = found.as_ref().map(|found| api.operation(found));
        if let Some((operation, found)) = operation.zip(found.as_ref()) {
            request.operation = Some(operation.name.clone());
            request.path_parameters = found.path_parameters.clone();
        }
        if self.verify && operation.map_or(api.verifies_unmatched(), |operation| operation.auth.iam)
        {
            let caller = self.verify_signature(request, now)?;
            let principal = caller.principal.clone();
            request.caller = Some(caller);
            self.access.check(
                &principal,
                request.method.as_str(),
                self.path_in_stage(request).unwrap_or_default(),
                self.kind == ApiKind::Http && operation.is_some_and(is_default_route),
            )?;
        }
        if operation.is_some_and(|operation| operation.auth.api_key) {
            self.check_api_key(request)?;
        }
        match fault.and_then(Fault::refusal) {
            Some(refusal) => Err(refusal),
            None => Ok(found),
        }
    }

    /// Returns the refusal of a malformed signature, which API Gateway reports even if no route matches.
    fn malformed_signature(&self, request: &Request, now: SystemTime) -> Option<Refusal> {
        let refusal = self
            .verify_signature(request, now)
            .err()
            .filter(|_| self.verify)?;
        (refusal.kind() == RefusalKind::IncompleteSignature).then_some(refusal)
    }

    fn verify_signature(&self, request: &Request, now: SystemTime) -> Result<Caller, Refusal> {
        let wire = WireRequest {
            method: request.method.as_str(),
            target: &request.target,
            headers: &request.headers,
            body: &request.body,
        };
        self.verifier.verify(wire, now)
    }

    fn check_api_key(&self, request: &Request) -> Result<(), Refusal> {
        match request.header("x-api-key") {
            None => Err(Refusal::api_key(
                "the operation requires an x-api-key header, which is missing",
            )),
            Some(key) if self.api_keys.accepts(key) => Ok(()),
            Some(_) => Err(Refusal::api_key(
                "the API key in x-api-key is unknown to this gateway",
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

/// Returns whether an operation of an HTTP API is its `$default` route, which is read as a greedy path.
fn is_default_route(operation: &Operation) -> bool {
    operation.method == Method::Any
        && matches!(operation.path.as_str(), "/{path+}" | "/{default_path+}")
}
