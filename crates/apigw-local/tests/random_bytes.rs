//! The body of the fuzz target, with the same random bytes in every run.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    unreachable_pub,
    reason = "a failed step should fail the test; the body is public for the fuzz target"
)]

#[path = "../../../tests/support/random.rs"]
mod random;
#[path = "../fuzz/bodies/raw_bytes.rs"]
mod raw_bytes;

use std::sync::atomic::{AtomicUsize, Ordering};

use random::Random;
use raw_bytes::{raw_bytes, request};

static PANICS: AtomicUsize = AtomicUsize::new(0);

#[test]
fn no_bytes_make_the_gateway_panic_or_hang() {
    // a panic in the task of a connection would only close it
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        hook(panic);
    }));
    let signed = "GET /prod/a%20b?x=1&y HTTP/1.1\r\nhost: localhost\r\nx-amz-date: 20261122T120000Z\r\nauthorization: AWS4-HMAC-SHA256 \
                  Credential=AKIDEXAMPLE/20261122/eu-west-1/execute-api/aws4_request, SignedHeaders=host;x-amz-date, Signature=\
                  0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n\r\n";
    let presigned = "GET /prod/o?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261122%2Feu-west-1%2Fexecute-api%2Faws4_request\
                     &X-Amz-Date=20261122T120000Z&X-Amz-Expires=300&X-Amz-SignedHeaders=host&X-Amz-Signature=0 HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let samples: [&[u8]; 6] = [
        signed.as_bytes(),
        presigned.as_bytes(),
        b"POST /prod/o HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\nx-amz-content-sha256: UNSIGNED-PAYLOAD\r\n\r\nabc",
        b"POST /prod/o HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"GET /prod HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        b"OPTIONS * HTTP/1.0\r\n\r\n",
    ];
    let words: [&[u8]; 22] = [
        b"%",
        b"%zz",
        b"%ff",
        b"//",
        b"/../",
        b"?",
        b"&",
        b"=",
        b";",
        b"\r\n",
        b"\r\n\r\n",
        b"\xff",
        b"\0",
        b"x-amz-date: ",
        b"authorization: AWS4-HMAC-SHA256 ",
        b"Credential=///",
        b"SignedHeaders=",
        b"99999999999999999999",
        b"-1",
        b"X-Amz-Security-Token=",
        b"host: a\r\n",
        "ü".as_bytes(),
    ];
    let mut random = Random::new(5);
    let mut responses = 0;
    for _ in 0..5_000 {
        let bytes = random.variant(&samples, &words);
        responses += usize::from(raw_bytes(&bytes).is_some());
        assert_eq!(
            PANICS.load(Ordering::Relaxed),
            0,
            "{:?}",
            String::from_utf8_lossy(&bytes)
        );
    }
    assert!(responses > 2_000, "only {responses} had a response");
    let line = request(b"GET /prod/o HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    assert_eq!(line.unwrap(), "HTTP/1.1 403 Forbidden", "it still works");
}
