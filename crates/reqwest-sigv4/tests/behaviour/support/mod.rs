//! A server that records requests, a verifier that shares no code with the signer, tracing output, and a clock that the test sets.

pub(crate) mod http2;
#[cfg(feature = "aws-config")]
pub(crate) mod process;
pub(crate) mod server;
pub(crate) mod trace;
pub(crate) mod verifier;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use reqwest_sigv4::{Clock, Credentials, Signer, SignerBuilder};

pub(crate) use server::{Answer, Received, Server};

pub(crate) const ACCESS_KEY: &str = "AKIDEXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
pub(crate) const TOKEN: &str = "IQoJb3JpZ2luX2VjEA/+=token==";
pub(crate) const REGION: &str = "eu-west-1";

/// 2026-11-22T12:00:00Z
pub(crate) const NOON: u64 = 1_795_348_800;

pub(crate) fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// A clock that only `advance` moves.
#[derive(Clone)]
pub(crate) struct Watch(Arc<AtomicU64>);

impl Watch {
    pub(crate) fn noon() -> Self {
        Self(Arc::new(AtomicU64::new(NOON)))
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for Watch {
    fn now(&self) -> SystemTime {
        at(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) fn keys() -> Credentials {
    Credentials::new(ACCESS_KEY, SECRET, None, None, "test")
}

pub(crate) fn temporary_keys() -> Credentials {
    Credentials::new(ACCESS_KEY, SECRET, Some(TOKEN.to_owned()), None, "test")
}

/// A signer for hosts without a Region, at noon.
pub(crate) fn builder() -> SignerBuilder {
    Signer::builder()
        .credentials(keys())
        .region(REGION)
        .clock(Watch::noon())
}

pub(crate) fn signer() -> Signer {
    builder().build().unwrap()
}

/// A client with this signer only.
pub(crate) fn client(signer: Signer) -> ClientWithMiddleware {
    ClientBuilder::new(reqwest_sigv4::http_client().unwrap())
        .with(signer)
        .build()
}
