//! Signs and sends requests.

use std::borrow::Cow;
use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use reqwest::{Request, Response};
use reqwest_middleware::ClientWithMiddleware;
use reqwest_sigv4::{Refusal, SignOptions, Signed, Signer};

use super::{Call, CallError};

/// The connect timeout.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The read timeout. API Gateway closes connections that are idle for 310 seconds (API Gateway
/// Developer Guide, "Quotas for configuring and running a REST API").
const READ_TIMEOUT: Duration = Duration::from_secs(310);

/// Signs and sends requests.
#[derive(Debug, Clone)]
pub struct Caller {
    http: ClientWithMiddleware,
    signer: Signer,
}

/// A signed request that was not sent.
#[derive(Debug, Clone)]
pub struct DryRun {
    /// The method and URL.
    pub line: String,
    /// The names and values of the headers. Secret values are replaced by `**`.
    pub headers: Vec<(String, String)>,
    /// The details of the signature, or `None` if the request is not signed.
    pub signed: Option<Signed>,
}

/// A response.
#[derive(Debug)]
pub struct Answer {
    response: Response,
    refusal: Option<Refusal>,
    signed: Option<Signed>,
}

impl Caller {
    /// Creates a caller that signs requests with `signer`.
    ///
    /// # Errors
    ///
    /// Returns an error if the HTTP client can't be created, for example without a TLS backend.
    pub fn new(signer: Signer) -> Result<Self, CallError> {
        let http = reqwest_sigv4::client_builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .build()
            .map_err(reqwest_sigv4::Error::HttpClient)?;
        let http = reqwest_middleware::ClientBuilder::new(http)
            .with(signer.clone())
            .build();
        Ok(Self { http, signer })
    }

    /// Signs a request without sending it.
    ///
    /// # Errors
    ///
    /// Returns an error if signing fails.
    pub async fn dry_run(&self, call: &Call) -> Result<DryRun, CallError> {
        let mut request = request(call);
        let signed = match call.signed {
            true => {
                self.signer
                    .sign_with(&mut request, &SignOptions::new())
                    .await?
            }
            false => None,
        };
        let display = |value: &http::HeaderValue| match value.is_sensitive() {
            true => "**".to_owned(),
            false => String::from_utf8_lossy(value.as_bytes()).into_owned(),
        };
        Ok(DryRun {
            line: format!("{} {}", request.method(), request.url()),
            headers: request
                .headers()
                .iter()
                .map(|(name, value)| (name.to_string(), display(value)))
                .collect(),
            signed,
        })
    }

    /// Signs and sends a request.
    ///
    /// # Errors
    ///
    /// Returns an error if signing fails, or if there is no response. An HTTP error status is not an
    /// error.
    pub async fn send(&self, call: &Call) -> Result<Answer, CallError> {
        let mut request = self.http.request(call.method.clone(), call.url.clone());
        request = request.headers(call.headers.clone());
        if let Some(body) = &call.body {
            request = request.body(body.clone());
        }
        if !call.signed {
            request = request.with_extension(SignOptions::skip());
        }
        let host = call.url.host_str().unwrap_or_default();
        let no_answer = |source: Box<dyn Error + Send + Sync>| CallError::NoAnswer {
            host: host.to_owned(),
            source,
        };
        let sent = request.send().await.map_err(|error| match error {
            reqwest_middleware::Error::Reqwest(error) => no_answer(error.without_url().into()),
            reqwest_middleware::Error::Middleware(error) => {
                match error.downcast::<reqwest_sigv4::Error>() {
                    Ok(error) => error.into(),
                    Err(error) => no_answer(error.into()),
                }
            }
        })?;
        let signed = Signed::of(&sent).cloned();
        let (response, refusal) = Refusal::from_response(sent)
            .await
            .map_err(|error| no_answer(error.without_url().into()))?;
        Ok(Answer {
            response,
            refusal,
            signed,
        })
    }
}

fn request(call: &Call) -> Request {
    let mut request = Request::new(call.method.clone(), call.url.clone());
    *request.headers_mut() = call.headers.clone();
    *request.body_mut() = call.body.clone().map(Into::into);
    request
}

impl Answer {
    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// Returns the headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// Returns the request ID, for the logs of the API and AWS Support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        reqwest_sigv4::request_id(self.headers())
    }

    /// Returns the refusal, if API Gateway itself refused the request.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    /// Returns the details of the signature, or `None` if the request was not signed.
    #[must_use]
    pub fn signed(&self) -> Option<&Signed> {
        self.signed.as_ref()
    }

    /// Returns whether the `Content-Type` is JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        let media_type = self.headers().get(http::header::CONTENT_TYPE);
        media_type
            .and_then(|value| value.to_str().ok())
            .is_some_and(apigw_spec::media_type::is_json)
    }

    /// Returns the next chunk of the body, or `None` at the end.
    ///
    /// A REST API that refuses a signature repeats the request in the error. The values of secret
    /// headers are therefore removed from errors.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection is closed early.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, CallError> {
        let host = self
            .response
            .url()
            .host_str()
            .unwrap_or_default()
            .to_owned();
        let chunk = self.response.chunk().await;
        let chunk = chunk.map_err(|error| CallError::NoAnswer {
            host,
            source: error.without_url().into(),
        })?;
        // the body of an error was read completely, so it is a single chunk
        let is_error = self.status().is_client_error() || self.status().is_server_error();
        Ok(match is_error {
            true => chunk.map(|chunk| without_secrets(&chunk)),
            false => chunk,
        })
    }
}

/// Removes the values of secret headers from a text that may repeat a request.
fn without_secrets(text: &Bytes) -> Bytes {
    match std::str::from_utf8(text) {
        Ok(shown) => match reqwest_sigv4::redact(shown) {
            Cow::Borrowed(_) => text.clone(),
            Cow::Owned(shown) => shown.into(),
        },
        Err(_) => text.clone(),
    }
}
