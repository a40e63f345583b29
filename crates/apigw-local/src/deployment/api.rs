//! The operations of a deployed API, with their handlers or sample responses.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use apigw_spec::Api;
use apigw_spec::api::Operation;
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::deployment::route::{Match, Router};
use crate::error::Error;
use crate::refusal::Refusal;
use crate::sample::Sample;
use crate::server::request::Request;
use crate::server::response::Response;

/// Returns the response to a request.
pub(crate) type Handler = Arc<dyn Fn(&Request) -> Response + Send + Sync>;

/// An API whose operations return responses.
pub(crate) struct DeployedApi {
    api: Api,
    router: Router,
    handlers: HashMap<usize, Handler>,
    /// The sample responses of each operation, created on first use.
    samples: Vec<OnceLock<Sample>>,
    unmatched: Unmatched,
}

/// What happens to requests that match no operation.
#[derive(Clone)]
pub(crate) enum Unmatched {
    Refuse,
    /// They need a signature.
    Echo,
    /// They need no signature.
    Handle(Handler),
}

impl DeployedApi {
    /// Fails if a handler is for an operation that the API does not have.
    pub(crate) fn new(
        api: Api,
        unmatched: Unmatched,
        handlers: &[(String, Handler)],
    ) -> Result<Self, Error> {
        let mut deployed = Self {
            router: Router::new(&api.operations),
            samples: api.operations.iter().map(|_| OnceLock::new()).collect(),
            handlers: HashMap::new(),
            api,
            unmatched,
        };
        for (name, handler) in handlers {
            let operation = deployed.find(name)?;
            deployed.handlers.insert(operation, Arc::clone(handler));
        }
        Ok(deployed)
    }

    pub(crate) fn api(&self) -> &Api {
        &self.api
    }

    pub(crate) fn operations(&self) -> &[Operation] {
        &self.api.operations
    }

    /// Returns the index of the operation with this name, `operationId`, or method and path (`GET /orders/{orderId}`).
    pub(crate) fn find(&self, name: &str) -> Result<usize, Error> {
        let matches = |operation: &Operation| {
            operation.name == name
                || operation.operation_id.as_deref() == Some(name)
                || operation.route() == name
        };
        self.api.operations.iter().position(matches).ok_or_else(|| {
            let known: Vec<&str> = self
                .api
                .operations
                .iter()
                .map(|operation| operation.name.as_str())
                .collect();
            Error::UnknownOperation {
                name: name.to_owned(),
                known: known.join(", "),
            }
        })
    }

    /// Returns the operation that a request matches, or `None` if the API has another response for it.
    pub(crate) fn route(&self, method: &str, path: &str) -> Result<Option<Match>, Refusal> {
        match self.router.find(method, path) {
            None if matches!(self.unmatched, Unmatched::Refuse) => Err(Refusal::no_route(format!(
                "no operation matches {method} {path:?}"
            ))),
            found => Ok(found),
        }
    }

    /// Returns whether requests that match no operation need a signature.
    pub(crate) fn verifies_unmatched(&self) -> bool {
        !matches!(self.unmatched, Unmatched::Handle(_))
    }

    pub(crate) fn operation(&self, found: &Match) -> &Operation {
        &self.api.operations[found.operation]
    }

    pub(crate) fn respond(&self, found: Option<Match>, request: &Request) -> Response {
        let Some(found) = found else {
            return match &self.unmatched {
                Unmatched::Handle(handler) => handler(request),
                Unmatched::Echo | Unmatched::Refuse => echo(request),
            };
        };
        if let Some(handler) = self.handlers.get(&found.operation) {
            return handler(request);
        }
        self.samples[found.operation]
            .get_or_init(|| Sample::of(&self.api, self.operation(&found)))
            .response(request)
    }
}

/// Returns the request as JSON, without secrets.
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

impl fmt::Debug for DeployedApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeployedApi")
            .field("title", &self.api.title)
            .field("operations", &self.api.operations.len())
            .field("handlers", &self.handlers.len())
            .finish_non_exhaustive()
    }
}
