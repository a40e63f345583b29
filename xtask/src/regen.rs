//! `cargo xtask regen`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use apigw_regen::{Lock, Plan, State, Workspace};

use crate::show::plan::{self, Telling};
use crate::voice::{self, Progress};

/// What `regen --check` exits with when a client is not what its spec gives.
const STALE: u8 = 4;

#[derive(Debug, Default, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// APIs of specs/apis.toml; all when none is named
    apis: Vec<String>,
    /// Write nothing; exit with 4 when something would be written
    #[arg(long)]
    check: bool,
    /// Print every line of a generated file that comes or goes
    #[arg(long)]
    full_diff: bool,
}

const HELP: &str = "\
What it says of each API:
  Fresh     the client is what its spec gives
  New       there is no client yet
  Stale     the spec, specs/apis.toml or the generator changed, or somebody edited the client
  Orphaned  the API is not in specs/apis.toml any more; its client is removed
  Failed    no client can be made; then nothing is written at all
And of a client that is stale, for each change:
  Breaks build  code that calls the client does not compile any more
  Breaks wire   programs built with the client before are refused, or cannot read the answers
  May break     nobody can tell without looking
  +, ~          what comes, and what changes without breaking anybody
The version follows: 0.1.0 becomes 0.2.0 when something breaks, and 0.1.1 when nothing does.

Exit codes: 0 every client is fresh now, 1 a spec cannot be used, 4 with --check when a
client is not fresh.";

impl Args {
    /// Those for one API.
    pub(crate) fn of(api: &str) -> Self {
        Self {
            apis: vec![api.to_owned()],
            ..Self::default()
        }
    }
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let workspace = Workspace::new(crate::root());
    // who only checks writes nothing, and so waits for nobody
    let lock = match args.check {
        true => None,
        false => Some(lock(&workspace)?),
    };
    let progress = Progress::new();
    let plan = Plan::with_progress(&workspace, &args.apis, |api| progress.say(api))?;
    drop(progress);
    let telling = Telling {
        quiet: voice::is_quiet(),
        verbose: voice::is_verbose(),
        full_diff: args.full_diff,
        diagnostic: &voice::diagnostic,
    };
    voice::print(&plan::plan(&plan, &telling));
    if plan.has_failed() {
        voice::status("Wrote", "nothing, because of what failed above");
        return Ok(ExitCode::FAILURE);
    }
    let Some(lock) = lock else {
        return Ok(checked(&plan, &args.apis));
    };
    plan.apply(&lock)
        .context("a generated crate cannot be written")?;
    let count =
        |test: fn(&State) -> bool| plan.apis().iter().filter(|api| test(&api.state)).count();
    let written = count(|state| matches!(state, State::New | State::Stale(_)));
    let removed = count(|state| matches!(state, State::Orphaned));
    if !plan.is_fresh() {
        voice::status("Finished", format!("{written} written, {removed} removed"));
    }
    Ok(ExitCode::SUCCESS)
}

/// What to run where something is not fresh.
fn checked(plan: &Plan, apis: &[String]) -> ExitCode {
    if plan.is_fresh() {
        return ExitCode::SUCCESS;
    }
    let names: String = apis.iter().map(|name| format!(" {name}")).collect();
    voice::status("Run", format!("cargo xtask regen{names}"));
    ExitCode::from(STALE)
}

fn lock(workspace: &Workspace) -> Result<Lock> {
    workspace
        .lock(|| voice::status("Blocking", "waiting for another regen to end"))
        .context("target/regen cannot be written; make it writable")
}
