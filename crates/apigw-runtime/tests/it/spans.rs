//! Tracing spans, and propagation of trace headers.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use apigw_runtime::{HeaderValue, Method, RetryPolicy};
use reqwest_middleware::{Middleware, Next};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::alone::alone;
use crate::server::{Server, header};

/// Records the spans of this crate, in the order they are created.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<Span>>>);

#[derive(Clone, Debug)]
struct Span {
    name: &'static str,
    fields: BTreeMap<String, String>,
}

struct Fields<'a>(&'a mut BTreeMap<String, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}

impl Subscriber for Spans {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("apigw_runtime")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = BTreeMap::new();
        span.record(&mut Fields(&mut fields));
        let mut spans = self.0.lock().unwrap();
        spans.push(Span {
            name: span.metadata().name(),
            fields,
        });
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        let index = usize::try_from(id.into_u64()).unwrap() - 1;
        values.record(&mut Fields(&mut self.0.lock().unwrap()[index].fields));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

fn fields(span: &Span, names: &[&str]) -> Vec<String> {
    let value = |name: &&str| span.fields.get(*name).cloned().unwrap_or_default();
    names.iter().map(value).collect()
}

#[tokio::test]
async fn requests_and_attempts_have_opentelemetry_spans_without_arguments() {
    let test = "spans::requests_and_attempts_have_opentelemetry_spans_without_arguments";
    alone(test, &[], check_spans()).await;
}

async fn check_spans() {
    let headers = [("x-amzn-requestid", "id-1")];
    let server = Server::returning(503, &headers, "").await;
    let policy = RetryPolicy::standard()
        .max_attempts(2)
        .max_backoff(Duration::ZERO);
    let client = server.builder().retry(policy).build().await.unwrap();
    let spans = Spans::default();
    let guard = tracing::subscriber::set_default(spans.clone());
    let call = client.request(Method::GET, "/orders/{id}");
    let call = call.path("id", "PATHEXAMPLE").query("q", "QUERYEXAMPLE");
    call.send_untyped().await.unwrap_err();
    drop(guard);

    let spans = spans.0.lock().unwrap().clone();
    assert!(!format!("{spans:?}").contains("EXAMPLE"), "{spans:?}");
    let names: Vec<_> = spans.iter().map(|span| span.name).collect();
    assert_eq!(names, ["apigw.call", "apigw.attempt", "apigw.attempt"]);

    let port = server.address().port().to_string();
    for span in &spans {
        let common = [
            "http.request.method",
            "url.template",
            "server.address",
            "server.port",
            "http.response.status_code",
            "error.type",
            "aws.request_id",
        ];
        assert_eq!(
            fields(span, &common),
            [
                "GET",
                "/orders/{id}",
                "127.0.0.1",
                &port,
                "503",
                "503",
                "id-1"
            ]
        );
    }
    let own = ["otel.name", "otel.kind", "http.request.resend_count"];
    assert_eq!(fields(&spans[0], &own), ["orders.request", "internal", ""]);
    assert_eq!(fields(&spans[1], &own), ["GET /orders/{id}", "client", ""]);
    assert_eq!(fields(&spans[2], &own), ["GET /orders/{id}", "client", "1"]);
}

/// A tracing middleware.
struct Traced;

#[async_trait::async_trait]
impl Middleware for Traced {
    async fn handle(
        &self,
        mut request: reqwest::Request,
        extensions: &mut http::Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let headers = request.headers_mut();
        headers.insert("traceparent", HeaderValue::from_static(parent));
        next.run(request, extensions).await
    }
}

#[tokio::test]
async fn trace_headers_of_middleware_and_lambda_are_sent_but_not_signed() {
    let server = Server::returning(200, &[], r#"{"items":[]}"#).await;
    let signer = reqwest_sigv4::Signer::builder()
        .credentials(crate::server::credentials())
        .region("eu-west-2")
        .header_policy(reqwest_sigv4::HeaderPolicy::all());
    let client = crate::orders::OrdersClient::builder()
        .environment(|name| match name {
            "AWS_LAMBDA_FUNCTION_NAME" => Some("checkout".into()),
            "_X_AMZN_TRACE_ID" => Some("Root=1-5759e988-bd862e3f;Sampled=1\n".into()),
            _ => None,
        })
        .endpoint(server.endpoint())
        .signer(signer.build().unwrap())
        .middleware(Traced)
        .build()
        .await
        .unwrap();
    client.get_orders().await.unwrap();
    let request = server.request();
    assert_eq!(
        header(&request, "x-amzn-trace-id"),
        Some("Root=1-5759e988-bd862e3f;Sampled=1%0A")
    );
    assert!(header(&request, "traceparent").is_some());
    let authorization = header(&request, "authorization").unwrap();
    assert!(!authorization.contains("trace"), "{authorization}");

    let call = client.get_orders().header("X-Amzn-Trace-Id", "Root=own");
    call.header("tracestate", "shop=1").await.unwrap();
    let own = &server.requests()[1];
    assert_eq!(header(own, "x-amzn-trace-id"), Some("Root=own"));
    assert_eq!(header(own, "tracestate"), Some("shop=1"));
    let authorization = header(own, "authorization").unwrap();
    assert!(!authorization.contains("trace"), "{authorization}");
}

#[tokio::test]
async fn no_trace_header_is_sent_outside_lambda() {
    let server = Server::returning(200, &[], r#"{"items":[]}"#).await;
    let variable = |name: &str| (name == "_X_AMZN_TRACE_ID").then(|| "Root=1".into());
    let builder = server.builder().environment(variable);
    let client = builder.build().await.unwrap();
    client.get_orders().await.unwrap();
    assert_eq!(header(&server.request(), "x-amzn-trace-id"), None);
}
