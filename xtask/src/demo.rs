//! `demo`: signed calls of the example to a local gateway.

use std::process::ExitCode;

use anyhow::{Result, bail};

use apigw_xtask::{regen, voice};

use crate::cargo;

/// Brings the clients up to date and runs `tests/examples/orders.rs` against
/// `tests/examples/gateway.rs`, a local gateway with one access key.
pub(crate) fn run() -> Result<ExitCode> {
    let clients = regen::run(&regen::Args::default())?;
    if clients != ExitCode::SUCCESS {
        return Ok(clients);
    }
    voice::status(
        "Building",
        "the example; the first build takes a minute or two",
    );
    let built = cargo()
        .args([
            "build",
            "--quiet",
            "--package",
            "tests",
            "--example",
            "orders",
        ])
        .status()?;
    if !built.success() {
        bail!("the example does not compile; see the messages above");
    }
    let ran = cargo()
        .args([
            "run",
            "--quiet",
            "--package",
            "tests",
            "--example",
            "gateway",
            "--",
            "orders",
        ])
        .status()?;
    if !ran.success() {
        bail!("the example failed; see its output above");
    }
    Ok(ExitCode::SUCCESS)
}
