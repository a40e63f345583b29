//! The data of an upload, in chunks.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt as _, TryStreamExt as _};
use http_body::{Frame, SizeHint};

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;
pub(crate) type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, BoxError>> + Send>>;
pub(crate) type Progress = Arc<dyn Fn(u64, Option<u64>) + Send + Sync>;

/// The size of the chunks that bytes are split into and files are read in.
const CHUNK: usize = 64 * 1024;

/// Splits bytes, so that their progress can be reported. Nothing is copied.
pub(crate) fn of_bytes(mut rest: Bytes) -> Chunks {
    let next = move || {
        let chunk = rest.split_to(rest.len().min(CHUNK));
        (!chunk.is_empty()).then_some(Ok(chunk))
    };
    Box::pin(stream::iter(std::iter::from_fn(next)))
}

/// Opens a file when the first chunk is requested.
#[cfg(feature = "stream")]
pub(crate) fn of_file(path: Arc<std::path::Path>) -> Chunks {
    use tokio::io::AsyncReadExt as _;

    let open = async move { tokio::fs::File::open(path).await.map_err(BoxError::from) };
    let read = |file| {
        stream::try_unfold(file, async |mut file: tokio::fs::File| {
            let mut chunk = bytes::BytesMut::with_capacity(CHUNK);
            let length = file.read_buf(&mut chunk).await?;
            Ok((length > 0).then(|| (chunk.freeze(), file)))
        })
    };
    Box::pin(stream::once(open).map_ok(read).try_flatten())
}

/// Fails if the data is not as long as declared, rather than sending a truncated or corrupt body.
pub(crate) fn exactly(declared: u64, chunks: Chunks) -> Chunks {
    let wrong = move || Err(BoxError::from(WrongLength { declared }));
    Box::pin(stream::try_unfold(
        (chunks, declared),
        move |(mut chunks, left)| async move {
            let Some(chunk) = next(&mut chunks).await? else {
                return if left == 0 { Ok(None) } else { wrong() };
            };
            let Some(left) = left.checked_sub(chunk.len() as u64) else {
                return wrong();
            };
            // the HTTP client stops at the declared length, so that surplus data would go unnoticed
            if left == 0 && next(&mut chunks).await?.is_some() {
                return wrong();
            }
            Ok(Some((chunk, (chunks, left))))
        },
    ))
}

/// Returns the next chunk that is not empty.
async fn next(chunks: &mut Chunks) -> Result<Option<Bytes>, BoxError> {
    loop {
        match chunks.next().await.transpose()? {
            Some(chunk) if chunk.is_empty() => {}
            other => return Ok(other),
        }
    }
}

/// Calls back with the number of bytes so far and the total, after each chunk.
pub(crate) fn reporting(chunks: Chunks, total: Option<u64>, progress: Progress) -> Chunks {
    let mut sent = 0;
    Box::pin(chunks.inspect_ok(move |chunk| {
        sent += chunk.len() as u64;
        progress(sent, total);
    }))
}

/// Returns a body with these chunks, with `Content-Length` if the length is known.
pub(crate) fn body(chunks: Chunks, length: Option<u64>) -> reqwest::Body {
    reqwest::Body::wrap(ChunkedBody {
        chunks: Mutex::new(chunks),
        length,
    })
}

struct ChunkedBody {
    /// Never locked; it makes the body `Sync`, as reqwest requires.
    chunks: Mutex<Chunks>,
    length: Option<u64>,
}

impl http_body::Body for ChunkedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let chunks = self.chunks.get_mut();
        let chunks = chunks.unwrap_or_else(PoisonError::into_inner);
        let next = chunks.as_mut().poll_next(context);
        next.map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}

/// The data of a part is not as long as declared.
#[derive(Debug)]
struct WrongLength {
    declared: u64,
}

impl fmt::Display for WrongLength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the upload is not {} bytes long as declared; pass the length of the data, and do not change a file while it is sent",
            self.declared
        )
    }
}

impl Error for WrongLength {}
