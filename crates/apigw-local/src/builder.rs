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
use crate::deployment::api::{DeployedApi, Handler};
use crate::deployment::api_keys::ApiKeys;
use crate::deployment::kind::ApiKind;
use crate::deployment::route::iam_operation;
use crate::deployment::stage::Stage;
use crate::error::Error;
use crate::fault::Faults;
use crate::gateway::LocalGateway;
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

/// Says what kind of gateway to start.
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
    listener: Option<Listener>,
    keep: usize,
    port: u16,
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
            listener: None,
            keep: DEFAULT_KEEP,
            port: 0,
        }
    }
}

impl Builder {
    /// The API to answer for. Without one, every path is IAM-protected and answered with an echo of the request.
    pub fn api(mut self, api: Api) -> Self {
        self.api = Source::Api(Box::new(api));
        self
    }

    /// The document of the API to answer for: OpenAPI 3 or Swagger 2.0, JSON or YAML, as API Gateway exports it.
    pub fn spec(mut self, path: impl Into<PathBuf>) -> Self {
        self.api = Source::Spec(path.into());
        self
    }

    /// What people add to that document: the overlay that the client was generated with.
    pub fn overlay(mut self, path: impl Into<PathBuf>) -> Self {
        self.overlay = Some(path.into());
        self
    }

    /// Whether to answer as a REST API or as an HTTP API; unless set, as the one that the document was exported from,
    /// where the document tells, and else as a REST API.
    pub fn kind(mut self, kind: ApiKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// The stage, the first part of every path: `prod`. A custom domain's base path, of several segments, is fine too.
    /// Without it, the path of the API's own endpoint is used; `""` is the `$default` stage of an HTTP API.
    pub fn stage(mut self, stage: impl Into<String>) -> Self {
        self.stage = Some(stage.into());
        self
    }

    /// The region that requests must be signed for; the region of the API's endpoint, or else `us-east-1`, unless set.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Adds long-term credentials. When none are added, the gateway knows [`Credentials::example`].
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

    /// Adds credentials of any kind, such as ones that expire.
    pub fn caller(mut self, credentials: Credentials) -> Self {
        self.credentials.push(credentials);
        self
    }

    /// Whether signatures are verified; they are unless this is `false`.
    pub fn verify(mut self, verify: bool) -> Self {
        self.verify = verify;
        self
    }

    /// Which readings of the query must give the signature; all of them unless set.
    pub fn query_rule(mut self, rule: QueryRule) -> Self {
        self.query_rule = rule;
        self
    }

    /// Whether `UNSIGNED-PAYLOAD` is accepted; see [`Verifier::unsigned_payload`].
    pub fn unsigned_payload(mut self, accepted: bool) -> Self {
        self.unsigned_payload = accepted;
        self
    }

    /// Adds an API key for operations that need one. When none is added, those operations take any key.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_keys.add(key.into());
        self
    }

    /// The gateway's clock; a [`SystemTime`] makes it stand still.
    pub fn clock(mut self, clock: impl Into<Clock>) -> Self {
        self.clock = clock.into();
        self
    }

    /// Answers an operation by a function, in place of the document's example. It runs where the connection is served,
    /// so it should not block; should it panic, the connection closes without an answer.
    ///
    /// The operation is named by its method name (`get_orders`), its operation id, or its method and path template
    /// (`GET /orders/{orderId}`, `ANY /{proxy+}`). Without an API, a method and path makes a new, IAM-protected operation.
    pub fn on<R: Into<Response>>(
        mut self,
        operation: impl Into<String>,
        handler: impl Fn(&Request) -> R + Send + Sync + 'static,
    ) -> Self {
        let handler: Handler = Arc::new(move |request| handler(request).into());
        self.handlers.push((operation.into(), handler));
        self
    }

    /// Tells a function of every exchange, before its response goes out: for logs.
    pub fn on_request(mut self, listener: impl Fn(&Exchange) + Send + Sync + 'static) -> Self {
        self.listener = Some(Arc::new(listener));
        self
    }

    /// How many exchanges are remembered, 10 000 unless set; the oldest are forgotten first.
    pub fn keep_requests(mut self, count: usize) -> Self {
        self.keep = count;
        self
    }

    /// The port on `127.0.0.1`; 0, the default, takes a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Starts the gateway; it listens when this returns.
    ///
    /// # Errors
    ///
    /// [`Error::Spec`] when the document cannot be read, [`Error::UnknownOperation`] when [`on`](Self::on) named an
    /// operation that the API does not have, [`Error::Listen`] when the port cannot be had.
    pub async fn start(self) -> Result<LocalGateway, Error> {
        let mut report = Report::new();
        let (api, exported_from, echo) = match self.api {
            Source::Echo => (api_of(&self.handlers), None, true),
            Source::Api(api) => (*api, None, false),
            Source::Spec(path) => {
                let mut document = Spec::read(path)?;
                if let Some(overlay) = self.overlay {
                    document = document.overlaid(&Overlay::read(overlay)?)?;
                }
                report = document.report().clone();
                (
                    Api::read(&document, &mut report),
                    ApiKind::of(&document),
                    false,
                )
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
        let mut api = DeployedApi::new(api, echo);
        for (name, handler) in self.handlers {
            let operation = api.find(&name)?;
            api.handle(operation, handler);
        }
        let stage = Arc::new(Stage {
            kind: self.kind.or(exported_from).unwrap_or_default(),
            base_path,
            verifier,
            verify: self.verify,
            clock: self.clock,
            api_keys: self.api_keys,
            api,
            faults: Faults::default(),
            log: Log::new(self.keep, self.listener),
            next_id: AtomicU64::new(1),
        });

        let cannot_listen = |source| Error::Listen {
            port: self.port,
            source,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))
            .await
            .map_err(cannot_listen)?;
        let address = listener.local_addr().map_err(cannot_listen)?;
        let (stop, stopped) = watch::channel(());
        let server = tokio::spawn(connection::serve(listener, Arc::clone(&stage), stopped));
        Ok(LocalGateway {
            address,
            stage,
            report,
            stop,
            server,
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

/// Where the API comes from.
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

/// `/prod` for `prod`, `/prod/` and `/prod`; empty for nothing.
fn base_path(stage: &str) -> String {
    match stage.trim_matches('/') {
        "" => String::new(),
        stage => format!("/{stage}"),
    }
}

/// The path of a URL.
fn path_of(url: &str) -> &str {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    after_scheme.split_once('/').map_or("", |(_, path)| path)
}

/// An API that has just the operations that handlers were given for.
fn api_of(handlers: &[(String, Handler)]) -> Api {
    let operations = handlers
        .iter()
        .filter_map(|(route, _)| iam_operation(route));
    Api {
        operations: operations.collect(),
        ..Api::default()
    }
}
