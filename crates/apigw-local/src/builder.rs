//! The builder of a gateway.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use apigw_spec::aws::ExecuteApiHost;
use apigw_spec::overlay::Overlay;
use apigw_spec::{Api, Diagnostic, Report, Spec};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::deployment::api::{Handler, Unmatched};
use crate::deployment::api_keys::ApiKeys;
use crate::deployment::kind::ApiKind;
use crate::deployment::live::{Files, LiveApi, ReloadListener};
use crate::deployment::route::iam_operation;
use crate::deployment::stage::Stage;
use crate::error::Error;
use crate::fault::Faults;
use crate::gateway::{LocalGateway, Server};
use crate::policy::{AccessControl, Deployment, Policy};
use crate::server::connection;
use crate::server::log::{Listener, Log};
use crate::server::request::{Exchange, Request};
use crate::server::response::Response;
use crate::signature::credentials::Credentials;
use crate::signature::verify::{QueryRule, Verifier};

/// The Region if neither the builder nor the spec sets one.
const DEFAULT_REGION: &str = "us-east-1";

/// The account of the API if none is set: the one in examples of the AWS documentation.
const DEFAULT_ACCOUNT: &str = "123456789012";

/// The id of the API if neither the builder nor the spec sets one.
const DEFAULT_API_ID: &str = "local";

/// The default number of exchanges to keep.
const DEFAULT_KEEP: usize = 10_000;

/// Configures and starts a [`LocalGateway`]. All settings are optional.
#[must_use = "a builder does nothing until start()"]
pub struct Builder {
    api: Source,
    overlay: Option<PathBuf>,
    policies: Vec<Policy>,
    account: Option<String>,
    api_id: Option<String>,
    deployed_stage: Option<String>,
    source_ip: IpAddr,
    on_reload: Option<ReloadListener>,
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
            policies: Vec::new(),
            account: None,
            api_id: None,
            deployed_stage: None,
            source_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            on_reload: None,
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
    ///
    /// If the file changes, it is read again when the next request arrives; see [`on_reload`](Self::on_reload). Stage,
    /// Region and kind remain as they were at the start.
    pub fn spec(mut self, path: impl Into<PathBuf>) -> Self {
        self.api = Source::Spec(path.into());
        self
    }

    /// Sets the overlay to apply to the spec, as for the generated client.
    pub fn overlay(mut self, path: impl Into<PathBuf>) -> Self {
        self.overlay = Some(path.into());
        self
    }

    /// Sets a function that reads the API, for specs with other settings than an overlay.
    ///
    /// It is called at the start, and again when a request arrives after a file has changed: one of `files`, of which the
    /// spec is the first, or one that the spec refers to.
    pub fn api_from(
        mut self,
        files: impl IntoIterator<Item = PathBuf>,
        read: impl Fn() -> Result<(Spec, Api), Diagnostic> + Send + Sync + 'static,
    ) -> Self {
        let read = move || {
            let (spec, api) = read()?;
            let report = spec.report().clone();
            Ok((spec, api, report))
        };
        self.api = Source::Files(Files {
            paths: files.into_iter().collect(),
            read: Arc::new(read),
        });
        self
    }

    /// Sets a function to call when a changed spec has been read. With an error, the gateway keeps the old one.
    pub fn on_reload(
        mut self,
        listener: impl Fn(Result<(), Error>) + Send + Sync + 'static,
    ) -> Self {
        self.on_reload = Some(Arc::new(listener));
        self
    }

