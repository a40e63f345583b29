//! Metrics, as OpenTelemetry's SDK exports them.

use std::collections::BTreeMap;
use std::time::Duration;

use apigw_runtime::{Method, RetryPolicy};
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider};

use apigw_runtime::opentelemetry;

use crate::server::Server;

/// A time series: its attributes, its number of measurements or total, and its unit.
type Series = (BTreeMap<String, String>, u64, String);

fn series(exported: &[ResourceMetrics], name: &str) -> Vec<Series> {
    let metrics = exported.iter().flat_map(ResourceMetrics::scope_metrics);
    let metrics = metrics.flat_map(|scope| scope.metrics());
    let mut found = Vec::new();
    for metric in metrics.filter(|metric| metric.name() == name) {
        let unit = metric.unit().to_owned();
        let attributes = |pairs: &mut dyn Iterator<Item = &opentelemetry::KeyValue>| {
            pairs
                .map(|pair| (pair.key.to_string(), pair.value.to_string()))
                .collect()
        };
        match metric.data() {
            AggregatedMetrics::F64(MetricData::Histogram(histogram)) => {
                found.extend(histogram.data_points().map(|point| {
                    (
                        attributes(&mut point.attributes()),
                        point.count(),
                        unit.clone(),
                    )
                }));
            }
            AggregatedMetrics::U64(MetricData::Sum(sum)) => {
                found.extend(sum.data_points().map(|point| {
                    (
                        attributes(&mut point.attributes()),
                        point.value(),
                        unit.clone(),
                    )
                }));
            }
            other => unreachable!("{other:?}"),
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn requests_attempts_and_errors_are_counted_by_opentelemetry_names_without_arguments() {
    let exporter = InMemoryMetricExporter::default();
    let reader = PeriodicReader::builder(exporter.clone()).build();
    let provider = SdkMeterProvider::builder().with_reader(reader).build();

    let server = Server::returning_in_turn(&[503, 200]).await;
    let policy = RetryPolicy::standard().max_backoff(Duration::ZERO);
    let builder = server.builder().retry(policy);
    let builder = builder.meter(provider.meter("test"));
    let client = builder.build().await.unwrap();
    let call = client.request(Method::GET, "/orders/{id}");
    let call = call.path("id", "PATHEXAMPLE").query("q", "QUERYEXAMPLE");
    call.send_untyped().await.unwrap();
    let custom = Method::from_bytes(b"PURGE").unwrap();
    client.request(custom, "/x").send_untyped().await.unwrap();
    let invalid = client.request(Method::GET, "/{id}");
    invalid.send_untyped().await.unwrap_err(); // not sent, so no HTTP request

    provider.force_flush().unwrap();
    let exported = exporter.get_finished_metrics().unwrap();
    assert!(!format!("{exported:?}").contains("EXAMPLE"));

    let port = server.address().port().to_string();
    let attributes = |method: &str, template: &str, more: &[(&str, &str)]| {
        let mut attributes = BTreeMap::from([
            ("http.request.method".to_owned(), method.to_owned()),
            ("url.template".to_owned(), template.to_owned()),
            ("server.address".to_owned(), "127.0.0.1".to_owned()),
            ("server.port".to_owned(), port.clone()),
        ]);
        let more = more
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        attributes.extend(more);
        attributes
    };
    let http = ("url.scheme", "http");
    let status = |status| ("http.response.status_code", status);
    let error = |error| ("error.type", error);
    let mut expected = vec![
        attributes("GET", "/orders/{id}", &[http, status("503"), error("503")]),
        attributes("GET", "/orders/{id}", &[http, status("200")]),
        attributes("_OTHER", "/x", &[http, status("200")]),
    ];
    expected.sort();
    let found = series(&exported, "http.client.request.duration");
    let durations: Vec<_> = expected
        .into_iter()
        .map(|a| (a, 1, "s".to_owned()))
        .collect();
    assert_eq!(found, durations);

    let name = ("code.function.name", "request");
    let mut expected = vec![
        (
            attributes("GET", "/orders/{id}", &[name, status("200")]),
            2,
            "{attempt}".to_owned(),
        ),
        (
            attributes("_OTHER", "/x", &[name, status("200")]),
            1,
            "{attempt}".to_owned(),
        ),
        (
            attributes("GET", "/{id}", &[name, error("InvalidRequest")]),
            1,
            "{attempt}".to_owned(),
        ),
    ];
    expected.sort();
    assert_eq!(series(&exported, "apigw.client.call.attempts"), expected);
    let calls = series(&exported, "apigw.client.call.duration");
    assert_eq!(calls.len(), 3, "{calls:?}");
    assert!(
        calls
            .iter()
            .all(|(_, count, unit)| (*count, unit.as_str()) == (1, "s"))
    );
}
