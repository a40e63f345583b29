//! An HTTP/2 server on loopback, without TLS, that records every request.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;

use super::Received;

pub(crate) struct Http2Server {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    connections: Arc<Mutex<usize>>,
}

impl Http2Server {
    /// Starts a server that returns 200 for every request.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            received: Arc::default(),
            connections: Arc::default(),
        };
        let (log, connections) = (
            Arc::clone(&server.received),
            Arc::clone(&server.connections),
        );
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *connections.lock().unwrap() += 1;
                let log = Arc::clone(&log);
                let service = service_fn(move |request| keep(request, Arc::clone(&log)));
                let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                tokio::spawn(server.serve_connection(TokioIo::new(stream), service));
            }
        });
        server
    }

    pub(crate) fn url(&self, target: &str) -> String {
        format!("http://{}{target}", self.address)
    }

    pub(crate) fn authority(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

async fn keep(
    request: http::Request<Incoming>,
    log: Arc<Mutex<Vec<Received>>>,
) -> Result<http::Response<Full<Bytes>>, Infallible> {
    assert_eq!(request.version(), http::Version::HTTP_2);
    let (head, body) = request.into_parts();
    let mut headers: Vec<(String, Vec<u8>)> = head
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
        .collect();
    // a gateway uses this pseudo-header as the host (RFC 9113, section 8.3.1)
    let authority = head.uri.authority().unwrap().to_string();
    headers.push((":authority".to_owned(), authority.into_bytes()));
    let body = body.collect().await.unwrap().to_bytes();
    log.lock().unwrap().push(Received {
        method: head.method.to_string(),
        target: head.uri.path_and_query().unwrap().to_string(),
        headers,
        body: body.to_vec(),
        chunked: false,
    });
    Ok(http::Response::new(Full::from("ok")))
}
