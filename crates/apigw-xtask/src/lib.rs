//! The command line for API Gateway clients, as a library.
//!
//! It reads `specs/apis.toml` of the workspace that contains the current folder, and generates,
//! inspects, calls and serves its APIs. It never writes outside that workspace.
//!
//! There are two ways to run it. `cargo install apigw-xtask` adds the command `cargo apigw`. An
//! [xtask](https://github.com/matklad/cargo-xtask) pins the version with the workspace, and can have
//! commands of its own (see [`main_with`]):
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     apigw_xtask::main()
//! }
//! ```
//!
//! With `default-features = false`, no HTTP stack is built. Commands that need one (`pull`, `call`,
//! `serve` and `new --from URL`) are then built when they are first run.

mod door;
mod init;
pub mod inspect;
mod list;
mod manifest;
mod members;
mod network;
mod new;
pub mod policy;
pub mod regen;
pub mod show;
pub mod voice;
mod workspace;

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

pub use workspace::workspace;

/// Pull, generate and call API Gateway clients
#[derive(Parser)]
struct Cli<Own: Subcommand> {
    #[command(flatten)]
    voice: voice::Args,
    #[command(subcommand)]
    command: Either<Own>,
}

#[derive(Subcommand)]
#[allow(clippy::large_enum_variant, reason = "there is one value per process")]
enum Either<Own: Subcommand> {
    #[command(flatten)]
    Shared(Command),
    #[command(flatten)]
    Own(Own),
}

#[derive(Subcommand)]
enum Command {
    /// Prepare a workspace: specs/apis.toml, an xtask, and the dependency of clients
    #[command(display_order = 0)]
    Init(init::Args),
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
    /// Print shell completions
    #[command(display_order = 9)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    #[command(flatten)]
    Network(network::Command),
}

/// No commands of its own.
#[derive(Subcommand)]
enum None {}

/// Runs the command on the command line, and returns the exit code.
#[must_use]
pub fn main() -> ExitCode {
    main_with(|own: None| match own {})
}

/// Like [`main`], with additional commands.
///
/// ```no_run
/// #[derive(clap::Subcommand)]
/// enum Own {
///     /// Deploy the service
///     Deploy,
/// }
///
/// fn main() -> std::process::ExitCode {
///     apigw_xtask::main_with(|own: Own| match own {
///         Own::Deploy => Ok(std::process::ExitCode::SUCCESS),
///     })
/// }
/// ```
pub fn main_with<Own: Subcommand>(run_own: impl FnOnce(Own) -> Result<ExitCode>) -> ExitCode {
    let arguments = door::arguments();
    let command = cli::<Own>().color(voice::colour_of_help(&arguments));
    let matches = command.get_matches_from(&arguments);
    let cli = Cli::<Own>::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    cli.voice.apply();
    let result = match cli.command {
        Either::Own(own) => run_own(own),
        Either::Shared(command) => run::<Own>(command),
    };
    result.unwrap_or_else(|error| {
        voice::error(&error);
        ExitCode::FAILURE
    })
}

fn run<Own: Subcommand>(command: Command) -> Result<ExitCode> {
    match command {
        Command::Init(args) => init::run(&args),
        Command::Regen(args) => regen::run(&args),
        Command::List => list::run(),
        Command::Inspect(args) => inspect::run(&args),
        Command::Policy(args) => policy::run(&args),
        Command::Completions { shell } => completions::<Own>(shell),
        Command::Network(network::Command::New(args)) if !args.is_remote() => new::run(&args),
        Command::Network(command) => network::run(command),
    }
}

/// Returns the command line, under the name that it was started with.
fn cli<Own: Subcommand>() -> clap::Command {
    let name = door::command();
    let command = Cli::<Own>::command().name(name).bin_name(name);
    command.mut_subcommand("completions", |completions| {
        completions.after_long_help(setup(door::name()))
    })
}

/// Returns how to install completions; shells complete aliases, but not `cargo NAME`.
fn setup(name: &str) -> String {
    format!(
        "\
For bash, in ~/.bashrc:
  alias {name}='cargo {name}'
  source <(cargo {name} completions bash)
For zsh, in ~/.zshrc after compinit:
  alias {name}='cargo {name}'
  setopt complete_aliases
  source <(cargo {name} completions zsh)
For fish, in ~/.config/fish/config.fish:
  function {name}; cargo {name} $argv; end
  cargo {name} completions fish | source"
    )
}

fn completions<Own: Subcommand>(shell: clap_complete::Shell) -> Result<ExitCode> {
    let mut script = Vec::new();
    let mut command = cli::<Own>();
    clap_complete::generate(shell, &mut command, door::name(), &mut script);
    show(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints to stdout; a closed pipe, such as `head`, is not an error.
fn show(text: &str) -> io::Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// The examples in the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
