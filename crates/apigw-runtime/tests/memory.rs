//! Uploads and downloads are not kept in memory. In a process of its own, because it counts all allocations.
#![cfg(feature = "stream")]
#![allow(clippy::unwrap_used, reason = "a test")]

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use apigw_runtime::codegen::Api;
use apigw_runtime::{ApiClient, Bytes, Client, ClientBuilder, Method, Part};
use futures_util::stream;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use peak_alloc::PeakAlloc;
use tokio::net::TcpListener;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const MIB: usize = 1024 * 1024;
const UPLOAD: usize = 64 * MIB;
/// Buffers of sockets, of both sides.
const ALLOWED: usize = 4 * MIB;

struct Files(Client);

impl ApiClient for Files {
    const API: &'static Api = &Api {
        name: "files",
        endpoint_variable: "FILES_ENDPOINT",
        user_agent: "files/1",
        endpoint: None,
        region: None,
        signed: false,
    };

    fn from_client(client: Client) -> Self {
        Self(client)
    }
}

/// Starts a server that discards and counts what it receives, and returns its address.
async fn discarding(received: Arc<AtomicUsize>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let received = Arc::clone(&received);
            let service = service_fn(move |mut request: http::Request<Incoming>| {
                let received = Arc::clone(&received);
                async move {
                    while let Some(Ok(frame)) = request.frame().await {
                        received.fetch_add(frame.data_ref().map_or(0, Bytes::len), Relaxed);
                    }
                    Ok::<_, Infallible>(http::Response::new(Full::new(Bytes::new())))
                }
            });
            let server = hyper::server::conn::http1::Builder::new();
            tokio::spawn(server.serve_connection(TokioIo::new(connection), service));
        }
    });
    format!("http://{address}")
}

fn chunks() -> impl stream::Stream<Item = std::io::Result<Vec<u8>>> + Send + 'static {
    stream::iter((0..UPLOAD / (64 * 1024)).map(|_| Ok(vec![7; 64 * 1024])))
}

#[tokio::test]
async fn an_upload_of_64_mib_needs_only_buffers() {
    let received = Arc::new(AtomicUsize::new(0));
    let endpoint = discarding(Arc::clone(&received)).await;
    let client: ClientBuilder<Files> = ClientBuilder::new();
    let client = client
        .environment(|_| None)
        .endpoint(endpoint)
        .build()
        .await
        .unwrap()
        .0;
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(UPLOAD as u64).unwrap(); // without any blocks

    let put = || client.request(Method::PUT, "/files");
    let uploads = [
        put().upload(Part::stream(chunks()), "video/mp4"),
        put().part("a", 1).part_file("file", Part::stream(chunks())),
        put().part_file(
            "file",
            Part::sized_stream(chunks(), UPLOAD as u64).on_progress(|_, _| {}),
        ),
        put().part_file("file", Part::file(file.path()).await.unwrap()),
    ];
    put().send_untyped().await.unwrap(); // connects
    for (n, upload) in uploads.into_iter().enumerate() {
        received.store(0, Relaxed);
        let before = ALLOCATOR.current_usage();
        ALLOCATOR.reset_peak_usage();
        upload.send_untyped().await.unwrap();
        let grown = ALLOCATOR.peak_usage() - before;
        assert!(received.load(Relaxed) >= UPLOAD, "upload {n}");
        assert!(grown < ALLOWED, "upload {n} needed {grown} bytes");
    }
}
