//! The client.

pub(crate) mod build_error;
pub(crate) mod builder;
pub(crate) mod configuration;
pub(crate) mod endpoint;
pub(crate) mod environment;
mod limits;
mod user_agent;

pub(crate) use limits::Limits;

use std::fmt;
use std::sync::Arc;

use http::{HeaderValue, Method};
use percent_encoding::{CONTROLS, utf8_percent_encode};
use reqwest_middleware::ClientWithMiddleware;
use url::Url;

use crate::api::Api;
use crate::client::environment::Environment;
use crate::send::metrics::Metrics;
use crate::send::retry::Retries;
use crate::{Call, RetryPolicy};

/// A client of one API, built by [`ClientBuilder`](crate::ClientBuilder).
///
/// Cheap to clone. Clones share the connection pool, the credentials and all other state.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) api: &'static Api,
    pub(crate) endpoint: Url,
    pub(crate) http: ClientWithMiddleware,
    pub(crate) signs: bool,
    pub(crate) user_agent: HeaderValue,
    pub(crate) api_key: Option<HeaderValue>,
    pub(crate) private_api_id: Option<HeaderValue>,
    pub(crate) limits: Limits,
    pub(crate) retry: RetryPolicy,
    pub(crate) retries: Retries,
    pub(crate) metrics: Metrics,
    /// In a Lambda function: the environment, where the runtime sets the trace id of the current invocation.
    pub(crate) invocation: Option<Environment>,
}

impl Inner {
    /// Returns the trace id of the current Lambda invocation. The AWS SDKs propagate it in the same way.
    pub(crate) fn trace_id(&self) -> Option<HeaderValue> {
        let id = self.invocation.as_ref()?.get("_X_AMZN_TRACE_ID")?;
        let id = utf8_percent_encode(&id, CONTROLS).to_string(); // also encodes non-ASCII characters
        HeaderValue::from_str(&id).ok()
    }
}

impl Client {
    pub(crate) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// Returns the API that this client calls.
    pub fn api(&self) -> &'static Api {
        self.0.api
    }

    /// Returns the endpoint: the invoke URL including the stage.
    pub fn endpoint(&self) -> &Url {
        &self.0.endpoint
    }

    /// Creates a request to a route that the spec does not describe. It is signed if the client has a signer.
    ///
    /// `path` is relative to the stage. Write parameters in braces, as in `/orders/{id}`, and set them with [`Call::path`]; do not
    /// insert values into the path. The API key, if the client has one, is sent as well.
    pub fn request(&self, method: Method, path: &str) -> Call {
        Call::undocumented(self, method, path)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("api", &self.0.api.name)
            .field("endpoint", &self.0.endpoint.as_str())
            .field("signs", &self.0.signs)
            .field("limits", &self.0.limits)
            .field("retry", &self.0.retry)
            .finish_non_exhaustive()
    }
}
