//! The running gateway.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use apigw_spec::Report;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::builder::Builder;
use crate::deployment::stage::Stage;
use crate::error::Error;
use crate::fault::FaultRule;
use crate::server::request::{Exchange, Request};
use crate::signature::credentials::Credentials;

/// A running gateway on `127.0.0.1`. It stops when dropped.
///
/// It needs a Tokio runtime with I/O and time enabled.
#[derive(Debug)]
pub struct LocalGateway {
    pub(crate) address: SocketAddr,
    pub(crate) stage: Arc<Stage>,
    pub(crate) report: Report,
    /// Dropped to stop the server.
    pub(crate) stop: watch::Sender<()>,
    pub(crate) server: JoinHandle<()>,
}

impl LocalGateway {
    /// Returns a builder. Without further settings, the gateway verifies signatures and echoes requests.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Returns the base URL with the stage and without a trailing slash: `http://127.0.0.1:40123/prod`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}{}", self.address, self.stage.base_path)
    }

    /// Returns the address that the gateway listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
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
        let Self { stop, server, .. } = self;
        drop(stop);
        // an error means that the runtime aborted the task, so the server has stopped as well
        let _ = server.await;
    }
}
