//! The HTTP server: connections, requests, responses and the log of exchanges.

pub(crate) mod body;
pub(crate) mod connection;
pub(crate) mod log;
pub(crate) mod request;
pub(crate) mod response;
#[cfg(feature = "websocket")]
pub(crate) mod websocket;
