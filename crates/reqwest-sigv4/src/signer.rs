//! The signer: from a request to a signed request.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_types::SdkConfig;
use reqwest::Request;

use crate::sign::Shared;
use crate::{Error, SignOptions, Signed, SignerBuilder};

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
    pub(crate) shared: Arc<Shared>,
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
        self.sign_with(request, &SignOptions::new()).await?;
        Ok(())
    }

    /// [`sign`](Self::sign), with options for this one request. Returns what was signed, or `None`
    /// if the request is to be sent unsigned, which leaves it unchanged.
    ///
    /// # Errors
    ///
    /// As [`sign`](Self::sign).
    ///
    /// ```
    /// # async fn sign(signer: reqwest_sigv4::Signer, mut request: reqwest::Request) -> Result<(), reqwest_sigv4::Error> {
    /// use reqwest_sigv4::SignOptions;
    ///
    /// let signed = signer.sign_with(&mut request, &SignOptions::new().service("lambda")).await?;
    /// if let Some(signed) = signed {
    ///     println!("{}", signed.canonical_request());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn sign_with(
        &self,
        request: &mut Request,
        options: &SignOptions,
    ) -> Result<Option<Signed>, Error> {
        let signature = self.shared.sign(request, options).await?;
        Ok(signature.map(|signature| signature.signed))
    }

    /// [`sign`](Self::sign) for an [`http::Request`] with its body in memory, sent by whatever client.
    ///
    /// The URI must be absolute. The client must send the path and query as they are, and the URI's host, without the scheme's own port, as `Host` or `:authority`.
    ///
    /// # Errors
    ///
    /// As [`sign`](Self::sign).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use reqwest_sigv4::{Credentials, SignOptions, Signer};
    ///
    /// let signer = Signer::builder()
    ///     .credentials(Credentials::new("AKIDEXAMPLE", "a secret", None, None, "example"))
    ///     .build()?;
    ///
    /// let mut request = http::Request::post("https://abc123.execute-api.eu-west-2.amazonaws.com/prod/orders")
    ///     .header("content-type", "application/json")
    ///     .body(r#"{"item":"tea"}"#)?;
    /// signer.sign_http(&mut request, &SignOptions::new()).await?;
    /// assert!(request.headers().contains_key("authorization"));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn sign_http<B: AsRef<[u8]>>(
        &self,
        request: &mut http::Request<B>,
        options: &SignOptions,
    ) -> Result<Option<Signed>, Error> {
        let signature = self.shared.sign(request, options).await?;
        Ok(signature.map(|signature| signature.signed))
    }

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
            .await?;
        Ok(())
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
    ) -> Result<Option<Signed>, Error> {
        self.shared.presign(request, expires_in, options).await
    }

    /// [`presign`](Self::presign) for an [`http::Request`], for example the handshake of a WebSocket client.
    ///
    /// # Errors
    ///
    /// As [`presign`](Self::presign).
    pub async fn presign_http<B: AsRef<[u8]>>(
        &self,
        request: &mut http::Request<B>,
        expires_in: Duration,
        options: &SignOptions,
    ) -> Result<Option<Signed>, Error> {
        self.shared.presign(request, expires_in, options).await
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("settings", &self.shared.settings)
            .finish_non_exhaustive()
    }
}
