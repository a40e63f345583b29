//! Uploads a file in two ways: buffered by the signer, and streamed with a precomputed hash.
//!
//! ```text
//! cargo run -p reqwest-sigv4 --example streaming_upload -- invoice.pdf https://abc123.execute-api.eu-west-2.amazonaws.com/prod/invoices
//! ```

use anyhow::Context;
use reqwest::Body;
use reqwest_middleware::ClientBuilder;
use reqwest_sigv4::{Payload, SignOptions, Signer};
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::AsyncReadExt;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().context("give the file to send")?;
    let url = arguments.next().context("give the url to send it to")?;
    let signer = Signer::builder().body_limit(5 * 1024 * 1024).load().await?;
    let http = ClientBuilder::new(reqwest_sigv4::http_client()?)
        .with(signer)
        .build();

    // the signer reads the stream into memory, up to its limit
    let body = Body::from(File::open(&path).await?);
    match http.put(&url).body(body).send().await {
        Ok(response) => println!("buffered: {}", response.status()),
        Err(error) => println!("not buffered: {error}"),
    }

    // without a limit, but the file is read twice
    let hash = Payload::Precomputed(hash_of(&path).await?);
    let body = Body::from(File::open(&path).await?);
    let response = http
        .put(&url)
        .with_extension(SignOptions::new().payload(hash))
        .header("content-length", tokio::fs::metadata(&path).await?.len())
        .body(body)
        .send()
        .await?;
    println!("streamed: {}", response.status());
    Ok(())
}

async fn hash_of(path: &str) -> std::io::Result<[u8; 32]> {
    let mut file = File::open(path).await?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer).await?;
        if read == 0 {
            return Ok(hasher.finalize().into());
        }
        hasher.update(&buffer[..read]);
    }
}
