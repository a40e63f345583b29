//! The body of a request.

#[cfg(feature = "stream")]
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use reqwest::Body;

use crate::call::invalid::Problem;

/// The body of a request.
#[derive(Clone)]
pub(crate) enum RequestBody {
    Bytes(Bytes),
    /// `None` after the first attempt.
    #[cfg(feature = "stream")]
    Stream(Arc<Mutex<Option<Body>>>),
}

impl RequestBody {
    #[cfg(feature = "stream")]
    pub(crate) fn stream(body: Body) -> Self {
        Self::Stream(Arc::new(Mutex::new(Some(body))))
    }

    /// Returns whether the body can be sent more than once.
    pub(crate) fn is_replayable(&self) -> bool {
        matches!(self, Self::Bytes(_))
    }

    pub(crate) fn body(&self) -> Result<Body, Problem> {
        match self {
            Self::Bytes(bytes) => Ok(bytes.clone().into()),
            #[cfg(feature = "stream")]
            Self::Stream(stream) => {
                let mut stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
                stream.take().ok_or(Problem::Spent)
            }
        }
    }
}
