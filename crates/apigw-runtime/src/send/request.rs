//! Builds HTTP requests.

use http::header::{ACCEPT, CONTENT_TYPE, COOKIE, USER_AGENT};
use http::{Extensions, HeaderName, HeaderValue, StatusCode};
use reqwest_sigv4::SignOptions;

use crate::Call;
use crate::call::invalid::{InvalidRequest, Place, Problem};
use crate::call::path;
use crate::call::{API_KEY, IDEMPOTENCY_KEY, IdempotencyKey};
use crate::client::endpoint;
use crate::error::CallInfo;

const API_ID: HeaderName = HeaderName::from_static("x-apigw-api-id");
const TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");

impl Call {
    /// Builds the HTTP request of one attempt.
    pub(crate) fn request(&self) -> Result<(reqwest::Request, Extensions), InvalidRequest> {
        if let Some(invalid) = &self.invalid {
            return Err(invalid.clone());
        }
        let client = self.client.inner();
        if self.signed && !client.signs {
            return Err(InvalidRequest {
                place: Place::Signature,
                problem: Problem::NoSigner,
            });
        }
        if self.requires_body && self.body.is_none() {
            return Err(InvalidRequest {
                place: Place::Body,
                problem: Problem::NoBody,
            });
        }
        let path = path::fill(&self.template, &self.path)?;
        let url = endpoint::join(&client.endpoint, &path, &self.query);

        let mut request = reqwest::Request::new(self.method.clone(), url);
        let headers = request.headers_mut();
        headers.insert(USER_AGENT, client.user_agent.clone());
        if let Some(accept) = self.operation.accept {
            let accept = HeaderValue::from_str(accept).map_err(|_| InvalidRequest {
                place: Place::Header(ACCEPT.to_string()),
                problem: Problem::NotHeader,
            })?;
            headers.insert(ACCEPT, accept);
        }
        if let Some(key) = client.api_key.as_ref().filter(|_| self.operation.api_key) {
            headers.insert(API_KEY, key.clone());
        }
        if let Some(id) = &client.private_api_id {
            headers.insert(API_ID, id.clone());
        }
        if !self.cookies.is_empty() {
            let mut cookies = HeaderValue::from_str(&self.cookies).map_err(|_| InvalidRequest {
                place: Place::Header(COOKIE.to_string()),
                problem: Problem::NotHeader,
            })?;
            cookies.set_sensitive(true);
            headers.insert(COOKIE, cookies);
        }
        if let Some((content_type, body)) = &self.body {
            headers.insert(CONTENT_TYPE, content_type.clone());
            let body = body.body().map_err(|problem| InvalidRequest {
                place: Place::Body,
                problem,
            })?;
            *request.body_mut() = Some(body);
        }
        if let Some(id) = client.trace_id() {
            request.headers_mut().insert(TRACE_ID, id);
        }
        request.headers_mut().extend(self.headers.clone());

        let mut extensions = Extensions::new();
        extensions.insert(match self.signed {
            true => self.sign_options.clone(),
            false => SignOptions::skip(),
        });
        Ok((request, extensions))
    }

    /// Returns whether the spec describes an error body for the status.
    pub(crate) fn documents_error(&self, status: StatusCode) -> bool {
        let status = status.as_u16();
        self.documented_errors
            .is_none_or(|known| known.contains(&status) || known.contains(&(status / 100)))
    }

    pub(crate) fn is_success(&self, status: StatusCode) -> bool {
        status.is_success() || self.success.contains(&status)
    }

    /// Returns whether the request can be sent more than once.
    pub(crate) fn is_replayable(&self) -> bool {
        self.body
            .as_ref()
            .is_none_or(|(_, body)| body.is_replayable())
    }

    /// Returns whether the operation can safely run twice: it is idempotent by its method (RFC 9110 §9.2.2) or by the spec, or the
    /// caller allows it.
    pub(crate) fn is_repeatable(&self) -> bool {
        self.is_repeatable_without_key() || self.headers.contains_key(IDEMPOTENCY_KEY)
    }

    fn is_repeatable_without_key(&self) -> bool {
        self.method.is_idempotent() || self.idempotent || self.retry.retries_writes()
    }

    /// Returns the request with a new `Idempotency-Key`, if it needs one.
    pub(crate) fn with_generated_key(&self) -> Option<Self> {
        if self.key != IdempotencyKey::Generate || self.headers.contains_key(IDEMPOTENCY_KEY) {
            return None;
        }
        let mut call = self.clone();
        call.headers
            .insert(IDEMPOTENCY_KEY, HeaderValue::from_str(&random_uuid()).ok()?);
        call.key = IdempotencyKey::Generated;
        Some(call)
    }

    /// Returns the properties of the request that errors may contain.
    pub(crate) fn info(&self) -> CallInfo {
        let endpoint = &self.client.inner().endpoint;
        let host = endpoint.host_str().unwrap_or_default();
        CallInfo {
            operation: self.operation.name,
            method: self.method.clone(),
            path: self.template.clone(),
            server: match endpoint.port() {
                Some(port) => format!("{host}:{port}"),
                None => host.to_owned(),
            },
            limits: self.limits,
            repeatable: match self.key {
                // the caller would send another key
                IdempotencyKey::Generated => self.is_repeatable_without_key(),
                IdempotencyKey::Caller | IdempotencyKey::Generate => self.is_repeatable(),
            },
            attempts: 0,
        }
    }
}

/// Returns a random UUID (version 4). Like the idempotency tokens of the AWS SDKs, it is unique, but not a secret.
fn random_uuid() -> String {
    let bits = fastrand::u128(..);
    let versioned = (bits & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{versioned:032x}");
    let (a, rest) = hex.split_at(8);
    let (b, rest) = rest.split_at(4);
    let (c, rest) = rest.split_at(4);
    let (d, e) = rest.split_at(4);
    format!("{a}-{b}-{c}-{d}-{e}")
}
