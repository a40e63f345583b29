//! `new --from URL`: downloads a spec and adds the API.

use std::process::ExitCode;
use std::time::Duration;

use crate::new::{self, Args};
use anyhow::{Context, Result, bail};

/// The time limit for downloading a spec.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The size limit for a spec in bytes: ten times the largest that API Gateway imports.
const LIMIT: u64 = 60 << 20;

/// Downloads the spec, unsigned, and adds the API.
pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    let spec = fetch(&args.from)
        .await
        .with_context(|| format!("failed to download {}", args.from))?;
    new::add(&args, &spec)
}

async fn fetch(url: &str) -> Result<Vec<u8>> {
    let client = reqwest::Client::builder().timeout(TIMEOUT).build()?;
    let mut response = client.get(url).send().await?.error_for_status()?;
    let mut spec = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        spec.extend_from_slice(&chunk);
        if spec.len() as u64 > LIMIT {
            bail!("the spec is larger than {LIMIT} bytes; download it yourself and pass the file");
        }
    }
    Ok(spec)
}
