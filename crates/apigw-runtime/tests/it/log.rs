//! Log events, as a plain subscriber prints them.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use apigw_runtime::{Method, RetryPolicy};
use tracing::Level;

use crate::alone::alone;
use crate::server::Server;

/// What a subscriber prints.
#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<u8>>>);

impl io::Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Sends a request that fails twice, and returns the lines of this crate that are printed at this level.
async fn lines(status: u16, level: Level) -> Vec<String> {
    let server = Server::returning(status, &[("x-amzn-requestid", "id-1")], "").await;
    let policy = RetryPolicy::standard()
        .max_attempts(2)
        .max_backoff(Duration::ZERO);
    let client = server.builder().retry(policy).build().await.unwrap();
    let printed = Printed::default();
    let writer = printed.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let call = client.request(Method::GET, "/orders/{id}");
    let call = call.path("id", "PATHEXAMPLE").query("q", "QUERYEXAMPLE");
    call.send_untyped().await.unwrap_err();
    drop(guard);
    let printed = printed.0.lock().unwrap();
    let printed = std::str::from_utf8(&printed).unwrap();
    assert!(!printed.contains("EXAMPLE"), "{printed}");
    let lines = printed
        .lines()
        .filter(|line| line.contains("apigw_runtime"));
    lines.map(str::to_owned).collect()
}

#[tokio::test]
async fn each_failed_attempt_is_one_debug_line_with_reason_delay_and_request_id() {
    let test = "log::each_failed_attempt_is_one_debug_line_with_reason_delay_and_request_id";
    let body = async {
        let lines = lines(503, Level::TRACE).await;
        assert_eq!(lines.len(), 2, "{lines:?}");
        for (line, part) in [
            (&lines[0], "DEBUG"),
            (&lines[0], "the attempt failed; retrying after the delay"),
            (
                &lines[0],
                "attempt=1 max_attempts=2 reason=\"503\" delay=0ns aws.request_id=\"id-1\"",
            ),
            (&lines[0], "code.function.name=\"request\""), // of the span
            (&lines[1], "the attempt failed; no attempts left"),
            (&lines[1], "attempt=2"),
        ] {
            assert!(line.contains(part), "{part}: {line}");
        }
    };
    alone(test, &[], body).await;
}

#[tokio::test]
async fn only_throttling_is_printed_by_default() {
    let test = "log::only_throttling_is_printed_by_default";
    let body = async {
        let throttled = lines(429, Level::INFO).await;
        assert_eq!(throttled.len(), 2, "{throttled:?}");
        assert!(throttled[0].contains(" WARN "), "{throttled:?}");
        assert!(
            throttled[0].contains("throttled; retrying after the delay attempt=1"),
            "{throttled:?}"
        );
        assert!(throttled[1].contains("throttled; no attempts left"));
        assert!(lines(503, Level::INFO).await.is_empty());
        // not transient: the error is returned, and refusals are logged by the signer
        assert!(lines(404, Level::TRACE).await.is_empty());
    };
    alone(test, &[], body).await;
}
