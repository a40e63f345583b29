//! Sends a request to an operation, after checking its arguments against the spec.
//!
//! [`Call`] is the request, [`Caller`] signs and sends it, and [`Answer`] is the response. [`curl()`]
//! returns the same request as a curl command.

mod address;
mod arguments;
mod conform;
mod curl;
mod error;
mod find;
mod identity;
mod input;
mod pretty;
mod send;

use apigw_spec::api::{Api, Operation};
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use reqwest::Url;
use reqwest_sigv4::Endpoint;

use arguments::ParameterValues;

pub use curl::curl;
pub use error::CallError;
pub use find::operation;
pub use identity::Identity;
pub use input::parse_url;
pub use pretty::pretty;
pub use send::{Answer, Caller, DryRun};

/// The header with the API key.
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// The arguments of a request, as text from the command line.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// The HTTP method, for an operation that accepts any.
    pub method: Option<Method>,
    /// Names and values of parameters, in order. An array has one entry for each item.
    pub parameters: Vec<(String, String)>,
    /// Additional headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Option<Bytes>,
    /// The API key, for operations that require one.
    pub api_key: Option<String>,
    /// The name of the environment variable with the API key, for the error if it is missing.
    pub api_key_variable: String,
}

/// A request that is valid for its operation, and not yet signed.
#[derive(Clone)]
pub struct Call {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
    /// Whether the request will be signed.
    pub(crate) signed: bool,
}

impl Call {
    /// Creates a request to an operation.
    ///
    /// # Errors
    ///
    /// Returns an error if a required argument is missing, or an argument is unknown or does not
    /// conform to its schema.
    ///
    /// ```
    /// use apigw_spec::{Api, Report, Spec};
    /// use apigw_remote::call::{self, Arguments, Call};
    ///
    /// let text = "
    /// openapi: 3.0.1
    /// info: { title: orders, version: '1' }
    /// paths:
    ///   /orders:
    ///     get:
    ///       parameters: [{ name: limit, in: query, schema: { type: integer } }]
    ///       responses: { 200: { description: the orders } }
    /// ";
    /// let spec = Spec::parse("orders.yaml", text.as_bytes())?;
    /// let api = Api::read(&spec, &mut Report::new());
    /// let operation = call::operation(&api, "get_orders")?;
    /// let mut arguments = Arguments::default();
    /// arguments.parameters.push(("limit".into(), "10".into()));
    /// let endpoint = "https://api.example.com/prod".parse()?;
    /// let call = Call::of(&api, operation, &endpoint, &arguments)?;
    /// assert_eq!(call.url().as_str(), "https://api.example.com/prod/orders?limit=10");
    ///
    /// arguments.parameters[0].1 = "ten".into();
    /// let error = Call::of(&api, operation, &endpoint, &arguments).unwrap_err();
    /// assert_eq!(error.to_string(), "`limit` must be an integer, but got \"ten\"");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of(
        api: &Api,
        operation: &Operation,
        endpoint: &Url,
        arguments: &Arguments,
    ) -> Result<Self, CallError> {
        let method = find::method(operation, arguments.method.clone())?;
        let parameters = ParameterValues::new(api, operation, arguments)?.encode()?;
        let mut headers = arguments.headers.clone();
        for (name, value) in parameters.headers() {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid_header(name))?;
            let value = HeaderValue::from_str(value).map_err(|_| invalid_header(name.as_str()))?;
            headers.insert(name, value);
        }
        if let Some(mut cookies) = parameters.cookies() {
            let own = headers.get(COOKIE).and_then(|own| own.to_str().ok());
            if let Some(own) = own {
                cookies = format!("{own}; {cookies}");
            }
            let mut cookies =
                HeaderValue::from_str(&cookies).map_err(|_| invalid_header(COOKIE.as_str()))?;
            cookies.set_sensitive(true);
            headers.insert(COOKIE, cookies);
        }
        if operation.auth.api_key && !headers.contains_key(API_KEY) {
            let key = arguments
                .api_key
                .as_ref()
                .ok_or_else(|| CallError::NoApiKey {
                    variable: arguments.api_key_variable.clone(),
                })?;
            let mut key =
                HeaderValue::from_str(key).map_err(|_| invalid_header(API_KEY.as_str()))?;
            key.set_sensitive(true);
            headers.insert(API_KEY, key);
        }
        if let Some(media_type) =
            arguments::content_type(api, operation, &headers, arguments.body.as_ref())?
        {
            headers.insert(CONTENT_TYPE, media_type);
        }
        if !headers.contains_key(ACCEPT) {
            headers.insert(ACCEPT, arguments::accept(operation));
        }
        Ok(Self {
            method,
            url: address::url(endpoint, operation, &parameters)?,
            headers,
            body: arguments.body.clone(),
            signed: operation.auth.iam,
        })
    }

    /// Creates a signed request to any URL. Parameters are added to the query, and nothing is checked.
    ///
    /// The default method is `POST` with a body, and `GET` without.
    #[must_use]
    pub fn to(url: &Url, arguments: &Arguments) -> Self {
        let mut url = url.clone();
        let pairs = arguments.parameters.iter();
        address::append_query(
            &mut url,
            pairs.map(|(name, value)| (name.as_str(), value.as_str())),
        );
        let mut headers = arguments.headers.clone();
        if let (Some(body), false) = (&arguments.body, headers.contains_key(CONTENT_TYPE)) {
            headers.insert(CONTENT_TYPE, arguments::guess_type(body));
        }
        if !headers.contains_key(ACCEPT) {
            headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        }
        let default_method = match arguments.body {
            Some(_) => Method::POST,
            None => Method::GET,
        };
        Self {
            method: arguments.method.clone().unwrap_or(default_method),
            url,
            headers,
            body: arguments.body.clone(),
            signed: true,
        }
    }

    /// Returns the same request, which will not be signed.
    #[must_use]
    pub fn unsigned(self) -> Self {
        Self {
            signed: false,
            ..self
        }
    }

    /// Returns the URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Returns the Region in the host name of the URL, or `None` if there is none.
    #[must_use]
    pub fn region(&self) -> Option<String> {
        Endpoint::from_url(&self.url).map(|endpoint| endpoint.region().to_owned())
    }

    /// Returns whether the request will be signed.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        self.signed
    }
}

impl std::fmt::Debug for Call {
    /// Shows no arguments, since they may be confidential.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .field("signed", &self.signed)
            .finish_non_exhaustive()
    }
}

fn invalid_header(name: &str) -> CallError {
    CallError::NotHeader {
        name: name.to_owned(),
    }
}
