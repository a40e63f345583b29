//! `cargo xtask regen`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use apigw_codegen::plan::{Lock, Plan, State, Workspace};

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
    let workspace = Workspace::new(crate::root());
    // who only checks writes nothing, and so waits for nobody
    let lock = match args.check {
        true => None,
        false => Some(lock(&workspace)?),
    };
    let plan = Plan::new(&workspace, &args.apis)?;
    eprint!("{plan}");
    if plan.has_failed() {
        eprintln!(
            "{:>12} nothing: the documents above cannot be used",
            "Wrote"
        );
        return Ok(ExitCode::FAILURE);
    }
    if plan.is_fresh() && lock.is_none() {
        return Ok(ExitCode::SUCCESS);
    }
    let Some(lock) = lock else {
        let names: String = args.apis.iter().map(|name| format!(" {name}")).collect();
        eprintln!("{:>12} cargo xtask regen{names}", "Run");
        return Ok(ExitCode::from(STALE));
    };
    plan.apply(&lock)
        .context("a generated crate cannot be written")?;
    if plan.is_fresh() {
        return Ok(ExitCode::SUCCESS);
    }
    let count =
        |test: fn(&State) -> bool| plan.apis().iter().filter(|api| test(&api.state)).count();
    let written = count(|state| matches!(state, State::New | State::Stale(_)));
    let removed = count(|state| matches!(state, State::Orphaned));
    eprintln!("{:>12} {written} written, {removed} removed", "Finished");
    Ok(ExitCode::SUCCESS)
}

fn lock(workspace: &Workspace) -> Result<Lock> {
    let waiting = || eprintln!("{:>12} waiting for another regen to end", "Blocking");
    workspace
        .lock(waiting)
        .context("target/regen cannot be written; make it writable")
}
