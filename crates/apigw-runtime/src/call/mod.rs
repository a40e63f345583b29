//! Requests before they are sent.

pub(crate) mod chunks;
pub(crate) mod either_body;
pub(crate) mod field_style;
mod forms;
pub(crate) mod invalid;
mod json;
mod multipart;
pub(crate) mod param;
pub(crate) mod part;
pub(crate) mod path;
pub(crate) mod request_body;
pub(crate) mod tagged;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
#[cfg(feature = "stream")]
use futures_util::TryStream;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use reqwest_sigv4::SignOptions;
use serde::Serialize;

use crate::api::{Auth, Operation};
use crate::call::either_body::EitherBody;
use crate::call::invalid::{InvalidRequest, Place, Problem};
use crate::call::request_body::RequestBody;
use crate::client::Limits;
use crate::{Client, RetryPolicy};

/// A route that the spec does not describe.
static REQUEST: Operation = Operation {
    name: "request",
    method: Method::GET,
    path: "",
    auth: Auth::Iam,
    api_key: true,
    accept: None,
};

pub(crate) const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A request to an operation. Operation builders wrap it.
///
/// Setters encode their arguments immediately. If an argument is invalid, [`send`](Self::send) returns an error that names the
/// first invalid one, and nothing is sent.
///
/// A request can be sent more than once, unless its body is a stream.
///
/// ```
/// # async fn example(client: apigw_runtime::Client) -> Result<(), apigw_runtime::Error> {
/// use apigw_runtime::Method;
///
/// let response = client
///     .request(Method::PUT, "/orders/{order_id}/notes")
///     .path("order_id", "o-1")
///     .query("notify", true)
///     .json(&["fragile"])
///     .send_untyped()
///     .await?;
/// println!("{} {:?}", response.status(), response.content_type());
/// # Ok(()) }
/// ```
#[must_use = "requests do nothing unless sent"]
#[derive(Clone)]
pub struct Call {
    pub(crate) client: Client,
    pub(crate) operation: &'static Operation,
    pub(crate) method: Method,
    pub(crate) template: Cow<'static, str>,
    pub(crate) path: Vec<(String, String)>,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    /// The value of the header `Cookie`.
    pub(crate) cookies: String,
    pub(crate) body: Option<(HeaderValue, RequestBody)>,
    pub(crate) requires_body: bool,
    pub(crate) sign_options: SignOptions,
    pub(crate) signed: bool,
    pub(crate) limits: Limits,
    pub(crate) retry: RetryPolicy,
    /// Whether the operation can safely run twice, whatever its method.
    pub(crate) idempotent: bool,
    /// Where `Idempotency-Key` comes from if the caller sets none.
    pub(crate) key: IdempotencyKey,
    pub(crate) success: Vec<StatusCode>,
    pub(crate) documented_errors: Option<&'static [u16]>,
    pub(crate) invalid: Option<InvalidRequest>,
}

/// Where the header `Idempotency-Key` comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdempotencyKey {
    /// The caller, or there is none.
    Caller,
    /// The client, for each request, unless the caller sets one.
    Generate,
    /// The client has set it.
    Generated,
}

impl Call {
    /// Creates a request to `operation`, without arguments.
    pub fn new(client: &Client, operation: &'static Operation) -> Self {
        Self {
            client: client.clone(),
            operation,
            method: operation.method.clone(),
            template: Cow::Borrowed(operation.path),
            path: Vec::new(),
            query: String::new(),
            headers: HeaderMap::new(),
            cookies: String::new(),
            body: None,
            requires_body: false,
            sign_options: SignOptions::new(),
            signed: operation.auth == Auth::Iam,
            limits: client.inner().limits,
            retry: client.inner().retry.clone(),
            idempotent: false,
            key: IdempotencyKey::Caller,
            success: Vec::new(),
            documented_errors: None,
            invalid: None,
        }
    }

    pub(crate) fn undocumented(client: &Client, method: Method, path: &str) -> Self {
        Self {
            method,
            template: Cow::Owned(path.to_owned()),
            signed: client.inner().signs,
            ..Self::new(client, &REQUEST)
        }
    }

    /// Sets the HTTP method, for operations that accept any method (`x-amazon-apigateway-any-method`).
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Sets the path parameter `{name}` or `{name+}`. For `{name+}`, `/` in the value separates segments.
    ///
    /// All characters except `A-Z a-z 0-9 - . _ ~` are percent-encoded. A value that would change the path (empty, `.` or `..`) is
    /// an error.
    pub fn path(mut self, name: &str, value: impl Serialize) -> Self {
        match param::text(value) {
            Ok(value) => {
                self.path.retain(|(n, _)| n != name);
                self.path.push((name.to_owned(), value));
            }
            Err(problem) => self.reject(Place::Path(name.to_owned()), problem),
        }
        self
    }

