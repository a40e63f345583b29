//! `cargo xtask`: a thin door to the libraries.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The working day around a changing API")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Try the generator on documents: one line each and a total
    Corpus {
        /// Documents, or folders of documents
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Compile every generated crate as well
        #[arg(long)]
        compile: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default()
}

fn run(cli: Cli) -> Result<ExitCode> {
    match cli.command {
        Command::Corpus {
            paths,
            compile,
            json,
        } => corpus(&paths, compile, json),
    }
}

fn corpus(paths: &[PathBuf], compile: bool, json: bool) -> Result<ExitCode> {
    use apigw_codegen::corpus;

    let documents = corpus::documents(paths)?;
    let runtime = root().join("crates/apigw-runtime");
    let workspace = root().join("target/corpus");
    let trials = corpus::run(&documents, &runtime, compile.then_some(workspace.as_path()))?;
    if json {
        println!("{}", serde_json::to_string_pretty(&trials)?);
    } else {
        for trial in &trials {
            let verdict = match (trial.is_usable(), trial.compiles) {
                (true, Some(true)) => "usable",
                (true, _) => "generated",
                (false, _) => "FAILED",
            };
            println!(
                "{verdict:>9} {:>3}/{:<3} {}{}",
                trial.generated,
                trial.expected,
                trial.document,
                trial.problem.as_deref().map(|text| format!("\n          {text}")).unwrap_or_default(),
            );
        }
        let usable = trials.iter().filter(|trial| trial.is_usable()).count();
        let (generated, expected) = trials.iter().filter(|t| t.compiles != Some(false)).fold((0, 0), |(g, _), t| (g + t.generated, 0));
        let _ = expected;
        let expected: usize = trials.iter().map(|trial| trial.expected).sum();
        println!(
            "usable {usable} of {} documents, {generated} of {expected} operations",
            trials.len()
        );
    }
    Ok(if trials.iter().all(corpus::Trial::is_usable) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
