//! Calling one operation, with arguments checked against the document before anything is sent.

mod address;
mod arguments;
mod conform;
mod curl;
mod error;
mod find;
mod pretty;
mod send;

use apigw_spec::api::{Api, Operation};
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use reqwest::Url;

use arguments::Given;

pub use curl::curl;
pub use error::CallError;
pub use find::operation;
pub use pretty::pretty;
pub use send::{Answer, Caller, DryRun};

/// Where a usage plan's key goes.
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Arguments as they come from a shell.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// The method, for an operation that takes any.
    pub method: Option<Method>,
    /// Names and values, in the order given; a list has one for each item.
    pub parameters: Vec<(String, String)>,
    /// Headers beyond those of the document.
    pub headers: HeaderMap,
    /// The body.
    pub body: Option<Bytes>,
    /// The key of a usage plan, where the operation wants one.
    pub api_key: Option<String>,
    /// The variable that the key is taken from, for the message where there is none.
    pub api_key_variable: String,
}

/// A request that fits its operation, not signed yet.
#[derive(Clone)]
pub struct Call {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
    /// Whether it is to be signed.
    pub(crate) signed: bool,
}

impl Call {
    /// The call of an operation.
    ///
    /// # Errors
    ///
    /// When an argument is missing, unknown, or not of the type that the document gives it.
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
    /// let document = Spec::parse("orders.yaml", text.as_bytes())?;
    /// let api = Api::read(&document, &mut Report::new());
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
        let wire = Given::new(api, operation, arguments)?.on_the_wire()?;
        let mut headers = arguments.headers.clone();
        for (name, value) in wire.headers() {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| not_header(name))?;
            let value = HeaderValue::from_str(value).map_err(|_| not_header(name.as_str()))?;
            headers.insert(name, value);
        }
        if operation.auth.api_key && !headers.contains_key(API_KEY) {
            let key = arguments
                .api_key
                .as_ref()
                .ok_or_else(|| CallError::NoApiKey {
                    variable: arguments.api_key_variable.clone(),
                })?;
            let mut key = HeaderValue::from_str(key).map_err(|_| not_header(API_KEY.as_str()))?;
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
            url: address::of(endpoint, operation, &wire)?,
            headers,
            body: arguments.body.clone(),
            signed: operation.auth.iam,
        })
    }

    /// The call of any URL, signed; parameters go into its query. Without a document, nothing is
    /// checked.
    #[must_use]
    pub fn to(url: &Url, arguments: &Arguments) -> Self {
        let mut url = url.clone();
        let pairs = arguments.parameters.iter();
        address::extend(
            &mut url,
            pairs.map(|(name, value)| (name.as_str(), value.as_str())),
        );
        let mut headers = arguments.headers.clone();
        if let (Some(body), false) = (&arguments.body, headers.contains_key(CONTENT_TYPE)) {
            headers.insert(CONTENT_TYPE, arguments::guessed(body));
        }
        if !headers.contains_key(ACCEPT) {
            headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        }
        let usual = match arguments.body {
            Some(_) => Method::POST,
            None => Method::GET,
        };
        Self {
            method: arguments.method.clone().unwrap_or(usual),
            url,
            headers,
            body: arguments.body.clone(),
            signed: true,
        }
    }

    /// The same call without a signature.
    #[must_use]
    pub fn unsigned(self) -> Self {
        Self {
            signed: false,
            ..self
        }
    }

    /// Where it goes.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Whether it is to be signed.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        self.signed
    }
}

impl std::fmt::Debug for Call {
    /// Shows no argument: any of them may be confidential.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .field("signed", &self.signed)
            .finish_non_exhaustive()
    }
}

fn not_header(name: &str) -> CallError {
    CallError::NotHeader {
        name: name.to_owned(),
    }
}
