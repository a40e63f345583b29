//! The one place that sends.

pub(crate) mod redact_url;
mod request;
pub(crate) mod retry;
pub(crate) mod span;

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use reqwest::Response;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::error::{self, CallInfo, Limit};
use crate::send::retry::{Attempts, Outcome};
use crate::send::span::{Ended, Span};
use crate::{
    AnyBody, ByteStream, Call, DecodeError, Error, FromResponse, RawResponse, ResponseValue,
};
use reqwest_sigv4::Transience;

impl Call {
    /// Signs and sends the request, and decodes the response: a status of 200–299 as `T`, any other as `E`.
    /// What may pass by itself is tried again, see [`RetryPolicy`](crate::RetryPolicy).
    ///
    /// # Errors
    ///
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn send<T: FromResponse, E: FromResponse>(
        &self,
    ) -> Result<ResponseValue<T>, Error<E>> {
        let (arrived, attempts) = self.exchange(Wanted::Whole).await.map_err(Error::cast)?;
        let info = || CallInfo {
            attempts,
            ..self.info()
        };
        let response = match arrived {
            Arrived::Whole(response) => response,
            Arrived::Open(response) => self.buffer(response).await.map_err(Error::cast)?,
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

    /// As [`send`](Self::send), for a path whose bodies nobody has described.
    ///
    /// # Errors
    ///
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn send_untyped(&self) -> Result<ResponseValue<AnyBody>, Error> {
        self.send().await
    }

    /// As [`send`](Self::send), and hands out the body of a success piece by piece while it arrives.
    ///
    /// Time limits and repetitions cover everything up to the head of the response; the body may take as long as pieces keep coming.
    ///
    /// # Errors
    ///
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn send_stream<E: FromResponse>(
        &self,
    ) -> Result<ResponseValue<ByteStream>, Error<E>> {
        let (arrived, attempts) = self.exchange(Wanted::Head).await.map_err(Error::cast)?;
        let info = CallInfo {
            attempts,
            ..self.info()
        };
        match arrived {
            Arrived::Open(response) => {
                let head = RawResponse::head(&response);
                let body = ByteStream::new(response, info, self.operation.accept);
                Ok(ResponseValue::new(body, head))
            }
            Arrived::Whole(response) => {
                let body = self.error_body(&response);
                Err(Error::response(info, response, body))
            }
        }
    }

    /// The error body, if the document describes one for this status.
    fn error_body<E: FromResponse>(&self, response: &RawResponse) -> Result<E, DecodeError> {
        match self.describes(response.status()) {
            true => E::from_response(response),
            false => Err(DecodeError::undocumented_status(response)),
        }
    }

    /// Attempts until one succeeds, or no other one is worth it; and how many there were.
    async fn exchange(&self, wanted: Wanted) -> Result<(Arrived, u32), Error> {
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
                    Some(pause) => sleep(pause).await,
                    None => return result,
                }
            }
        });
        let result = result.await;
        span.end(|| self.ended(&result));
        let made = attempts.made();
        match result {
            Ok(arrived) => Ok((arrived, made)),
            Err(error) => Err(error.after(made)),
        }
    }

    /// One attempt, before the deadline.
    async fn next_attempt(
        &self,
        attempts: &mut Attempts<'_>,
        wanted: Wanted,
        deadline: Option<(Instant, Duration)>,
    ) -> Result<Arrived, Error> {
        let attempt = async {
            attempts.begin().await;
            let span = Span::of_attempt(self, attempts.made() - 1);
            let result = span.around(self.attempt(wanted)).await;
            span.end(|| self.ended(&result));
            result
        };
        match deadline {
            None => attempt.await,
            Some((deadline, limit)) => timeout_at(deadline, attempt)
                .await
                .unwrap_or_else(|_| Err(Error::elapsed(self.info(), Limit::Total(limit)))),
        }
    }

    /// Whether to try again what has come to this.
    fn outcome(&self, result: &Result<Arrived, Error>) -> Outcome {
        let (why, response) = match result {
            Ok(Arrived::Whole(response)) if !self.is_success(response.status()) => {
                (error::of_response(response), Some(response))
            }
            Ok(_) => return Outcome::Success,
            Err(error) => (error.transience(), error.raw()),
        };
        match why {
            Some(why) if self.may_repeat(why) => Outcome::Passing {
                why,
                retry_after: response.and_then(RawResponse::retry_after),
            },
            _ => Outcome::Failure,
        }
    }

    fn may_repeat(&self, why: Transience) -> bool {
        self.is_replayable() && why.allows_repeating(self.is_repeatable())
    }

    /// One request, and as much of its response as is wanted: of a failure always the whole.
    async fn attempt(&self, wanted: Wanted) -> Result<Arrived, Error> {
        match wanted {
            Wanted::Whole => {
                let limit = Some(self.limits.timeout);
                let response = self.start(|request| *request.timeout_mut() = limit).await?;
                self.buffer(response).await.map(Arrived::Whole)
            }
            Wanted::Head => {
                let open = async {
                    let response = self.start(|_| {}).await?;
                    match self.is_success(response.status()) {
                        true => Ok(Arrived::Open(response)),
                        false => self.buffer(response).await.map(Arrived::Whole),
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

    /// The whole body; if it is cut short or longer than the limit, an error with what did arrive.
    async fn buffer(&self, mut response: Response) -> Result<RawResponse, Error> {
        let head = RawResponse::head(&response);
        let limit = self.limits.response_limit;
        let mut chunks: Vec<Bytes> = Vec::new();
        let mut length = 0_usize;
        let cut = loop {
            match response.chunk().await {
                Ok(Some(chunk)) if chunk.len() > limit - length => break Some(Cut::TooLarge),
                Ok(Some(chunk)) => {
                    length += chunk.len();
                    chunks.push(chunk);
                }
                Ok(None) => break None,
                Err(error) => break Some(Cut::Broken(error)),
            }
        };
        let bytes = match chunks.len() {
            1 => chunks.swap_remove(0),
            _ => chunks.concat().into(),
        };
        let response = head.with_bytes(bytes);
        match cut {
            None => Ok(response),
            Some(Cut::TooLarge) => Err(Error::too_large(self.info(), Some(response))),
            Some(Cut::Broken(error)) => {
                Err(Error::sending(self.info(), error.into(), Some(response)))
            }
        }
    }

    fn ended<'a>(&self, result: &'a Result<Arrived, Error>) -> Ended<'a> {
        match result {
            Ok(arrived) => {
                let status = arrived.status();
                let failed = !self.is_success(status);
                Ended {
                    status: Some(status),
                    request_id: arrived.request_id(),
                    error: failed.then(|| status.as_str().to_owned()),
                }
            }
            Err(error) => Ended {
                status: error.status(),
                request_id: error.request_id(),
                error: Some(format!("{:?}", error.kind())),
            },
        }
    }
}

/// How much of a success is waited for.
#[derive(Clone, Copy)]
enum Wanted {
    Whole,
    Head,
}

/// Why a body is not whole.
enum Cut {
    TooLarge,
    Broken(reqwest::Error),
}

/// What came back, before it is decoded.
enum Arrived {
    Whole(RawResponse),
    /// A success whose body is still to come.
    Open(Response),
}

impl Arrived {
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
