//! A middleware that removes URLs from errors. It runs between the middleware of the caller and the signer.

use async_trait::async_trait;
use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next, Result};

/// Removes the URL from errors, because its query may be confidential. It must run before a middleware of the caller wraps the error.
pub(crate) struct RedactUrl;

#[async_trait]
impl Middleware for RedactUrl {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        let result = next.run(request, extensions).await;
        result.map_err(reqwest_middleware::Error::without_url)
    }
}
