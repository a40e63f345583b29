//! The signer: from a request to a signed request.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_types::SdkConfig;
use reqwest::{Request, Url};

use crate::builder::SignerBuilder;
use crate::headers::{self, ExistingAuthorization, HeaderPolicy, Prepared};
use crate::sigv4::{self, Message, Scope};
use crate::{Clock, Endpoint, Error, SignOptions, body, query, region};

/// The service that is signed for when neither the builder nor the host names one.
pub(crate) const DEFAULT_SERVICE: &str = "execute-api";

/// Signs requests with AWS Signature Version 4: by itself, or as the last middleware of a [`reqwest_middleware`] client.
///
/// Cloning is cheap, and clones share their credentials.
#[derive(Clone)]
pub struct Signer {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) credentials: SharedCredentialsProvider,
    pub(crate) region: Option<String>,
    pub(crate) fallback_region: Option<String>,
    pub(crate) service: Option<String>,
    pub(crate) header_policy: HeaderPolicy,
    pub(crate) existing_authorization: ExistingAuthorization,
    pub(crate) body_limit: usize,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Signer {
    /// A signer with the credentials and the Region that the AWS command line would use here: variables, profiles, SSO, web identity, container
    /// or instance metadata.
    ///
    /// The Region of an API Gateway host is read from the host and goes first.
    ///
    /// # Errors
    ///
    /// If the Region of the environment is misspelt. Credentials are not asked for before the first request.
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

    /// [`sign`](Self::sign), with choices for this one request.
    ///
    /// # Errors
    ///
    /// As [`sign`](Self::sign).
    pub async fn sign_with(
        &self,
        request: &mut Request,
        options: &SignOptions,
    ) -> Result<(), Error> {
        if options.skip {
            return Ok(());
        }
        let inner = &*self.inner;
        let host = check_url(request.url())?;
        let scope = inner.scope(&host, options)?;
        rewrite_query(request.url_mut())?;
        if headers::prepare(request.headers_mut(), inner.existing_authorization)? == Prepared::Skip
        {
            return Ok(());
        }
        body::buffer(request.body_mut(), inner.body_limit).await?;
        let credentials = inner.credentials(options).await?;

        let url = without_fragment(request.url());
        let added = sigv4::sign_headers(
            &Message {
                method: request.method(),
                url: &url,
                host: None,
                headers: request.headers(),
                body: request
                    .body()
                    .and_then(|body| body.as_bytes())
                    .unwrap_or_default(),
            },
            &inner.header_policy,
            &scope,
            &credentials,
            inner.clock.now(),
        )?;
        request.headers_mut().extend(added);
        Ok(())
    }
}

impl Inner {
    /// Region and service: the request's own choice, the builder's, the host's, the SDK configuration's.
    fn scope(&self, host: &str, options: &SignOptions) -> Result<Scope, Error> {
        let endpoint = Endpoint::from_host(host);
        let region = match (&options.region, &self.region, &endpoint) {
            (Some(chosen), ..) => region::normalise(chosen)?,
            (None, Some(configured), _) => configured.clone(),
            (None, None, Some(endpoint)) => endpoint.region().to_owned(),
            (None, None, None) => self
                .fallback_region
                .clone()
                .ok_or_else(|| Error::NoRegion {
                    host: host.to_owned(),
                })?,
        };
        let service = options
            .service
            .as_deref()
            .or(self.service.as_deref())
            .or(endpoint.as_ref().map(Endpoint::service))
            .unwrap_or(DEFAULT_SERVICE)
            .to_owned();
        Ok(Scope { region, service })
    }

    async fn credentials(&self, options: &SignOptions) -> Result<Credentials, Error> {
        let provider = options.credentials.as_ref().unwrap_or(&self.credentials);
        provider
            .provide_credentials()
            .await
            .map_err(Error::Credentials)
    }
}

/// The host, once it is sure that the URL has one and holds nothing that would be signed but not sent.
fn check_url(url: &Url) -> Result<String, Error> {
    let host = url.host_str().ok_or(Error::NoHost)?.to_owned();
    if url.username().is_empty() && url.password().is_none() {
        Ok(host)
    } else {
        Err(Error::Userinfo { host })
    }
}

fn rewrite_query(url: &mut Url) -> Result<(), Error> {
    if let Some(query) = url.query() {
        let rewritten = query::rewrite(query)?;
        url.set_query(rewritten.as_deref());
    }
    Ok(())
}

fn without_fragment(url: &Url) -> Cow<'_, str> {
    let text = url.as_str();
    Cow::Borrowed(text.split('#').next().unwrap_or(text))
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("region", &self.inner.region)
            .field("fallback_region", &self.inner.fallback_region)
            .field("service", &self.inner.service)
            .field("header_policy", &self.inner.header_policy)
            .finish_non_exhaustive()
    }
}
