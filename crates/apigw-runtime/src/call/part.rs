//! Files and other data to upload.

use std::fmt;
#[cfg(feature = "stream")]
use std::path::{Path, PathBuf};
use std::sync::Arc;
#[cfg(feature = "stream")]
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
#[cfg(feature = "stream")]
use futures_util::{TryStream, TryStreamExt as _};

use crate::call::chunks::{self, Chunks, Progress};
use crate::call::invalid::Problem;

/// Data to upload: a file in a form (`multipart/form-data`), or a whole body.
///
/// Converts from bytes and strings, so that these can be passed directly. A part from bytes or from a path can be sent more than
/// once; a request with a part from a stream is sent once and never retried.
///
/// A signature covers the hash of the body, so the signer reads a signed body into memory first, up to
/// [`SignerBuilder::body_limit`](reqwest_sigv4::SignerBuilder::body_limit) (10 MiB, which is also API Gateway's limit). Unsigned
/// requests, and those with [`Payload::Unsigned`](reqwest_sigv4::Payload::Unsigned), are sent chunk by chunk.
///
/// ```
/// # async fn example(client: apigw_runtime::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use apigw_runtime::{Method, Part};
///
/// # #[cfg(feature = "stream")] {
/// let photo = Part::file("photos/mug.png")
///     .await?
///     .content_type("image/png")
///     .on_progress(|sent, total| println!("{sent} of {total:?} bytes"));
/// client
///     .request(Method::POST, "/photos")
///     .part("sku", "MUG")
///     .part_file("photo", photo)
///     .part_file("thumbnail", b"\x89PNG".to_vec())
///     .send_untyped()
///     .await?;
/// # }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Part {
    source: Source,
    length: Option<u64>,
    pub(crate) file_name: Option<String>,
    pub(crate) content_type: Option<String>,
    progress: Option<Progress>,
}

#[derive(Clone)]
enum Source {
    Bytes(Bytes),
    #[cfg(feature = "stream")]
    File(Arc<Path>),
    /// `None` after the first attempt.
    #[cfg(feature = "stream")]
    Stream(Arc<Mutex<Option<Chunks>>>),
}

impl Part {
    /// Creates a part from bytes.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let length = Some(bytes.len() as u64);
        Self::new(Source::Bytes(bytes), length)
    }

    /// Creates a part from a file, with its name and length. The content type is not guessed; set it with
    /// [`content_type`](Self::content_type).
    ///
    /// The file is opened when the request is sent, and again for each retry. It must not change until then: a request whose file
    /// has another length by then fails.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no readable file at `path`.
    #[cfg(feature = "stream")]
    pub async fn file(path: impl Into<PathBuf>) -> std::io::Result<Self> {
        let path = path.into();
        let metadata = tokio::fs::File::open(&path).await?.metadata().await?;
        if metadata.is_dir() {
            return Err(std::io::ErrorKind::IsADirectory.into());
        }
        // a pipe or a device has no length
        let length = metadata.is_file().then_some(metadata.len());
        let name = path.file_name().map(|name| name.to_string_lossy());
        let name = name.map(std::borrow::Cow::into_owned);
        Ok(Self {
            file_name: name,
            ..Self::new(Source::File(path.into()), length)
        })
    }

    /// Creates a part from a stream of unknown length, for example the chunks of a download. It is sent once and never retried.
    #[cfg(feature = "stream")]
    pub fn stream<S>(stream: S) -> Self
    where
        S: TryStream + Send + 'static,
        S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        Bytes: From<S::Ok>,
    {
        let chunks: Chunks = Box::pin(stream.map_ok(Bytes::from).map_err(Into::into));
        Self::new(Source::Stream(Arc::new(Mutex::new(Some(chunks)))), None)
    }

    /// Creates a part from a stream of this length in bytes, so that the request can have a `Content-Length`. A request whose stream
    /// has another length fails.
    #[cfg(feature = "stream")]
    pub fn sized_stream<S>(stream: S, length: u64) -> Self
    where
        S: TryStream + Send + 'static,
        S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        Bytes: From<S::Ok>,
    {
        Self {
            length: Some(length),
            ..Self::stream(stream)
        }
    }

    fn new(source: Source, length: Option<u64>) -> Self {
        Self {
            source,
            length,
            file_name: None,
            content_type: None,
            progress: None,
        }
    }

    /// Sets the file name in a form. By default, it is the name of the file that was opened, or the name of the part, because many
    /// services treat a part without a file name as text. A body that is not a form has no file name.
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = Some(name.into());
        self
    }

    /// Sets the content type. Overrides the one that the spec declares; the default is `application/octet-stream`.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// Calls back with the number of bytes of this part that were passed on so far and with their total, if it is known.
    ///
    /// A retry starts again from zero. If the body is signed, the callback reports how much of it was read and hashed; it is sent
    /// afterwards.
    pub fn on_progress(
        mut self,
        progress: impl Fn(u64, Option<u64>) + Send + Sync + 'static,
    ) -> Self {
        self.progress = Some(Arc::new(progress));
        self
    }

    /// Returns the length in bytes, if it is known.
    #[must_use]
    pub fn content_length(&self) -> Option<u64> {
        self.length
    }

    /// Returns whether the part can be sent more than once.
    pub(crate) fn is_replayable(&self) -> bool {
        match self.source {
            Source::Bytes(_) => true,
            #[cfg(feature = "stream")]
            Source::File(_) => true,
            #[cfg(feature = "stream")]
            Source::Stream(_) => false,
        }
    }

    /// Returns the bytes if they are in memory and nobody waits for progress.
    pub(crate) fn in_memory(&self) -> Option<&Bytes> {
        match &self.source {
            Source::Bytes(bytes) if self.progress.is_none() => Some(bytes),
            _ => None,
        }
    }

    /// Returns the data, for one attempt.
    pub(crate) fn chunks(&self) -> Result<Chunks, Problem> {
        let chunks = match &self.source {
            Source::Bytes(bytes) => chunks::of_bytes(bytes.clone()),
            #[cfg(feature = "stream")]
            Source::File(path) => chunks::of_file(Arc::clone(path)),
            #[cfg(feature = "stream")]
            Source::Stream(stream) => {
                let mut stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
                stream.take().ok_or(Problem::Spent)?
            }
        };
        let chunks = match self.length {
            Some(length) => chunks::exactly(length, chunks),
            None => chunks,
        };
        Ok(match &self.progress {
            Some(progress) => chunks::reporting(chunks, self.length, Arc::clone(progress)),
            None => chunks,
        })
    }
}

impl fmt::Debug for Part {
    /// Omits the data and the file name, because they may be confidential.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part")
            .field("length", &self.length)
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}

macro_rules! from_bytes {
    ($($of:ty),+) => {$(
        impl From<$of> for Part {
            fn from(bytes: $of) -> Self {
                Self::bytes(bytes)
            }
        }
    )+};
}

// what `Bytes` converts from: a generic implementation would overlap with `From<Part> for Part`
from_bytes!(
    Bytes,
    Vec<u8>,
    Box<[u8]>,
    &'static [u8],
    String,
    &'static str
);

impl<const N: usize> From<&'static [u8; N]> for Part {
    fn from(bytes: &'static [u8; N]) -> Self {
        Self::bytes(bytes.as_slice())
    }
}
