//! Signing and sending.

use std::error::Error;
use std::time::Duration;

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use reqwest::{Request, Response};
use reqwest_middleware::ClientWithMiddleware;
use reqwest_sigv4::{Refusal, SignOptions, Signed, Signer};

use super::{Call, CallError};

/// A host that is there takes a connection within this time.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// API Gateway itself gives up on a connection that is idle for 310 seconds (API Gateway Developer
/// Guide, "Quotas for configuring and running a REST API").
const READ_TIMEOUT: Duration = Duration::from_secs(310);

/// Makes calls with the credentials of one caller.
#[derive(Debug, Clone)]
pub struct Caller {
    http: ClientWithMiddleware,
    signer: Signer,
}

/// What would be sent.
#[derive(Debug, Clone)]
pub struct DryRun {
    /// Method and URL.
    pub line: String,
    /// Names and values of the headers, secret values left out.
    pub headers: Vec<(String, String)>,
    /// What is signed; `None` for a call without a signature.
    pub signed: Option<Signed>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    response: Response,
    refusal: Option<Refusal>,
    signed: Option<Signed>,
}

impl Caller {
    /// A caller whose requests this signer signs.
    ///
    /// # Errors
    ///
    /// When there can be no HTTP client: no TLS backend.
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

    /// Signs a call and sends nothing.
    ///
    /// # Errors
    ///
    /// When it cannot be signed.
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
        let shown = |value: &http::HeaderValue| match value.is_sensitive() {
            true => "**".to_owned(),
            false => String::from_utf8_lossy(value.as_bytes()).into_owned(),
        };
        Ok(DryRun {
            line: format!("{} {}", request.method(), request.url()),
            headers: request
                .headers()
                .iter()
                .map(|(name, value)| (name.to_string(), shown(value)))
                .collect(),
            signed,
        })
    }

    /// Signs a call and sends it.
    ///
    /// # Errors
    ///
    /// When it cannot be signed, or there is no answer. An answer of any status is none.
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
    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The request's id, for the API's logs and AWS support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        reqwest_sigv4::request_id(self.headers())
    }

    /// Why API Gateway itself refused the call, if it did.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    /// What was signed.
    #[must_use]
    pub fn signed(&self) -> Option<&Signed> {
        self.signed.as_ref()
    }

    /// Whether the body says that it is JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        let media_type = self.headers().get(http::header::CONTENT_TYPE);
        media_type
            .and_then(|value| value.to_str().ok())
            .is_some_and(apigw_spec::media_type::is_json)
    }

    /// The next piece of the body; `None` at its end.
    ///
    /// A REST API that refuses a signature repeats the request it got: of errors, the values of
    /// secret headers are left out.
    ///
    /// # Errors
    ///
    /// When the connection breaks off.
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
        // the body of an error has been read as a whole, and is one piece
        let is_error = self.status().is_client_error() || self.status().is_server_error();
        Ok(match is_error {
            true => chunk.map(|chunk| without_secrets(&chunk)),
            false => chunk,
        })
    }
}

/// A text that may repeat a request, without the secret values.
fn without_secrets(text: &Bytes) -> Bytes {
    match std::str::from_utf8(text) {
        Ok(shown) => match reqwest_sigv4::redact(shown) {
            Cow::Borrowed(_) => text.clone(),
            Cow::Owned(shown) => shown.into(),
        },
        Err(_) => text.clone(),
    }
}
