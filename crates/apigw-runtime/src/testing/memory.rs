//! Passes requests to a gateway in memory. A middleware after the signer, so that signatures are verified.

use std::io;
use std::sync::Arc;

use apigw_local::LocalGateway;
use async_trait::async_trait;
use futures_util::stream;
use http::header::{CONTENT_LENGTH, HOST};
use http::{Extensions, HeaderValue};
use http_body::Body as _;
use reqwest::{Body, Request, Response, ResponseBuilderExt as _};
use reqwest_middleware::{Error, Middleware, Next, Result};
use tokio::time::timeout;

use crate::call::chunks;

pub(super) struct InMemory(pub(super) Arc<LocalGateway>);

#[async_trait]
impl Middleware for InMemory {
    async fn handle(&self, request: Request, _: &mut Extensions, _: Next<'_>) -> Result<Response> {
        let url = request.url().clone();
        let limit = request.timeout().copied();
        let mut request = http::Request::<Body>::try_from(request)?;
        // the headers that the HTTP client adds
        let length = request
            .body()
            .size_hint()
            .exact()
            .filter(|length| *length > 0);
        let headers = request.headers_mut();
        if let Ok(host) = HeaderValue::from_str(url.authority()) {
            headers.entry(HOST).or_insert(host);
        }
        if let Some(length) = length {
            headers.entry(CONTENT_LENGTH).or_insert(length.into());
        }
        let handled = self.0.handle(request);
        let handled = match limit {
            Some(limit) => timeout(limit, handled)
                .await
                .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())),
            None => handled.await,
        };
        let response = match handled {
            Ok(response) => response,
            Err(error) => return Err(http_error(error).await),
        };
        let (parts, body) = response.into_parts();
        let mut response = http::Response::builder()
            .url(url)
            .status(parts.status)
            .body(Body::wrap(body))
            .map_err(Error::middleware)?;
        *response.headers_mut() = parts.headers;
        Ok(response.into())
    }
}

/// Returns the error that the HTTP client returns for a broken connection. It has no constructor.
async fn http_error(error: io::Error) -> Error {
    let broken = stream::iter([Err(error.into())]);
    let body = chunks::body(Box::pin(broken), None);
    let response = Response::from(http::Response::new(body));
    match response.bytes().await {
        Err(error) => error.into(),
        Ok(_) => Error::middleware(io::Error::from(io::ErrorKind::ConnectionReset)),
    }
}
