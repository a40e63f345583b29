//! One call: arguments in wire form.

pub(crate) mod invalid;
pub(crate) mod param;
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
use crate::call::invalid::{InvalidRequest, Place, Problem};
use crate::call::request_body::RequestBody;
use crate::client::Limits;
use crate::{Client, RetryPolicy};

/// A path that the document lacks.
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

/// One call of an operation: what every operation builder holds.
///
/// Setters convert to wire form at once. An argument that cannot be sent does not interrupt the chain: the first one comes out of
/// [`send`](Self::send), by name, and nothing is sent.
///
/// A call can be sent more than once, unless its body is a stream.
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
#[must_use = "a call does nothing until it is sent"]
#[derive(Clone)]
pub struct Call {
    pub(crate) client: Client,
    pub(crate) operation: &'static Operation,
    pub(crate) method: Method,
    pub(crate) template: Cow<'static, str>,
    pub(crate) path: Vec<(String, String)>,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<(HeaderValue, RequestBody)>,
    pub(crate) sign_options: SignOptions,
    pub(crate) signed: bool,
    pub(crate) limits: Limits,
    pub(crate) retry: RetryPolicy,
    pub(crate) success: Vec<StatusCode>,
    pub(crate) documented_errors: Option<&'static [u16]>,
    pub(crate) invalid: Option<InvalidRequest>,
}

