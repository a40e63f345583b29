//! Bodies that arrive piece by piece.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, Stream};
use reqwest::Response;
use tokio::time::timeout;

use crate::error::{CallInfo, Limit};
use crate::{Error, RawResponse};

/// How long a stream may be silent: API Gateway itself closes a silent one after 5 minutes (30 seconds at edge-optimised endpoints),
/// so that a longer silence is a dead connection ("Stream the integration response", developer guide).
const SILENCE: Duration = Duration::from_secs(300);

/// A body that arrives piece by piece, as fast as the caller takes it.
///
/// ```
/// # async fn example(mut invoice: apigw_runtime::ByteStream) -> Result<(), apigw_runtime::Error> {
/// let mut length = 0;
/// while let Some(piece) = invoice.chunk().await {
///     length += piece?.len();
/// }
/// # Ok(()) }
/// ```
pub struct ByteStream(Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>);

impl ByteStream {
    pub(crate) fn new(response: Response, call: CallInfo) -> Self {
        let head = RawResponse::head(&response);
        let start = Some((response, call, head));
        Self(Box::pin(stream::unfold(start, async |state| {
            let (mut response, call, head) = state?;
            match timeout(SILENCE, response.chunk()).await {
                Ok(Ok(Some(piece))) => Some((Ok(piece), Some((response, call, head)))),
                Ok(Ok(None)) => None,
                Ok(Err(error)) => Some((Err(Error::sending(call, error.into(), Some(head))), None)),
                Err(_) => Some((Err(Error::elapsed(call, Limit::Silence(SILENCE))), None)),
            }
        })))
    }

    /// The next piece, or `None` at the end. After an error there is no further piece.
    pub async fn chunk(&mut self) -> Option<Result<Bytes, Error>> {
        poll_fn(|context| self.0.as_mut().poll_next(context)).await
    }

    /// All pieces in one.
    ///
    /// # Errors
    ///
    /// If the body is cut short: [`ErrorKind::Connection`](crate::ErrorKind::Connection) or [`ErrorKind::Timeout`](crate::ErrorKind::Timeout).
    pub async fn collect_bytes(mut self) -> Result<Bytes, Error> {
        let mut bytes = BytesMut::new();
        while let Some(piece) = self.chunk().await {
            bytes.extend_from_slice(&piece?);
        }
        Ok(bytes.freeze())
    }
}

impl Stream for ByteStream {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByteStream")
    }
}
