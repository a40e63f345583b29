//! The builder of a gateway.

use std::fmt;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use apigw_spec::overlay::Overlay;
use apigw_spec::{Api, Report, Spec};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::deployment::api::{DeployedApi, Handler, Unmatched};
use crate::deployment::api_keys::ApiKeys;
use crate::deployment::kind::ApiKind;
use crate::deployment::route::iam_operation;
use crate::deployment::stage::Stage;
use crate::error::Error;
use crate::fault::Faults;
use crate::gateway::{LocalGateway, Server};
use crate::server::connection;
use crate::server::log::{Listener, Log};
use crate::server::request::{Exchange, Request};
use crate::server::response::Response;
use crate::signature::credentials::Credentials;
use crate::signature::verify::{QueryRule, Verifier};

/// The Region if neither the builder nor the spec sets one.
const DEFAULT_REGION: &str = "us-east-1";

/// The default number of exchanges to keep.
const DEFAULT_KEEP: usize = 10_000;

/// Configures and starts a [`LocalGateway`]. All settings are optional.
#[must_use = "a builder does nothing until start()"]
pub struct Builder {
    api: Source,
    overlay: Option<PathBuf>,
    kind: Option<ApiKind>,
    stage: Option<String>,
    region: Option<String>,
    credentials: Vec<Credentials>,
    query_rule: QueryRule,
    unsigned_payload: bool,
    verify: bool,
    api_keys: ApiKeys,
    clock: Clock,
    handlers: Vec<(String, Handler)>,
    otherwise: Option<Handler>,
    listener: Option<Listener>,
    keep: usize,
    port: u16,
    #[cfg(feature = "websocket")]
    sockets: Option<crate::server::websocket::MessageHandler>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            api: Source::Echo,
            overlay: None,
            kind: None,
            stage: None,
            region: None,
            credentials: Vec::new(),
            query_rule: QueryRule::default(),
            unsigned_payload: false,
            verify: true,
            api_keys: ApiKeys::default(),
            clock: Clock::default(),
            handlers: Vec::new(),
            otherwise: None,
            listener: None,
            keep: DEFAULT_KEEP,
            port: 0,
            #[cfg(feature = "websocket")]
            sockets: None,
        }
    }
}

impl Builder {
    /// Sets the API to serve. Without one, every path requires a signature and returns an echo of the request.
    pub fn api(mut self, api: Api) -> Self {
        self.api = Source::Api(Box::new(api));
        self
    }

    /// Sets the spec of the API to serve: an API Gateway export, OpenAPI 3 or Swagger 2.0, JSON or YAML.
    pub fn spec(mut self, path: impl Into<PathBuf>) -> Self {
        self.api = Source::Spec(path.into());
        self
    }

    /// Sets the overlay to apply to the spec, as for the generated client.
    pub fn overlay(mut self, path: impl Into<PathBuf>) -> Self {
        self.overlay = Some(path.into());
        self
    }

    /// Sets whether to behave as a REST API or as an HTTP API.
    ///
    /// The default is the kind of API that the spec was exported from, or a REST API if that is unknown.
    pub fn kind(mut self, kind: ApiKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Sets the stage, the first segment of every path: `prod`.
    ///
    /// The base path of a custom domain, which can have several segments, also works. `""` is the `$default` stage
    /// of an HTTP API. The default is the path of the API's endpoint.
    pub fn stage(mut self, stage: impl Into<String>) -> Self {
        self.stage = Some(stage.into());
        self
    }

    /// Sets the Region that requests must be signed for.
    ///
    /// The default is the Region of the API's endpoint, or `us-east-1` without one.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Adds long-term credentials. Without any credentials, the gateway accepts [`Credentials::example`].
    pub fn credentials(self, access_key: impl Into<String>, secret_key: impl Into<String>) -> Self {
        self.caller(Credentials::new(access_key, secret_key))
    }

    /// Adds temporary credentials.
    pub fn temporary_credentials(
        self,
        access_key: impl Into<String>,
        secret_key: impl Into<String>,
        session_token: impl Into<String>,
    ) -> Self {
        self.caller(Credentials::temporary(
            access_key,
            secret_key,
            session_token,
        ))
    }

    /// Adds credentials of any kind, such as credentials that expire.
    pub fn caller(mut self, credentials: Credentials) -> Self {
        self.credentials.push(credentials);
        self
    }

    /// Sets whether to verify signatures. The default is `true`.
    pub fn verify(mut self, verify: bool) -> Self {
        self.verify = verify;
        self
    }

    /// Sets the interpretations of the query string that the signature must match. The default is all of them.
    pub fn query_rule(mut self, rule: QueryRule) -> Self {
        self.query_rule = rule;
        self
    }

    /// Sets whether to accept `UNSIGNED-PAYLOAD`. The default is `false`; see [`Verifier::unsigned_payload`].
    pub fn unsigned_payload(mut self, accepted: bool) -> Self {
        self.unsigned_payload = accepted;
        self
    }

    /// Adds an API key for operations that require one. Without any, these operations accept every key.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_keys.add(key.into());
        self
    }

