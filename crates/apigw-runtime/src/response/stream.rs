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
use crate::response::base64_text;
use crate::send::span;
use crate::{Error, RawResponse};

/// How long a stream may be silent: API Gateway itself closes a silent one after 5 minutes (30 seconds at edge-optimised endpoints),
/// so that a longer silence is a dead connection ("Stream the integration response", developer guide).
const SILENCE: Duration = Duration::from_secs(300);

/// A body that arrives piece by piece, as fast as the caller takes it.
///
/// # Troubleshooting
///
/// Base64 text in place of bytes is what a REST API makes of a binary body for a media type that it does not know as binary; a warning tells so (feature `tracing`).
/// Add the first media type of the request's `Accept` to the `binaryMediaTypes` of the API and deploy it, or decode the text.
///
/// ```
/// # async fn example(mut invoice: apigw_runtime::ByteStream) -> Result<(), apigw_runtime::Error> {
/// let mut length = 0;
/// while let Some(piece) = invoice.chunk().await {
///     length += piece?.len();
/// }
/// # Ok(()) }
/// ```
pub struct ByteStream {
    pieces: Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>,
    call: CallInfo,
}

impl ByteStream {
    /// The body of a response to a request that asked for the media type `accept`.
    pub(crate) fn new(response: Response, call: CallInfo, accept: Option<&'static str>) -> Self {
        let head = RawResponse::head(&response);
        let is_binary = |media_type: Option<&str>| media_type.is_some_and(base64_text::is_binary);
        let expects_bytes = is_binary(accept) || is_binary(head.content_type());
        let source = Source {
            expects_bytes,
            response,
            call: call.clone(),
            head,
        };
        let pieces = stream::unfold(Some(source), async |source| source?.next().await);
        Self {
            pieces: Box::pin(pieces),
            call,
        }
    }

    /// The next piece, or `None` at the end. After an error there is no further piece.
    pub async fn chunk(&mut self) -> Option<Result<Bytes, Error>> {
        poll_fn(|context| self.pieces.as_mut().poll_next(context)).await
    }

    /// All pieces in one, up to the [limit of what is read into memory](crate::ClientBuilder::response_limit).
    ///
    /// # Errors
    ///
    /// If the body is cut short: [`ErrorKind::Connection`](crate::ErrorKind::Connection) or [`ErrorKind::Timeout`](crate::ErrorKind::Timeout).
    /// If it is longer than the limit: [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge).
    pub async fn collect_bytes(mut self) -> Result<Bytes, Error> {
        let mut bytes = BytesMut::new();
        while let Some(piece) = self.chunk().await {
            let piece = piece?;
            if piece.len() > self.call.limits.response_limit - bytes.len() {
                return Err(Error::too_large(self.call, None));
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes.freeze())
    }
}

/// What is left of a body.
struct Source {
    response: Response,
    call: CallInfo,
    head: RawResponse,
    /// Until the first piece.
    expects_bytes: bool,
}

impl Source {
    async fn next(mut self) -> Option<(Result<Bytes, Error>, Option<Self>)> {
        match timeout(SILENCE, self.response.chunk()).await {
            Ok(Ok(Some(piece))) => {
                if std::mem::take(&mut self.expects_bytes) && base64_text::is_base64_text(&piece) {
                    span::warn_of_base64(self.call.operation);
                }
                Some((Ok(piece), Some(self)))
            }
            Ok(Ok(None)) => None,
            Ok(Err(error)) => {
                let error = Error::sending(self.call, error.into(), Some(self.head));
                Some((Err(error), None))
            }
            Err(_) => {
                let error = Error::elapsed(self.call, Limit::Idle(SILENCE));
                Some((Err(error), None))
            }
        }
    }
}

impl Stream for ByteStream {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.pieces.as_mut().poll_next(context)
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByteStream")
    }
}
