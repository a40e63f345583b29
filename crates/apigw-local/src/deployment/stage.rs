//! The gateway itself, without its network: one request in, one answer out.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use crate::clock::Clock;
use crate::deployment::api::DeployedApi;
use crate::deployment::api_keys::ApiKeys;
use crate::deployment::kind::ApiKind;
use crate::deployment::route::Match;
use crate::fault::{Delivery, Fault, Faults};
use crate::refusal::{Refusal, RefusalKind};
use crate::server::log::Log;
use crate::server::request::{Exchange, Request};
use crate::server::response::Response;
use crate::signature::verify::{Caller, Verifier, WireRequest};

/// An API deployed to a stage.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) kind: ApiKind,
    /// `/prod`, or empty without a stage.
    pub(crate) base_path: String,
    pub(crate) verifier: Verifier,
    pub(crate) verify: bool,
    pub(crate) clock: Clock,
    pub(crate) api_keys: ApiKeys,
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
        self.api.route(request.method.as_str(), path)
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
            Err(no_route) => return Err(self.garbled(request, now).unwrap_or(no_route)),
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

    /// A signature that cannot be read is reported even where there is no route.
    fn garbled(&self, request: &Request, now: SystemTime) -> Option<Refusal> {
        let refusal = self.verified(request, now).err().filter(|_| self.verify)?;
        (refusal.kind() == RefusalKind::IncompleteSignature).then_some(refusal)
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

    fn check_api_key(&self, request: &Request) -> Result<(), Refusal> {
        match request.header("x-api-key") {
            None => Err(Refusal::api_key(
                "this operation needs an x-api-key header, and none arrived",
            )),
            Some(key) if self.api_keys.accept(key) => Ok(()),
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