    /// Appends a query parameter. All characters that RFC 3986 §2.3 reserves are percent-encoded. Parameters are sent in the
    /// order in which they are appended.
    pub fn query(mut self, name: &str, value: impl Serialize) -> Self {
        match param::text(value) {
            Ok(value) => param::push(&mut self.query, name, &value),
            Err(problem) => self.reject(Place::Query(name.to_owned()), problem),
        }
        self
    }

    /// Sets a query parameter, replacing all previous values.
    pub(crate) fn set_query(&mut self, name: &str, value: &str) {
        param::replace(&mut self.query, name, value);
    }

    /// Appends a query parameter for each value: `tag=a&tag=b`.
    pub fn query_each(mut self, name: &str, values: impl IntoIterator<Item: Serialize>) -> Self {
        for value in values {
            self = self.query(name, value);
        }
        self
    }

    /// Appends a query parameter with all values, separated by commas: `tag=a%2Cb`. The commas are percent-encoded.
    ///
    /// A value that contains a comma is an error, because the service would read it as two values.
    pub fn query_joined(self, name: &str, values: impl IntoIterator<Item: Serialize>) -> Self {
        self.query_separated(name, ',', values)
    }

    /// Appends a query parameter with all values, separated by a character, for example a space or `|`. See
    /// [`query_joined`](Self::query_joined).
    pub fn query_separated(
        mut self,
        name: &str,
        separator: char,
        values: impl IntoIterator<Item: Serialize>,
    ) -> Self {
        match param::separated(separator, values) {
            Ok(value) => param::push(&mut self.query, name, &value),
            Err(problem) => self.reject(Place::Query(name.to_owned()), problem),
        }
        self
    }

    /// Appends a query parameter with a value serialized as JSON.
    pub fn query_json<T: Serialize + ?Sized>(mut self, name: &str, value: &T) -> Self {
        match param::json(value) {
            Ok(value) => self.query(name, value),
            Err(problem) => {
                self.reject(Place::Query(name.to_owned()), problem);
                self
            }
        }
    }

    /// Sets a path parameter to a value serialized as JSON.
    pub fn path_json<T: Serialize + ?Sized>(mut self, name: &str, value: &T) -> Self {
        match param::json(value) {
            Ok(value) => self.path(name, value),
            Err(problem) => {
                self.reject(Place::Path(name.to_owned()), problem);
                self
            }
        }
    }

    /// Sets a header to a value serialized as JSON. Characters outside of ASCII are escaped (`\u00e9`).
    pub fn header_json<T: Serialize + ?Sized>(mut self, name: &str, value: &T) -> Self {
        match param::json(value) {
            Ok(value) => self.header(name, value),
            Err(problem) => {
                self.reject(Place::Header(name.to_owned()), problem);
                self
            }
        }
    }

    /// Appends a cookie to the header `Cookie`. [`header`](Self::header) overrides all of them.
    ///
    /// Characters that a cookie's value can't contain (RFC 6265 §4.1.1) and `%` are percent-encoded.
    pub fn cookie(mut self, name: &str, value: impl Serialize) -> Self {
        match param::text(value) {
            Ok(value) => param::push_cookie(&mut self.cookies, name, &value),
            Err(problem) => self.reject(Place::Cookie(name.to_owned()), problem),
        }
        self
    }

    /// Appends a cookie with a value serialized as JSON. See [`cookie`](Self::cookie).
    pub fn cookie_json<T: Serialize + ?Sized>(mut self, name: &str, value: &T) -> Self {
        match param::json(value) {
            Ok(value) => self.cookie(name, value),
            Err(problem) => {
                self.reject(Place::Cookie(name.to_owned()), problem);
                self
            }
        }
    }

    /// Sets a path parameter to all values, separated by commas. See [`query_joined`](Self::query_joined).
    pub fn path_joined(mut self, name: &str, values: impl IntoIterator<Item: Serialize>) -> Self {
        match param::joined(values) {
            Ok(value) => self.path(name, value),
            Err(problem) => {
                self.reject(Place::Path(name.to_owned()), problem);
                self
            }
        }
    }

    /// Sets a header to all values, separated by commas (RFC 9110 §5.6.1).
    pub fn header_joined(mut self, name: &str, values: impl IntoIterator<Item: Serialize>) -> Self {
        match param::joined(values) {
            Ok(value) => self.header(name, value),
            Err(problem) => {
                self.reject(Place::Header(name.to_owned()), problem);
                self
            }
        }
    }

