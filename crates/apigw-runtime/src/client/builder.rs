//! The builder of generated clients.

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
use crate::send::metrics::Metrics;
use crate::send::redact_url::RedactUrl;
use crate::send::retry::Retries;
use crate::{ApiClient, BuildError, Client, RetryPolicy};

/// The default of the AWS SDKs.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(3100);

/// Builds a generated client.
///
/// All settings are optional. By default, the endpoint and Region come from the spec, and the credentials from the environment.
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
    /// Sends requests instead of the HTTP client.
    #[cfg(feature = "test")]
    transport: Option<Arc<dyn Middleware>>,
    user_agent: Option<String>,
    #[cfg(feature = "opentelemetry")]
    meter: Option<opentelemetry::metrics::Meter>,
    client: PhantomData<fn() -> C>,
}

impl<C: ApiClient> ClientBuilder<C> {
    /// Creates a builder with the defaults of the API.
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
            #[cfg(feature = "test")]
            transport: None,
            user_agent: None,
            #[cfg(feature = "opentelemetry")]
            meter: None,
            client: PhantomData,
        }
    }

    /// Sets the endpoint: the invoke URL including the stage, or a custom domain including the base path.
    ///
    /// The default is the environment variable `<NAME>_ENDPOINT_URL` (for example `ORDERS_ENDPOINT_URL`), then the endpoint of the spec.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// Sets the Region to sign for, for example `eu-west-2`.
    ///
    /// The default is the Region in the endpoint's host name, then the Region of the spec, then the Region of the AWS
    /// configuration (`AWS_REGION`, the profile, instance metadata).
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Sets the credentials provider. Credentials are fetched when the first request is signed.
    ///
    /// The default is the AWS configuration (feature `aws-config`), if any operation requires IAM authorization.
    pub fn credentials(mut self, provider: impl ProvideCredentials + 'static) -> Self {
        self.credentials = Some(SharedCredentialsProvider::new(provider));
        self
    }

    /// Sets the profile of `~/.aws/config` and `~/.aws/credentials` that provides the credentials and the Region.
    ///
    /// The default is `AWS_PROFILE`, then `default`. [`credentials`](Self::credentials) overrides the credentials of the profile.
    #[cfg(feature = "aws-config")]
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// Assumes a role with the credentials. If called again, assumes the next role with the credentials of the previous one.
    ///
    /// STS is called in the Region of the API, unless [`AssumeRole::region`] is set.
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

    /// Sets the signer, for example to use another clock or body limit.
    ///
    /// The signer's own Region and credentials are used. It cannot be combined with [`region`](Self::region),
    /// [`credentials`](Self::credentials), a profile or roles.
    pub fn signer(mut self, signer: Signer) -> Self {
        self.signer = Some(signer);
        self
    }

    /// Sets the API key, which is sent as `x-api-key` with operations that require one. It is never printed.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// Sets the id of a private API whose [`endpoint`](Self::endpoint) is the host name of a VPC endpoint (`https://vpce-….vpce.amazonaws.com/prod`).
    ///
    /// The id is sent as `x-apigw-api-id` with every request ("How to invoke a private API", developer guide). It is not needed if the
    /// host name contains the id.
    pub fn private_api_id(mut self, api_id: impl Into<String>) -> Self {
        self.private_api_id = Some(api_id.into());
        self
    }

    /// Sets the timeout of each attempt, from connecting to the last byte of the response (for a streaming response: to its headers).
    ///
    /// The default is 30 seconds, because API Gateway times out after 29 seconds.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.limits.timeout = limit;
        self
    }

    /// Sets the timeout of a whole request, including all attempts and the delays between them (for a streaming response: to its headers).
    ///
    /// If the delay before a retry would exceed the timeout, the last error is returned immediately.
    ///
    /// There is no default: the [retry policy](Self::retry) and the [timeout of each attempt](Self::timeout) limit the total time.
    pub fn total_timeout(mut self, limit: Duration) -> Self {
        self.limits.total_timeout = Some(limit);
        self
    }

    /// Sets the connect timeout. The default is 3.1 seconds, as in the AWS SDKs.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = Some(limit);
        self
    }

    /// Sets how long a streaming response may send no data. The error has the kind [`Timeout`](crate::ErrorKind::Timeout).
    ///
    /// The default is 5 minutes, after which API Gateway closes an idle stream (30 seconds at edge-optimized endpoints).
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.limits.idle_timeout = limit;
        self
    }

    /// Sets how many bytes of a response are read into memory, after decompression.
    ///
    /// A longer body is an error of kind [`TooLarge`](crate::ErrorKind::TooLarge). A [`ByteStream`](crate::ByteStream) is
    /// limited only when it is collected.
    ///
    /// The default is 64 MiB. API Gateway returns at most 10 MB, unless the method streams its response.
    pub fn response_limit(mut self, bytes: usize) -> Self {
        self.limits.response_limit = bytes;
        self
    }

    /// Sets the retry policy.
    ///
    /// The default is the environment variables `AWS_RETRY_MODE` and `AWS_MAX_ATTEMPTS`, then `retry_mode` and `max_attempts` of the
    /// profile, then [`RetryPolicy::standard`]. The profile is not read if the [`credentials`](Self::credentials) and the Region are
    /// known without it, or if a [`signer`](Self::signer) is set.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// Adds a middleware, which handles every attempt.
    ///
    /// The first middleware added is the outermost. The signer always runs after the last one, so every request that a middleware
    /// sends gets its own signature. Requests to hosts other than the endpoint's are not signed; to sign them, set a
    /// [`signer`](Self::signer). Retries are built in: if you add a retry middleware, set [`RetryPolicy::none`], because the attempts
    /// multiply otherwise.
    ///
    /// The middleware runs in the span of the attempt. Use it to propagate a trace, for example with `reqwest-tracing`. Trace headers
    /// are never signed. A generated client re-exports this crate as `runtime`, which has all that a middleware needs:
    ///
    /// ```
    /// # use apigw_runtime as runtime; // orders_client::runtime
    /// # use apigw_runtime::{ApiClient, ClientBuilder};
    /// use runtime::reqwest::{Request, Response};
    /// use runtime::reqwest_middleware::{Middleware, Next, Result};
    /// use runtime::{HeaderValue, async_trait, http};
    ///
    /// struct Traced;
    ///
    /// #[async_trait]
    /// impl Middleware for Traced {
    ///     async fn handle(&self, mut request: Request, extensions: &mut http::Extensions, next: Next<'_>) -> Result<Response> {
    ///         // with OpenTelemetry, inject the context of `tracing::Span::current()` with the propagator
    ///         let parent = HeaderValue::from_static("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    ///         request.headers_mut().insert("traceparent", parent);
    ///         next.run(request, extensions).await
    ///     }
    /// }
    ///
    /// # fn example<OrdersClient: ApiClient>() {
    /// let builder = ClientBuilder::<OrdersClient>::new().middleware(Traced);
    /// # }
    /// ```
    pub fn middleware(mut self, middleware: impl Middleware) -> Self {
        self.middleware.push(Arc::new(middleware));
        self
    }

    /// Sets the HTTP client, for example to share connections or to use a proxy or custom certificates.
    ///
    /// Accepts a [`reqwest::Client`] or a [`ClientWithMiddleware`]. Its middleware runs before that of [`middleware`](Self::middleware).
    ///
    /// Build the client with [`reqwest_sigv4::client_builder`]: by default, reqwest follows redirects and would send the session token
    /// and the API key to the new location.
    pub fn http_client(mut self, client: impl Into<ClientWithMiddleware>) -> Self {
        self.http = Some(client.into());
        self
    }

    #[cfg(feature = "test")]
    pub(crate) fn transport(mut self, transport: impl Middleware) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Sets the name and version of your program (`shop/1.2`), which is sent as the first product in `User-Agent`.
    ///
    /// The environment variable `AWS_SDK_UA_APP_ID` is added as `app/{id}`, as in the AWS SDKs.
    pub fn user_agent(mut self, product: impl Into<String>) -> Self {
        self.user_agent = Some(product.into());
        self
    }

    /// Sets the OpenTelemetry meter that records the metrics of this client.
    ///
    /// The default is the meter `apigw-runtime` of the global meter provider, which must be set before the client is built.
    #[cfg(feature = "opentelemetry")]
    pub fn meter(mut self, meter: opentelemetry::metrics::Meter) -> Self {
        self.meter = Some(meter);
        self
    }

    /// Sets the function that looks up environment variables, instead of reading those of the process. Useful in tests.
    ///
    /// It is used for the variables that this builder reads: `<NAME>_ENDPOINT_URL`, `AWS_SDK_UA_APP_ID`, `AWS_RETRY_MODE`,
    /// `AWS_MAX_ATTEMPTS`, and, in a Lambda function, the trace id sent as `X-Amzn-Trace-Id`. The AWS configuration does not use it.
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

    /// Builds the client. Sends no request to the API and fetches no credentials.
    ///
    /// # Errors
    ///
    /// Returns a [`BuildError`] if the endpoint or the Region is missing, or if a setting is invalid.
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
        #[cfg(feature = "test")]
        if let Some(transport) = self.transport {
            stack = stack.with_arc(transport);
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
            #[cfg(feature = "opentelemetry")]
            metrics: Metrics::new(self.meter),
            #[cfg(not(feature = "opentelemetry"))]
            metrics: Metrics,
            invocation: in_lambda.then_some(self.environment),
        })))
    }

    /// Loads the AWS configuration if the credentials or the Region are not known without it.
    #[cfg(feature = "aws-config")]
    async fn configuration(&self, endpoint: &Url) -> Result<Configuration, BuildError> {
        let region = self.known_region(endpoint);
        let complete = self.credentials.is_some()
            && region.is_some()
            && self.profile.is_none()
            && self.roles.is_empty();
        if complete || !self.needs_signer() {
            return Ok(Configuration::default());
        }
        Configuration::load(self.profile.as_deref(), region.as_deref()).await
    }

    #[cfg(not(feature = "aws-config"))]
    async fn configuration(&self, _: &Url) -> Result<Configuration, BuildError> {
        Ok(Configuration::of(&self.environment))
    }

    /// Returns the signer, or `None` if requests are not signed.
    fn resolve_signer(
        &self,
        endpoint: &Url,
        configuration: &Configuration,
    ) -> Result<Option<Signer>, BuildError> {
        let region = self.region.as_ref().map(|_| "region");
        match (&self.signer, region.or(self.credentials_setting())) {
            (Some(_), Some(setting)) => Err(BuildError::UnusedSetting {
                setting,
                beside: "signer",
            }),
            (Some(signer), None) => Ok(Some(signer.clone())),
            (None, _) if self.needs_signer() => {
                self.configured_signer(endpoint, configuration).map(Some)
            }
            (None, _) => Ok(None),
        }
    }

    /// Returns whether to build a signer. For an API without IAM authorization, one is built only if credentials are set: they sign
    /// requests to routes that the spec does not describe.
    fn needs_signer(&self) -> bool {
        self.signer.is_none() && (self.api.signed || self.credentials_setting().is_some())
    }

    /// Returns the name of the setting that provides credentials.
    fn credentials_setting(&self) -> Option<&'static str> {
        let credentials = self.credentials.as_ref().map(|_| "credentials");
        #[cfg(feature = "aws-config")]
        let credentials = credentials
            .or(self.profile.as_ref().map(|_| "profile"))
            .or(self.roles.first().map(|_| "assume_role"));
        credentials
    }

    /// Returns the Region of the builder, the host name or the spec.
    fn known_region(&self, endpoint: &Url) -> Option<String> {
        let from_host = || Endpoint::from_url(endpoint).map(|e| e.region().to_owned());
        let from_spec = || self.api.region.map(str::to_owned);
        self.region.clone().or_else(from_host).or_else(from_spec)
    }

    /// Builds a signer that signs only requests to the endpoint's host, even if a middleware changes the URL.
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
    /// Omits the endpoint, the credentials and the API key, because they may contain secrets.
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
