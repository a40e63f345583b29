//! `corpus`: tries the generator on folders of specs.

mod trial;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use apigw_xtask::inspect::specs;
use trial::Trial;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Specs, or folders of specs
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Also compile every generated crate
    #[arg(long)]
    compile: bool,
    /// Put values of every schema through the generated types: N of each kind
    #[arg(long, value_name = "N", conflicts_with_all = ["compile", "json"])]
    values: Option<usize>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let specs = specs(&args.paths)?;
    if let Some(count) = args.values {
        return values(count, &specs);
    }
    let root = crate::root();
    let runtime = root.join("crates/apigw-runtime");
    let workspace = root.join("target/corpus");
    let trials = trial::run(
        &specs,
        &runtime,
        args.compile.then_some(workspace.as_path()),
    )?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&trials)?);
    } else {
        print(&trials);
    }
    Ok(match trials.iter().all(Trial::is_usable) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// Runs the package `values`, which has dependencies that an xtask should not wait for.
fn values(count: usize, specs: &[PathBuf]) -> Result<ExitCode> {
    let mut command = crate::cargo();
    command
        .args(["run", "--quiet", "--package", "values", "--"])
        .arg(count.to_string());
    for spec in specs {
        command.arg(std::path::absolute(spec)?);
    }
    Ok(match command.status()?.success() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn print(trials: &[Trial]) {
    for trial in trials {
        let verdict = match (trial.is_usable(), trial.compiles) {
            (true, Some(true)) => "usable",
            (true, _) => "generated",
            (false, Some(false)) => "no compile",
            (false, _) => "unusable",
        };
        let problem = trial.problem.as_deref().unwrap_or_default();
        println!(
            "{verdict:>12} {:>3} of {:<3} {}  {problem}",
            trial.generated, trial.expected, trial.spec,
        );
    }
    let usable = trials.iter().filter(|trial| trial.is_usable()).count();
    let expected: usize = trials.iter().map(|trial| trial.expected).sum();
    let generated: usize = trials
        .iter()
        .filter(|trial| trial.compiles != Some(false))
        .map(|trial| trial.generated)
        .sum();
    let sum = |of: fn(&Trial) -> usize| trials.iter().map(of).sum::<usize>();
    println!(
        "untyped schemas: {} left open by the specs, {} that could not be represented",
        sum(|trial| trial.open),
        sum(|trial| trial.lost),
    );
    println!(
        "usable {usable} of {} specs, {generated} of {expected} operations",
        trials.len()
    );
}
