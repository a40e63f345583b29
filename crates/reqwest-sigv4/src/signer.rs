//! The signer: from a request to a signed request.

use std::fmt;
use std::mem;
use std::sync::Arc;

use aws_types::SdkConfig;
use reqwest::{Request, Url};

use crate::address::Address;
use crate::plan::{Attempt, Inner};
use crate::skew::SharedSkew;
use crate::{Error, SignOptions, Signed, SignerBuilder, body, query};

/// Signs requests with AWS Signature Version 4: by itself, or as the last middleware of a [`reqwest_middleware`] client.
///
/// Cloning is cheap, and clones share their credentials and what they know about the service's clock.
///
/// # As middleware
///
/// - Add it **last**: middleware after it may change what was signed. Retries go before it, so that every attempt is signed anew.
/// - [`SignOptions`] in a request's extensions choose differently for that request.
/// - A request refused because the clocks differ, or because its token has expired, is signed and sent once more.
/// - A redirect on the same origin is followed with a new signature, up to ten times; one to another origin is returned as it is.
/// - [`Signed`](crate::Signed) in the response's extensions tells what was signed.
/// - Errors arrive as [`reqwest_middleware::Error::Middleware`]; [`Error::find`] gets them back.
#[derive(Clone)]
pub struct Signer {
    pub(crate) inner: Arc<Inner>,
}

impl Signer {
    /// A signer with the credentials and the Region that the AWS command line would use here: variables, profiles, SSO, web identity, container
    /// or instance metadata.
    ///
    /// The Region of an API Gateway host is read from the host and goes first.
    ///
    /// # Errors
    ///
    /// If the Region or a retry setting of the environment is misspelt. Credentials are not asked for before the first request.
    ///
    /// ```no_run
    /// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// use reqwest_sigv4::Signer;
    ///
    /// let http = reqwest_middleware::ClientBuilder::new(reqwest_sigv4::http_client()?)
    ///     .with(Signer::from_env().await?)
    ///     .build();
    /// http.get("https://abc123.execute-api.eu-west-2.amazonaws.com/prod/orders").send().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "aws-config")]
    pub async fn from_env() -> Result<Self, Error> {
        Self::builder().load().await
    }

    /// A signer with the credentials and the Region of the SDK's configuration.
    ///
    /// # Errors
    ///
    /// If the configuration has no credentials provider, or its Region is misspelt.
    pub fn new(config: &SdkConfig) -> Result<Self, Error> {
        Self::builder().sdk_config(config).build()
    }

    /// A signer set up by hand.
    pub fn builder() -> SignerBuilder {
        SignerBuilder::default()
    }

    /// Signs a request in place: rewrites its query to the canonical spelling, buffers a streaming body, and adds
    /// `authorization`, `x-amz-date` and, for temporary credentials, `x-amz-security-token`.
    ///
    /// Signing a signed request again replaces the signature. Send the request soon: API Gateway takes a signature for five minutes.
    ///
    /// # Errors
    ///
    /// Every [`Error`]; the request may be changed in part then, and should not be sent.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use reqwest_sigv4::{Credentials, Signer};
    ///
    /// let signer = Signer::builder()
    ///     .credentials(Credentials::new("AKIDEXAMPLE", "a secret", None, None, "example"))
    ///     .region("eu-west-2")
    ///     .build()?;
    ///
    /// let mut request = reqwest::Request::new(reqwest::Method::GET, "https://api.example.com/orders?q=a+b".parse()?);
    /// signer.sign(&mut request).await?;
    ///
    /// assert_eq!(request.url().query(), Some("q=a%20b"));
    /// assert!(request.headers().contains_key("authorization"));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn sign(&self, request: &mut Request) -> Result<(), Error> {
        self.sign_with(request, &SignOptions::new()).await
    }

    /// [`sign`](Self::sign), with choices for this one request. A request that is to be sent unsigned is left as it is.
    ///
    /// # Errors
    ///
    /// As [`sign`](Self::sign).
    ///
    /// ```
    /// # async fn sign(signer: reqwest_sigv4::Signer, mut request: reqwest::Request) -> Result<(), reqwest_sigv4::Error> {
    /// use reqwest_sigv4::SignOptions;
    ///
    /// signer.sign_with(&mut request, &SignOptions::new().service("lambda")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn sign_with(
        &self,
        request: &mut Request,
        options: &SignOptions,
    ) -> Result<(), Error> {
        self.attempt(request, options).await.map(drop)
    }

    /// [`sign_with`](Self::sign_with), and tells what was signed: to show it without sending anything. `None` if the request is to be sent unsigned.
    ///
    /// # Errors
    ///
    /// As [`sign`](Self::sign).
    ///
    /// ```
    /// # async fn sign(signer: reqwest_sigv4::Signer, mut request: reqwest::Request) -> Result<(), reqwest_sigv4::Error> {
    /// use reqwest_sigv4::SignOptions;
    ///
    /// if let Some(signed) = signer.sign_recorded(&mut request, &SignOptions::new()).await? {
    ///     println!("{}", signed.canonical_request());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn sign_recorded(
        &self,
        request: &mut Request,
        options: &SignOptions,
    ) -> Result<Option<Signed>, Error> {
        let attempt = self.attempt(request, options).await?;
        Ok(attempt.map(|attempt| attempt.signed))
    }

    /// Signs a request; `None` if it is to be sent unsigned.
    pub(crate) async fn attempt(
        &self,
        request: &mut Request,
        options: &SignOptions,
    ) -> Result<Option<Attempt>, Error> {
        let inner = &*self.inner;
        let address = Address::of_url(request.url());
        let Some(plan) = inner.plan(address, request.headers_mut(), options)? else {
            return Ok(None);
        };
        rewrite_query(request.url_mut())?;
        let payload_hash = body::hash(request, plan.payload, inner.settings.body_limit).await?;
        let credentials = inner
            .credentials(options)
            .await
            .map_err(Error::Credentials)?;
        let skew = inner.skew.as_ref().map(SharedSkew::get).unwrap_or_default();
        let scope = inner.scope(&plan, skew.apply(inner.clock.now()));

        let mut headers = mem::take(request.headers_mut());
        let url = request.url();
        let target = plan.target(request.method(), url.path(), url.query(), &payload_hash);
        let signed = inner.seal(&target, &plan, &mut headers, &scope, &credentials);
        *request.headers_mut() = headers;
        let signed = signed?;
        Ok(Some(Attempt {
            signed,
            skew,
            credentials,
        }))
    }
}

pub(crate) fn rewrite_query(url: &mut Url) -> Result<(), Error> {
    if let Some(query) = url.query() {
        let rewritten = query::rewrite(query)?;
        if rewritten.as_deref() != Some(query) {
            url.set_query(rewritten.as_deref());
        }
    }
    Ok(())
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("settings", &self.inner.settings)
            .finish_non_exhaustive()
    }
}
