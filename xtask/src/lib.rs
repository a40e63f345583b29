//! `cargo xtask`: a thin door to the libraries.
//!
//! Two binaries share the command line. `xtask` is lean, so that `regen` never waits for an
//! HTTP stack to build; what calls AWS or listens is in `xtask-network`, which the lean one
//! builds and becomes when one of those commands is given.

mod corpus;
mod demo;
mod inspect;
pub mod network;
pub mod new;
pub mod policy;
mod regen;
pub mod show;
pub mod voice;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::network::Network;

/// The working day around a changing API.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(flatten)]
    voice: voice::Args,
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Generate the clients of specs/apis.toml anew where their specs changed
    #[command(display_order = 3)]
    Regen(regen::Args),
    /// List the APIs of specs/apis.toml
    #[command(display_order = 4)]
    List,
    /// Show what a client would hold, and every fix its spec needs
    #[command(display_order = 5)]
    Inspect(inspect::Args),
    /// Print the IAM policy that a caller of an API needs
    #[command(display_order = 7)]
    Policy(policy::Args),
    /// Run the example: a local gateway, signed calls, typed answers
    #[command(display_order = 9)]
    Demo,
    /// Run everything that continuous integration runs
    #[command(display_order = 10)]
    Ci,
    /// Try the generator on specs: one line each and a total
    #[command(display_order = 11)]
    Corpus(corpus::Args),
    /// Print completions for a shell, where `alias xtask='cargo xtask'` is set
    #[command(display_order = 12)]
    #[command(after_long_help = COMPLETIONS)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    #[command(flatten)]
    Network(Network),
}

const COMPLETIONS: &str = "\
For bash, in ~/.bashrc:
  alias xtask='cargo xtask'
  source <(cargo xtask completions bash)
For zsh, in ~/.zshrc after compinit:
  alias xtask='cargo xtask'
  setopt complete_aliases
  source <(cargo xtask completions zsh)
For fish, in ~/.config/fish/config.fish:
  function xtask; cargo xtask $argv; end
  cargo xtask completions fish | source";

/// Runs the command that the arguments name; `network` does those that need the network.
pub fn main(network: fn(Network) -> Result<ExitCode>) -> ExitCode {
    let command = Cli::command().color(voice::colour_of_help(std::env::args()));
    let cli = Cli::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit());
    cli.voice.apply();
    let result = match cli.task {
        Task::Regen(args) => regen::run(&args),
        Task::List => inspect::list(),
        Task::Inspect(args) => inspect::run(&args),
        Task::Policy(args) => policy::run(&args),
        Task::Demo => demo::run(),
        Task::Ci => ci(),
        Task::Corpus(args) => corpus::run(&args),
        Task::Completions { shell } => completions(shell),
        Task::Network(Network::New(args)) if !args.is_remote() => new::run(&args),
        Task::Network(task) => network(task),
    };
    result.unwrap_or_else(|error| {
        voice::error(&error);
        ExitCode::FAILURE
    })
}

/// The root of the workspace: where specs/apis.toml is, from the current folder upwards, and else
/// where this xtask was built.
#[must_use]
pub fn root() -> PathBuf {
    let current = std::env::current_dir().unwrap_or_default();
    let found = current
        .ancestors()
        .find(|folder| folder.join("specs/apis.toml").is_file());
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    found.or(own.parent()).unwrap_or(own).to_owned()
}

/// Prints to a reader who may have seen enough, such as `head`.
fn show(text: &str) -> io::Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// The cargo that runs us.
fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}

fn completions(shell: clap_complete::Shell) -> Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "xtask", &mut script);
    show(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}

fn ci() -> Result<ExitCode> {
    let status = Command::new("bash")
        .arg(".ci/run")
        .current_dir(root())
        .status()
        .context("bash cannot be started")?;
    if !status.success() {
        bail!(".ci/run failed; the last lines above say where");
    }
    Ok(ExitCode::SUCCESS)
}
