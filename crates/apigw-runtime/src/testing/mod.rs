//! Utilities for testing code that uses a generated client: a local API Gateway, and a client for it.
//!
//! ```
//! # use apigw_runtime::codegen::{Api, Auth, Operation};
//! # use apigw_runtime::{ApiClient, Call, Client, Method};
//! # struct OrdersClient(Client);
//! # impl ApiClient for OrdersClient {
//! #     const API: &'static Api = &Api { name: "orders", endpoint_variable: "ORDERS_ENDPOINT_URL", user_agent: "orders-client/0.1.0", endpoint: None, region: None, signed: true };
//! #     fn from_client(client: Client) -> Self { Self(client) }
//! # }
//! # impl OrdersClient {
//! #     fn get_order(&self, id: &str) -> GetOrder { GetOrder { call: Call::new(&self.0, &GET_ORDER).path("id", id) } }
//! # }
//! # static GET_ORDER: Operation = Operation { name: "get_order", method: Method::GET, path: "/orders/{id}", auth: Auth::Iam, api_key: false, accept: None };
//! # #[derive(serde::Deserialize)] pub struct Order { total: f64 }
//! # pub struct GetOrder { call: Call }
//! # apigw_runtime::operation!(GetOrder, GET_ORDER => Order);
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use apigw_runtime::testing::{Response, TestApi};
//!
//! let order = Response::json(http::StatusCode::OK, serde_json::json!({ "id": "o-1", "total": 42 }));
//! let api = TestApi::<OrdersClient>::builder().answer::<GetOrder>(order).start().await?;
//! assert_eq!(api.client().get_order("o-1").await?.total, 42.0);
//! # Ok(()) }
//! ```
//!
//! The gateway verifies signatures with its own implementation and returns the same errors as API Gateway. Use [`TestApi::gateway`] to
//! inspect the received requests and to inject faults. [`TestApiBuilder::in_memory`] needs no socket.
//!
//! Code that takes the result of an operation can be tested without a client: [`ResponseValue::mock`], [`Error::mock`],
//! [`Error::mock_response`] and [`ByteStream::mock`] make results, and with the feature `test` of a generated client, all its types have
//! `new` and setters.
//!
//! ```
//! use apigw_runtime::{Error, ErrorKind, ResponseValue, StatusCode};
//!
//! struct Order { total: f64 }
//!
//! fn price(order: Result<ResponseValue<Order>, Error>) -> Option<f64> {
//!     match order {
//!         Ok(order) => Some(order.total),
//!         Err(error) if error.kind() == ErrorKind::NotFound => None,
//!         Err(error) => panic!("{error}"),
//!     }
//! }
//!
//! assert_eq!(price(Ok(ResponseValue::mock(Order { total: 42.0 }))), Some(42.0));
//! assert_eq!(price(Err(Error::mock_response(StatusCode::NOT_FOUND, None))), None);
//! ```

mod memory;
mod mock;

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::sync::Arc;

pub use apigw_local::{Exchange, Fault, LocalGateway, Request, Response};
use apigw_spec::report::Report;
use apigw_spec::spec::Spec;
use http::{HeaderMap, StatusCode};
use reqwest_sigv4::Credentials;
use serde_json::Value;
#[doc(no_inline)]
pub use serde_json::json;

use crate::api::{Auth, Operation};
use crate::{
    ApiClient, BuildError, ByteStream, ClientBuilder, DecodeError, Error, EventStream,
    FromResponse, JsonLines, RawResponse, ResponseValue,
};

const STAGE: &str = "test";
const API_KEY: &str = "test-key";

/// The Region of APIs whose spec contains none.
const REGION: &str = "us-east-1";

/// A local API with responses defined by the test, and a client for it. The API stops when this is dropped.
#[derive(Debug)]
pub struct TestApi<C> {
    client: C,
    gateway: Arc<LocalGateway>,
}

