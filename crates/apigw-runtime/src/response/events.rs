//! Server-sent events.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use futures_util::stream::{self, Stream};
use http::StatusCode;
use serde::de::DeserializeOwned;
use tokio::time::sleep;

use crate::response::decode;
use crate::response::lines::Lines;
use crate::{ByteStream, Call, Error};

/// The delay before a reconnection, unless the service sets one. The standard leaves it to the client
/// ("a few seconds").
const RECONNECTION_DELAY: Duration = Duration::from_secs(3);

/// One server-sent event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event<T> {
    /// The id of the event, or of the last event that had one; empty if none had.
    pub id: String,
    /// The type of the event. The default is `message`.
    pub event: String,
    /// The data.
    pub data: T,
}

/// A stream of server-sent events, `text/event-stream`. Events are read from the network only when
/// the stream is polled.
///
/// Follows the [HTML Standard](https://html.spec.whatwg.org/multipage/server-sent-events.html): an
/// event ends with an empty line, and one without data, or one that the response does not complete, is
/// discarded.
///
/// An event whose data is not a `T`, for example a final `[DONE]`, is an error of kind
/// [`Decode`](crate::ErrorKind::Decode). It does not end the stream; all other errors do. A single
/// event is limited to [`response_limit`](crate::ClientBuilder::response_limit).
///
/// ```
/// # use apigw_runtime::{Error, EventStream};
/// # async fn example(events: EventStream<serde_json::Value>) -> Result<(), Error> {
/// let mut events = events.reconnect(); // client.watch_orders().await?.into_inner()
/// while let Some(event) = events.next().await {
///     let event = event?;
///     println!("{} {}", event.event, event.data);
/// }
/// # Ok(()) }
/// ```
pub struct EventStream<T> {
    bytes: ByteStream,
    lines: Lines,
    parser: Parser,
    /// The request, to repeat it.
    call: Call,
    reconnects: bool,
    is_over: bool,
    decode: fn(&str) -> Result<T, crate::DecodeError>,
}

impl<T: DeserializeOwned + 'static> EventStream<T> {
    /// Creates a stream whose data is JSON.
    pub(crate) fn json(bytes: ByteStream, call: &Call) -> Self {
        Self::new(bytes, call, |data| {
            decode::json(data.as_bytes(), Some("text/event-stream"))
        })
    }
}

impl EventStream<String> {
    /// Creates a stream whose data is text.
    pub(crate) fn text(bytes: ByteStream, call: &Call) -> Self {
        Self::new(bytes, call, |data| Ok(data.to_owned()))
    }
}

impl<T> EventStream<T> {
    fn new(
        bytes: ByteStream,
        call: &Call,
        decode: fn(&str) -> Result<T, crate::DecodeError>,
    ) -> Self {
        Self {
            bytes,
            lines: Lines::new(call.limits.response_limit),
            parser: Parser {
                limit: call.limits.response_limit,
                ..Parser::default()
            },
            call: call.clone(),
            reconnects: false,
            is_over: false,
            decode,
        }
    }

    /// Sends the request again when the response ends or the connection breaks, with the header
    /// `Last-Event-ID`. By default, the stream ends then.
    ///
    /// The delay is that of the service's field `retry`, or else 3 seconds. The stream ends when the
    /// service responds with status 204, as the HTML Standard says, or when the request fails. The
    /// body of the request must be repeatable, that is, not a stream.
    #[must_use]
    pub fn reconnect(mut self) -> Self {
        self.reconnects = true;
        self
    }

    /// Returns the id of the last event that had one, or an empty string.
    pub fn last_event_id(&self) -> &str {
        &self.parser.last_id
    }

    /// Returns the next event, or `None` at the end of the stream.
    ///
    /// # Errors
    ///
    /// Returns an error if the data of the event can't be decoded, if the event is longer than the
    /// limit, or if the connection breaks.
    pub async fn next(&mut self) -> Option<Result<Event<T>, Error>> {
        loop {
            if let Some((id, event, data)) = self.parser.events.pop_front() {
                return Some(match (self.decode)(&data) {
                    Ok(data) => Ok(Event { id, event, data }),
                    Err(error) => Err(self.bytes.undecodable(error)),
                });
            }
            if self.is_over {
                return None;
            }
            let broken = match self.bytes.chunk().await {
                Some(Ok(chunk)) => {
                    let parser = &mut self.parser;
                    let fits = self.lines.push(&chunk, |line| parser.line(line));
                    if fits && !self.parser.is_too_long {
                        continue;
                    }
                    self.is_over = true;
                    return Some(Err(self.bytes.too_large()));
                }
                Some(Err(error)) => Some(error),
                None => None,
            };
            match self.connect_again(broken).await {
                Ok(()) => {}
                Err(None) => self.is_over = true,
                Err(Some(error)) => {
                    self.is_over = true;
                    return Some(Err(error));
                }
            }
        }
    }

    /// Converts into a [`Stream`](crate::Stream), for its combinators.
    pub fn into_stream(self) -> impl Stream<Item = Result<Event<T>, Error>> + Send
    where
        T: Send + 'static,
    {
        stream::unfold(self, async |mut events| {
            let event = events.next().await?;
            Some((event, events))
        })
    }

    /// Sends the request again; the error, if any, ends the stream.
    async fn connect_again(&mut self, broken: Option<Error>) -> Result<(), Option<Error>> {
        if !self.reconnects || !self.call.is_replayable() {
            return Err(broken);
        }
        sleep(self.parser.retry.unwrap_or(RECONNECTION_DELAY)).await;
        let mut call = self.call.clone();
        if !self.parser.last_id.is_empty() {
            call = call.header("last-event-id", &self.parser.last_id);
        }
        let response = call.send_stream().await.map_err(Some)?;
        if response.status() == StatusCode::NO_CONTENT {
            return Err(None);
        }
        self.bytes = response.into_inner();
        self.lines = Lines::new(self.call.limits.response_limit);
        self.parser.begin_again();
        Ok(())
    }
}

