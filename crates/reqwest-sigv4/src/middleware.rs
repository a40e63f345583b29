//! The signer as middleware.

use async_trait::async_trait;
use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next, Result};

use crate::{SignOptions, Signer};

#[async_trait]
impl Middleware for Signer {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        let options = extensions.get::<SignOptions>().cloned().unwrap_or_default();
        self.sign_with(&mut request, &options).await?;
        next.run(request, extensions).await
    }
}
