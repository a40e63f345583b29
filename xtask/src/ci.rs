//! `ci`: the checks of continuous integration.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

pub(crate) fn run() -> Result<ExitCode> {
    let status = Command::new("bash")
        .arg(".ci/run")
        .current_dir(crate::root())
        .status()
        .context("failed to start bash")?;
    if !status.success() {
        bail!(".ci/run failed; see the last lines above");
    }
    Ok(ExitCode::SUCCESS)
}
