//! Opens a WebSocket API with IAM authorization, sends one message and prints the reply.
//!
//! ```text
//! cargo run -p reqwest-sigv4 --example websocket -- wss://abc123.execute-api.eu-west-2.amazonaws.com/prod '{"action":"ping"}'
//! ```

use std::time::Duration;

use anyhow::{Context, bail};
use futures_util::{SinkExt, StreamExt};
use reqwest_sigv4::{Refusal, Signer};
use tokio_tungstenite::tungstenite::{Error, Message};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let url = args.next().context("give the url to open")?;
    let message = args.next().context("give the message to send")?;

    // the signature is in the URL, so any WebSocket client can open it
    let mut request = reqwest::Request::new(reqwest::Method::GET, url.parse()?);
    let signer = Signer::from_env().await?;
    signer
        .presign(&mut request, Duration::from_secs(60))
        .await?;

    let (mut socket, _) = match tokio_tungstenite::connect_async(request.url().as_str()).await {
        Ok(opened) => opened,
        Err(Error::Http(response)) => {
            let body = response.body().as_deref().unwrap_or_default();
            match Refusal::from_parts(response.status(), response.headers(), body) {
                Some(refusal) => bail!("{refusal}"),
                None => bail!("the handshake failed with {}", response.status()),
            }
        }
        Err(error) => return Err(error.into()),
    };
    socket.send(Message::text(message)).await?;
    while let Some(reply) = socket.next().await {
        if let Message::Text(text) = reply? {
            println!("{text}");
            break;
        }
    }
    Ok(socket.close(None).await?)
}
