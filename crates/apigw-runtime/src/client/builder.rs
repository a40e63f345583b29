//! The one builder of all clients.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use http::HeaderValue;
use reqwest_middleware::{ClientWithMiddleware, Middleware};
use reqwest_sigv4::{Endpoint, Signer};
use url::Url;

#[cfg(feature = "aws-config")]
use crate::AssumeRole;
use crate::api::Api;
use crate::client::configuration::Configuration;
use crate::client::endpoint;
use crate::client::environment::Environment;
use crate::client::user_agent;
use crate::client::{Inner, Limits};
use crate::send::redact_url::RedactUrl;
use crate::send::retry::Retries;
use crate::{ApiClient, BuildError, Client, RetryPolicy};

/// As the AWS SDKs.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(3100);

/// Sets up a generated client. Everything has a default: the export's endpoint and Region, and the credentials of the environment.
///
/// ```no_run
/// use std::time::Duration;
/// # use apigw_runtime::{ApiClient, BuildError, ClientBuilder};
/// # async fn example<OrdersClient: ApiClient>() -> Result<(), BuildError> {
/// let client: OrdersClient = ClientBuilder::new()
///     .endpoint("https://abc123.execute-api.eu-west-2.amazonaws.com/staging")
///     .timeout(Duration::from_secs(5))
///     .build()
///     .await?;
/// # Ok(()) }
/// ```
#[must_use = "a builder does nothing until `build` is awaited"]
pub struct ClientBuilder<C> {
    api: &'static Api,
    environment: Environment,
    endpoint: Option<String>,
    region: Option<String>,
    credentials: Option<SharedCredentialsProvider>,
    signer: Option<Signer>,
    #[cfg(feature = "aws-config")]
    profile: Option<String>,
    #[cfg(feature = "aws-config")]
    roles: Vec<AssumeRole>,
    api_key: Option<String>,
    private_api_id: Option<String>,
    limits: Limits,
    connect_timeout: Option<Duration>,
    retry: Option<RetryPolicy>,
    middleware: Vec<Arc<dyn Middleware>>,
    http: Option<ClientWithMiddleware>,
    user_agent: Option<String>,
    client: PhantomData<fn() -> C>,
}

impl<C: ApiClient> ClientBuilder<C> {
    /// A builder with the defaults of the API.
    pub fn new() -> Self {
        Self {
            api: C::API,
            environment: Environment::process(),
            endpoint: None,
            region: None,
            credentials: None,
            signer: None,
            #[cfg(feature = "aws-config")]
            profile: None,
            #[cfg(feature = "aws-config")]
            roles: Vec::new(),
            api_key: None,
            private_api_id: None,
            limits: Limits::default(),
            connect_timeout: None,
            retry: None,
            middleware: Vec::new(),
            http: None,
            user_agent: None,
            client: PhantomData,
        }
    }

    /// The invoke URL with its stage, or a custom domain with its base path.
    ///
    /// Default: the variable `<NAME>_ENDPOINT_URL` (for example `ORDERS_ENDPOINT_URL`), then the endpoint of the export.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// The Region to sign for, for example `eu-west-2`.
    ///
    /// Default: what the endpoint's host tells, then the Region of the export, then that of the AWS configuration
    /// (`AWS_REGION`, the profile, instance metadata).
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Where credentials come from. They are asked for when a request is signed, not before.
    ///
    /// Default: the AWS configuration (feature `aws-config`), if any operation is protected by IAM.
    pub fn credentials(mut self, provider: impl ProvideCredentials + 'static) -> Self {
        self.credentials = Some(SharedCredentialsProvider::new(provider));
        self
    }

    /// The profile of `~/.aws/config` and `~/.aws/credentials` that credentials and Region are read from.
    ///
    /// Default: `AWS_PROFILE`, then `default`. Where [`credentials`](Self::credentials) are given, those of the profile do not matter.
    #[cfg(feature = "aws-config")]
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// A role to assume with these credentials before signing; called again, the next role is assumed with those of the one before.
    ///
    /// STS is called in the Region of the API, unless [`AssumeRole::region`] says otherwise.
    ///
    /// ```
    /// # use apigw_runtime::{ApiClient, ClientBuilder};
    /// # fn example<OrdersClient: ApiClient>() {
    /// use apigw_runtime::AssumeRole;
    ///
    /// let builder = ClientBuilder::<OrdersClient>::new().assume_role("arn:aws:iam::111122223333:role/orders-caller");
    /// let role = AssumeRole::new("arn:aws:iam::444455556666:role/partner").session_name("orders-batch").external_id("of-the-partner");
    /// let builder = builder.assume_role(role);
    /// # }
    /// ```
    #[cfg(feature = "aws-config")]
    pub fn assume_role(mut self, role: impl Into<AssumeRole>) -> Self {
        self.roles.push(role.into());
        self
    }

