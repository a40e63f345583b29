//! WebSocket connections of a WebSocket API, and their management with `@connections`.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use futures_util::{SinkExt, StreamExt};
use http::{Method, StatusCode};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use serde_json::json;
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::Error as SocketError;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::clock::Clock;
use crate::server::request::Request;
use crate::server::response::Response;

/// Answers a text message of a connection.
pub(crate) type MessageHandler = Arc<dyn Fn(&str, &str) -> Option<String> + Send + Sync>;

/// The maximum size of a message and of a frame, as in API Gateway.
const MESSAGE_LIMIT: usize = 128 * 1024;
const FRAME_LIMIT: usize = 32 * 1024;

/// The open connections.
pub(crate) struct Sockets {
    handler: MessageHandler,
    connections: Mutex<HashMap<String, Connection>>,
}

struct Connection {
    connected_at: String,
    user_agent: String,
    pushes: mpsc::UnboundedSender<Push>,
    /// Taken when the handshake is complete.
    pushed: Option<mpsc::UnboundedReceiver<Push>>,
}

/// What `@connections` does to a connection.
enum Push {
    Message(Bytes),
    Close,
}

impl Sockets {
    pub(crate) fn new(handler: MessageHandler) -> Self {
        Self {
            handler,
            connections: Mutex::default(),
        }
    }

    /// Responds to a request with a valid signature. `path` is the path after the stage.
    pub(crate) fn respond(&self, request: &Request, path: &str, clock: &Clock) -> Response {
        let decoded = percent_decode_str(path).decode_utf8_lossy();
        if let Some(id) = decoded.strip_prefix("/@connections/") {
            return self.manage(request, id);
        }
        let is_handshake = matches!(path, "" | "/")
            && request.method == Method::GET
            && request
                .header("upgrade")
                .is_some_and(|protocol| protocol.eq_ignore_ascii_case("websocket"));
        match request.header("sec-websocket-key") {
            Some(key) if is_handshake => {
                let (pushes, pushed) = mpsc::unbounded_channel();
                let connection = Connection {
                    connected_at: DateTime::<Utc>::from(clock.now())
                        .to_rfc3339_opts(SecondsFormat::Millis, true),
                    user_agent: request.header("user-agent").unwrap_or_default().to_owned(),
                    pushes,
                    pushed: Some(pushed),
                };
                self.open().insert(connection_id(request), connection);
                Response::empty(StatusCode::SWITCHING_PROTOCOLS)
                    .header("connection", "upgrade")
                    .header("upgrade", "websocket")
                    .header("sec-websocket-accept", &derive_accept_key(key.as_bytes()))
            }
            _ => Response::json(StatusCode::FORBIDDEN, json!({ "message": "Forbidden" })),
        }
    }

    /// The API of `@connections`.
    fn manage(&self, request: &Request, id: &str) -> Response {
        let connections = self.open();
        let Some(connection) = connections.get(id) else {
            return Response::empty(StatusCode::GONE).header("x-amzn-errortype", "GoneException");
        };
        match request.method {
            Method::POST if request.body.len() > MESSAGE_LIMIT => {
                Response::empty(StatusCode::PAYLOAD_TOO_LARGE)
                    .header("x-amzn-errortype", "PayloadTooLargeException")
            }
            Method::POST => {
                // the connection is open as long as it is in the list
                let _ = connection.pushes.send(Push::Message(request.body.clone()));
                Response::empty(StatusCode::OK)
            }
            Method::GET => Response::json(
                StatusCode::OK,
                json!({
                    "connectedAt": connection.connected_at,
                    "identity": { "sourceIp": "127.0.0.1", "userAgent": connection.user_agent },
                    "lastActiveAt": connection.connected_at,
                }),
            ),
            Method::DELETE => {
                let _ = connection.pushes.send(Push::Close);
                Response::empty(StatusCode::NO_CONTENT)
            }
            _ => Response::json(StatusCode::FORBIDDEN, json!({ "message": "Forbidden" })),
        }
    }

    /// Serves a connection until one of its sides or the gateway closes it.
    pub(crate) async fn serve(&self, id: &str, upgrade: OnUpgrade, stop: watch::Receiver<()>) {
        let pushed = self
            .open()
            .get_mut(id)
            .and_then(|connection| connection.pushed.take());
        if let (Some(pushed), Ok(upgraded)) = (pushed, upgrade.await) {
            let config = WebSocketConfig::default()
                .max_message_size(Some(MESSAGE_LIMIT))
                .max_frame_size(Some(FRAME_LIMIT));
            let io = TokioIo::new(upgraded);
            let socket = WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await;
            self.exchange_messages(id, socket, pushed, stop).await;
        }
        self.open().remove(id);
    }

    async fn exchange_messages(
        &self,
        id: &str,
        mut socket: WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>,
        mut pushed: mpsc::UnboundedReceiver<Push>,
        mut stop: watch::Receiver<()>,
    ) {
        let close = loop {
            let message = tokio::select! {
                received = socket.next() => match received {
                    Some(Ok(Message::Text(text))) => (self.handler)(id, &text).map(Message::from),
                    Some(Ok(Message::Close(_)) | Err(SocketError::ConnectionClosed)) | None => return,
                    Some(Ok(_)) => None,
                    Some(Err(SocketError::Capacity(_))) => break (CloseCode::Size, "message too big"),
                    Some(Err(_)) => return,
                },
                push = pushed.recv() => match push {
                    Some(Push::Message(body)) => Some(match Utf8Bytes::try_from(body.clone()) {
                        Ok(text) => Message::Text(text),
                        Err(_) => Message::Binary(body),
                    }),
                    Some(Push::Close) | None => break (CloseCode::Normal, ""),
                },
                _ = stop.changed() => break (CloseCode::Away, "Going away"),
            };
            if let Some(message) = message
                && socket.send(message).await.is_err()
            {
                return;
            }
        };
        let (code, reason) = close;
        let frame = CloseFrame {
            code,
            reason: reason.into(),
        };
        // the other side may be gone already
        let _ = socket.close(Some(frame)).await;
    }

    fn open(&self) -> MutexGuard<'_, HashMap<String, Connection>> {
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Sockets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sockets").finish_non_exhaustive()
    }
}

/// Returns the connection ID that a handshake gets. It ends with `=`, as those of API Gateway.
pub(crate) fn connection_id(handshake: &Request) -> String {
    let id = handshake.id.trim_end_matches('=').replace('-', "");
    let tail = id.len().saturating_sub(15);
    format!("{}=", id.get(tail..).unwrap_or_default())
}
