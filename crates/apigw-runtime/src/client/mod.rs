//! The client: cheap to clone, shared by all calls.

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
use crate::send::retry::Retries;
use crate::{Call, RetryPolicy};

/// What sends the requests of one API. Made by [`ClientBuilder`](crate::ClientBuilder).
///
/// A clone shares the connection pool, the credentials and everything else.
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
    /// Inside a Lambda function: where the runtime says which trace the invocation at hand belongs to.
    pub(crate) invocation: Option<Environment>,
}

impl Inner {
    /// The trace of the invocation, for the service to continue, as the AWS SDKs pass it on.
    pub(crate) fn trace_id(&self) -> Option<HeaderValue> {
        let id = self.invocation.as_ref()?.get("_X_AMZN_TRACE_ID")?;
        let id = utf8_percent_encode(&id, CONTROLS).to_string(); // also whatever is not ASCII
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

    /// The API behind this client.
    pub fn api(&self) -> &'static Api {
        self.0.api
    }

    /// Where requests go: the invoke URL with its stage.
    pub fn endpoint(&self) -> &Url {
        &self.0.endpoint
    }

    /// A request that the document does not describe, signed if the client signs anything.
    ///
    /// `path` is below the stage and may have parameters in braces, which [`Call::path`] fills: write `/orders/{id}` rather than
    /// pasting a value in. The API key, if the client has one, is sent too.
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
