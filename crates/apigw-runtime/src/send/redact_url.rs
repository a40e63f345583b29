//! Middleware between that of the caller and the signer: takes URLs out of errors.

use async_trait::async_trait;
use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next, Result};

/// Takes the URL out of errors: its query is the caller's and may be confidential, and middleware may wrap the error beyond reach.
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
