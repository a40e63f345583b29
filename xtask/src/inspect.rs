//! `cargo xtask inspect` and `cargo xtask list`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::corpus::trial::specs;
use anyhow::{Context, Result};
use apigw_codegen::inspect::Inspection;
use apigw_regen::{Plan, Workspace};

use crate::show::{self, inspection::Shown};
use crate::voice::{self, Progress};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Specs, folders of specs, or APIs in specs/apis.toml [default: specs/]
    paths: Vec<PathBuf>,
    /// Print JSON: a list with an entry per spec
    #[arg(long)]
    json: bool,
}

/// Prints the operations, types and fixes of each spec.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let paths = match args.paths.is_empty() {
        true => vec![crate::root().join("specs")],
        false => args.paths.clone(),
    };
    let workspace = Workspace::new(crate::root());
    let paths: Vec<PathBuf> = paths
        .into_iter()
        .map(|path| named(&workspace, path))
        .collect();
    let mut inspections = Vec::new();
    let mut failed = false;
    for path in specs(&paths)? {
        match inspect(&workspace, &path) {
            Ok(inspection) if args.json => inspections.push(inspection),
            Ok(inspection) => crate::show(&format!("{}\n", Shown(&inspection)))?,
            // one invalid spec must not hide the others
            Err(error) => {
                voice::error(&error);
                failed = true;
            }
        }
    }
    if args.json {
        crate::show(&(serde_json::to_string_pretty(&inspections)? + "\n"))?;
    }
    Ok(match failed {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}

/// Returns the spec of an API if the argument is the name of one.
fn named(workspace: &Workspace, path: PathBuf) -> PathBuf {
    let apis = workspace.apis().ok().filter(|_| !path.exists());
    let table = apis.as_ref().zip(path.to_str());
    let table = table.and_then(|(apis, name)| apis.table(name).ok());
    table.map_or(path, |table| workspace.specs().join(&table.spec))
}

fn inspect(workspace: &Workspace, path: &Path) -> Result<Inspection> {
    let (spec, settings) = workspace.spec(path)?;
    Inspection::new(&spec, &settings)
        .with_context(|| format!("cannot generate a client from {}", path.display()))
}

/// Prints the APIs in specs/apis.toml.
pub(crate) fn list() -> Result<ExitCode> {
    let progress = Progress::new();
    let plan = Plan::with_progress(&Workspace::new(crate::root()), &[], |api| progress.set(api))?;
    drop(progress);
    crate::show(&show::plan::list(&plan))?;
    Ok(ExitCode::SUCCESS)
}
