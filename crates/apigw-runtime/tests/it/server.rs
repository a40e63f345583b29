//! A local HTTP server that returns responses defined by the test and records requests.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use apigw_runtime::{Bytes, ClientBuilder, RetryPolicy};
use futures_util::future::{Either, select};
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use reqwest_sigv4::Credentials;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{mpsc, oneshot};

use crate::orders::OrdersClient;

pub(crate) type Request = http::Request<Bytes>;
pub(crate) type Response = http::Response<UnsyncBoxBody<Bytes, io::Error>>;

pub(crate) struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    _stop: oneshot::Sender<()>,
}

impl Server {
    /// Returns the response of `answer` to every request. For `None`, never responds.
    pub(crate) async fn start(
        answer: impl Fn(&Request) -> Option<Response> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (stop, mut stopped) = oneshot::channel();
        let seen = Arc::clone(&requests);
        let answer = Arc::new(answer);
        tokio::spawn(async move {
            while let Either::Left((Ok((connection, _)), _)) =
                select(pin!(listener.accept()), &mut stopped).await
            {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                let service = service_fn(move |request: http::Request<Incoming>| {
                    let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                    async move {
                        let (head, body) = request.into_parts();
                        let body = body.collect().await.unwrap().to_bytes();
                        let request = Request::from_parts(head, body);
                        let response = answer(&request);
                        seen.lock().unwrap().push(request);
                        match response {
                            Some(response) => Ok::<_, Infallible>(response),
                            None => std::future::pending().await,
                        }
                    }
                });
                let connection = TokioIo::new(connection);
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(connection, service),
                );
            }
        });
        Self {
            address,
            requests,
            _stop: stop,
        }
    }

    /// Returns the same response to every request.
    pub(crate) async fn returning(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let headers: Vec<(String, String)> = headers
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect();
        let body = body.to_owned();
        Self::start(move |_| {
            let headers: Vec<_> = headers
                .iter()
                .map(|(n, v)| (n.as_str(), v.as_str()))
                .collect();
            Some(respond(status, &headers, &body))
        })
        .await
    }

    /// Returns the statuses in order, then repeats the last one.
    pub(crate) async fn returning_in_turn(statuses: &'static [u16]) -> Self {
        let turn = AtomicUsize::new(0);
        Self::start(move |_| {
            let turn = turn.fetch_add(1, Relaxed).min(statuses.len() - 1);
            Some(respond(statuses[turn], &[], "{}"))
        })
        .await
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the endpoint, including a stage.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}/prod", self.address)
    }

    /// Returns a builder for this server, with credentials, without environment variables and without retries.
    pub(crate) fn builder(&self) -> ClientBuilder<OrdersClient> {
        OrdersClient::builder()
            .environment(|_| None)
            .endpoint(self.endpoint())
            .credentials(credentials())
            .retry(RetryPolicy::none())
    }

    pub(crate) async fn client(&self) -> OrdersClient {
        self.builder().build().await.unwrap()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// Returns the only request that was received.
    #[track_caller]
    pub(crate) fn request(&self) -> Request {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests.remove(0)
    }
}

pub(crate) fn respond(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
    let mut response = http::Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(whole(body.to_owned())).unwrap()
}

/// Temporary credentials whose parts are easy to search for.
pub(crate) fn credentials() -> Credentials {
    Credentials::new(
        "AKIDEXAMPLE",
        "SECRETEXAMPLE",
        Some("TOKENEXAMPLE".into()),
        None,
        "test",
    )
}

/// Returns a port that is bound, so that no other test gets it, but does not listen.
pub(crate) fn closed_port() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

pub(crate) fn whole(body: impl Into<Bytes>) -> UnsyncBoxBody<Bytes, io::Error> {
    Full::new(body.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// Returns a body and its sender. Sending an error closes the connection.
pub(crate) fn fed() -> (
    mpsc::UnboundedSender<io::Result<Bytes>>,
    UnsyncBoxBody<Bytes, io::Error>,
) {
    let (feed, source) = mpsc::unbounded_channel();
    let chunks = stream::unfold(
        source,
        async |mut source: mpsc::UnboundedReceiver<io::Result<Bytes>>| {
            let chunk = source.recv().await?;
            if chunk.is_err() {
                tokio::task::yield_now().await; // so that earlier chunks are sent first
            }
            Some((chunk.map(Frame::data), source))
        },
    );
    (feed, StreamBody::new(chunks).boxed_unsync())
}

/// Returns the value of a header of a received request.
pub(crate) fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request
        .headers()
        .get(name)
        .map(|value| value.to_str().unwrap())
}
