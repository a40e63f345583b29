//! Streaming bodies.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt as _;
use futures_util::stream::{self, Stream};
use reqwest::Response;
use tokio::time::timeout;

use crate::error::{CallInfo, Limit};
use crate::response::base64_text;
use crate::send::span;
use crate::{DecodeError, Error, RawResponse};

/// A streaming body. Data is read from the network only when the stream is polled.
///
/// # Troubleshooting
///
/// A REST API returns a binary body as base64 text if the media type is not in its `binaryMediaTypes`. The client then logs a warning
/// (feature `tracing`). Add the first media type of the request's `Accept` to `binaryMediaTypes` and deploy the API, or decode the text.
///
/// ```
/// # async fn example(mut invoice: apigw_runtime::ByteStream) -> Result<(), apigw_runtime::Error> {
/// let mut length = 0;
/// while let Some(chunk) = invoice.chunk().await {
///     length += chunk?.len();
/// }
/// # Ok(()) }
/// ```
pub struct ByteStream {
    chunks: Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>,
    call: CallInfo,
    head: RawResponse,
    length: Option<u64>,
}

impl ByteStream {
    /// Creates the body of a response to a request with this `Accept` header.
    pub(crate) fn new(response: Response, call: CallInfo, accept: Option<&'static str>) -> Self {
        let head = RawResponse::head(&response);
        let length = response.content_length();
        let is_binary = |media_type: Option<&str>| media_type.is_some_and(base64_text::is_binary);
        let expects_binary = is_binary(accept) || is_binary(head.content_type());
        let source = Source {
            expects_binary,
            response,
            call: call.clone(),
            head: head.clone(),
        };
        let chunks = stream::unfold(Some(source), async |source| source?.next().await);
        Self {
            chunks: Box::pin(chunks),
            call,
            head,
            length,
        }
    }

    /// Returns the length of the whole body in bytes, if the service declares it. Compressed bodies have no known length.
    #[must_use]
    pub fn content_length(&self) -> Option<u64> {
        self.length
    }

    /// Calls back with the number of bytes received so far, after each chunk.
    #[must_use]
    pub fn on_progress(self, mut progress: impl FnMut(u64) + Send + 'static) -> Self {
        let mut received = 0;
        let chunks = self.chunks.inspect_ok(move |chunk| {
            received += chunk.len() as u64;
            progress(received);
        });
        Self {
            chunks: Box::pin(chunks),
            ..self
        }
    }

    /// Returns the next chunk, or `None` at the end of the body or after an error.
    pub async fn chunk(&mut self) -> Option<Result<Bytes, Error>> {
        poll_fn(|context| self.chunks.as_mut().poll_next(context)).await
    }

    /// An item of the stream could not be decoded.
    pub(crate) fn undecodable(&self, error: DecodeError) -> Error {
        Error::decode(self.call.clone(), error, self.head.clone())
    }

    /// An item of the stream is longer than the limit.
    pub(crate) fn too_large(&self) -> Error {
        Error::too_large(self.call.clone(), Some(self.head.clone()))
    }

    /// Collects the whole body, up to [`ClientBuilder::response_limit`](crate::ClientBuilder::response_limit).
    ///
    /// # Errors
    ///
    /// Returns an error of kind [`Connection`](crate::ErrorKind::Connection) or [`Timeout`](crate::ErrorKind::Timeout) if the body is
    /// incomplete, or of kind [`TooLarge`](crate::ErrorKind::TooLarge) if it is longer than the limit.
    pub async fn collect_bytes(mut self) -> Result<Bytes, Error> {
        let mut bytes = BytesMut::new();
        while let Some(chunk) = self.chunk().await {
            let chunk = chunk?;
            if chunk.len() > self.call.limits.response_limit - bytes.len() {
                return Err(self.too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.freeze())
    }
}

/// The rest of a body.
struct Source {
    response: Response,
    call: CallInfo,
    head: RawResponse,
    /// Whether to check the first chunk for base64 text.
    expects_binary: bool,
}

impl Source {
    async fn next(mut self) -> Option<(Result<Bytes, Error>, Option<Self>)> {
        let limit = self.call.limits.idle_timeout;
        match timeout(limit, self.response.chunk()).await {
            Ok(Ok(Some(chunk))) => {
                if std::mem::take(&mut self.expects_binary) && base64_text::is_base64_text(&chunk) {
                    span::warn_of_base64(self.call.operation);
                }
                Some((Ok(chunk), Some(self)))
            }
            Ok(Ok(None)) => None,
            Ok(Err(error)) => {
                let error = Error::sending(self.call, error.into(), Some(self.head));
                Some((Err(error), None))
            }
            Err(_) => {
                let error = Error::elapsed(self.call, Limit::Idle(limit), Some(self.head));
                Some((Err(error), None))
            }
        }
    }
}

impl Stream for ByteStream {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.chunks.as_mut().poll_next(context)
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByteStream")
    }
}
