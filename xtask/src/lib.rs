//! `cargo xtask`: the command line over the libraries.
//!
//! Two binaries share it. `xtask` builds no HTTP stack, so that `regen` never waits for one.
//! Commands that call AWS or listen on a port are in `xtask-network`, which `xtask` builds and
//! then runs in its place.

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

/// Pull, generate and call API Gateway clients
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
    /// Regenerate the clients whose specs changed
    #[command(display_order = 3)]
    Regen(regen::Args),
    /// List the APIs in specs/apis.toml
    #[command(display_order = 4)]
    List,
    /// Show the operations and types of a spec, and every fix applied to it
    #[command(display_order = 5)]
    Inspect(inspect::Args),
    /// Print the IAM policy for callers of an API
    #[command(display_order = 7)]
    Policy(policy::Args),
    /// Run the example: signed calls to a local gateway
    #[command(display_order = 9)]
    Demo,
    /// Run all checks of continuous integration
    #[command(display_order = 10)]
    Ci,
    /// Try the generator on a folder of specs
    #[command(display_order = 11)]
    Corpus(corpus::Args),
    /// Print shell completions
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

/// Runs the command on the command line; `network` runs those that need the network.
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

/// Returns the root of the workspace: the closest folder upwards with `specs/apis.toml`, or else
/// the workspace that this xtask was built in.
#[must_use]
pub fn root() -> PathBuf {
    let current = std::env::current_dir().unwrap_or_default();
    let found = current
        .ancestors()
        .find(|folder| folder.join("specs/apis.toml").is_file());
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    found.or(own.parent()).unwrap_or(own).to_owned()
}

/// Prints to stdout; a closed pipe, such as `head`, is not an error.
fn show(text: &str) -> io::Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Returns a command for the cargo that runs this xtask.
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
        .context("failed to start bash")?;
    if !status.success() {
        bail!(".ci/run failed; see the last lines above");
    }
    Ok(ExitCode::SUCCESS)
}
