//! `cargo xtask regen`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use apigw_codegen::plan::{Plan, State, Workspace};

/// What `regen --check` exits with when a client is not what its document gives.
const STALE: u8 = 4;

#[derive(Default, clap::Args)]
pub(crate) struct Args {
    /// APIs of specs/apis.toml; all when none is named
    apis: Vec<String>,
    /// Write nothing; exit with 4 when something would be written
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let plan = Plan::new(&Workspace::new(crate::root()), &args.apis)?;
    eprint!("{plan}");
    if plan.has_failed() {
        eprintln!(
            "{:>12} nothing: the documents above cannot be used",
            "Wrote"
        );
        return Ok(ExitCode::FAILURE);
    }
    if plan.is_fresh() {
        return Ok(ExitCode::SUCCESS);
    }
    if args.check {
        let names: String = args.apis.iter().map(|name| format!(" {name}")).collect();
        eprintln!("{:>12} cargo xtask regen{names}", "Run");
        return Ok(ExitCode::from(STALE));
    }
    plan.apply()
        .context("a generated crate cannot be written")?;
    let count =
        |test: fn(&State) -> bool| plan.apis().iter().filter(|api| test(&api.state)).count();
    let written = count(|state| matches!(state, State::New | State::Stale(_)));
    let removed = count(|state| matches!(state, State::Orphaned));
    eprintln!("{:>12} {written} written, {removed} removed", "Finished");
    Ok(ExitCode::SUCCESS)
}
