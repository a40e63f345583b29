//! Lines of a stream, and JSON Lines.

use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use serde::de::DeserializeOwned;

use crate::response::decode;
use crate::{ByteStream, Error};

/// Splits a stream into lines, which end with CR, LF or both.
#[derive(Debug)]
pub(crate) struct Lines {
    /// The beginning of the current line.
    rest: Vec<u8>,
    /// Whether the previous chunk ended with CR, so that an LF belongs to it.
    after_cr: bool,
    limit: usize,
}

impl Lines {
    /// Creates a splitter that refuses lines longer than `limit`.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            rest: Vec::new(),
            after_cr: false,
            limit,
        }
    }

    /// Adds a chunk, and passes on each line that it completes. Returns whether the rest is within
    /// the limit.
    pub(crate) fn push(&mut self, chunk: &[u8], mut line: impl FnMut(&[u8])) -> bool {
        let mut chunk = chunk;
        if self.after_cr && !chunk.is_empty() {
            chunk = chunk.strip_prefix(b"\n").unwrap_or(chunk);
            self.after_cr = false;
        }
        while let Some(end) = chunk.iter().position(|c| matches!(c, b'\n' | b'\r')) {
            let (head, tail) = chunk.split_at(end);
            let is_cr = tail.first() == Some(&b'\r');
            let tail = tail.get(1..).unwrap_or_default();
            self.rest.extend_from_slice(head);
            line(&self.rest);
            self.rest.clear();
            chunk = match is_cr {
                true if tail.is_empty() => {
                    self.after_cr = true;
                    tail
                }
                true => tail.strip_prefix(b"\n").unwrap_or(tail),
                false => tail,
            };
        }
        self.rest.extend_from_slice(chunk);
        self.rest.len() <= self.limit
    }

    /// Returns the last line, which no line end follows.
    fn finish(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.rest)
    }
}

/// A stream of JSON values, one per line: `application/x-ndjson` and `application/jsonl`, and
/// `application/json-seq` (RFC 7464). Values are read from the network only when the stream is polled.
///
/// A line that is not a `T` is an error of kind [`Decode`](crate::ErrorKind::Decode), which does not
/// end the stream; all other errors do. Empty lines are skipped. A single line is limited to
/// [`response_limit`](crate::ClientBuilder::response_limit).
///
/// ```
/// # use apigw_runtime::{Error, JsonLines};
/// # async fn example(mut rows: JsonLines<serde_json::Value>) -> Result<(), Error> {
/// while let Some(row) = rows.next().await {
///     println!("{}", row?);
/// }
/// # Ok(()) }
/// ```
pub struct JsonLines<T> {
    bytes: ByteStream,
    lines: Lines,
    ready: VecDeque<Bytes>,
    limit: usize,
    is_over: bool,
    of: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> JsonLines<T> {
    pub(crate) fn new(bytes: ByteStream, limit: usize) -> Self {
        Self {
            bytes,
            lines: Lines::new(limit),
            ready: VecDeque::new(),
            limit,
            is_over: false,
            of: PhantomData,
        }
    }

    /// Returns the next value, or `None` at the end of the stream.
    ///
    /// # Errors
    ///
    /// Returns an error if the line can't be decoded or is longer than the limit, or if the connection
    /// breaks.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        loop {
            if let Some(line) = self.ready.pop_front() {
                let value = decode::json(&line, Some("application/x-ndjson"));
                return Some(value.map_err(|error| self.bytes.undecodable(error)));
            }
            if self.is_over {
                return None;
            }
            match self.bytes.chunk().await {
                Some(Ok(chunk)) => {
                    let ready = &mut self.ready;
                    let fits = self.lines.push(&chunk, |line| keep(line, ready));
                    if !fits || self.ready.iter().any(|line| line.len() > self.limit) {
                        self.is_over = true;
                        self.ready.clear();
                        return Some(Err(self.bytes.too_large()));
                    }
                }
                Some(Err(error)) => {
                    self.is_over = true;
                    return Some(Err(error));
                }
                None => {
                    self.is_over = true;
                    keep(&self.lines.finish(), &mut self.ready);
                }
            }
        }
    }
}

impl<T: DeserializeOwned + 'static> JsonLines<T> {
    /// Converts into a [`Stream`](crate::Stream), for its combinators.
    pub fn into_stream(self) -> impl Stream<Item = Result<T, Error>> + Send {
        stream::unfold(self, async |mut lines| {
            let value = lines.next().await?;
            Some((value, lines))
        })
    }
}

/// Keeps a line that is not empty, without the record separator of RFC 7464.
fn keep(line: &[u8], ready: &mut VecDeque<Bytes>) {
    let line = line.strip_prefix(b"\x1e").unwrap_or(line).trim_ascii();
    if !line.is_empty() {
        ready.push_back(Bytes::copy_from_slice(line));
    }
}

impl<T> fmt::Debug for JsonLines<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JsonLines")
    }
}