impl<C: ApiClient> TestApi<C> {
    /// Creates a builder.
    pub fn builder() -> TestApiBuilder<C> {
        TestApiBuilder {
            spec: None,
            answers: BTreeMap::new(),
            adjust: Box::new(|builder| builder),
            in_memory: false,
            client: PhantomData,
        }
    }

    /// Returns the client.
    pub fn client(&self) -> &C {
        &self.client
    }

    /// Returns the gateway, to inspect the received requests and to inject faults.
    ///
    /// ```
    /// # use apigw_runtime::{ApiClient, testing::{Fault, TestApi}};
    /// # fn example<OrdersClient: ApiClient>(api: TestApi<OrdersClient>) {
    /// api.gateway().inject(Fault::Throttled.times(2));
    /// let received = api.gateway().requests();
    /// # }
    /// ```
    pub fn gateway(&self) -> &LocalGateway {
        &self.gateway
    }
}

/// Builds a [`TestApi`].
#[must_use = "a builder does nothing until `start` is awaited"]
pub struct TestApiBuilder<C> {
    spec: Option<SpecSource>,
    answers: BTreeMap<&'static str, Answer>,
    adjust: Box<dyn FnOnce(ClientBuilder<C>) -> ClientBuilder<C> + Send>,
    in_memory: bool,
    client: PhantomData<fn() -> C>,
}

/// The source of a spec.
#[derive(Debug)]
enum SpecSource {
    File(PathBuf),
    Text(&'static str),
}

struct Answer {
    operation: &'static Operation,
    reply: Reply,
    check: Check,
}

enum Reply {
    Always(Response),
    By(Arc<dyn Fn(&Request) -> Response + Send + Sync>),
}

type Check = fn(&RawResponse) -> Result<(), DecodeError>;

impl<C: ApiClient> TestApiBuilder<C> {
    /// Sets the spec. Operations without a response in the test return examples that match its schemas.
    ///
    /// Pass the constant `DOCUMENT` of the generated client. Without a spec, these operations return
    /// status 501 and say that the test defines no response.
    pub fn described_by(mut self, document: &'static str) -> Self {
        self.spec = Some(SpecSource::Text(document));
        self
    }

    /// Reads the spec from a file, for example one with your own examples. See [`described_by`](Self::described_by).
    ///
    /// The path is relative to the directory of the package under test.
    pub fn document(mut self, path: impl Into<PathBuf>) -> Self {
        self.spec = Some(SpecSource::File(path.into()));
        self
    }

    /// Sets the response of the operation with the builder `O`.
    ///
    /// The response must match the spec: [`start`](Self::start) fails if the client cannot decode it.
    pub fn answer<O: Answerable>(self, response: Response) -> Self {
        self.insert::<O>(Reply::Always(response))
    }

    /// Sets a function that returns the responses of the operation with the builder `O`.
    ///
    /// If the client cannot decode a response, it gets a response with status 500 that contains the error.
    ///
    /// ```
    /// # use apigw_runtime::testing::{Answerable, Response, TestApi};
    /// # use apigw_runtime::ApiClient;
    /// # fn example<OrdersClient: ApiClient, GetOrder: Answerable>() {
    /// use http::StatusCode;
    /// use serde_json::json;
    ///
    /// let api = TestApi::<OrdersClient>::builder().answer_with::<GetOrder>(|request| match request.path_parameter("orderId") {
    ///     Some("o-1") => Response::json(StatusCode::OK, json!({ "id": "o-1", "total": 42 })),
    ///     _ => Response::json(StatusCode::NOT_FOUND, json!({ "message": "no such order" })),
    /// });
    /// # }
    /// ```
    pub fn answer_with<O: Answerable>(
        self,
        answer: impl Fn(&Request) -> Response + Send + Sync + 'static,
    ) -> Self {
        self.insert::<O>(Reply::By(Arc::new(answer)))
    }

    /// Changes settings of the client, for example its retry policy.
    pub fn client(
        mut self,
        adjust: impl FnOnce(ClientBuilder<C>) -> ClientBuilder<C> + Send + 'static,
    ) -> Self {
        self.adjust = Box::new(adjust);
        self
    }

