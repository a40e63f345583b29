//! The commands that need the network, and the way to them.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use clap::Subcommand;

/// What the binary `xtask-network` does.
#[derive(Debug, Subcommand)]
pub enum Network {
    /// Add an API: its spec, its entry in specs/apis.toml, and its client
    #[command(display_order = 1)]
    New(crate::new::Args),
    /// Download the specs of specs/apis.toml from AWS
    #[command(display_order = 2)]
    Pull(Pull),
    /// Call one operation, signed, with its arguments checked against the spec
    #[command(display_order = 6)]
    Call(Box<Call>),
    /// Run a local gateway for an API: it verifies signatures and answers from the spec
    #[command(display_order = 8)]
    Serve(Serve),
}

/// The arguments of `pull`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = PULL_HELP)]
pub struct Pull {
    /// APIs of specs/apis.toml; all that have `aws` when none is named
    pub apis: Vec<String>,
    /// List what the account has, add what is missing to specs/apis.toml, and pull everything
    #[arg(long, conflicts_with = "apis")]
    pub all: bool,
    /// The region to list; the profile's or the environment's unless given
    #[arg(long, requires = "all")]
    pub region: Option<String>,
    /// The profile of ~/.aws/config to list with
    #[arg(long, requires = "all")]
    pub profile: Option<String>,
    /// The ARN of a role to assume, to list another account
    #[arg(long, requires = "all", value_name = "ARN")]
    pub role: Option<String>,
    /// Keep integrations, authorizers' functions, policies and account ids; --verbose tells what is
    /// left out without it
    #[arg(long)]
    pub keep_integrations: bool,
    /// Where API Gateway's control plane is, for emulators
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
}

const PULL_HELP: &str = "\
Where an API is deployed stands in specs/apis.toml:
  [orders]
  spec = \"orders.json\"
  aws = { id = \"a1b2c3d4e5\", stage = \"prod\", region = \"eu-west-1\", profile = \"shop\" }

Exit codes: 0 all pulled, 1 something failed; what was pulled is written even so.";

/// The arguments of `call`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = CALL_HELP)]
pub struct Call {
    /// An API of specs/apis.toml, or any URL that starts with http:// or https://
    pub api: String,
    /// The operation: its method in the client (get_orders), its operationId, or "GET /orders"
    pub operation: Option<String>,
    /// A path, query or header parameter; for a list, once for each item
    #[arg(short, long = "param", value_name = "NAME=VALUE")]
    pub params: Vec<String>,
    /// A header beyond those of the spec
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub headers: Vec<String>,
    /// The body: text, @FILE, or - for stdin
    #[arg(short = 'd', long, value_name = "BODY")]
    pub body: Option<String>,
    /// The method, for a URL or an operation that takes any
    #[arg(short = 'X', long)]
    pub method: Option<String>,
    /// The base URL, stage included, in place of the spec's
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
    /// The region to sign for; the endpoint's or the spec's unless given
    #[arg(long)]
    pub region: Option<String>,
    /// The service to sign for; the one that the host tells, or execute-api, unless given
    #[arg(long)]
    pub service: Option<String>,
    /// The profile of ~/.aws/config to sign with
    #[arg(long)]
    pub profile: Option<String>,
    /// The ARN of a role to assume
    #[arg(long, value_name = "ARN")]
    pub role: Option<String>,
    /// Send the request without a signature
    #[arg(long)]
    pub unsigned: bool,
    /// Tell what was signed and, of a refusal, why and in which line the request differs
    #[arg(long)]
    pub explain: bool,
    /// Print the canonical request and the string to sign, and send nothing
    #[arg(long, conflicts_with = "explain")]
    pub dry_run: bool,
    /// Print the same call as a command line for curl, and send nothing
    #[arg(long, conflicts_with_all = ["explain", "dry_run"])]
    pub curl: bool,
}

const CALL_HELP: &str = "\
The body of the answer goes to stdout, JSON indented; status and request id go to stderr, with
--verbose the headers as well.
The endpoint is --endpoint, or <API>_ENDPOINT_URL, or the spec's own.
An API key is taken from <API>_API_KEY.

Examples:
  cargo xtask call orders get_orders --param limit=10
  cargo xtask call orders \"POST /orders\" --body @order.json --explain
  cargo xtask call https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod/orders

Exit codes: 0 for 2xx, 30 for 3xx, 40 for 4xx, 50 for 5xx; 1 if nothing was sent or nothing came back.";

/// The arguments of `serve`.
#[derive(Debug, clap::Args)]
pub struct Serve {
    /// An API of specs/apis.toml
    pub api: String,
    /// The port on 127.0.0.1; a free one unless given
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    pub port: u16,
}

/// Builds `xtask-network` where it is not current, and becomes it.
///
/// # Errors
///
/// When cargo cannot be started.
pub fn hand_over(_: Network) -> Result<ExitCode> {
    let mut cargo = crate::cargo();
    cargo.arg("run");
    if is_built() {
        cargo.arg("--quiet"); // the first build takes a minute: then cargo's progress is welcome
    }
    cargo.args(["--package", "xtask", "--features", "network"]);
    cargo.args(["--bin", "xtask-network", "--"]);
    cargo.args(std::env::args_os().skip(1));
    become_it(cargo).context("cargo cannot be started")
}

fn is_built() -> bool {
    let name = format!("xtask-network{}", std::env::consts::EXE_SUFFIX);
    std::env::current_exe().is_ok_and(|lean| lean.with_file_name(name).exists())
}

/// Replaces this process: one process fewer between Ctrl-C and the command.
#[cfg(unix)]
fn become_it(mut command: Command) -> std::io::Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    Err(command.exec())
}

#[cfg(not(unix))]
fn become_it(mut command: Command) -> std::io::Result<ExitCode> {
    let code = command.status()?.code();
    let code = code.and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
