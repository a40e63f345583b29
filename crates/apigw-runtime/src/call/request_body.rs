//! The body of a request.

#[cfg(feature = "stream")]
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use reqwest::Body;

use crate::call::chunks;
use crate::call::invalid::Problem;
use crate::call::multipart::Form;
use crate::call::part::Part;

/// The body of a request.
#[derive(Clone)]
pub(crate) enum RequestBody {
    Bytes(Bytes),
    /// `None` after the first attempt.
    #[cfg(feature = "stream")]
    Stream(Arc<Mutex<Option<Body>>>),
    Part(Part),
    Form(Form),
}

impl RequestBody {
    #[cfg(feature = "stream")]
    pub(crate) fn stream(body: Body) -> Self {
        Self::Stream(Arc::new(Mutex::new(Some(body))))
    }

    /// Returns whether the body can be sent more than once.
    pub(crate) fn is_replayable(&self) -> bool {
        match self {
            Self::Bytes(_) => true,
            #[cfg(feature = "stream")]
            Self::Stream(_) => false,
            Self::Part(part) => part.is_replayable(),
            Self::Form(form) => form.is_replayable(),
        }
    }

    pub(crate) fn body(&self) -> Result<Body, Problem> {
        match self {
            Self::Bytes(bytes) => Ok(bytes.clone().into()),
            #[cfg(feature = "stream")]
            Self::Stream(stream) => {
                let mut stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
                stream.take().ok_or(Problem::Spent)
            }
            Self::Part(part) => Ok(chunks::body(part.chunks()?, part.content_length())),
            Self::Form(form) => form.body(),
        }
    }
}