    /// Sets the clock of the gateway. A [`SystemTime`](std::time::SystemTime) is a clock that never advances.
    pub fn clock(mut self, clock: impl Into<Clock>) -> Self {
        self.clock = clock.into();
        self
    }

    /// Sets a handler for an operation. It replaces the sample response.
    ///
    /// The handler runs on the task of the connection, so it must not block. If it panics, the connection is closed
    /// without a response.
    ///
    /// `operation` is the name of the client's method (`get_orders`), the `operationId`, or the method and path template
    /// (`GET /orders/{orderId}`, `ANY /{proxy+}`). Without an API, a method and path adds a new operation that requires
    /// a signature.
    pub fn on<R: Into<Response>>(
        mut self,
        operation: impl Into<String>,
        handler: impl Fn(&Request) -> R + Send + Sync + 'static,
    ) -> Self {
        let handler: Handler = Arc::new(move |request| handler(request).into());
        self.handlers.push((operation.into(), handler));
        self
    }

    /// Serves a WebSocket API. `handler` gets the connection ID and each text message, and returns the reply, if any.
    ///
    /// A handshake at the stage requires a signature, in the headers or the query. `@connections` sends messages to a connection (`POST`),
    /// describes it (`GET`) and closes it (`DELETE`); for other connections it returns 410 `GoneException`. As in API Gateway, a
    /// message has at most 128 KB in frames of at most 32 KB. There are no route selection and no `$connect` and `$disconnect` routes,
    /// and binary messages are ignored.
    ///
    /// A WebSocket API has no spec, so [`api`](Self::api), [`spec`](Self::spec) and [`on`](Self::on) have no effect on its responses.
    #[cfg(feature = "websocket")]
    pub fn websocket(
        mut self,
        handler: impl Fn(&str, &str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.sockets = Some(Arc::new(handler));
        self
    }

    /// Sets a function to call for every exchange before the response is sent, for example to log it.
    pub fn on_request(mut self, listener: impl Fn(&Exchange) + Send + Sync + 'static) -> Self {
        self.listener = Some(Arc::new(listener));
        self
    }

    /// Sets the number of exchanges to keep. The default is 10 000; the oldest are removed first.
    pub fn keep_requests(mut self, count: usize) -> Self {
        self.keep = count;
        self
    }

    /// Sets the port on `127.0.0.1`. The default is 0, which selects a free port.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets a handler for requests that match no operation. It runs without verifying the signature.
    ///
    /// By default, such requests are refused as by API Gateway, or echoed if there is no API.
    pub fn otherwise<R: Into<Response>>(
        mut self,
        handler: impl Fn(&Request) -> R + Send + Sync + 'static,
    ) -> Self {
        self.otherwise = Some(Arc::new(move |request| handler(request).into()));
        self
    }

    /// Starts the gateway. It accepts connections as soon as this returns.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Spec`] if the spec or overlay can't be read, [`Error::UnknownOperation`] if [`on`](Self::on)
    /// names an operation that the API does not have, and [`Error::Listen`] if the port is not available.
    pub async fn start(self) -> Result<LocalGateway, Error> {
        let port = self.port;
        let mut gateway = self.in_memory()?;
        let listen_error = |source| Error::Listen { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;
        let (stop, stopped) = watch::channel(());
        let stage = Arc::clone(&gateway.stage);
        let task = tokio::spawn(connection::serve(listener, stage, stopped));
        gateway.server = Some(Server {
            address,
            stop,
            task,
        });
        Ok(gateway)
    }

    /// Builds the gateway without a socket. Pass requests to [`LocalGateway::handle`].
    ///
    /// # Errors
    ///
    /// Returns an error as [`start`](Self::start), except [`Error::Listen`].
    pub fn in_memory(self) -> Result<LocalGateway, Error> {
        let mut report = Report::new();
        let (api, exported_kind, echo) = match self.api {
            Source::Echo => (api_of_handlers(&self.handlers), None, true),
            Source::Api(api) => (*api, None, false),
            Source::Spec(path) => {
                let mut spec = Spec::read(path)?;
                if let Some(overlay) = self.overlay {
                    spec = spec.overlaid(&Overlay::read(overlay)?)?;
                }
                report = spec.report().clone();
                (Api::read(&spec, &mut report), ApiKind::of(&spec), false)
            }
        };
        let base_path = match &self.stage {
            Some(stage) => base_path(stage),
            None => api
                .endpoint
                .as_deref()
                .map(path_of)
                .map(base_path)
                .unwrap_or_default(),
        };
        let region = self
            .region
            .or_else(|| api.region.clone())
            .unwrap_or_else(|| DEFAULT_REGION.to_owned());
        let verifier = Verifier::new(region)
            .query_rule(self.query_rule)
            .unsigned_payload(self.unsigned_payload);
        if self.credentials.is_empty() {
            verifier.keys().add(Credentials::example());
        }
        for credentials in self.credentials {
            verifier.keys().add(credentials);
        }
        let unmatched = match self.otherwise {
            Some(handler) => Unmatched::Handle(handler),
            None if echo => Unmatched::Echo,
            None => Unmatched::Refuse,
        };
        let mut api = DeployedApi::new(api, unmatched);
        for (name, handler) in self.handlers {
            let operation = api.find(&name)?;
            api.set_handler(operation, handler);
        }
        let stage = Arc::new(Stage {
            kind: self.kind.or(exported_kind).unwrap_or_default(),
            base_path,
            verifier,
            verify: self.verify,
            clock: self.clock,
            api_keys: self.api_keys,
            api,
            faults: Faults::default(),
            log: Log::new(self.keep, self.listener),
            next_id: AtomicU64::new(1),
            #[cfg(feature = "websocket")]
            sockets: self.sockets.map(crate::server::websocket::Sockets::new),
        });
        Ok(LocalGateway {
            stage,
            report,
            server: None,
        })
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("api", &self.api)
            .field("kind", &self.kind)
            .field("stage", &self.stage)
            .field("region", &self.region)
            .field("credentials", &self.credentials)
            .field("verify", &self.verify)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// The source of the API.
enum Source {
    Echo,
    Api(Box<Api>),
    Spec(PathBuf),
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Echo => f.write_str("Echo"),
            Self::Api(api) => f.debug_tuple("Api").field(&api.title).finish(),
            Self::Spec(path) => f.debug_tuple("Spec").field(path).finish(),
        }
    }
}

/// Returns `/prod` for `prod`, `/prod/` and `/prod`, and an empty string for an empty stage.
fn base_path(stage: &str) -> String {
    match stage.trim_matches('/') {
        "" => String::new(),
        stage => format!("/{stage}"),
    }
}

/// Returns the path of a URL, without the leading slash.
fn path_of(url: &str) -> &str {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    after_scheme.split_once('/').map_or("", |(_, path)| path)
}

/// Returns an API with an operation for each handler that names a route.
fn api_of_handlers(handlers: &[(String, Handler)]) -> Api {
    let operations = handlers
        .iter()
        .filter_map(|(route, _)| iam_operation(route));
    Api {
        operations: operations.collect(),
        ..Api::default()
    }
}