    /// Passes requests to the gateway in memory, without a socket, for many tests or for tests with a paused clock.
    ///
    /// Requests are signed and verified as usual, and faults apply. Settings of the connection, such as
    /// [`connect_timeout`](ClientBuilder::connect_timeout), have no effect.
    pub fn in_memory(mut self) -> Self {
        self.in_memory = true;
        self
    }

    /// Starts the gateway and builds a client with the same Region, credentials and API key.
    ///
    /// # Errors
    ///
    /// Returns a [`TestError`] if the client cannot decode a response, if the gateway does not start, or if building the client fails.
    pub async fn start(self) -> Result<TestApi<C>, TestError> {
        let region = C::API.region.unwrap_or(REGION);
        let gateway = LocalGateway::builder()
            .stage(STAGE)
            .region(region)
            .api_key(API_KEY);
        let mut gateway = match &self.spec {
            Some(SpecSource::File(path)) => gateway.spec(path),
            Some(SpecSource::Text(text)) => gateway.api(read(text)?),
            None => gateway
                .api(api_of(self.answers.values().map(|a| a.operation))?)
                .otherwise(unanswered),
        };
        for answer in self.answers.into_values() {
            let Operation { method, path, .. } = answer.operation;
            let route = format!("{method} {path}");
            gateway = match answer.reply {
                Reply::Always(response) => {
                    (answer.check)(&raw(&response)).map_err(|source| TestError::Answer {
                        operation: answer.operation.name,
                        source,
                    })?;
                    gateway.on(route, move |_| response.clone())
                }
                Reply::By(reply) => gateway.on(route, move |request| {
                    let response = reply(request);
                    match (answer.check)(&raw(&response)) {
                        Ok(()) => response,
                        Err(error) => undecodable(&error),
                    }
                }),
            };
        }
        let gateway = match self.in_memory {
            true => gateway.in_memory(),
            false => gateway.start().await,
        };
        let gateway = Arc::new(gateway.map_err(TestError::Gateway)?);

        let example = apigw_local::Credentials::example();
        let credentials = Credentials::new(
            example.access_key(),
            example.secret_key(),
            None,
            None,
            "test",
        );
        let client = ClientBuilder::new()
            .environment(|_| None)
            .endpoint(gateway.endpoint())
            .region(region)
            .credentials(credentials)
            .api_key(API_KEY);
        let mut client = (self.adjust)(client);
        if self.in_memory {
            client = client.transport(memory::InMemory(Arc::clone(&gateway)));
        }
        let client = client.build().await;
        let client = client.map_err(TestError::Client)?;
        Ok(TestApi { client, gateway })
    }

    fn insert<O: Answerable>(mut self, reply: Reply) -> Self {
        let operation = O::OPERATION;
        let answer = Answer {
            operation,
            reply,
            check: <O::Output as Decodes>::check,
        };
        self.answers.insert(operation.name, answer);
        self
    }
}

impl<C> fmt::Debug for TestApiBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestApiBuilder")
            .field("spec", &self.spec)
            .field("answers", &self.answers.keys())
            .finish_non_exhaustive()
    }
}

/// An operation builder of a generated client. Implemented by the macro `operation!`.
pub trait Answerable: IntoFuture<Output: Decodes> {
    /// The operation of the builder.
    const OPERATION: &'static Operation;
}

/// The result of an operation. Used to check the responses that a test defines.
pub trait Decodes {
    /// Decodes a response like the client.
    ///
    /// # Errors
    ///
    /// Returns an error if the response is neither a valid success response nor a documented error.
    fn check(response: &RawResponse) -> Result<(), DecodeError>;
}

impl<T: FromResponse, E: FromResponse> Decodes for Result<ResponseValue<T>, Error<E>> {
    fn check(response: &RawResponse) -> Result<(), DecodeError> {
        match response.status().is_success() {
            true => response.decode::<T>().map(drop),
            false => response.decode::<E>().map(drop),
        }
    }
}

