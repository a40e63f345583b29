//! HTTP/1.1 on loopback: bytes in, bytes out.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::deployment::stage::{Outcome, Stage};
use crate::fault::Delivery;
use crate::server::body::WireBody;
use crate::server::request::Request;

type BoxError = Box<dyn Error + Send + Sync>;

/// API Gateway takes no larger request bodies.
const BODY_LIMIT: usize = 10 * 1024 * 1024;

/// Serves until the other end of `stop` is dropped, then lets the requests at hand finish.
pub(crate) async fn serve(listener: TcpListener, stage: Arc<Stage>, mut stop: watch::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, Arc::clone(&stage), stop.clone()));
                }
                // out of file descriptors, say: the listener still works, but not at once
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
            _ = stop.changed() => break,
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn connection(stream: TcpStream, stage: Arc<Stage>, mut stop: watch::Receiver<()>) {
    // without it, small answers wait for the caller's next packet; failing to set it only costs time
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| exchange(&stage, request));
    let mut connection = http1::Builder::new()
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service);
    let mut stopping = false;
    let end = loop {
        tokio::select! {
            end = &mut connection => break end,
            _ = stop.changed(), if !stopping => {
                stopping = true;
                std::pin::Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    let reset = end.is_err_and(|error| {
        error
            .source()
            .is_some_and(|source| source.is::<ResetByFault>())
    });
    if reset {
        // closing with nothing lingering sends RST instead of FIN; if that cannot be set, the caller still sees a close
        let _ = connection.into_parts().io.into_inner().set_zero_linger();
    }
}

async fn exchange(
    stage: &Stage,
    request: http::Request<Incoming>,
) -> Result<http::Response<WireBody>, BoxError> {
    let (parts, body) = request.into_parts();
    let target = parts
        .uri
        .path_and_query()
        .map_or_else(|| parts.uri.to_string(), ToString::to_string);
    let mut request = Request::new(stage.request_id(), parts.method, target, parts.headers);
    let outcome = match read(body).await? {
        Some(body) => {
            request.body = body;
            stage.handle(request)
        }
        None => stage.refuse_too_large(request, BODY_LIMIT),
    };
    deliver(outcome).await
}

/// The body, or `None` when it is too large; even then it is read to its end, or the caller would not see the answer.
async fn read(mut body: Incoming) -> hyper::Result<Option<Bytes>> {
    let mut bytes = BytesMut::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue; // trailers are no part of what is signed
        };
        length += data.len();
        if length <= BODY_LIMIT {
            bytes.extend_from_slice(&data);
        }
    }
    Ok((length <= BODY_LIMIT).then(|| bytes.freeze()))
}

/// Sends an answer as its fault, if any, wants it sent.
async fn deliver(outcome: Outcome) -> Result<http::Response<WireBody>, BoxError> {
    let Outcome {
        response,
        delivery,
        date,
    } = outcome;
    match delivery {
        Delivery::Late(delay) => tokio::time::sleep(delay).await,
        Delivery::Reset => return Err(Box::new(ResetByFault)),
        // an empty body has no middle to stop in
        Delivery::Cut if response.body.is_empty() => return Err(Box::new(ResetByFault)),
        Delivery::Cut | Delivery::Whole => {}
    }
    let mut wire = http::Response::new(WireBody::new(response.body, delivery == Delivery::Cut));
    *wire.status_mut() = response.status;
    *wire.headers_mut() = response.headers;
    let date = HeaderValue::try_from(httpdate::fmt_http_date(date))?;
    wire.headers_mut().insert(header::DATE, date);
    Ok(wire)
}

/// Ends the connection without an answer.
#[derive(Debug)]
struct ResetByFault;

impl fmt::Display for ResetByFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is reset by a fault that was asked for")
    }
}

impl Error for ResetByFault {}
