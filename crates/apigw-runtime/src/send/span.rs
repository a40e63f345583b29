//! What tracing shows: a span for each call, in it one for each attempt, with the names of OpenTelemetry's conventions for HTTP clients.
//!
//! No argument is in them: `url.template` stands in place of `url.full`, whose path and query are the caller's.

#[cfg(feature = "tracing")]
use tracing::{Instrument as _, field::Empty};

use crate::Call;

/// A span; nothing without the feature `tracing`.
#[derive(Clone)]
pub(crate) struct Span(#[cfg(feature = "tracing")] tracing::Span);

/// How a call or an attempt ended.
#[cfg_attr(
    not(feature = "tracing"),
    expect(dead_code, reason = "only spans tell it")
)]
pub(crate) struct Ended<'a> {
    pub(crate) status: Option<http::StatusCode>,
    pub(crate) request_id: Option<&'a str>,
    /// The kind of the error, or the status of a failure.
    pub(crate) error: Option<String>,
}

#[cfg(feature = "tracing")]
impl Span {
    pub(crate) fn of_call(call: &Call) -> Self {
        let client = &call.client;
        Self(tracing::info_span!(
            "apigw.call",
            otel.name = %format_args!("{}.{}", client.api().name, call.operation.name),
            otel.kind = "internal",
            code.function.name = call.operation.name,
            http.request.method = call.method.as_str(),
            url.template = &*call.template,
            server.address = client.endpoint().host_str(),
            server.port = client.endpoint().port_or_known_default(),
            http.response.status_code = Empty,
            aws.request_id = Empty,
            error.type = Empty,
        ))
    }

    /// The span of an attempt, of which so many came before.
    pub(crate) fn of_attempt(call: &Call, before: u32) -> Self {
        let endpoint = call.client.endpoint();
        Self(tracing::info_span!(
            "apigw.attempt",
            otel.name = %format_args!("{} {}", call.method, call.template),
            otel.kind = "client",
            http.request.method = call.method.as_str(),
            http.request.resend_count = (before > 0).then_some(before),
            url.scheme = endpoint.scheme(),
            url.template = &*call.template,
            server.address = endpoint.host_str(),
            server.port = endpoint.port_or_known_default(),
            http.response.status_code = Empty,
            aws.request_id = Empty,
            error.type = Empty,
        ))
    }

    /// Does `work`, and everything that it logs, in this span.
    pub(crate) async fn around<T>(&self, work: impl Future<Output = T>) -> T {
        work.instrument(self.0.clone()).await
    }

    pub(crate) fn end<'a>(&self, ended: impl FnOnce() -> Ended<'a>) {
        if self.0.is_disabled() {
            return;
        }
        let ended = ended();
        if let Some(status) = ended.status {
            self.0.record("http.response.status_code", status.as_u16());
        }
        if let Some(id) = ended.request_id {
            self.0.record("aws.request_id", id);
        }
        if let Some(error) = ended.error {
            self.0.record("error.type", error.as_str());
        }
    }
}

#[cfg(not(feature = "tracing"))]
impl Span {
    pub(crate) fn of_call(_: &Call) -> Self {
        Self()
    }

    pub(crate) fn of_attempt(_: &Call, _: u32) -> Self {
        Self()
    }

    pub(crate) async fn around<T>(&self, work: impl Future<Output = T>) -> T {
        work.await
    }

    pub(crate) fn end<'a>(&self, _: impl FnOnce() -> Ended<'a>) {}
}

/// Warns of text in place of bytes, which neither status nor content type tell.
#[cfg(feature = "tracing")]
pub(crate) fn warn_of_base64(operation: &'static str) {
    tracing::warn!(
        operation,
        "base64 text came in place of bytes: add the media type to the binaryMediaTypes of the API, or decode the text"
    );
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn warn_of_base64(_: &'static str) {}