    /// Sets a header. Overrides the header that the client would send.
    ///
    /// `Authorization`, `Cookie` and `x-api-key` are marked as sensitive, so that they are not printed.
    pub fn header(mut self, name: &str, value: impl Serialize) -> Self {
        match header(name, value) {
            Ok((name, value)) => {
                self.headers.insert(name, value);
            }
            Err(problem) => self.reject(Place::Header(name.to_owned()), problem),
        }
        self
    }

    /// Sets the body, serialized as JSON. The content type is `application/json`, unless [`header`](Self::header) sets another one.
    pub fn json<T: Serialize + ?Sized>(mut self, body: &T) -> Self {
        match json::to_vec(body) {
            Ok(json) => self.set_body("application/json", json.into()),
            Err(error) => self.reject(Place::Body, error.into()),
        }
        self
    }

    /// Sets the body like [`json`](Self::json), with another content type, for example `application/merge-patch+json`.
    pub fn json_as<T: Serialize + ?Sized>(self, body: &T, content_type: &str) -> Self {
        match json::to_vec(body) {
            Ok(json) => self.bytes(json, content_type),
            Err(error) => {
                let mut call = self;
                call.reject(Place::Body, error.into());
                call
            }
        }
    }

    /// Sets the body to a form (`application/x-www-form-urlencoded`) with the fields of `body`. Lists become repeated fields, objects
    /// become JSON, and `null` values are omitted. See [`form_styled`](Self::form_styled) for other styles.
    pub fn form<T: Serialize + ?Sized>(mut self, body: &T) -> Self {
        match param::form(body, &[]) {
            Ok(form) => self.set_body("application/x-www-form-urlencoded", form.into()),
            Err(problem) => self.reject(Place::Body, problem),
        }
        self
    }

    /// Sets the body to text (`text/plain`).
    pub fn text(mut self, body: impl Into<String>) -> Self {
        self.set_body("text/plain", body.into().into());
        self
    }

    /// Sets the body to bytes.
    pub fn bytes(self, body: impl Into<Bytes>, content_type: &str) -> Self {
        self.with_body(content_type, RequestBody::Bytes(body.into()))
    }

    /// Sets the body to a value, by `set`, or to bytes of another media type.
    pub fn either<T: ?Sized>(
        self,
        body: EitherBody<'_, T>,
        set: impl FnOnce(Self, &T) -> Self,
    ) -> Self {
        match body {
            EitherBody::Value(value) => set(self, value),
            EitherBody::Bytes { body, content_type } => self.bytes(body, &content_type),
        }
    }

    /// Sets the body to a value in JSON of this content type, or to bytes of another one.
    pub fn either_json_as<T: Serialize + ?Sized>(
        self,
        body: EitherBody<'_, T>,
        content_type: &str,
    ) -> Self {
        self.either(body, |call, body| call.json_as(body, content_type))
    }

    /// Requires a body: without one, nothing is sent, and [`send`](Self::send) returns an error.
    pub fn require_body(mut self) -> Self {
        self.requires_body = true;
        self
    }

    /// Sets the body to a stream, for example the chunks of a file.
    ///
    /// A signature covers the hash of the body, so a signed stream is buffered before it is sent. The signer's limit is 10 MiB by
    /// default, which is also API Gateway's limit ([`SignerBuilder::body_limit`](reqwest_sigv4::SignerBuilder::body_limit)). A request
    /// with a stream is sent once and never retried. Use [`bytes`](Self::bytes) if the body is already in memory.
    ///
    /// ```
    /// # async fn example(client: apigw_runtime::Client) -> Result<(), apigw_runtime::Error> {
    /// use apigw_runtime::{Bytes, Method};
    /// use futures_util::stream;
    ///
    /// let chunks = ["id,total\n", "o-1,42\n"].map(|chunk| Ok::<_, std::io::Error>(Bytes::from(chunk)));
    /// client.request(Method::PUT, "/report").stream(stream::iter(chunks), "text/csv").send_untyped().await?;
    /// # Ok(()) }
    /// ```
    #[cfg(feature = "stream")]
    pub fn stream<S>(self, body: S, content_type: &str) -> Self
    where
        S: TryStream + Send + 'static,
        S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        Bytes: From<S::Ok>,
    {
        let body = reqwest::Body::wrap_stream(body);
        self.with_body(content_type, RequestBody::stream(body))
    }

