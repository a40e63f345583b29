//! No bytes make the gateway panic or hang: it responds in HTTP, or closes the connection.

use std::sync::OnceLock;
use std::time::Duration;

use apigw_local::LocalGateway;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

/// Sends bytes and the end of the stream on a connection of their own. Returns the first line of the response, if one comes before the
/// gateway notices the end.
pub fn raw_bytes(bytes: &[u8]) -> Option<String> {
    send(bytes, true)
}

/// Sends a request that asks to close the connection. Returns the first line of the response.
pub fn request(bytes: &[u8]) -> Option<String> {
    send(bytes, false)
}

fn send(bytes: &[u8], ends: bool) -> Option<String> {
    let (runtime, gateway) = gateway();
    let exchange = async {
        let mut stream = TcpStream::connect(gateway.address()).await.unwrap();
        // the gateway may have closed the connection already
        let _ = stream.write_all(bytes).await;
        if ends {
            let _ = stream.shutdown().await;
        }
        let mut response = Vec::new();
        let _ = stream.read_to_end(&mut response).await;
        response
    };
    let response =
        runtime.block_on(async { tokio::time::timeout(Duration::from_secs(60), exchange).await });
    let response = response.unwrap_or_else(|_| panic!("no end of the response to {bytes:?}"));
    if response.is_empty() {
        return None;
    }
    let text = String::from_utf8_lossy(&response).into_owned();
    assert!(text.starts_with("HTTP/1."), "{text}");
    text.lines().next().map(str::to_owned)
}

fn gateway() -> &'static (Runtime, LocalGateway) {
    static GATEWAY: OnceLock<(Runtime, LocalGateway)> = OnceLock::new();
    GATEWAY.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let gateway = LocalGateway::builder()
            .stage("prod")
            .region("eu-west-1")
            .start();
        let gateway = runtime.block_on(gateway).unwrap();
        (runtime, gateway)
    })
}