    /// Signs with a signer set up by hand, for example one with another clock or limit for streams. Its Region and credentials count:
    /// [`region`](Self::region), [`credentials`](Self::credentials), the profile and roles cannot be given beside it.
    pub fn signer(mut self, signer: Signer) -> Self {
        self.signer = Some(signer);
        self
    }

    /// The API key, sent as `x-api-key` with the operations that demand one. Nothing prints it.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// The id of a private API whose [`endpoint`](Self::endpoint) is the name of a VPC endpoint (`https://vpce-….vpce.amazonaws.com/prod`):
    /// sent as `x-apigw-api-id` with every request ("How to invoke a private API", developer guide). Names that hold the id need no such header.
    pub fn private_api_id(mut self, api_id: impl Into<String>) -> Self {
        self.private_api_id = Some(api_id.into());
        self
    }

    /// Limits the time of each attempt, from the connection to the last byte of the response (for a stream: to its head).
    ///
    /// Default: 30 seconds, because API Gateway gives up after 29.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.limits.timeout = limit;
        self
    }

    /// Limits the time of a call in all, with every attempt and the pauses between them (for a stream: to its head).
    /// A pause that would outlast the limit is not made: the call fails at once, with the failure at hand.
    ///
    /// Default: none, so that the [policy for retries](Self::retry) and the [limit of each attempt](Self::timeout) decide.
    pub fn total_timeout(mut self, limit: Duration) -> Self {
        self.limits.total_timeout = Some(limit);
        self
    }

    /// Limits the time until a connection stands. Default: 3.1 seconds, as in the AWS SDKs.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = Some(limit);
        self
    }

    /// Limits how many bytes of a response are read into memory, after decompression; what is longer is an error of kind
    /// [`TooLarge`](crate::ErrorKind::TooLarge). A [`ByteStream`](crate::ByteStream) has no limit until it is collected.
    ///
    /// Default: 64 MiB. API Gateway passes on 10 MB, unless the method streams.
    pub fn response_limit(mut self, bytes: usize) -> Self {
        self.limits.response_limit = bytes;
        self
    }

    /// Whether and how failed calls are tried again.
    ///
    /// Default: the variables `AWS_RETRY_MODE` and `AWS_MAX_ATTEMPTS`, then `retry_mode` and `max_attempts` of the profile, then
    /// [`RetryPolicy::standard`]. The profile is read where the AWS configuration is: unless [`credentials`](Self::credentials)
    /// and Region are known without it, or [`signer`](Self::signer) is given.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// Adds a middleware, which sees every attempt. The first one added is the outermost; the signer always comes after the last one, so that a middleware that repeats
    /// requests has each of them signed anew. A request that it sends to another host than the endpoint's goes unsigned, so that no signature goes astray: to sign it,
    /// give a [`signer`](Self::signer). Retries are built in: beside a middleware for them, set [`RetryPolicy::none`], or each multiplies the other.
    ///
    /// It runs in the span of the attempt. So this is the place to pass a trace on, as `reqwest-tracing` does, or by hand; trace headers are never signed:
    ///
    /// ```
    /// use apigw_runtime::HeaderValue;
    /// use reqwest::{Request, Response};
    /// use reqwest_middleware::{Middleware, Next, Result};
    ///
    /// struct Traced;
    ///
    /// #[async_trait::async_trait]
    /// impl Middleware for Traced {
    ///     async fn handle(&self, mut request: Request, extensions: &mut http::Extensions, next: Next<'_>) -> Result<Response> {
    ///         // with OpenTelemetry: its propagator writes the context of `tracing::Span::current()` to the headers
    ///         let parent = HeaderValue::from_static("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    ///         request.headers_mut().insert("traceparent", parent);
    ///         next.run(request, extensions).await
    ///     }
    /// }
    /// ```
    pub fn middleware(mut self, middleware: impl Middleware) -> Self {
        self.middleware.push(Arc::new(middleware));
        self
    }

    /// Sends with this HTTP client, to share its connections or to use its proxy and certificates: a [`reqwest::Client`], or a
    /// [`ClientWithMiddleware`], whose middleware stays, outside that of [`middleware`](Self::middleware).
    ///
    /// Start from [`reqwest_sigv4::client_builder`]: reqwest's own default follows redirects, and would carry the session token and the
    /// API key wherever they lead.
    pub fn http_client(mut self, client: impl Into<ClientWithMiddleware>) -> Self {
        self.http = Some(client.into());
        self
    }

    /// Name and version of the calling program (`shop/1.2`), sent as the first product of `User-Agent`.
    ///
    /// The variable `AWS_SDK_UA_APP_ID` is added as `app/{id}`, as in the AWS SDKs.
    pub fn user_agent(mut self, product: impl Into<String>) -> Self {
        self.user_agent = Some(product.into());
        self
    }

    /// Looks up environment variables in `lookup`, and not in the environment of the process, for example in a test.
    ///
    /// This holds for what this builder reads itself (`<NAME>_ENDPOINT_URL`, `AWS_SDK_UA_APP_ID`, `AWS_RETRY_MODE`, `AWS_MAX_ATTEMPTS`,
    /// and inside a Lambda function the trace to continue, which every request carries as `X-Amzn-Trace-Id`), not for the AWS configuration.
    ///
    /// ```
    /// # use apigw_runtime::{ApiClient, ClientBuilder};
    /// # fn example<OrdersClient: ApiClient>() {
    /// let builder = ClientBuilder::<OrdersClient>::new().environment(|name| match name {
    ///     "ORDERS_ENDPOINT_URL" => Some("http://127.0.0.1:8080/prod".into()),
    ///     _ => None,
    /// });
    /// # }
    /// ```
    pub fn environment(
        mut self,
        lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.environment = Environment::new(lookup);
        self
    }

    /// Builds the client. Nothing is sent to the API and no credentials are fetched yet.
    ///
    /// # Errors
    ///
    /// If a setting is missing or cannot be used; the error names it and the fix.
    pub async fn build(self) -> Result<C, BuildError> {
        let endpoint = endpoint::resolve(self.api, self.endpoint.as_deref(), &self.environment)?;
        let user_agent =
            user_agent::header(self.api, self.user_agent.as_deref(), &self.environment)?;
        let api_key = self.api_key.as_deref().map(sensitive).transpose()?;
        let private_api_id = self.private_api_id.as_deref().map(HeaderValue::from_str);
        let private_api_id = private_api_id
            .transpose()
            .map_err(|_| BuildError::InvalidApiId)?;
        let in_lambda = self.environment.get("AWS_LAMBDA_FUNCTION_NAME").is_some();
        let http = self.http_client_or_default()?;
        let configuration = self.configuration(&endpoint).await?;
        let signer = self.resolve_signer(&endpoint, &configuration)?;
        let retry = match &self.retry {
            Some(policy) => policy.clone(),
            None => RetryPolicy::resolve(&self.environment, &configuration)?,
        };

        let signs = signer.is_some();
        let mut stack = reqwest_middleware::ClientBuilder::from_client(http);
        for middleware in self.middleware {
            stack = stack.with_arc(middleware);
        }
        stack = stack.with(RedactUrl);
        if let Some(signer) = signer {
            stack = stack.with(signer); // innermost
        }
        let http = stack.build();
        Ok(C::from_client(Client::new(Inner {
            api: self.api,
            endpoint,
            http,
            signs,
            user_agent,
            api_key,
            private_api_id,
            limits: self.limits,
            retry,
            retries: Retries::new(),
            invocation: in_lambda.then_some(self.environment),
        })))
    }

    /// The AWS configuration, as far as anything is missing that it may tell.
    #[cfg(feature = "aws-config")]
    async fn configuration(&self, endpoint: &Url) -> Result<Configuration, BuildError> {
        let region = self.known_region(endpoint);
        let complete = self.credentials.is_some()
            && region.is_some()
            && self.profile.is_none()
            && self.roles.is_empty();
        if complete || !self.sets_up_signer() {
            return Ok(Configuration::default());
        }
        Configuration::load(self.profile.as_deref(), region.as_deref()).await
    }

    #[cfg(not(feature = "aws-config"))]
    async fn configuration(&self, _: &Url) -> Result<Configuration, BuildError> {
        Ok(Configuration::of(&self.environment))
    }

    /// The signer, unless nothing asks for one.
    fn resolve_signer(
        &self,
        endpoint: &Url,
        configuration: &Configuration,
    ) -> Result<Option<Signer>, BuildError> {
        let region = self.region.as_ref().map(|_| "region");
        match (&self.signer, region.or(self.source_of_credentials())) {
            (Some(_), Some(setting)) => Err(BuildError::UnusedSetting {
                setting,
                beside: "signer",
            }),
            (Some(signer), None) => Ok(Some(signer.clone())),
            (None, _) if self.sets_up_signer() => {
                self.configured_signer(endpoint, configuration).map(Some)
            }
            (None, _) => Ok(None),
        }
    }

    /// Whether a signer is to be set up: an API that IAM does not protect needs no credentials. Given all the same, they are for requests
    /// that the document lacks.
    fn sets_up_signer(&self) -> bool {
        self.signer.is_none() && (self.api.signed || self.source_of_credentials().is_some())
    }

    /// The name of the setting that says where credentials come from.
    fn source_of_credentials(&self) -> Option<&'static str> {
        let credentials = self.credentials.as_ref().map(|_| "credentials");
        #[cfg(feature = "aws-config")]
        let credentials = credentials
            .or(self.profile.as_ref().map(|_| "profile"))
            .or(self.roles.first().map(|_| "assume_role"));
        credentials
    }

    /// The Region that needs no look into the AWS configuration.
    fn known_region(&self, endpoint: &Url) -> Option<String> {
        let of_host = || Endpoint::from_url(endpoint).map(|endpoint| endpoint.region().to_owned());
        let of_export = || self.api.region.map(str::to_owned);
        self.region.clone().or_else(of_host).or_else(of_export)
    }

    /// A signer for the endpoint's host and no other, whatever a middleware makes of the URL.
    fn configured_signer(
        &self,
        endpoint: &Url,
        configuration: &Configuration,
    ) -> Result<Signer, BuildError> {
        let region = self
            .known_region(endpoint)
            .or_else(|| configuration.region())
            .ok_or(BuildError::MissingRegion)?;
        let mut signer = configuration.signer().region(region);
        if let Some(credentials) = &self.credentials {
            signer = signer.credentials(credentials.clone());
        }
        #[cfg(feature = "aws-config")]
        for role in &self.roles {
            signer = signer.assume_role(role.clone());
        }
        if let Some(host) = endpoint.host_str() {
            signer = signer.allow_host(host);
        }
        signer.build().map_err(|error| match error {
            reqwest_sigv4::Error::NoCredentials => BuildError::MissingCredentials,
            error => BuildError::Signer(error),
        })
    }

    fn http_client_or_default(&self) -> Result<ClientWithMiddleware, BuildError> {
        match (&self.http, self.connect_timeout) {
            (Some(_), Some(_)) => Err(BuildError::UnusedSetting {
                setting: "connect_timeout",
                beside: "http_client",
            }),
            (Some(client), None) => Ok(client.clone()),
            (None, limit) => reqwest_sigv4::client_builder()
                .connect_timeout(limit.unwrap_or(CONNECT_TIMEOUT))
                .build()
                .map(ClientWithMiddleware::from)
                .map_err(BuildError::HttpClient),
        }
    }
}

fn sensitive(key: &str) -> Result<HeaderValue, BuildError> {
    let mut value = HeaderValue::from_str(key).map_err(|_| BuildError::InvalidApiKey)?;
    value.set_sensitive(true);
    Ok(value)
}

impl<C: ApiClient> Default for ClientBuilder<C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<C> fmt::Debug for ClientBuilder<C> {
    /// Shows no endpoint, credentials or API key: each may hold a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("api", &self.api.name)
            .field("region", &self.region)
            .field("limits", &self.limits)
            .field("connect_timeout", &self.connect_timeout)
            .field("retry", &self.retry)
            .field("middleware", &self.middleware.len())
            .finish_non_exhaustive()
    }
}
