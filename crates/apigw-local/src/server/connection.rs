//! HTTP/1.1 connections.

use std::error::Error;
use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, header};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::deployment::stage::{Outcome, Stage};
use crate::fault::Delivery;
use crate::server::body::ResponseBody;
use crate::server::request::Request;

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// The maximum size of a request body, as in API Gateway.
const BODY_LIMIT: usize = 10 * 1024 * 1024;

/// Accepts connections until the sender of `stop` is dropped, then waits for the requests in progress.
pub(crate) async fn serve(listener: TcpListener, stage: Arc<Stage>, mut stop: watch::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, Arc::clone(&stage), stop.clone()));
                }
                // for example out of file descriptors: retry after a pause
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
    // avoids a delay of small responses; an error here only affects latency
    let _ = stream.set_nodelay(true);
    let stopped = stop.clone();
    let service = service_fn(|request| answer(&stage, request, &stopped));
    let mut connection = http1::Builder::new()
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
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
    if let Some(parts) = connection.into_parts().filter(|_| reset) {
        // a linger time of zero sends RST instead of FIN; on an error, the caller still sees a closed connection
        let _ = parts.io.into_inner().set_zero_linger();
    }
}

/// Receives a request of a connection and returns its response. An error means that the connection is reset.
#[cfg_attr(
    not(feature = "websocket"),
    expect(
        unused_variables,
        unused_mut,
        reason = "only WebSockets outlive their request"
    )
)]
async fn answer(
    stage: &Arc<Stage>,
    mut request: http::Request<Incoming>,
    stop: &watch::Receiver<()>,
) -> Result<http::Response<ResponseBody>, BoxError> {
    #[cfg(feature = "websocket")]
    let upgrade = hyper::upgrade::on(&mut request);
    let outcome = receive(stage, request).await?;
    #[cfg(feature = "websocket")]
    if let Some(id) = outcome.opens.clone() {
        let (stage, stop) = (Arc::clone(stage), stop.clone());
        tokio::spawn(async move {
            if let Some(sockets) = &stage.sockets {
                sockets.serve(&id, upgrade, stop).await;
            }
        });
    }
    send(outcome).await
}

/// Receives a request that came without a connection and returns its response.
pub(crate) async fn exchange<B>(
    stage: &Stage,
    request: http::Request<B>,
) -> Result<http::Response<ResponseBody>, BoxError>
where
    B: Body<Data = Bytes, Error: Into<BoxError>>,
{
    send(receive(stage, request).await?).await
}

async fn receive<B>(stage: &Stage, request: http::Request<B>) -> Result<Outcome, BoxError>
where
    B: Body<Data = Bytes, Error: Into<BoxError>>,
{
    let (parts, body) = request.into_parts();
    let target = parts
        .uri
        .path_and_query()
        .map_or_else(|| parts.uri.to_string(), ToString::to_string);
    let mut request = Request::new(stage.request_id(), parts.method, target, parts.headers);
    Ok(match read_body(body).await.map_err(Into::into)? {
        Some(body) => {
            request.body = body;
            stage.handle(request)
        }
        None => stage.refuse_too_large(request, BODY_LIMIT),
    })
}

/// Returns the body, or `None` if it is too large. The whole body is read in any case; otherwise the caller could not
/// receive the response.
async fn read_body<B: Body<Data = Bytes>>(body: B) -> Result<Option<Bytes>, B::Error> {
    let mut body = pin!(body);
    let mut bytes = BytesMut::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue; // trailers are not signed
        };
        length += data.len();
        if length <= BODY_LIMIT {
            bytes.extend_from_slice(&data);
        }
    }
    Ok((length <= BODY_LIMIT).then(|| bytes.freeze()))
}

/// Sends a response, with the fault that applies to the delivery.
async fn send(outcome: Outcome) -> Result<http::Response<ResponseBody>, BoxError> {
    let Outcome {
        response,
        delivery,
        date,
        ..
    } = outcome;
    match delivery {
        Delivery::Delayed(delay) => tokio::time::sleep(delay).await,
        Delivery::Reset => return Err(Box::new(ResetByFault)),
        // an empty body can't be cut off
        Delivery::Cut if response.body.is_empty() => return Err(Box::new(ResetByFault)),
        Delivery::Cut | Delivery::Normal => {}
    }
    let mut wire = http::Response::new(ResponseBody::new(response.body, delivery == Delivery::Cut));
    *wire.status_mut() = response.status;
    *wire.headers_mut() = response.headers;
    let date = HeaderValue::try_from(httpdate::fmt_http_date(date))?;
    wire.headers_mut().insert(header::DATE, date);
    Ok(wire)
}

/// Ends the connection without a response.
#[derive(Debug)]
struct ResetByFault;

impl fmt::Display for ResetByFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("connection reset by an injected fault")
    }
}

impl Error for ResetByFault {}
