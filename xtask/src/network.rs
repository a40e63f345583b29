//! The commands that need the network, and the way to them.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use clap::Subcommand;

/// What the binary `xtask-network` does.
#[derive(Debug, Subcommand)]
pub enum Network {
    /// Run a local gateway for an API: it verifies signatures and answers from the document
    Serve(Serve),
}

/// The arguments of `serve`.
#[derive(Debug, clap::Args)]
pub struct Serve {
    /// An API of specs/apis.toml
    pub api: String,
    /// The port on 127.0.0.1; a free one unless given
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    pub port: u16,
}

/// Builds `xtask-network` where it is not current, and becomes it.
///
/// # Errors
///
/// When cargo cannot be started.
pub fn hand_over(_: Network) -> Result<ExitCode> {
    let mut cargo = crate::cargo();
    cargo.arg("run");
    if is_built() {
        cargo.arg("--quiet"); // the first build takes a minute: then cargo's progress is welcome
    }
    cargo.args(["--package", "xtask", "--features", "network"]);
    cargo.args(["--bin", "xtask-network", "--"]);
    cargo.args(std::env::args_os().skip(1));
    become_it(cargo).context("cargo cannot be started")
}

fn is_built() -> bool {
    let name = format!("xtask-network{}", std::env::consts::EXE_SUFFIX);
    std::env::current_exe().is_ok_and(|lean| lean.with_file_name(name).exists())
}

/// Replaces this process: one process fewer between Ctrl-C and the command.
#[cfg(unix)]
fn become_it(mut command: Command) -> std::io::Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    Err(command.exec())
}

#[cfg(not(unix))]
fn become_it(mut command: Command) -> std::io::Result<ExitCode> {
    let code = command.status()?.code();
    let code = code.and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
