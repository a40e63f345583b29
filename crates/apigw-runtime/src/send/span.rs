//! Tracing spans: one for each request, and within it one for each attempt. Fields follow OpenTelemetry's conventions for HTTP clients.
//!
//! Spans contain no arguments: they have `url.template` instead of `url.full`, whose path and query may be confidential.

#[cfg(feature = "tracing")]
use tracing::{Instrument as _, field::Empty};

use crate::Call;

/// A tracing span. Does nothing without the feature `tracing`.
#[derive(Clone)]
pub(crate) struct Span(#[cfg(feature = "tracing")] tracing::Span);

/// The result of a request or an attempt.
#[cfg_attr(
    not(feature = "tracing"),
    allow(dead_code, reason = "metrics use less than spans")
)]
pub(crate) struct Summary<'a> {
    pub(crate) status: Option<http::StatusCode>,
    pub(crate) request_id: Option<&'a str>,
    /// The kind of the error, or the status of an error response.
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

    /// Creates the span of an attempt. `before` is the number of previous attempts.
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

    /// Runs `work` in this span.
    pub(crate) async fn around<T>(&self, work: impl Future<Output = T>) -> T {
        work.instrument(self.0.clone()).await
    }

    pub(crate) fn end<'a>(&self, summary: impl FnOnce() -> Summary<'a>) {
        if self.0.is_disabled() {
            return;
        }
        let summary = summary();
        if let Some(status) = summary.status {
            self.0.record("http.response.status_code", status.as_u16());
        }
        if let Some(id) = summary.request_id {
            self.0.record("aws.request_id", id);
        }
        if let Some(error) = summary.error {
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

    pub(crate) fn end<'a>(&self, _: impl FnOnce() -> Summary<'a>) {}
}

/// Warns that a binary body arrived as base64 text.
#[cfg(feature = "tracing")]
pub(crate) fn warn_of_base64(operation: &'static str) {
    tracing::warn!(
        operation,
        "received base64 text instead of bytes: add the media type to the binaryMediaTypes of the API, or decode the text"
    );
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn warn_of_base64(_: &'static str) {}
