//! `inspect`: the operations, types and fixes of specs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use apigw_codegen::inspect::Inspection;
use apigw_regen::Workspace;

use crate::show::inspection::Shown;
use crate::voice;
use crate::workspace::find;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Specs, folders of specs, or APIs in specs/apis.toml [default: specs/]
    paths: Vec<PathBuf>,
    /// Print JSON: a list with an entry per spec
    #[arg(long)]
    json: bool,
}

/// Prints the operations, types and fixes of each spec.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let current = std::env::current_dir().context("cannot read the current folder")?;
    // a spec outside of a workspace has no settings
    let workspace = find(&current).unwrap_or_else(|| Workspace::new(&current));
    let paths: Vec<PathBuf> = match args.paths.is_empty() {
        true => vec![crate::workspace()?.specs()],
        false => {
            let paths = args.paths.iter();
            paths.map(|path| named(&workspace, path.clone())).collect()
        }
    };
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

/// Returns the specs among files and folders. If a folder has an `EXPECTED.tsv`, it lists the
/// specs.
///
/// # Errors
///
/// Returns an error if a folder can't be read.
pub fn specs(paths: &[PathBuf]) -> std::io::Result<Vec<PathBuf>> {
    let mut found = BTreeSet::new();
    for path in paths {
        if !path.is_dir() {
            found.insert(path.clone());
            continue;
        }
        let listed = listed(path);
        for entry in fs_err::read_dir(path)? {
            let entry = entry?;
            let file = entry.path();
            let extension = file.extension().and_then(|text| text.to_str());
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_listed = listed.as_ref().is_none_or(|listed| listed.contains(&name));
            let is_overlay = name.ends_with(".overlay.yaml");
            if is_listed && !is_overlay && matches!(extension, Some("json" | "yaml" | "yml")) {
                found.insert(file);
            }
        }
    }
    Ok(found.into_iter().collect())
}

/// Returns the file names in the first column of a folder's `EXPECTED.tsv`.
fn listed(folder: &Path) -> Option<BTreeSet<String>> {
    let table = fs_err::read_to_string(folder.join("EXPECTED.tsv")).ok()?;
    let lines = table.lines().skip(1);
    let names = lines.filter_map(|line| line.split('\t').next());
    Some(names.map(str::to_owned).collect())
}
