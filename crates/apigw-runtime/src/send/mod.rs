//! Sends requests.

pub(crate) mod redact_url;
mod request;
pub(crate) mod retry;
pub(crate) mod span;

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use reqwest::Response;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::error::{self, CallInfo, Limit};
use crate::send::retry::{Attempts, Outcome};
use crate::send::span::{Span, Summary};
use crate::{
    AnyBody, ByteStream, Call, DecodeError, Error, EventStream, FromResponse, JsonLines,
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
        let limit = self.limits.total_timeout;
        let deadline = limit.map(|limit| (Instant::now() + limit, limit));
        let instant = deadline.map(|(instant, _)| instant);
        let retries = &self.client.inner().retries;
        let mut attempts = retries.begin(&self.retry, instant);
        let span = Span::of_call(self);
        let result = span.around(async {
            loop {
                let result = self.next_attempt(&mut attempts, wanted, deadline).await;
                match attempts.end(self.outcome(&result)) {
                    Some(delay) => sleep(delay).await,
                    None => return result,
                }
            }
        });
        let result = result.await;
        span.end(|| self.summary(&result));
        let made = attempts.made();
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
        let attempt = async {
            attempts.begin().await;
            let span = Span::of_attempt(self, attempts.made() - 1);
            let result = span.around(self.attempt(wanted)).await;
            span.end(|| self.summary(&result));
            result
        };
        match deadline {
            None => attempt.await,
            Some((deadline, limit)) => timeout_at(deadline, attempt)
                .await
                .unwrap_or_else(|_| Err(Error::elapsed(self.info(), Limit::Total(limit)))),
        }
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
    async fn attempt(&self, wanted: Wanted) -> Result<Received, Error> {
        match wanted {
            Wanted::Whole => {
                let limit = Some(self.limits.timeout);
                let response = self.start(|request| *request.timeout_mut() = limit).await?;
                self.buffer(response).await.map(Received::Whole)
            }
            Wanted::Head => {
                let open = async {
                    let response = self.start(|_| {}).await?;
                    match self.is_success(response.status()) {
                        true => Ok(Received::Open(response)),
                        false => self.buffer(response).await.map(Received::Whole),
                    }
                };
                let opened = timeout(self.limits.timeout, open).await;
                opened.unwrap_or_else(|_| Err(Error::elapsed(self.info(), Limit::Attempt)))
            }
        }
    }

    async fn start(&self, adjust: impl FnOnce(&mut reqwest::Request)) -> Result<Response, Error> {
        let (mut request, mut extensions) = self
            .request()
            .map_err(|error| Error::invalid(self.info(), error))?;
        adjust(&mut request);
        let http = &self.client.inner().http;
        http.execute_with_extensions(request, &mut extensions)
            .await
            .map_err(|error| Error::sending(self.info(), error, None))
    }

    /// Reads the whole body. If it is incomplete or longer than the limit, the error contains the bytes that were read.
    async fn buffer(&self, mut response: Response) -> Result<RawResponse, Error> {
        let head = RawResponse::head(&response);
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
