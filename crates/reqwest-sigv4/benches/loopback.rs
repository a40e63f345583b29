//! Throughput of signed GETs compared with unsigned ones, measured alternately in one run, against a loopback server.
//!
//! ```text
//! cargo bench -p reqwest-sigv4 --bench loopback
//! ```

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Instant;

use futures_util::future::join_all;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use reqwest_sigv4::{Credentials, Signer};
use tokio::net::TcpListener;

const ROUNDS: usize = 101;
const CALLS: usize = 512;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let address = server.block_on(serve())?;
    let url = format!("http://{address}/prod/orders?limit=10&from=a%20b");

    let client = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let unsigned = ClientWithMiddleware::from(reqwest_sigv4::http_client()?);
    let signer = Signer::builder()
        .credentials(Credentials::new(
            "AKIDEXAMPLE",
            "secret",
            None,
            None,
            "bench",
        ))
        .region("eu-west-1")
        .build()?;
    let signed = ClientBuilder::new(reqwest_sigv4::http_client()?)
        .with(signer)
        .build();

    println!(
        "{:<28} {:>12}  {:>12}  {:>6}",
        "", "signed", "unsigned", "ratio"
    );
    for (name, tasks) in [("64 concurrent", 64), ("sequential", 1)] {
        let rate = |http: &ClientWithMiddleware| {
            let start = Instant::now();
            client.block_on(call(http, &url, tasks));
            CALLS as f64 / start.elapsed().as_secs_f64()
        };
        let mut rounds: Vec<(f64, f64)> = (0..=ROUNDS)
            .map(|round| match round % 2 {
                0 => (rate(&signed), rate(&unsigned)),
                _ => {
                    let unsigned = rate(&unsigned);
                    (rate(&signed), unsigned)
                }
            })
            .collect();
        rounds.remove(0); // warming up
        println!(
            "{name:<28} {:>10.0}/s  {:>10.0}/s  {:>6.3}",
            median(rounds.iter().map(|(signed, _)| *signed)),
            median(rounds.iter().map(|(_, unsigned)| *unsigned)),
            median(rounds.iter().map(|(signed, unsigned)| signed / unsigned)),
        );
    }
    Ok(())
}

/// So many tasks share the calls.
async fn call(http: &ClientWithMiddleware, url: &str, tasks: usize) {
    let tasks = (0..tasks).map(|_| {
        let (http, url) = (http.clone(), url.to_owned());
        tokio::spawn(async move {
            for _ in 0..CALLS / tasks {
                let answer = http.get(&url).send().await;
                assert!(answer.is_ok_and(|answer| answer.status().is_success()));
            }
        })
    });
    for task in join_all(tasks).await {
        assert!(task.is_ok());
    }
}

async fn serve() -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let answer = |_: http::Request<Incoming>| async {
        Ok::<_, Infallible>(http::Response::new(Full::new(Bytes::from_static(b"{}"))))
    };
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let connection = TokioIo::new(connection);
            let http = hyper::server::conn::http1::Builder::new();
            tokio::spawn(http.serve_connection(connection, service_fn(answer)));
        }
    });
    Ok(address)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
