//! `demo`: signed calls of the example to a local gateway.

use std::process::ExitCode;

use anyhow::{Result, bail};

use apigw_xtask::regen;

use crate::cargo;

/// Brings the clients up to date and runs the program `orders` of `tests/demo` against its
/// `gateway`, a local gateway with one access key.
pub(crate) fn run() -> Result<ExitCode> {
    let clients = regen::run(&regen::Args::default())?;
    if clients != ExitCode::SUCCESS {
        return Ok(clients);
    }
    // not quiet: the first build takes a minute
    let built = cargo().args(["build", "--package", "demo"]).status()?;
    if !built.success() {
        bail!("the demo does not compile; see the messages above");
    }
    let ran = cargo()
        .args(["run", "--quiet", "--package", "demo", "--bin", "gateway"])
        .args(["--", "orders"])
        .status()?;
    if !ran.success() {
        bail!("the demo failed; see its output above");
    }
    Ok(ExitCode::SUCCESS)
}
