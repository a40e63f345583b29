//! Refusals read from responses.

use async_trait::async_trait;
use reqwest::{Request, Response};
use reqwest_middleware::ClientWithMiddleware;

use super::body::{Opened, Read, is_short};
use crate::{Refusal, Signed, Signer, error_type};

impl Refusal {
    /// Reads the refusal from a response, and returns the response with its body still readable.
    ///
    /// If the request was signed by a [`Signer`] as middleware, a signature mismatch is compared with what was signed, and
    /// [`difference`](Self::difference) returns the first line that differs. Such a response already contains its refusal; see
    /// [`of`](Self::of).
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
        if let Some(refusal) = Self::of(&response).cloned() {
            return Ok((response, Some(refusal)));
        }
        if !is_error(&response) || !response.content_length().is_none_or(is_short) {
            return Ok((response, None));
        }
        let mut opened = Opened::read(response).await;
        if let Read::Broken(_, error) = &mut opened.body
            && let Some(error) = error.take()
        {
            return Err(error);
        }
        let refusal = opened.refusal();
        Ok((opened.close(), refusal))
    }

    /// Returns the refusal in the extensions of a response, where a [`Signer`] as middleware puts it.
    ///
    /// Returns `None` if API Gateway did not refuse the request, or if it was sent unsigned.
    ///
    /// ```
    /// # async fn call(http: reqwest_middleware::ClientWithMiddleware) -> Result<(), reqwest_middleware::Error> {
    /// use reqwest_sigv4::Refusal;
    ///
    /// let response = http.get("https://abc123.execute-api.eu-west-2.amazonaws.com/prod/orders").send().await?;
    /// if let Some(refusal) = Refusal::of(&response) {
    ///     eprintln!("{}: {}", refusal.reason(), refusal.hint());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn of(response: &Response) -> Option<&Self> {
        response.extensions().get()
    }
}

impl Opened {
    fn refusal(&self) -> Option<Refusal> {
        let Read::Whole(bytes) = &self.body else {
            return None;
        };
        let refusal = Refusal::from_parts(self.parts.status, &self.parts.headers, bytes)?;
        Some(match self.parts.extensions.get::<Signed>() {
            Some(signed) => refusal.compared_with(signed),
            None => refusal,
        })
    }
}

impl Signer {
    /// Reports the refusal in the response to a signed request: in the log, in the response's extensions and, if asked for, as an error.
    ///
    /// Other responses pass unread. Without a length, only a body that API Gateway itself announces by `x-amzn-errortype` is read, since
    /// any other may be a stream of the application.
    pub(crate) async fn report_refusal(
        &self,
        response: Response,
    ) -> Result<Response, crate::Error> {
        let may_be_refusal = match response.content_length() {
            Some(length) => is_short(length),
            None => error_type(response.headers()).is_some(),
        };
        if !is_error(&response) || !may_be_refusal || Signed::of(&response).is_none() {
            return Ok(response);
        }
        let (mut response, refusal) = match Refusal::of(&response).cloned() {
            // a second signer on the same client
            Some(refusal) => (response, refusal),
            None => {
                let opened = Opened::read(response).await;
                let refusal = opened.refusal();
                let response = opened.close();
                let Some(refusal) = refusal else {
                    return Ok(response);
                };
                let host = response.url().host_str().unwrap_or_default();
                self.state
                    .refusals
                    .add(&refusal, host, self.state.clock.now());
                (response, refusal)
            }
        };
        if self.state.settings.explain_refusals {
            return Err(crate::Error::Refused(Box::new(refusal)));
        }
        response.extensions_mut().insert(refusal);
        Ok(response)
    }
}

fn is_error(response: &Response) -> bool {
    response.status().is_client_error() || response.status().is_server_error()
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
