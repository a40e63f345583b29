//! `regen`: brings the clients up to date with their specs.

use std::process::ExitCode;

use anyhow::{Context, Result};
use apigw_regen::{Lock, Plan, State, Workspace};

use crate::door;
use crate::members;
use crate::show::plan::{self, Options};
use crate::voice::{self, Progress};

/// Exit code of `regen --check` if a client is out of date.
const STALE: u8 = 4;

/// The arguments of `regen`.
#[derive(Debug, Default, clap::Args)]
#[command(after_long_help = HELP)]
pub struct Args {
    /// APIs in specs/apis.toml [default: all]
    apis: Vec<String>,
    /// Write nothing; exit with 4 if a client is out of date
    #[arg(long)]
    check: bool,
    /// Print the diff of every generated file
    #[arg(long)]
    full_diff: bool,
}

const HELP: &str = "\
The state of each client:
  Fresh     up to date
  New       not generated yet
  Stale     the spec, specs/apis.toml or the generator changed, or the client was edited
  Orphaned  no longer in specs/apis.toml; the client is removed
  Failed    the client can't be generated; no client is written
The changes of a stale client:
  Breaks build  code that calls the client no longer compiles
  Breaks wire   programs built with the old client get an error, or fail to read responses
  May break     can't be judged; check whether it affects you
  +             additions
  ~             other changes that break nothing
A breaking change bumps the version of a client from 0.1.0 to 0.2.0, any other to 0.1.1.

Exit codes: 0 if every client is up to date, 1 if a spec is invalid, 4 if --check finds a client
that is out of date.";

impl Args {
    /// Returns the arguments for one API.
    pub(crate) fn of(api: &str) -> Self {
        Self {
            apis: vec![api.to_owned()],
            ..Self::default()
        }
    }
}

/// Prints what changed and, unless `--check` is given, writes it.
///
/// # Errors
///
/// Returns an error if there is no workspace, `specs/apis.toml` is invalid, or a client can't be
/// written.
pub fn run(args: &Args) -> Result<ExitCode> {
    let workspace = crate::workspace()?;
    // --check writes nothing, so it needs no lock
    let lock = match args.check {
        true => None,
        false => Some(lock(&workspace)?),
    };
    let progress = Progress::new();
    let plan = Plan::with_progress(&workspace, &args.apis, |api| progress.set(api))?;
    drop(progress);
    let options = Options {
        quiet: voice::is_quiet(),
        verbose: voice::is_verbose(),
        full_diff: args.full_diff,
        diagnostic: &voice::diagnostic,
    };
    voice::print(&plan::plan(&plan, &options));
    if plan.has_failed() {
        voice::status("Wrote", "nothing, because of the errors above");
        return Ok(ExitCode::FAILURE);
    }
    let Some(lock) = lock else {
        return Ok(checked(&plan, &args.apis));
    };
    if !plan.is_fresh() {
        members::check(&workspace)?;
        members::before(&workspace, &plan)?;
    }
    plan.apply(&lock)
        .context("failed to write a generated crate")?;
    members::after(&workspace, &plan)?;
    let count =
        |test: fn(&State) -> bool| plan.apis().iter().filter(|api| test(&api.state)).count();
    let written = count(|state| matches!(state, State::New | State::Stale(_)));
    let removed = count(|state| matches!(state, State::Orphaned));
    if !plan.is_fresh() {
        voice::status("Finished", format!("{written} written, {removed} removed"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the command to run if a client is out of date.
fn checked(plan: &Plan, apis: &[String]) -> ExitCode {
    if plan.is_fresh() {
        return ExitCode::SUCCESS;
    }
    let names: String = apis.iter().map(|name| format!(" {name}")).collect();
    voice::status("Run", format!("{} regen{names}", door::command()));
    ExitCode::from(STALE)
}

fn lock(workspace: &Workspace) -> Result<Lock> {
    workspace
        .lock(|| voice::status("Blocking", "waiting for another `regen` to finish"))
        .context("cannot write to specs/.apigw; make it writable")
}
