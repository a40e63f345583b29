//! Paths are signed exactly as they are sent.

use crate::support::verifier::verify;
use crate::support::{SECRET, Server, client, signer};

/// Paths of the caller, and as received.
const PATHS: [(&str, &str); 18] = [
    ("", "/"),
    ("/", "/"),
    ("/prod/orders/", "/prod/orders/"),
    ("/a:b", "/a:b"),
    ("/a%3Ab", "/a%3Ab"),
    ("/a%2Fb", "/a%2Fb"),
    ("/a%2fb", "/a%2fb"),
    ("/a b", "/a%20b"),
    ("/a%20b", "/a%20b"),
    ("/a+b", "/a+b"),
    ("/é", "/%C3%A9"),
    ("/%c3%a9", "/%c3%a9"),
    ("/$default/@connections/x=", "/$default/@connections/x="),
    ("/prod//orders", "/prod//orders"),
    ("/a/../b/./c", "/b/c"),
    ("/%2e%2e/a", "/a"),
    ("/!$&'()*,;=~|^[]", "/!$&'()*,;=~|^[]"),
    ("/%FF", "/%FF"),
];

#[tokio::test]
async fn every_path_verifies_as_received() {
    let server = Server::start().await;
    let http = client(signer());
    for (written, arrives) in PATHS {
        http.get(server.url(written)).send().await.unwrap();
        let received = server.received().pop().unwrap();
        assert_eq!(received.target, arrives);
        verify(&received, SECRET).unwrap_or_else(|reason| panic!("{written}: {reason}"));
    }
}
