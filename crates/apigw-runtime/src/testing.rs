//! Tests of code that calls a generated client: a gateway on loopback, and a client for it.
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
//! The gateway verifies every signature with an implementation of its own, and refuses as API Gateway does. It remembers what arrived, and fails on demand:
//! [`TestApi::gateway`].

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
    ApiClient, BuildError, ByteStream, ClientBuilder, DecodeError, Error, FromResponse,
    RawResponse, ResponseValue,
};

const STAGE: &str = "test";
const API_KEY: &str = "test-key";

/// The Region of an API whose export names none.
const REGION: &str = "us-east-1";

/// An API that a test answers for, and a client for it; it ends when dropped.
#[derive(Debug)]
pub struct TestApi<C> {
    client: C,
    gateway: LocalGateway,
}

impl<C: ApiClient> TestApi<C> {
    /// Says how the API answers.
    pub fn builder() -> TestApiBuilder<C> {
        TestApiBuilder {
            document: None,
            answers: BTreeMap::new(),
            adjust: Box::new(|builder| builder),
            client: PhantomData,
        }
    }

    /// The client.
    pub fn client(&self) -> &C {
        &self.client
    }

    /// The gateway, to ask which requests arrived and to make things go wrong.
    ///
    /// ```
    /// # use apigw_runtime::{ApiClient, testing::{Fault, TestApi}};
    /// # fn example<OrdersClient: ApiClient>(api: TestApi<OrdersClient>) {
    /// api.gateway().inject(Fault::Throttled.times(2));
    /// let arrived = api.gateway().requests();
    /// # }
    /// ```
    pub fn gateway(&self) -> &LocalGateway {
        &self.gateway
    }
}

/// Says how a [`TestApi`] answers.
#[must_use = "a builder does nothing until `start` is awaited"]
pub struct TestApiBuilder<C> {
    document: Option<Described>,
    answers: BTreeMap<&'static str, Answer>,
    adjust: Box<dyn FnOnce(ClientBuilder<C>) -> ClientBuilder<C> + Send>,
    client: PhantomData<fn() -> C>,
}

/// Where the description of an API is.
#[derive(Debug)]
enum Described {
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
    /// Answers the operations that nothing else answers from the schemas of the document that the client was generated from: its constant `DOCUMENT`.
    ///
    /// Without it they are refused, as paths are that do not exist.
    pub fn described_by(mut self, document: &'static str) -> Self {
        self.document = Some(Described::Text(document));
        self
    }

    /// As [`described_by`](Self::described_by), from a file with examples of its own: a path from the folder of the package whose tests run.
    pub fn document(mut self, path: impl Into<PathBuf>) -> Self {
        self.document = Some(Described::File(path.into()));
        self
    }

    /// Answers the operation with this builder always alike. The answer has to be one that the document describes:
    /// [`start`](Self::start) fails if the client cannot decode it.
    pub fn answer<O: Answerable>(self, response: Response) -> Self {
        self.insert::<O>(Reply::Always(response))
    }

    /// Answers the operation with this builder by a function. An answer that the client cannot decode arrives as status 500 that says so.
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

    /// Adjusts the client, for example its policy for retries.
    pub fn client(
        mut self,
        adjust: impl FnOnce(ClientBuilder<C>) -> ClientBuilder<C> + Send + 'static,
    ) -> Self {
        self.adjust = Box::new(adjust);
        self
    }

