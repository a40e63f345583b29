//! Starting a gateway, and asking it what it saw.

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

/// A running gateway on `127.0.0.1`; it stops when dropped.
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
    /// A gateway that verifies and echoes; the builder's methods make more of it.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The base URL, stage included and without a slash at its end: `http://127.0.0.1:40123/prod`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}{}", self.address, self.stage.base_path)
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The requests that arrived, in the order they were answered, refused ones included.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.exchanges()
            .into_iter()
            .map(|exchange| exchange.request)
            .collect()
    }

    /// The requests that arrived and how each was answered.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.stage.log.all()
    }

    /// Forgets the exchanges so far.
    pub fn forget(&self) {
        self.stage.log.clear();
    }

    /// What had to be repaired in the document of [`Builder::spec`] to read it.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Makes something go wrong, from the next request on.
    pub fn inject(&self, fault: impl Into<FaultRule>) {
        self.stage.faults.add(fault.into());
    }

    /// Makes something go wrong for one operation, named as in [`Builder::on`].
    ///
    /// # Errors
    ///
    /// [`Error::UnknownOperation`] when the API has no such operation.
    pub fn inject_on(&self, operation: &str, fault: impl Into<FaultRule>) -> Result<(), Error> {
        let operation = self.stage.api.find(operation)?;
        self.stage.faults.add(fault.into().on(operation));
        Ok(())
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.stage.faults.clear();
    }

    /// Lets further credentials in, or replaces those with the same access key id.
    pub fn add_credentials(&self, credentials: Credentials) {
        self.stage.verifier.keys().add(credentials);
    }

    /// Ends credentials now: requests signed with them are refused with `ExpiredTokenException`.
    ///
    /// Returns whether the access key id is known here.
    pub fn expire(&self, access_key: &str) -> bool {
        let keys = self.stage.verifier.keys();
        let Some(credentials) = keys.find(access_key) else {
            return false;
        };
        keys.add(credentials.expires_at(SystemTime::UNIX_EPOCH));
        true
    }

    /// Stops listening and waits until the requests at hand are answered. Dropping the gateway does the same without
    /// waiting.
    pub async fn stop(self) {
        let Self { stop, server, .. } = self;
        drop(stop);
        // an error would mean that the task was aborted with its runtime: it has stopped then, too
        let _ = server.await;
    }
}