    /// Sets the body to a form of reqwest (`multipart/form-data`). It is sent as a [stream](Self::stream). Replaces the parts set so
    /// far; [`part`](Self::part) and [`part_file`](Self::part_file) build a form part by part, which can be retried.
    ///
    /// ```
    /// # async fn example(client: apigw_runtime::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use apigw_runtime::Method;
    /// use reqwest::multipart::{Form, Part};
    ///
    /// let photo = Part::bytes(b"\x89PNG".as_slice()).file_name("mug.png").mime_str("image/png")?;
    /// let form = Form::new().text("sku", "MUG").part("photo", photo);
    /// client.request(Method::POST, "/photos").multipart(form).send_untyped().await?;
    /// # Ok(()) }
    /// ```
    #[cfg(feature = "multipart")]
    pub fn multipart(self, form: reqwest::multipart::Form) -> Self {
        let content_type = format!("multipart/form-data; boundary={}", form.boundary());
        self.stream(form.into_stream(), &content_type)
    }

    /// Sets the timeout of each attempt, from connecting to the last byte of the response (for a streaming response: to its headers).
    /// Overrides the timeout of the client.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.limits.timeout = limit;
        self
    }

    /// Sets the timeout of the whole request, including all attempts and the delays between them. Overrides the timeout of the client.
    pub fn total_timeout(mut self, limit: Duration) -> Self {
        self.limits.total_timeout = Some(limit);
        self
    }

    /// Sets how long a streaming response may send no data. Overrides the limit of the client.
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.limits.idle_timeout = limit;
        self
    }

    /// Sets how many bytes of the response are read into memory. Overrides the limit of the client; see
    /// [`ClientBuilder::response_limit`](crate::ClientBuilder::response_limit).
    pub fn response_limit(mut self, bytes: usize) -> Self {
        self.limits.response_limit = bytes;
        self
    }

    /// Sets the retry policy of this request. Overrides the policy of the client.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Sets `Idempotency-Key`, so that the request can be retried regardless of its method. The service must support this header.
    ///
    /// Use a new key for each logical operation, for example a random UUID. Use the same key if you repeat the request yourself.
    pub fn idempotency_key(self, key: &str) -> Self {
        self.header(IDEMPOTENCY_KEY.as_str(), key)
    }

    /// Sends a random `Idempotency-Key` (a UUID) if the caller sets none, the same one in all attempts, so that the request can be retried
    /// regardless of its method. For operations with this header in the spec.
    ///
    /// Sending the request again uses a new key, so an error of a write that may have run is not [retryable](crate::Error::is_retryable)
    /// for the caller, unless the caller sets the key.
    pub fn generate_idempotency_key(mut self) -> Self {
        self.key = IdempotencyKey::Generate;
        self
    }

    /// Marks the operation as idempotent, so that the request can be retried regardless of its method.
    pub fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }

    /// Sends the request without a signature.
    pub fn unsigned(mut self) -> Self {
        self.signed = false;
        self
    }

    /// Overrides the Region, service or credentials used to sign this request. Signs it even if the operation does not require it.
    pub fn sign_options(mut self, options: SignOptions) -> Self {
        self.sign_options = options;
        self.signed = true;
        self
    }

    /// Sets the statuses with a documented error body. Use a status, or `4` for all of 400–499.
    ///
    /// Error bodies of other statuses are not decoded. By default, the client tries to decode every error body.
    pub fn documented_errors(mut self, statuses: &'static [u16]) -> Self {
        self.documented_errors = Some(statuses);
        self
    }

    /// Treats a status outside 200–299 as a success, for example a documented redirect. Redirects to another origin are never
    /// followed.
    pub fn success_status(mut self, status: StatusCode) -> Self {
        self.success.push(status);
        self
    }

    fn set_body(&mut self, content_type: &'static str, body: Bytes) {
        self.body = Some((
            HeaderValue::from_static(content_type),
            RequestBody::Bytes(body),
        ));
    }

    fn with_body(mut self, content_type: &str, body: RequestBody) -> Self {
        match HeaderValue::from_str(content_type) {
            Ok(content_type) => self.body = Some((content_type, body)),
            Err(_) => self.reject(Place::Header(CONTENT_TYPE.to_string()), Problem::NotHeader),
        }
        self
    }

    fn reject(&mut self, place: Place, problem: Problem) {
        self.invalid
            .get_or_insert(InvalidRequest { place, problem });
    }
}

fn header(name: &str, value: impl Serialize) -> Result<(HeaderName, HeaderValue), Problem> {
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Problem::NotHeader)?;
    let mut value = HeaderValue::from_str(&param::text(value)?).map_err(|_| Problem::NotHeader)?;
    value.set_sensitive(reqwest_sigv4::is_secret_header(name.as_str()));
    Ok((name, value))
}

impl fmt::Debug for Call {
    /// Omits the arguments, because they may be confidential.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation.name)
            .field("method", &self.method)
            .field("path", &self.template)
            .field("signed", &self.signed)
            .finish_non_exhaustive()
    }
}