impl Call {
    /// A call of `operation` without arguments.
    pub fn new(client: &Client, operation: &'static Operation) -> Self {
        Self {
            client: client.clone(),
            operation,
            method: operation.method.clone(),
            template: Cow::Borrowed(operation.path),
            path: Vec::new(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: None,
            sign_options: SignOptions::new(),
            signed: operation.auth == Auth::Iam,
            limits: client.inner().limits,
            retry: client.inner().retry.clone(),
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

    /// Sets the method, for an operation that takes any (`x-amazon-apigateway-any-method`).
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Sets a path parameter: `{name}`, or `{name+}`, where `/` in the value separates segments.
    ///
    /// Everything but `A-Z a-z 0-9 - . _ ~` is percent-encoded. A value that would name another path (empty, `.` or `..`) cannot be sent.
    pub fn path(mut self, name: &str, value: impl Serialize) -> Self {
        match param::text(value) {
            Ok(value) => {
                self.path.retain(|(n, _)| n != name);
                self.path.push((name.to_owned(), value));
            }
            Err(problem) => self.refuse(Place::Path(name.to_owned()), problem),
        }
        self
    }

    /// Appends a query parameter, strictly encoded (RFC 3986 §2.3). The order of calls is kept.
    pub fn query(mut self, name: &str, value: impl Serialize) -> Self {
        match param::text(value) {
            Ok(value) => param::push(&mut self.query, name, &value),
            Err(problem) => self.refuse(Place::Query(name.to_owned()), problem),
        }
        self
    }

    /// Sets a query parameter, in place of all its values so far.
    pub(crate) fn set_query(&mut self, name: &str, value: &str) {
        param::replace(&mut self.query, name, value);
    }

    /// Appends one query parameter for each value: `tag=a&tag=b`.
    pub fn query_each(mut self, name: &str, values: impl IntoIterator<Item: Serialize>) -> Self {
        for value in values {
            self = self.query(name, value);
        }
        self
    }

    /// Appends one query parameter with all values, separated by commas, which are percent-encoded like everything reserved: `tag=a%2Cb`.
    ///
    /// A value with a comma of its own cannot be sent: it would arrive as two.
    pub fn query_joined(mut self, name: &str, values: impl IntoIterator<Item: Serialize>) -> Self {
        match param::joined(values) {
            Ok(value) => param::push(&mut self.query, name, &value),
            Err(problem) => self.refuse(Place::Query(name.to_owned()), problem),
        }
        self
    }

    /// Sets a path parameter with all values, separated by commas, as [`query_joined`](Self::query_joined) does.
    pub fn path_joined(mut self, name: &str, values: impl IntoIterator<Item: Serialize>) -> Self {
        match param::joined(values) {
            Ok(value) => self.path(name, value),
            Err(problem) => {
                self.refuse(Place::Path(name.to_owned()), problem);
                self
            }
        }
    }

    /// Sets a header with all values, separated by commas (RFC 9110 §5.6.1).
    pub fn header_joined(mut self, name: &str, values: impl IntoIterator<Item: Serialize>) -> Self {
        match param::joined(values) {
            Ok(value) => self.header(name, value),
            Err(problem) => {
                self.refuse(Place::Header(name.to_owned()), problem);
                self
            }
        }
    }

    /// Sets a header, in place of one that the client would send.
    ///
    /// `Authorization`, `Cookie` and `x-api-key` are marked as sensitive, so that nothing prints them.
    pub fn header(mut self, name: &str, value: impl Serialize) -> Self {
        match header(name, value) {
            Ok((name, value)) => {
                self.headers.insert(name, value);
            }
            Err(problem) => self.refuse(Place::Header(name.to_owned()), problem),
        }
        self
    }

    /// Sends `body` as JSON, with the content type `application/json` unless [`header`](Self::header) sets another.
    pub fn json<T: Serialize + ?Sized>(mut self, body: &T) -> Self {
        match serde_json::to_vec(body) {
            Ok(json) => self.set_body("application/json", json.into()),
            Err(error) => self.refuse(Place::Body, error.into()),
        }
        self
    }

    /// Sends the fields of `body` as `application/x-www-form-urlencoded`: lists repeat their name, absent values are left out.
    pub fn form<T: Serialize + ?Sized>(mut self, body: &T) -> Self {
        match param::form(body) {
            Ok(form) => self.set_body("application/x-www-form-urlencoded", form.into()),
            Err(problem) => self.refuse(Place::Body, problem),
        }
        self
    }

    /// Sends text as `text/plain`.
    pub fn text(mut self, body: impl Into<String>) -> Self {
        self.set_body("text/plain", body.into().into());
        self
    }

    /// Sends bytes as they are.
    pub fn bytes(self, body: impl Into<Bytes>, content_type: &str) -> Self {
        self.with_body(content_type, RequestBody::Bytes(body.into()))
    }

    /// Sends what is not in memory yet, for example a file in pieces.
    ///
    /// A signature covers the hash of the body, so a signed stream is read into memory before it is sent, up to the limit of the signer: 10 MiB, which is
    /// also API Gateway's own ([`SignerBuilder::body_limit`](reqwest_sigv4::SignerBuilder::body_limit)). A call with a stream is sent once:
    /// it is not tried again after a failure. Bytes are better where they are at hand.
    ///
    /// ```
    /// # async fn example(client: apigw_runtime::Client) -> Result<(), apigw_runtime::Error> {
    /// use apigw_runtime::{Bytes, Method};
    /// use futures_util::stream;
    ///
    /// let pieces = ["id,total\n", "o-1,42\n"].map(|piece| Ok::<_, std::io::Error>(Bytes::from(piece)));
    /// client.request(Method::PUT, "/report").stream(stream::iter(pieces), "text/csv").send_untyped().await?;
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

    /// Sends a form with files (`multipart/form-data`), which is a [stream](Self::stream).
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

    /// Limits the time of each attempt, from the connection to the last byte of the response (for a stream: to its head),
    /// in place of the client's limit.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.limits.timeout = limit;
        self
    }

    /// Limits the time of this call in all, with every attempt and the pauses between them, in place of the client's limit.
    pub fn total_timeout(mut self, limit: Duration) -> Self {
        self.limits.total_timeout = Some(limit);
        self
    }

    /// Limits how many bytes of the response are read into memory, in place of the client's limit:
    /// see [`ClientBuilder::response_limit`](crate::ClientBuilder::response_limit).
    pub fn response_limit(mut self, bytes: usize) -> Self {
        self.limits.response_limit = bytes;
        self
    }

    /// Tries this call again by this policy, in place of the client's.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Sets `Idempotency-Key`, by which a service that knows this header recognises a repetition, so that the call may be tried again
    /// whatever its method.
    ///
    /// Give each thing to be done a key of its own, for example a random UUID, and the same key when you repeat it yourself.
    pub fn idempotency_key(self, key: &str) -> Self {
        self.header(IDEMPOTENCY_KEY.as_str(), key)
    }

    /// Sends the request without a signature.
    pub fn unsigned(mut self) -> Self {
        self.signed = false;
        self
    }

    /// Chooses Region, service or credentials for this request alone, and signs it.
    pub fn sign_options(mut self, options: SignOptions) -> Self {
        self.sign_options = options;
        self.signed = true;
        self
    }

    /// Says for which statuses the document describes an error body: a status, or 4 for all of 400–499. Other errors keep their bytes and
    /// are not decoded, whatever they look like. Unless this is called, every error is decoded that fits.
    pub fn documented_errors(mut self, statuses: &'static [u16]) -> Self {
        self.documented_errors = Some(statuses);
        self
    }

    /// Takes a status outside 200–299 for a success as well, for example a documented redirect. Redirects to another origin
    /// are never followed.
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
            Err(_) => self.refuse(Place::Header(CONTENT_TYPE.to_string()), Problem::NotHeader),
        }
        self
    }

    fn refuse(&mut self, place: Place, problem: Problem) {
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
    /// Shows which operation is called, and no argument: any of them may be confidential.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation.name)
            .field("method", &self.method)
            .field("path", &self.template)
            .field("signed", &self.signed)
            .finish_non_exhaustive()
    }
}
