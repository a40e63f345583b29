//! Queries are sent in an unambiguous encoding.

use reqwest_sigv4::Error;

use crate::support::verifier::verify;
use crate::support::{SECRET, Server, client, signer};

/// Queries of the caller, and as received.
const QUERIES: [(&str, &str); 16] = [
    ("?", ""),
    ("?a=1#fragment", "?a=1"),
    ("?q=a+b", "?q=a%20b"),
    ("?q=a%2Bb", "?q=a%2Bb"),
    ("?q=*!'()", "?q=%2A%21%27%28%29"),
    ("?q=;,:@/?", "?q=%3B%2C%3A%40%2F%3F"),
    (
        "?a2=1&a=2&a-b=3&a%5B%5D=4&a=1",
        "?a2=1&a=2&a-b=3&a%5B%5D=4&a=1",
    ),
    ("?page-size=1&page=2", "?page-size=1&page=2"),
    ("?B=1&a=2&A=3&b=4", "?B=1&a=2&A=3&b=4"),
    ("?k&k=", "?k=&k="),
    ("?a=1&&b=2&", "?a=1&b=2"),
    ("?=x", "?=x"),
    ("?q=ü日", "?q=%C3%BC%E6%97%A5"),
    ("?q=%c3%bc", "?q=%C3%BC"),
    ("?token=abc==", "?token=abc%3D%3D"),
    ("?q={}|\\^`\"<>", "?q=%7B%7D%7C%5C%5E%60%22%3C%3E"),
];

#[tokio::test]
async fn every_query_arrives_strictly_encoded() {
    let server = Server::start().await;
    let http = client(signer());
    for (written, arrives) in QUERIES {
        http.get(server.url(&format!("/o{written}")))
            .send()
            .await
            .unwrap();
        let received = server.received().pop().unwrap();
        assert_eq!(received.target, format!("/o{arrives}"));
        verify(&received, SECRET).unwrap_or_else(|reason| panic!("{written}: {reason}"));
    }
}

#[tokio::test]
async fn parameters_of_the_request_builder_arrive_with_percent_20() {
    let server = Server::start().await;
    let http = client(signer());
    let parameters = [("from", "a b"), ("to", "c+d*~")];
    http.get(server.url("/o"))
        .query(&parameters)
        .send()
        .await
        .unwrap();
    assert_eq!(server.only().query(), "from=a%20b&to=c%2Bd%2A~");
}

#[tokio::test]
async fn an_ambiguous_query_is_an_error_and_is_not_sent() {
    let server = Server::start().await;
    let http = client(signer());
    for query in ["?q=%FF", "?q=100%", "?q=%zz", "?%C3=1"] {
        let error = http.get(server.url(query)).send().await.unwrap_err();
        let error = Error::find(&error).unwrap();
        assert!(
            matches!(
                error,
                Error::QueryEscape { .. } | Error::QueryNotUtf8 { .. }
            ),
            "{query}: {error}"
        );
    }
    assert!(server.received().is_empty());
}
