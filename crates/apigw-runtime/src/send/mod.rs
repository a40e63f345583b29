//! Sends requests.

mod events;
pub(crate) mod metrics;
pub(crate) mod redact_url;
mod request;
pub(crate) mod retry;
pub(crate) mod span;

use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use reqwest::Response;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::error::{self, CallInfo, Limit};
use crate::send::retry::{Attempts, Next, Outcome};
use crate::send::span::{Span, Summary};
use crate::{
    AnyBody, ByteStream, Call, DecodeError, Error, ErrorKind, EventStream, FromResponse, JsonLines,
    RawResponse, ResponseValue,
};
use reqwest_sigv4::Transience;

impl Call {
    /// Signs and sends the request and decodes the response: as `T` if the status is 200–299, as `E` otherwise.
    ///
    /// Transient failures are retried; see [`RetryPolicy`](crate::RetryPolicy).
    ///
    /// # Errors
    ///
    /// Returns an error if the request fails; see [`ErrorKind`](crate::ErrorKind).
    pub async fn send<T: FromResponse, E: FromResponse>(
        &self,
    ) -> Result<ResponseValue<T>, Error<E>> {
        let (received, attempts) = self.exchange(Wanted::Whole).await.map_err(Error::cast)?;
        let info = || CallInfo {
            attempts,
            ..self.info()
        };
        let response = match received {
            Received::Whole(response) => response,
            Received::Open(response) => self.buffer(response).await.map_err(Error::cast)?,
        };
        if !self.is_success(response.status()) {
            let body = self.error_body(&response);
            return Err(Error::response(info(), response, body));
        }
        match T::from_response(&response) {
            Ok(value) => Ok(ResponseValue::new(value, response)),
            Err(error) => Err(Error::decode(info(), error, response).cast()),
        }
    }

    /// Sends the request like [`send`](Self::send), for bodies without a schema.
    ///
    /// # Errors
    ///
    /// Returns an error if the request fails; see [`ErrorKind`](crate::ErrorKind).
    pub async fn send_untyped(&self) -> Result<ResponseValue<AnyBody>, Error> {
        self.send().await
    }

    /// Sends the request like [`send`](Self::send), and returns the body of a successful response as a stream.
    ///
    /// Timeouts and retries apply until the response headers are received. The body has no timeout as long as data arrives.
    ///
    /// # Errors
    ///
    /// Returns an error if the request fails; see [`ErrorKind`](crate::ErrorKind).
    pub async fn send_stream<E: FromResponse>(
        &self,
    ) -> Result<ResponseValue<ByteStream>, Error<E>> {
        let (received, attempts) = self.exchange(Wanted::Head).await.map_err(Error::cast)?;
        let info = CallInfo {
            attempts,
            ..self.info()
        };
        match received {
            Received::Open(response) => {
                let head = RawResponse::head(&response);
                let body = ByteStream::new(response, info, self.operation.accept);
                Ok(ResponseValue::new(body, head))
            }
            Received::Whole(response) => {
                let body = self.error_body(&response);
                Err(Error::response(info, response, body))
            }
        }
    }

