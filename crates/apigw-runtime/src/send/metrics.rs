//! Metrics, with the names and attributes of OpenTelemetry's HTTP client metrics. Does nothing without the feature `opentelemetry`.
//!
//! Like the spans, metrics contain no arguments.

pub(crate) use recorder::Metrics;

#[cfg(feature = "opentelemetry")]
mod recorder {
    use opentelemetry::KeyValue;
    use opentelemetry::metrics::{Counter, Histogram, Meter};
    use tokio::time::Instant;

    use crate::Call;
    use crate::send::span::Summary;

    /// The buckets that the conventions advise for `http.client.request.duration`, in seconds.
    const BUCKETS: [f64; 14] = [
        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
    ];

    /// The instruments of a client.
    pub(crate) struct Metrics {
        requests: Histogram<f64>,
        calls: Histogram<f64>,
        attempts: Counter<u64>,
    }

    impl Metrics {
        /// Creates the instruments of this meter. By default, that of the global meter provider.
        pub(crate) fn new(meter: Option<Meter>) -> Self {
            let meter = meter.unwrap_or_else(|| opentelemetry::global::meter("apigw-runtime"));
            let seconds = |name: &'static str, description: &'static str| {
                let histogram = meter.f64_histogram(name).with_unit("s");
                let histogram = histogram.with_description(description);
                histogram.with_boundaries(BUCKETS.to_vec()).build()
            };
            Self {
                requests: seconds(
                    "http.client.request.duration",
                    "Duration of HTTP client requests.",
                ),
                calls: seconds(
                    "apigw.client.call.duration",
                    "Duration of calls, including retries and the delays between them.",
                ),
                attempts: meter
                    .u64_counter("apigw.client.call.attempts")
                    .with_unit("{attempt}")
                    .with_description("Number of attempts of calls.")
                    .build(),
            }
        }

        pub(crate) fn start(&self) -> Instant {
            Instant::now()
        }

        /// Records an attempt.
        pub(crate) fn attempt<'a>(
            &self,
            start: Instant,
            call: &Call,
            summary: impl FnOnce() -> Summary<'a>,
        ) {
            let mut attributes = attributes(call, summary());
            attributes.push(KeyValue::new("url.scheme", scheme(call)));
            self.requests
                .record(start.elapsed().as_secs_f64(), &attributes);
        }

        /// Records a request with all its attempts.
        pub(crate) fn call<'a>(
            &self,
            start: Instant,
            call: &Call,
            attempts: u32,
            summary: impl FnOnce() -> Summary<'a>,
        ) {
            let mut attributes = attributes(call, summary());
            attributes.push(KeyValue::new("code.function.name", call.operation.name));
            self.calls
                .record(start.elapsed().as_secs_f64(), &attributes);
            self.attempts.add(attempts.into(), &attributes);
        }
    }

    fn scheme(call: &Call) -> String {
        call.client.endpoint().scheme().to_owned()
    }

    fn attributes(call: &Call, summary: Summary<'_>) -> Vec<KeyValue> {
        let endpoint = call.client.endpoint();
        let host = endpoint.host_str().unwrap_or_default().to_owned();
        let mut attributes = vec![
            KeyValue::new("http.request.method", method(call)),
            KeyValue::new("url.template", call.template.to_string()),
            KeyValue::new("server.address", host),
        ];
        if let Some(port) = endpoint.port_or_known_default() {
            attributes.push(KeyValue::new("server.port", i64::from(port)));
        }
        if let Some(status) = summary.status {
            let status = i64::from(status.as_u16());
            attributes.push(KeyValue::new("http.response.status_code", status));
        }
        if let Some(error) = summary.error {
            attributes.push(KeyValue::new("error.type", error));
        }
        attributes
    }

    /// Returns the method, or `_OTHER` as the conventions require, because each value is a time series of its own.
    fn method(call: &Call) -> String {
        let method = call.method.as_str();
        let known = [
            "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE",
        ];
        let known = known.contains(&method);
        if known { method } else { "_OTHER" }.to_owned()
    }
}

#[cfg(not(feature = "opentelemetry"))]
mod recorder {
    use crate::Call;
    use crate::send::span::Summary;

    pub(crate) struct Metrics;

    pub(crate) struct Timer;

    impl Metrics {
        pub(crate) fn start(&self) -> Timer {
            Timer
        }

        pub(crate) fn attempt<'a>(&self, _: Timer, _: &Call, _: impl FnOnce() -> Summary<'a>) {}

        pub(crate) fn call<'a>(&self, _: Timer, _: &Call, _: u32, _: impl FnOnce() -> Summary<'a>) {
        }
    }
}
