//! The binary with the commands that need the network, started by `xtask`.

mod call;
mod new;
mod pull;
mod serve;

use std::process::ExitCode;

use anyhow::{Context, Result};
use xtask::network::Network;

fn main() -> ExitCode {
    xtask::main(run)
}

fn run(task: Network) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("failed to start the async runtime")?;
    runtime.block_on(async {
        match task {
            Network::Call(args) => call::run(&args).await,
            Network::New(args) => new::run(args).await,
            Network::Pull(args) => pull::run(args).await,
            Network::Serve(args) => serve::run(args).await,
        }
    })
}
