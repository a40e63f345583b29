//! The running gateway.

use std::error::Error as StdError;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::SystemTime;

use apigw_spec::Report;
use bytes::Bytes;
use hyper::body::Body;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::builder::Builder;
use crate::deployment::stage::Stage;
use crate::error::Error;
use crate::fault::FaultRule;
use crate::server::body::ResponseBody;
use crate::server::connection;
use crate::server::request::{Exchange, Request};
use crate::signature::credentials::Credentials;

/// The authority of a gateway in memory. It never resolves (RFC 6761).
const IN_MEMORY: &str = "gateway.invalid";

/// A running gateway on `127.0.0.1`, or [in memory](Builder::in_memory). It stops when dropped.
///
/// It needs a Tokio runtime with I/O and time enabled; in memory, with time enabled.
#[derive(Debug)]
pub struct LocalGateway {
    pub(crate) stage: Arc<Stage>,
    pub(crate) report: Report,
    /// `None` in memory.
    pub(crate) server: Option<Server>,
}

/// The server of a gateway.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// Dropped to stop the server.
    pub(crate) stop: watch::Sender<()>,
    pub(crate) task: JoinHandle<()>,
}

impl LocalGateway {
    /// Returns a builder. Without further settings, the gateway verifies signatures and echoes requests.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Returns the base URL with the stage and without a trailing slash: `http://127.0.0.1:40123/prod`. In memory, its host does
    /// not exist.
    #[must_use]
    pub fn endpoint(&self) -> String {
        let path = &self.stage.base_path;
        match &self.server {
            Some(server) => format!("http://{}{path}", server.address),
            None => format!("http://{IN_MEMORY}{path}"),
        }
    }

    /// Returns the address that the gateway listens on. In memory, the port is 0.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        let none = || (Ipv4Addr::LOCALHOST, 0).into();
        self.server
            .as_ref()
            .map_or_else(none, |server| server.address)
    }

    /// Handles a request without the network, like one that was received: verifies the signature, applies faults and logs the
    /// exchange. The request needs a header `Host`, unless its signature is not verified.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use apigw_local::{LocalGateway, Response};
    /// use http::StatusCode;
    /// use http_body_util::{BodyExt as _, Full};
    ///
    /// let gateway = LocalGateway::builder()
    ///     .verify(false)
    ///     .on("GET /health", |_| Response::bytes(StatusCode::OK, "text/plain", "up"))
    ///     .in_memory()?;
    /// let request = http::Request::get("/health").body(Full::default())?;
    /// let response = gateway.handle(request).await?;
    /// assert_eq!(response.into_body().collect().await?.to_bytes(), "up");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error of kind [`ConnectionReset`](io::ErrorKind::ConnectionReset) if a fault resets the connection, or an error
    /// with that of the body as its source.
    pub async fn handle<B>(
        &self,
        request: http::Request<B>,
    ) -> io::Result<http::Response<ResponseBody>>
    where
        B: Body<Data = Bytes, Error: Into<Box<dyn StdError + Send + Sync>>>,
    {
        let response = connection::exchange(&self.stage, request).await;
        response.map_err(|error| io::Error::new(io::ErrorKind::ConnectionReset, error))
    }

    /// Returns the received requests in the order of their responses. Refused requests are included.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.exchanges()
            .into_iter()
            .map(|exchange| exchange.request)
            .collect()
    }

    /// Returns the received requests, each with the status of its response.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.stage.log.all()
    }

    /// Clears the log of exchanges.
    pub fn forget(&self) {
        self.stage.log.clear();
    }

    /// Returns the fixes that were needed to read the spec set with [`Builder::spec`].
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Injects a fault. It applies from the next request on.
    pub fn inject(&self, fault: impl Into<FaultRule>) {
        self.stage.faults.add(fault.into());
    }

    /// Injects a fault for one operation, named as in [`Builder::on`].
    ///
    /// # Errors
    ///
    /// Returns [`Error::UnknownOperation`] if the API has no such operation.
    pub fn inject_on(&self, operation: &str, fault: impl Into<FaultRule>) -> Result<(), Error> {
        let api = self.stage.api.current();
        let operation = &api.operations()[api.find(operation)?];
        self.stage.faults.add(fault.into().on(operation.route()));
        Ok(())
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.stage.faults.clear();
    }

    /// Adds credentials, or replaces those with the same access key ID.
    pub fn add_credentials(&self, credentials: Credentials) {
        self.stage.verifier.keys().add(credentials);
    }

    /// Expires credentials. Later requests signed with them are refused with `ExpiredTokenException`.
    ///
    /// Returns whether the gateway knows the access key ID.
    pub fn expire(&self, access_key: &str) -> bool {
        let keys = self.stage.verifier.keys();
        let Some(credentials) = keys.find(access_key) else {
            return false;
        };
        keys.add(credentials.expires_at(SystemTime::UNIX_EPOCH));
        true
    }

    /// Stops listening, and waits until requests in progress are finished. Dropping the gateway does the same
    /// without waiting.
    pub async fn stop(self) {
        let Some(Server { stop, task, .. }) = self.server else {
            return;
        };
        drop(stop);
        // an error means that the runtime aborted the task, so the server has stopped as well
        let _ = task.await;
    }
}
