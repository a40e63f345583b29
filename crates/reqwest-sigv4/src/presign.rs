//! Signatures in the query, for URLs that others open.

use std::time::Duration;

use reqwest::Request;

use crate::address::Address;
use crate::plan::Plan;
use crate::signer::rewrite_query;
use crate::sigv4::{self, Target};
use crate::{Error, SignOptions, Signer, body};

/// The longest life of a presigned URL that Signature Version 4 allows, in seconds.
const LONGEST: u64 = 7 * 24 * 60 * 60;

impl Signer {
    /// Signs a request in its query, so that its URL alone is enough to send it: in a browser, or as a WebSocket handshake (`wss://…`).
    ///
    /// Headers that the request has and the [`HeaderPolicy`](crate::HeaderPolicy) signs must be sent as they are; a request without any needs none. The session token
    /// of temporary credentials is part of the URL, so treat the URL as a secret.
    ///
    /// The life of the URL is cut to that of the credentials. **API Gateway takes a presigned URL for five minutes, whatever `expires_in` says.**
    /// The time is this machine's, not corrected by the service's clock.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidExpiry`] if `expires_in` is less than a second or more than seven days, [`Error::CredentialsEnded`] if the credentials have ended, and
    /// every error of [`sign`](Self::sign).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    /// use reqwest_sigv4::{Credentials, Signer};
    ///
    /// let signer = Signer::builder()
    ///     .credentials(Credentials::new("AKIDEXAMPLE", "a secret", None, None, "example"))
    ///     .build()?;
    ///
    /// let url = "wss://abc123.execute-api.eu-west-2.amazonaws.com/prod";
    /// let mut request = reqwest::Request::new(reqwest::Method::GET, url.parse()?);
    /// signer.presign(&mut request, Duration::from_secs(300)).await?;
    /// assert!(request.url().query().unwrap_or_default().contains("X-Amz-Signature="));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn presign(&self, request: &mut Request, expires_in: Duration) -> Result<(), Error> {
        self.presign_with(request, expires_in, &SignOptions::new())
            .await
    }

    /// [`presign`](Self::presign), with choices for this one request. A request that is to be sent unsigned is left as it is.
    ///
    /// # Errors
    ///
    /// As [`presign`](Self::presign).
    pub async fn presign_with(
        &self,
        request: &mut Request,
        expires_in: Duration,
        options: &SignOptions,
    ) -> Result<(), Error> {
        check_expiry(expires_in)?;
        let address = Address::of_url(request.url());
        let Some(plan) = self.inner.plan(address, request.headers_mut(), options)? else {
            return Ok(());
        };
        rewrite_query(request.url_mut())?;
        let payload_hash =
            body::hash(request, plan.payload, self.inner.settings.body_limit).await?;
        let url = request.url();
        let target = plan.target(request.method(), url.path(), url.query(), &payload_hash);
        let query = self
            .presigned_query(&target, &plan, request.headers(), expires_in, options)
            .await?;
        request.url_mut().set_query(Some(&query));
        Ok(())
    }

    pub(crate) async fn presigned_query(
        &self,
        target: &Target<'_>,
        plan: &Plan,
        headers: &http::HeaderMap,
        expires_in: Duration,
        options: &SignOptions,
    ) -> Result<String, Error> {
        let inner = &*self.inner;
        let credentials = inner
            .credentials(options)
            .await
            .map_err(Error::Credentials)?;
        let now = inner.clock.now();
        let expires_in = match credentials.credentials().expiry() {
            None => expires_in,
            Some(end) => expires_in.min(end.duration_since(now).unwrap_or_default()),
        };
        if expires_in < Duration::from_secs(1) {
            return Err(Error::CredentialsEnded);
        }
        let scope = inner.scope(plan, now);
        let policy = &inner.settings.header_policy;
        sigv4::sign_query(target, headers, policy, &scope, &credentials, expires_in)
    }
}

pub(crate) fn check_expiry(expires_in: Duration) -> Result<(), Error> {
    if (1..=LONGEST).contains(&expires_in.as_secs()) {
        Ok(())
    } else {
        Err(Error::InvalidExpiry { expires_in })
    }
}
