//! The signer: from a request to a signed request.

use std::fmt;
use std::mem;
use std::sync::Arc;
use std::time::SystemTime;

use aws_credential_types::provider::ProvideCredentials;
use aws_types::SdkConfig;
use http::HeaderMap;
use reqwest::{Request, Url};

use crate::address::Address;
use crate::body::{self, UNSIGNED_PAYLOAD};
use crate::credentials::{CachedCredentials, CredentialsFailure, Loaded};
use crate::headers::{self, Prepared, X_AMZ_CONTENT_SHA256, X_APIGW_API_ID};
use crate::service::{PayloadRule, ServiceProfile};
use crate::settings::Settings;
use crate::sigv4::{self, Scope, Target};
use crate::skew::{SharedSkew, Skew};
use crate::{Clock, Endpoint, Error, Payload, SignOptions, Signed, SignerBuilder, query, region};

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
/// - [`Signed`] in the response's extensions tells what was signed.
/// - Errors arrive as [`reqwest_middleware::Error::Middleware`]; [`Error::find`] gets them back.
#[derive(Clone)]
pub struct Signer {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) settings: Settings,
    pub(crate) credentials: CachedCredentials,
    pub(crate) clock: Arc<dyn Clock>,
    /// `None` if the correction is switched off.
    pub(crate) skew: Option<SharedSkew>,
}

/// One signature of one request.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) signed: Signed,
    pub(crate) skew: Skew,
    pub(crate) credentials: Arc<Loaded>,
}

/// What is known about a signature before the payload is hashed.
#[derive(Debug)]
pub(crate) struct Plan {
    region: String,
    service: ServiceProfile,
    pub(crate) host: String,
    pub(crate) host_is_chosen: bool,
    pub(crate) payload: Payload,
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
        self.attempt(request, options).await.map(drop)
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
        let target = Target {
            method: request.method(),
            host: &plan.host,
            host_is_chosen: plan.host_is_chosen,
            path: request.url().path(),
            query: request.url().query().unwrap_or_default(),
            payload_hash: &payload_hash,
        };
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

impl Inner {
    /// Decides whether and for whom to sign, and removes what an earlier signature left behind.
    pub(crate) fn plan(
        &self,
        address: Option<Address>,
        headers: &mut HeaderMap,
        options: &SignOptions,
    ) -> Result<Option<Plan>, Error> {
        let settings = &self.settings;
        if options.skip {
            return Ok(None);
        }
        let address = address.ok_or(Error::NoHost)?;
        if !settings.allowed_hosts.contains(&address.host) {
            return Ok(None);
        }
        let Address {
            host, authority, ..
        } = address.without_userinfo()?;
        if headers::prepare(headers, settings.existing_authorization)? == Prepared::Skip {
            return Ok(None);
        }
        if let Some(host) = &options.host {
            headers::setting("SignOptions::host", host)?;
        }
        let chosen_host = options.host.as_ref().or(settings.signing_host.as_ref());
        let signed_host = match chosen_host {
            Some(chosen) => chosen.clone(),
            None => headers::explicit_host(headers)?.unwrap_or(authority),
        };
        let endpoint = Endpoint::from_host(&signed_host).or_else(|| Endpoint::from_host(&host));
        let region = match (&options.region, &settings.region, &endpoint) {
            (Some(chosen), ..) => region::normalise(chosen)?,
            (None, Some(configured), _) => configured.clone(),
            (None, None, Some(endpoint)) => endpoint.region().to_owned(),
            (None, None, None) => self.fallback_region(&host)?,
        };
        let service = match (&options.service, &settings.service, &endpoint) {
            (Some(chosen), ..) => chosen.clone().checked()?,
            (None, Some(configured), _) => configured.clone(),
            (None, None, Some(endpoint)) => ServiceProfile::from(endpoint.service()),
            (None, None, None) => ServiceProfile::EXECUTE_API,
        };
        let payload = match (options.payload, service.payload()) {
            (Some(chosen), _) => chosen,
            (None, PayloadRule::Unsigned) => Payload::Unsigned,
            (None, PayloadRule::Hashed | PayloadRule::HashedAndSent) => settings.body_policy,
        };
        Ok(Some(Plan {
            region,
            service,
            host: signed_host,
            host_is_chosen: chosen_host.is_some(),
            payload,
        }))
    }

    pub(crate) async fn credentials(
        &self,
        options: &SignOptions,
    ) -> Result<Arc<Loaded>, CredentialsFailure> {
        match &options.credentials {
            None => self.credentials.get().await,
            Some(provider) => match provider.provide_credentials().await {
                Ok(credentials) => Ok(Arc::new(Loaded::new(credentials))),
                Err(error) => Err(CredentialsFailure::new(error)),
            },
        }
    }

    pub(crate) fn scope(&self, plan: &Plan, time: SystemTime) -> Scope {
        let scope = Scope::new(time, &plan.region, plan.service.name());
        #[cfg(feature = "sigv4a")]
        let scope = scope.with_region_set(self.settings.region_set.clone());
        scope
    }

    /// Adds the signature, and the headers that go with it.
    pub(crate) fn seal(
        &self,
        target: &Target<'_>,
        plan: &Plan,
        headers: &mut HeaderMap,
        scope: &Scope,
        credentials: &Loaded,
    ) -> Result<Signed, Error> {
        let unsigned = target.payload_hash == UNSIGNED_PAYLOAD;
        if unsigned || plan.service.payload() != PayloadRule::Hashed {
            headers.insert(X_AMZ_CONTENT_SHA256, sigv4::value(target.payload_hash)?);
        }
        if let Some(api_id) = &self.settings.api_id {
            headers.insert(X_APIGW_API_ID, api_id.clone());
        }
        sigv4::sign_headers(
            target,
            headers,
            &self.settings.header_policy,
            scope,
            credentials,
        )
    }

    fn fallback_region(&self, host: &str) -> Result<String, Error> {
        let region = self.settings.fallback_region.clone();
        if let Some(region) = &region {
            tracing::debug!(
                host,
                region,
                "the host tells no region, taking the configured one"
            );
        }
        region.ok_or_else(|| Error::NoRegion {
            host: host.to_owned(),
        })
    }
}

pub(crate) fn rewrite_query(url: &mut Url) -> Result<(), Error> {
    if let Some(query) = url.query() {
        let rewritten = query::rewrite(query)?;
        url.set_query(rewritten.as_deref());
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