    /// Adds a policy of the callers. Requests whose signature is verified are refused with 403 `AccessDeniedException`
    /// unless the policies together allow them.
    ///
    /// The default is no policy, which allows every request. The ARN of a request consists of [`region`](Self::region),
    /// [`account`](Self::account), [`api_id`](Self::api_id), [`deployed_stage`](Self::deployed_stage), the method, and
    /// the path as sent.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policies.push(policy);
        self
    }

    /// Sets the account that owns the API, for policies. The default is `123456789012`.
    pub fn account(mut self, id: impl Into<String>) -> Self {
        self.account = Some(id.into());
        self
    }

    /// Sets the id of the API, for policies. The default is the id in the API's endpoint, or `local` without one.
    pub fn api_id(mut self, id: impl Into<String>) -> Self {
        self.api_id = Some(id.into());
        self
    }

    /// Sets the name of the stage, for policies. The default is the first segment of [`stage`](Self::stage), or
    /// `$default`. It differs behind a custom domain.
    pub fn deployed_stage(mut self, name: impl Into<String>) -> Self {
        self.deployed_stage = Some(name.into());
        self
    }

    /// Sets the source IP address of all requests, for policies. The default is `127.0.0.1`.
    pub fn source_ip(mut self, ip: IpAddr) -> Self {
        self.source_ip = ip;
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
        let unmatched = match (self.otherwise, &self.api) {
            (Some(handler), _) => Unmatched::Handle(handler),
            (None, Source::Echo) => Unmatched::Echo,
            (None, _) => Unmatched::Refuse,
        };
        let (live, spec, report) = match self.api {
            Source::Echo => {
                let api = api_of_handlers(&self.handlers);
                let live = LiveApi::fixed(api, unmatched, self.handlers)?;
                (live, None, Report::new())
            }
            Source::Api(api) => {
                let live = LiveApi::fixed(*api, unmatched, self.handlers)?;
                (live, None, Report::new())
            }
            Source::Spec(path) => {
                let files = files(path, self.overlay);
                let (live, spec, report) =
                    LiveApi::read(files, unmatched, self.handlers, self.on_reload)?;
                (live, Some(spec), report)
            }
            Source::Files(files) => {
                let (live, spec, report) =
                    LiveApi::read(files, unmatched, self.handlers, self.on_reload)?;
                (live, Some(spec), report)
            }
        };
        let exported_kind = spec.as_ref().and_then(ApiKind::of);
        let deployed = live.current();
        let api = deployed.api();
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
        let host = api.endpoint.as_deref().map(host_of);
        let host = host.and_then(ExecuteApiHost::parse);
        let exported_id = host.and_then(|host| host.api_id).map(str::to_owned);
        let stage = base_path.split('/').nth(1).unwrap_or("$default").to_owned();
        let access = AccessControl {
            policies: self.policies,
            deployment: Deployment {
                region: region.clone(),
                account: self.account.unwrap_or_else(|| DEFAULT_ACCOUNT.to_owned()),
                api_id: self
                    .api_id
                    .or(exported_id)
                    .unwrap_or_else(|| DEFAULT_API_ID.to_owned()),
                stage: self.deployed_stage.unwrap_or(stage),
            },
            source_ip: self.source_ip,
        };
        let verifier = Verifier::new(region)
            .query_rule(self.query_rule)
            .unsigned_payload(self.unsigned_payload);
        if self.credentials.is_empty() {
            verifier.keys().add(Credentials::example());
        }
        for credentials in self.credentials {
            verifier.keys().add(credentials);
        }
        let stage = Arc::new(Stage {
            kind: self.kind.or(exported_kind).unwrap_or_default(),
            base_path,
            verifier,
            verify: self.verify,
            clock: self.clock,
            api_keys: self.api_keys,
            api: live,
            access,
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
    Files(Files),
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Echo => f.write_str("Echo"),
            Self::Api(api) => f.debug_tuple("Api").field(&api.title).finish(),
            Self::Spec(path) => f.debug_tuple("Spec").field(path).finish(),
            Self::Files(files) => f.debug_tuple("Files").field(&files.paths).finish(),
        }
    }
}

/// Returns a spec with an overlay as the files of an API.
fn files(spec: PathBuf, overlay: Option<PathBuf>) -> Files {
    let paths = [spec.clone()].into_iter().chain(overlay.clone()).collect();
    let read = move || {
        let mut read = Spec::read(&spec)?;
        if let Some(overlay) = &overlay {
            read = read.overlaid(&Overlay::read(overlay)?)?;
        }
        let mut report = read.report().clone();
        let api = Api::read(&read, &mut report);
        Ok((read, api, report))
    };
    Files {
        paths,
        read: Arc::new(read),
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

/// Returns the host of a URL.
fn host_of(url: &str) -> &str {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    after_scheme.split('/').next().unwrap_or_default()
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
