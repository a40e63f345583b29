//! The span of a call.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use apigw_runtime::Method;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::alone::alone;
use crate::server::Server;

/// Collects the fields of all spans of this crate.
#[derive(Clone, Default)]
struct Fields(Arc<Mutex<BTreeMap<String, String>>>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0
            .lock()
            .unwrap()
            .insert(field.name().to_owned(), format!("{value:?}"));
    }
}

impl Subscriber for Fields {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("apigw_runtime")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn a_call_has_one_span_with_the_names_of_opentelemetry_and_no_argument() {
    let test = "spans::a_call_has_one_span_with_the_names_of_opentelemetry_and_no_argument";
    alone(test, &[], one_span()).await;
}

async fn one_span() {
    let headers = [("x-amzn-requestid", "id-1")];
    let server = Server::answering(503, &headers, "").await;
    let client = server.client().await;
    let fields = Fields::default();
    let guard = tracing::subscriber::set_default(fields.clone());
    let mut call = client.request(Method::GET, "/orders/{id}");
    call.path("id", "PATHEXAMPLE").query("q", "QUERYEXAMPLE");
    call.send_untyped().await.unwrap_err();
    drop(guard);

    let fields = fields.0.lock().unwrap().clone();
    for (name, value) in [
        ("otel.name", "GET /orders/{id}"),
        ("otel.kind", "\"client\""),
        ("http.request.method", "GET"),
        ("url.template", "/orders/{id}"),
        ("server.address", "\"127.0.0.1\""),
        ("http.response.status_code", "503"),
        ("error.type", "\"503\""),
        ("aws.request_id", "\"id-1\""),
    ] {
        assert_eq!(
            fields.get(name).map(String::as_str),
            Some(value),
            "{name} of {fields:?}"
        );
    }
    assert_eq!(fields["server.port"], server.address().port().to_string());
    assert!(!format!("{fields:?}").contains("EXAMPLE"), "{fields:?}");
}
