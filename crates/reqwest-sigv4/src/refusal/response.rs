//! Refusals read from responses.

use async_trait::async_trait;
use http_body_util::BodyExt;
use reqwest::{Body, Request, Response, ResponseBuilderExt};
use reqwest_middleware::ClientWithMiddleware;

use crate::{Refusal, Signed};

/// Longer bodies are not from API Gateway itself, and are not read.
const LONGEST: u64 = 64 * 1024;

impl Refusal {
    /// Reads the refusal from a response, and returns the response with its body still readable.
    ///
    /// If the request was signed by a [`Signer`](crate::Signer) as middleware, a signature mismatch is compared with what was signed, and
    /// [`difference`](Self::difference) returns the first line that differs.
    ///
    /// # Errors
    ///
    /// Returns the client's error if reading the body of an error response fails.
    ///
    /// ```
    /// # async fn call(http: reqwest_middleware::ClientWithMiddleware) -> Result<(), reqwest_middleware::Error> {
    /// use reqwest_sigv4::Refusal;
    ///
    /// let response = http.get("https://abc123.execute-api.eu-west-2.amazonaws.com/prod/orders").send().await?;
    /// let (response, refusal) = Refusal::from_response(response).await?;
    /// if let Some(refusal) = refusal {
    ///     eprintln!("{refusal}");
    /// }
    /// let body = response.text().await?; // as the service sent it
    /// # Ok(())
    /// # }
    /// ```
    pub async fn from_response(
        response: Response,
    ) -> Result<(Response, Option<Self>), reqwest::Error> {
        let status = response.status();
        let is_error = status.is_client_error() || status.is_server_error();
        if !is_error
            || response
                .content_length()
                .is_some_and(|length| length > LONGEST)
        {
            return Ok((response, None));
        }
        let url = response.url().clone();
        let (mut parts, body) = http::Response::<Body>::from(response).into_parts();
        let bytes = body.collect().await?.to_bytes();

        let mut refusal = Self::from_parts(status, &parts.headers, &bytes);
        if let Some(signed) = parts.extensions.get::<Signed>() {
            refusal = refusal.map(|refusal| refusal.compared_with(signed));
        }
        if let Ok(carrier) = http::Response::builder().url(url).body(()) {
            parts.extensions.extend(carrier.into_parts().0.extensions);
        }
        let response = Response::from(http::Response::from_parts(parts, bytes));
        Ok((response, refusal))
    }
}

/// Adds [`explain`](Self::explain) to a client.
#[async_trait]
pub trait Explain {
    /// Sends a request and reads its response, like [`Refusal::from_response`].
    ///
    /// # Errors
    ///
    /// Returns an error if sending the request or reading the body of an error response fails.
    ///
    /// ```
    /// # async fn call(http: reqwest_middleware::ClientWithMiddleware) -> Result<(), reqwest_middleware::Error> {
    /// use reqwest_sigv4::Explain;
    ///
    /// let request = http.get("https://abc123.execute-api.eu-west-2.amazonaws.com/prod/orders").build()?;
    /// let (response, refusal) = http.explain(request).await?;
    /// # Ok(())
    /// # }
    /// ```
    async fn explain(
        &self,
        request: Request,
    ) -> reqwest_middleware::Result<(Response, Option<Refusal>)>;
}

#[async_trait]
impl Explain for ClientWithMiddleware {
    async fn explain(
        &self,
        request: Request,
    ) -> reqwest_middleware::Result<(Response, Option<Refusal>)> {
        let response = self.execute(request).await?;
        Ok(Refusal::from_response(response).await?)
    }
}