impl<E: FromResponse> Decodes for Result<ResponseValue<ByteStream>, Error<E>> {
    fn check(response: &RawResponse) -> Result<(), DecodeError> {
        check_stream::<E>(response)
    }
}

impl<T, E: FromResponse> Decodes for Result<ResponseValue<EventStream<T>>, Error<E>> {
    fn check(response: &RawResponse) -> Result<(), DecodeError> {
        check_stream::<E>(response)
    }
}

impl<T, E: FromResponse> Decodes for Result<ResponseValue<JsonLines<T>>, Error<E>> {
    fn check(response: &RawResponse) -> Result<(), DecodeError> {
        check_stream::<E>(response)
    }
}

/// The items of a stream are decoded when it is read.
fn check_stream<E: FromResponse>(response: &RawResponse) -> Result<(), DecodeError> {
    match response.status().is_success() {
        true => Ok(()),
        false => response.decode::<E>().map(drop),
    }
}

/// An error from starting a [`TestApi`].
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum TestError {
    /// The client cannot decode a response.
    #[error("the client cannot decode the response for {operation}; use one that matches the spec")]
    #[non_exhaustive]
    Answer {
        /// The name of the operation.
        operation: &'static str,
        /// The decoding error.
        source: DecodeError,
    },
    /// The gateway did not start.
    #[error(
        "the gateway did not start; check that the spec contains all operations with a response"
    )]
    Gateway(#[source] apigw_local::Error),
    /// The operations or the spec of the client are invalid.
    #[error("the spec of the client is invalid; regenerate the client")]
    Operations(#[source] apigw_spec::Diagnostic),
    /// Building the client failed.
    #[error("building the client failed; check the settings in `TestApiBuilder::client`")]
    Client(#[source] BuildError),
}

impl fmt::Debug for TestError {
    /// Formats the message and its sources on one line, for tests that return the error.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::error::fmt_with_sources(self, f)
    }
}

fn raw(response: &Response) -> RawResponse {
    let headers: HeaderMap = response.headers().clone();
    RawResponse::new(response.status(), headers, response.body().clone())
}

/// Returns the response to an operation for which the test defines none.
fn unanswered(request: &Request) -> Response {
    let path = request.path().strip_prefix("/").unwrap_or_default();
    let path = path.strip_prefix(STAGE).unwrap_or_default();
    let message = format!(
        "the test defines no response for {} {path}; add `.answer::<…>(…)` to the builder of `TestApi`, or pass the spec to `described_by`",
        request.method
    );
    Response::json(StatusCode::NOT_IMPLEMENTED, json!({ "message": message }))
}

fn undecodable(error: &DecodeError) -> Response {
    let message = format!("the response defined by the test: {error}");
    Response::json(
        StatusCode::INTERNAL_SERVER_ERROR,
        json!({ "message": message }),
    )
}

/// Returns an API with these operations.
fn api_of(
    operations: impl Iterator<Item = &'static Operation>,
) -> Result<apigw_spec::Api, TestError> {
    let mut paths: BTreeMap<&str, BTreeMap<String, Value>> = BTreeMap::new();
    for operation in operations {
        let protected = match operation.auth {
            Auth::Iam => "AWS_IAM",
            Auth::None | Auth::Custom => "NONE",
        };
        let mut object = json!({
            "responses": { "default": { "description": "defined by the test" } },
            "x-amazon-apigateway-auth": { "type": protected },
        });
        if operation.api_key {
            object["security"] = json!([{ "api_key": [] }]);
        }
        let methods = paths.entry(operation.path).or_default();
        methods.insert(operation.method.as_str().to_ascii_lowercase(), object);
    }
    let spec = json!({
        "openapi": "3.0.1",
        "info": { "title": "test", "version": "1" },
        "paths": paths,
    });
    read(&spec.to_string())
}

fn read(text: &str) -> Result<apigw_spec::Api, TestError> {
    let spec = Spec::parse("the spec of the client", text.as_bytes());
    let spec = spec.map_err(TestError::Operations)?;
    Ok(apigw_spec::Api::read(&spec, &mut Report::new()))
}
