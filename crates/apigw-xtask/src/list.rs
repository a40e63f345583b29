//! `list`: the APIs in `specs/apis.toml`.

use std::process::ExitCode;

use anyhow::Result;
use apigw_regen::Plan;

use crate::show;
use crate::voice::Progress;

pub(crate) fn run() -> Result<ExitCode> {
    let workspace = crate::workspace()?;
    let progress = Progress::new();
    let plan = Plan::with_progress(&workspace, &[], |api| progress.set(api))?;
    drop(progress);
    crate::show(&show::plan::list(&plan))?;
    Ok(ExitCode::SUCCESS)
}
