//! `cargo xtask`: the command line of [`apigw_xtask`], and the commands of this repository.

mod ci;
mod corpus;
mod demo;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Subcommand;

/// Commands that only this repository needs.
#[derive(Subcommand)]
enum Task {
    /// Run the example: signed calls to a local gateway
    #[command(display_order = 20)]
    Demo,
    /// Run all checks of continuous integration
    #[command(display_order = 21)]
    Ci,
    /// Try the generator on folders of specs
    #[command(display_order = 22)]
    Corpus(corpus::Args),
}

fn main() -> ExitCode {
    apigw_xtask::main_with(|task: Task| match task {
        Task::Demo => demo::run(),
        Task::Ci => ci::run(),
        Task::Corpus(args) => corpus::run(&args),
    })
}

/// Returns the root of this repository.
fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}

/// Returns a command for the cargo that runs this xtask, at the root.
fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}