    /// Sends the request like [`send_stream`](Self::send_stream), for a body of server-sent events whose data is JSON.
    ///
    /// # Errors
    ///
    /// Returns an error if the request fails; see [`ErrorKind`](crate::ErrorKind).
    pub async fn send_events<T: DeserializeOwned + 'static, E: FromResponse>(
        &self,
    ) -> Result<ResponseValue<EventStream<T>>, Error<E>> {
        let response = self.send_stream().await?;
        Ok(response.map(|bytes| EventStream::json(bytes, self)))
    }

    /// Sends the request like [`send_events`](Self::send_events), for data that is text.
    ///
    /// # Errors
    ///
    /// Returns an error if the request fails; see [`ErrorKind`](crate::ErrorKind).
    pub async fn send_text_events<E: FromResponse>(
        &self,
    ) -> Result<ResponseValue<EventStream<String>>, Error<E>> {
        let response = self.send_stream().await?;
        Ok(response.map(|bytes| EventStream::text(bytes, self)))
    }

    /// Sends the request like [`send_stream`](Self::send_stream), for a body with one JSON value per line.
    ///
    /// # Errors
    ///
    /// Returns an error if the request fails; see [`ErrorKind`](crate::ErrorKind).
    pub async fn send_lines<T: DeserializeOwned, E: FromResponse>(
        &self,
    ) -> Result<ResponseValue<JsonLines<T>>, Error<E>> {
        let response = self.send_stream().await?;
        Ok(response.map(|bytes| JsonLines::new(bytes, self.limits.response_limit)))
    }

    /// Decodes the error body, if the spec describes one for this status.
    fn error_body<E: FromResponse>(&self, response: &RawResponse) -> Result<E, DecodeError> {
        match self.documents_error(response.status()) {
            true => E::from_response(response),
            false => Err(DecodeError::undocumented_status(response)),
        }
    }

    /// Retries until success or a permanent failure. Also returns the number of attempts.
    async fn exchange(&self, wanted: Wanted) -> Result<(Received, u32), Error> {
        match self.with_generated_key() {
            Some(call) => call.exchange_with_key(wanted).await,
            None => self.exchange_with_key(wanted).await,
        }
    }

    async fn exchange_with_key(&self, wanted: Wanted) -> Result<(Received, u32), Error> {
        let limit = self.limits.total_timeout;
        let deadline = limit.map(|limit| (Instant::now() + limit, limit));
        let instant = deadline.map(|(instant, _)| instant);
        let client = self.client.inner();
        let mut attempts = client.retries.begin(&self.retry, instant);
        let span = Span::of_call(self);
        let timer = client.metrics.start();
        let result = span.around(async {
            loop {
                let result = self.next_attempt(&mut attempts, wanted, deadline).await;
                let outcome = self.outcome(&result);
                let next = attempts.end(outcome);
                events::ended(&attempts, outcome, next, || self.summary(&result));
                match next {
                    Next::Retry(delay) => sleep(delay).await,
                    Next::Stop(_) => return result,
                }
            }
        });
        let result = result.await;
        span.end(|| self.summary(&result));
        let made = attempts.made();
        client
            .metrics
            .call(timer, self, made, || self.summary(&result));
        match result {
            Ok(received) => Ok((received, made)),
            Err(error) => Err(error.after(made)),
        }
    }

    /// Makes one attempt, until the deadline.
    async fn next_attempt(
        &self,
        attempts: &mut Attempts<'_>,
        wanted: Wanted,
        deadline: Option<(Instant, Duration)>,
    ) -> Result<Received, Error> {
        let head = Head::new();
        let paced = async {
            attempts.begin().await;
            Ok(())
        };
        self.until(deadline, paced, &head).await?;
        let span = Span::of_attempt(self, attempts.made() - 1);
        let metrics = &self.client.inner().metrics;
        let timer = metrics.start();
        let attempt = self.until(deadline, self.attempt(wanted, &head), &head);
        let result = span.around(attempt).await;
        span.end(|| self.summary(&result));
        if was_sent(&result) {
            metrics.attempt(timer, self, || self.summary(&result));
        }
        result
    }

    /// Waits for `work` until the deadline. The error contains the response headers, if they were received.
    async fn until<T>(
        &self,
        deadline: Option<(Instant, Duration)>,
        work: impl Future<Output = Result<T, Error>>,
        head: &Head,
    ) -> Result<T, Error> {
        let Some((deadline, limit)) = deadline else {
            return work.await;
        };
        let result = timeout_at(deadline, work).await;
        result.unwrap_or_else(|_| {
            let head = head.get().cloned();
            Err(Error::elapsed(self.info(), Limit::Total(limit), head))
        })
    }

    /// Classifies the result of an attempt.
    fn outcome(&self, result: &Result<Received, Error>) -> Outcome {
        let (why, response) = match result {
            Ok(Received::Whole(response)) if !self.is_success(response.status()) => {
                (error::of_response(response), Some(response))
            }
            Ok(_) => return Outcome::Success,
            Err(error) => (error.transience(), error.raw()),
        };
        match why {
            Some(why) if self.may_repeat(why) => Outcome::Transient {
                why,
                retry_after: response.and_then(RawResponse::retry_after),
            },
            _ => Outcome::Failure,
        }
    }

    fn may_repeat(&self, why: Transience) -> bool {
        self.is_replayable() && why.allows_repeating(self.is_repeatable())
    }

    /// Sends one request and receives its response. Error responses are always read completely.
    async fn attempt(&self, wanted: Wanted, head: &Head) -> Result<Received, Error> {
        match wanted {
            Wanted::Whole => {
                let limit = Some(self.limits.timeout);
                let adjust = |request: &mut reqwest::Request| *request.timeout_mut() = limit;
                let response = self.start(adjust, head).await?;
                self.buffer(response).await.map(Received::Whole)
            }
            Wanted::Head => {
                let open = async {
                    let response = self.start(|_| {}, head).await?;
                    match self.is_success(response.status()) {
                        true => Ok(Received::Open(response)),
                        false => self.buffer(response).await.map(Received::Whole),
                    }
                };
                let opened = timeout(self.limits.timeout, open).await;
                opened.unwrap_or_else(|_| {
                    let head = head.get().cloned();
                    Err(Error::elapsed(self.info(), Limit::Attempt, head))
                })
            }
        }
    }

    async fn start(
        &self,
        adjust: impl FnOnce(&mut reqwest::Request),
        head: &Head,
    ) -> Result<Response, Error> {
        let (mut request, mut extensions) = self
            .request()
            .map_err(|error| Error::invalid(self.info(), error))?;
        adjust(&mut request);
        let http = &self.client.inner().http;
        let response = http.execute_with_extensions(request, &mut extensions).await;
        let response = response.map_err(|error| Error::sending(self.info(), error, None))?;
        head.get_or_init(|| RawResponse::head(&response));
        Ok(response)
    }

    /// Reads the whole body. If it is incomplete or longer than the limit, the error contains the bytes that were read.
    async fn buffer(&self, mut response: Response) -> Result<RawResponse, Error> {
        let head = RawResponse::take_head(&mut response);
        let limit = self.limits.response_limit;
        let mut chunks: Vec<Bytes> = Vec::new();
        let mut length = 0_usize;
        let incomplete = loop {
            match response.chunk().await {
                Ok(Some(chunk)) if chunk.len() > limit - length => {
                    break Some(Incomplete::TooLarge);
                }
                Ok(Some(chunk)) => {
                    length += chunk.len();
                    chunks.push(chunk);
                }
                Ok(None) => break None,
                Err(error) => break Some(Incomplete::Broken(error)),
            }
        };
        let bytes = match chunks.len() {
            1 => chunks.swap_remove(0),
            _ => chunks.concat().into(),
        };
        let response = head.with_bytes(bytes);
        match incomplete {
            None => Ok(response),
            Some(Incomplete::TooLarge) => Err(Error::too_large(self.info(), Some(response))),
            Some(Incomplete::Broken(error)) => {
                Err(Error::sending(self.info(), error.into(), Some(response)))
            }
        }
    }

    fn summary<'a>(&self, result: &'a Result<Received, Error>) -> Summary<'a> {
        match result {
            Ok(received) => {
                let status = received.status();
                let failed = !self.is_success(status);
                Summary {
                    status: Some(status),
                    request_id: received.request_id(),
                    error: failed.then(|| status.as_str().to_owned()),
                }
            }
            Err(error) => Summary {
                status: error.status(),
                request_id: error.request_id(),
                error: Some(format!("{:?}", error.kind())),
            },
        }
    }
}

/// Returns whether an HTTP request was made.
fn was_sent(result: &Result<Received, Error>) -> bool {
    let kind = result.as_ref().err().map(Error::kind);
    !matches!(kind, Some(ErrorKind::InvalidRequest | ErrorKind::Signing))
}

/// The status and headers of the response, as soon as they are received.
type Head = OnceLock<RawResponse>;

/// How much of a successful response to read.
#[derive(Clone, Copy)]
enum Wanted {
    Whole,
    Head,
}

/// Why a body is incomplete.
enum Incomplete {
    TooLarge,
    Broken(reqwest::Error),
}

/// A received response, before it is decoded.
enum Received {
    Whole(RawResponse),
    /// A successful response whose body has not been read.
    Open(Response),
}

impl Received {
    fn status(&self) -> StatusCode {
        match self {
            Self::Whole(response) => response.status(),
            Self::Open(response) => response.status(),
        }
    }

    fn request_id(&self) -> Option<&str> {
        match self {
            Self::Whole(response) => response.request_id(),
            Self::Open(response) => reqwest_sigv4::request_id(response.headers()),
        }
    }
}
