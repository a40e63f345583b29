//! The signer.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_types::SdkConfig;
use reqwest::Request;

use crate::sign::State;
use crate::{Error, SignOptions, Signed, SignerBuilder};

/// Signs requests with AWS Signature Version 4, directly or as the last middleware of a [`reqwest_middleware`] client.
///
/// Cloning is cheap. Clones share their credentials and the measured clock skew.
///
/// # As middleware
///
/// - Add it **last**: later middleware may change what was signed. Add retries before it, so that every attempt gets a new signature.
/// - [`SignOptions`] in a request's extensions override the signer's settings for that request.
/// - A request rejected because of clock skew or an expired token is signed again and sent once more.
/// - A redirect on the same origin is followed with a new signature, up to ten times. A redirect to another origin is returned as the response.
/// - [`Signed`] in the response's extensions records what was signed.
/// - Errors arrive as [`reqwest_middleware::Error::Middleware`]; use [`Error::find`] to get the [`Error`].
#[derive(Clone)]
pub struct Signer {
    pub(crate) state: Arc<State>,
}

impl Signer {
    /// Creates a signer with the credentials and Region that the AWS CLI would use: environment variables, profiles, SSO, web identity,
    /// container or instance metadata.
    ///
    /// The Region in an API Gateway host name overrides the configured Region.
    ///
    /// # Errors
    ///
    /// Returns [`Error::InvalidRegion`] or [`Error::InvalidRetrySetting`] if the configuration is invalid. Credentials are not loaded before the first request.
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

    /// Creates a signer with the credentials and Region of the SDK's configuration.
    ///
    /// # Errors
    ///
    /// Returns [`Error::NoCredentials`] if the configuration has no credentials provider, or [`Error::InvalidRegion`] if its Region is invalid.
    pub fn new(config: &SdkConfig) -> Result<Self, Error> {
        Self::builder().sdk_config(config).build()
    }

    /// Returns a builder with default settings.
    pub fn builder() -> SignerBuilder {
        SignerBuilder::default()
    }

    /// Signs a request in place: rewrites its query in canonical form, buffers a streaming body, and adds `authorization`, `x-amz-date`
    /// and, for temporary credentials, `x-amz-security-token`.
    ///
    /// Signing a signed request again replaces the signature. Send the request soon: API Gateway accepts a signature for five minutes.
    ///
    /// # Errors
    ///
    /// Returns an [`Error`] if the request cannot be signed. Do not send the request then: it may be partly changed.
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
        self.sign_with(request, &SignOptions::new()).await.map(drop)
    }

    /// Signs a request in place with options, and returns what was signed.
    ///
    /// Returns `None`, and leaves the request as it is, if it is to be sent unsigned.
    ///
    /// # Errors
    ///
    /// See [`sign`](Self::sign).
    ///
    /// ```
    /// # async fn sign(signer: reqwest_sigv4::Signer, mut request: reqwest::Request) -> Result<(), reqwest_sigv4::Error> {
    /// use reqwest_sigv4::SignOptions;
    ///
    /// let options = SignOptions::new().service("lambda");
    /// if let Some(signed) = signer.sign_with(&mut request, &options).await? {
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
        let attempt = self.state.sign(request, options).await?;
        Ok(attempt.map(|attempt| attempt.signed))
    }

    /// Like [`sign_with`](Self::sign_with), for an [`http::Request`] with its body in memory, sent by any HTTP client.
    ///
    /// The URI must be absolute. The client must send the path and query unchanged, and the URI's host as `Host` or `:authority`, without the scheme's default port.
    ///
    /// # Errors
    ///
    /// See [`sign`](Self::sign).
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
        let attempt = self.state.sign(request, options).await?;
        Ok(attempt.map(|attempt| attempt.signed))
    }

    /// Presigns a request: puts the signature into its query, so that the URL alone is enough to send it, for example from a browser or as a
    /// WebSocket handshake (`wss://…`).
    ///
    /// Headers of the request that the [`HeaderPolicy`](crate::HeaderPolicy) signs must be sent unchanged. The URL contains the session token
    /// of temporary credentials, so treat it as a secret.
    ///
    /// The URL expires no later than the credentials. **API Gateway rejects presigned URLs older than five minutes, regardless of `expires_in`.**
    /// The time is this machine's, without clock skew correction.
    ///
    /// # Errors
    ///
    /// Returns [`Error::InvalidExpiry`] if `expires_in` is less than a second or more than seven days, [`Error::CredentialsEnded`] if the
    /// credentials have expired, or another [`Error`] if the request cannot be signed.
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
        let options = SignOptions::new();
        self.presign_with(request, expires_in, &options)
            .await
            .map(drop)
    }

    /// Presigns a request with options, and returns what was signed.
    ///
    /// Returns `None`, and leaves the request as it is, if it is to be sent unsigned.
    ///
    /// # Errors
    ///
    /// See [`presign`](Self::presign).
    pub async fn presign_with(
        &self,
        request: &mut Request,
        expires_in: Duration,
        options: &SignOptions,
    ) -> Result<Option<Signed>, Error> {
        self.state.presign(request, expires_in, options).await
    }

    /// Like [`presign_with`](Self::presign_with), for an [`http::Request`], for example the handshake of a WebSocket client.
    ///
    /// # Errors
    ///
    /// See [`presign`](Self::presign).
    pub async fn presign_http<B: AsRef<[u8]>>(
        &self,
        request: &mut http::Request<B>,
        expires_in: Duration,
        options: &SignOptions,
    ) -> Result<Option<Signed>, Error> {
        self.state.presign(request, expires_in, options).await
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("settings", &self.state.settings)
            .finish_non_exhaustive()
    }
}