    /// Starts the gateway and builds the client. They know each other's Region, credentials and API key.
    ///
    /// # Errors
    ///
    /// If an answer is none that the client can decode, or the gateway or the client cannot be set up.
    pub async fn start(self) -> Result<TestApi<C>, TestError> {
        let region = C::API.region.unwrap_or(REGION);
        let gateway = LocalGateway::builder()
            .stage(STAGE)
            .region(region)
            .api_key(API_KEY);
        let mut gateway = match &self.document {
            Some(Described::File(path)) => gateway.spec(path),
            Some(Described::Text(text)) => gateway.api(read(text)?),
            None => gateway.api(described(self.answers.values().map(|a| a.operation))?),
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
        let gateway = gateway.start().await.map_err(TestError::Gateway)?;

        let known = apigw_local::Credentials::example();
        let credentials =
            Credentials::new(known.access_key(), known.secret_key(), None, None, "test");
        let client = ClientBuilder::new()
            .environment(|_| None)
            .endpoint(gateway.endpoint())
            .region(region)
            .credentials(credentials)
            .api_key(API_KEY);
        let client = (self.adjust)(client).build().await;
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
            .field("document", &self.document)
            .field("answers", &self.answers.keys())
            .finish_non_exhaustive()
    }
}

/// An operation builder of a generated client, which [`call_options!`](crate::call_options) makes answerable.
pub trait Answerable: IntoFuture<Output: Decodes> {
    /// The operation that it calls.
    const OPERATION: &'static Operation;
}

/// What an operation returns, for which an answer can be checked.
pub trait Decodes {
    /// Decodes a response as the client would.
    ///
    /// # Errors
    ///
    /// If the client could not decode it, as a success or as a documented error.
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
        match response.status().is_success() {
            true => Ok(()),
            false => response.decode::<E>().map(drop),
        }
    }
}

/// Why a [`TestApi`] did not start.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum TestError {
    /// An answer is none that the document describes.
    #[error(
        "the client cannot decode the answer for {operation}; give one that the document describes"
    )]
    #[non_exhaustive]
    Answer {
        /// The operation's name.
        operation: &'static str,
        /// What is wrong with the answer.
        source: DecodeError,
    },
    /// The gateway did not start.
    #[error(
        "the gateway did not start; check the document, and that it has the operations answered"
    )]
    Gateway(#[source] apigw_local::Error),
    /// The operations or the document of the client do not make an API.
    #[error("the client describes no API; regenerate it")]
    Operations(#[source] apigw_spec::Diagnostic),
    /// The client was not built.
    #[error("the client was not built; check what `TestApiBuilder::client` sets")]
    Client(#[source] BuildError),
}

impl fmt::Debug for TestError {
    /// The text with its causes, for a test that returns it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::error::fmt_with_sources(self, f)
    }
}

fn raw(response: &Response) -> RawResponse {
    let headers: HeaderMap = response.headers().clone();
    RawResponse::new(response.status(), headers, response.body().clone())
}

fn undecodable(error: &DecodeError) -> Response {
    let message = format!("the answer of the test: {error}");
    Response::json(
        StatusCode::INTERNAL_SERVER_ERROR,
        json!({ "message": message }),
    )
}

/// An API that has just these operations.
fn described(
    operations: impl Iterator<Item = &'static Operation>,
) -> Result<apigw_spec::Api, TestError> {
    let mut paths: BTreeMap<&str, BTreeMap<String, Value>> = BTreeMap::new();
    for operation in operations {
        let protected = match operation.auth {
            Auth::Iam => "AWS_IAM",
            Auth::None | Auth::Custom => "NONE",
        };
        let mut description = json!({
            "responses": { "default": { "description": "as the test says" } },
            "x-amazon-apigateway-auth": { "type": protected },
        });
        if operation.api_key {
            description["security"] = json!([{ "api_key": [] }]);
        }
        let methods = paths.entry(operation.path).or_default();
        methods.insert(operation.method.as_str().to_ascii_lowercase(), description);
    }
    let document = json!({
        "openapi": "3.0.1",
        "info": { "title": "test", "version": "1" },
        "paths": paths,
    });
    read(&document.to_string())
}

fn read(document: &str) -> Result<apigw_spec::Api, TestError> {
    let document = Spec::parse("the document of the client", document.as_bytes());
    let document = document.map_err(TestError::Operations)?;
    Ok(apigw_spec::Api::read(&document, &mut Report::new()))
}