impl<T> fmt::Debug for EventStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventStream")
    }
}

/// Interprets the lines of an event stream.
#[derive(Debug, Default)]
struct Parser {
    is_later_line: bool,
    data: String,
    has_data: bool,
    /// The limit of the data of one event, and whether an event exceeded it.
    limit: usize,
    is_too_long: bool,
    event: String,
    last_id: String,
    retry: Option<Duration>,
    /// Complete events: id, type and data.
    events: VecDeque<(String, String, String)>,
}

impl Parser {
    /// Interprets a line, without its end. Lines that are not UTF-8 have replacement characters.
    fn line(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        // a byte order mark may precede the stream
        let line = match std::mem::replace(&mut self.is_later_line, true) {
            false => line.strip_prefix('\u{feff}').unwrap_or(&line),
            true => &line,
        };
        if line.is_empty() {
            return self.dispatch();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                if self.has_data {
                    self.data.push('\n');
                }
                self.data.push_str(value);
                self.has_data = true;
                self.is_too_long |= self.data.len() > self.limit;
            }
            "event" => value.clone_into(&mut self.event),
            "id" if !value.contains('\0') => value.clone_into(&mut self.last_id),
            "retry" if !value.is_empty() && value.bytes().all(|c| c.is_ascii_digit()) => {
                self.retry = value.parse().ok().map(Duration::from_millis);
            }
            // comments and unknown fields
            _ => {}
        }
    }

    fn dispatch(&mut self) {
        let event = std::mem::take(&mut self.event);
        let data = std::mem::take(&mut self.data);
        if std::mem::take(&mut self.has_data) && !self.is_too_long {
            let event = match event.is_empty() {
                true => "message".to_owned(),
                false => event,
            };
            self.events.push_back((self.last_id.clone(), event, data));
        }
    }

    /// Discards an incomplete event; the last id and the delay remain.
    fn begin_again(&mut self) {
        self.is_later_line = false;
        self.event.clear();
        self.data.clear();
        self.has_data = false;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Returns the events of a stream that arrives in these chunks.
    fn events(chunks: &[&[u8]]) -> Vec<(String, String, String)> {
        let mut lines = Lines::new(usize::MAX);
        let mut parser = Parser {
            limit: usize::MAX,
            ..Parser::default()
        };
        for chunk in chunks {
            assert!(lines.push(chunk, |line| parser.line(line)));
        }
        parser.events.into_iter().collect()
    }

    fn event(id: &str, event: &str, data: &str) -> (String, String, String) {
        (id.to_owned(), event.to_owned(), data.to_owned())
    }

    #[test]
    fn events_are_read_as_the_html_standard_says() {
        for (stream, expected) in [
            // the examples of the standard, section 9.2.6
            (
                "data: YHOO\ndata: +2\ndata: 10\n\n",
                vec![event("", "message", "YHOO\n+2\n10")],
            ),
            (
                ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
                vec![
                    event("1", "message", "first event"),
                    event("", "message", "second event"),
                    event("", "message", " third event"),
                ],
            ),
            (
                "data\n\ndata\ndata\n\ndata:",
                vec![event("", "message", ""), event("", "message", "\n")],
            ),
            (
                "data:test\n\ndata: test\n\n",
                vec![event("", "message", "test"); 2],
            ),
            // and its rules
            (
                "\u{feff}data: a\r\n\r\ndata: b\r\rdata: c\n\n",
                vec![
                    event("", "message", "a"),
                    event("", "message", "b"),
                    event("", "message", "c"),
                ],
            ),
            (
                "event: add\ndata: 1\n\ndata: 2\n\n",
                vec![event("", "add", "1"), event("", "message", "2")],
            ),
            (
                "id: a\ndata: 1\n\nid: b\0\ndata: 2\n\n",
                vec![event("a", "message", "1"), event("a", "message", "2")],
            ),
            (
                "event: empty\n\nfoo: bar\ndata: 1\n\n",
                vec![event("", "message", "1")],
            ),
            ("data: incomplete\n", vec![]),
        ] {
            assert_eq!(events(&[stream.as_bytes()]), expected, "{stream:?}");
        }
    }

    #[test]
    fn a_delay_is_a_number_of_milliseconds() {
        let mut parser = Parser::default();
        parser.line(b"retry: 250");
        assert_eq!(parser.retry, Some(Duration::from_millis(250)));
        parser.line(b"retry: soon");
        parser.line(b"retry: -1");
        assert_eq!(parser.retry, Some(Duration::from_millis(250)));
    }

    proptest! {
        #[test]
        fn chunks_make_no_difference(
            stream in "(data|id|event|retry|:|é|[: ]|\r\n|\n|\r|[a-c0-9\u{feff}]){0,60}",
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        ) {
            let whole = stream.as_bytes();
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(whole.len() + 1)).collect();
            cuts.sort_unstable();
            let mut chunks = Vec::new();
            let mut from = 0;
            for cut in cuts {
                chunks.push(&whole[from..cut]);
                from = cut;
            }
            chunks.push(&whole[from..]);
            prop_assert_eq!(events(&[whole]), events(&chunks));
        }

        #[test]
        fn any_bytes_are_read(stream in prop::collection::vec(any::<u8>(), 0..200)) {
            events(&[&stream]);
        }
    }
}
