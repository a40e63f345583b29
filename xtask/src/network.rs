//! Commands that need the network, and starting the binary that has them.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use clap::Subcommand;

/// The commands of the binary `xtask-network`.
#[derive(Debug, Subcommand)]
pub enum Network {
    /// Add an API: its spec, its entry in specs/apis.toml, and its client
    #[command(display_order = 1)]
    New(crate::new::Args),
    /// Download the specs in specs/apis.toml from AWS
    #[command(display_order = 2)]
    Pull(Pull),
    /// Call an operation: arguments are checked against the spec, and the request is signed
    #[command(display_order = 6)]
    Call(Box<Call>),
    /// Run a local gateway for an API that verifies signatures and responds from the spec
    #[command(display_order = 8)]
    Serve(Serve),
}

/// The arguments of `pull`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = PULL_HELP)]
pub struct Pull {
    /// APIs in specs/apis.toml [default: all that have `aws`]
    pub apis: Vec<String>,
    /// Also add the account's other APIs to specs/apis.toml, and pull everything
    #[arg(long, conflicts_with = "apis")]
    pub all: bool,
    /// The Region to list [default: from the profile or the environment]
    #[arg(long, requires = "all")]
    pub region: Option<String>,
    /// The profile in ~/.aws/config to list with
    #[arg(long, requires = "all")]
    pub profile: Option<String>,
    /// The ARN of a role to assume, for listing another account
    #[arg(long, requires = "all", value_name = "ARN")]
    pub role: Option<String>,
    /// Keep integrations, authorizer functions, policies and account ids, which are removed by
    /// default (--verbose lists them)
    #[arg(long)]
    pub keep_integrations: bool,
    /// The endpoint of the API Gateway control plane, for emulators
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
}

const PULL_HELP: &str = "\
Say where an API is deployed in specs/apis.toml:
  [orders]
  spec = \"orders.json\"
  aws = { id = \"a1b2c3d4e5\", stage = \"prod\", region = \"eu-west-1\", profile = \"shop\" }

Exit codes: 0 if everything was pulled, 1 if something failed (the rest is still written).";

/// The arguments of `call`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = CALL_HELP)]
pub struct Call {
    /// An API in specs/apis.toml, or a URL that starts with http:// or https://
    pub api: String,
    /// The operation: its method name (get_orders), its operationId, or "GET /orders"
    pub operation: Option<String>,
    /// A path, query or header parameter; repeat it for each item of a list
    #[arg(short, long = "param", value_name = "NAME=VALUE")]
    pub params: Vec<String>,
    /// A header that is not in the spec
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub headers: Vec<String>,
    /// The body: text, @FILE, or - for stdin
    #[arg(short = 'd', long, value_name = "BODY")]
    pub body: Option<String>,
    /// The HTTP method, for a URL or an operation that accepts any
    #[arg(short = 'X', long)]
    pub method: Option<String>,
    /// The base URL, including the stage [default: from the environment or the spec]
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
    /// The Region to sign for [default: from the endpoint or the spec]
    #[arg(long)]
    pub region: Option<String>,
    /// The service to sign for [default: from the host name, or execute-api]
    #[arg(long)]
    pub service: Option<String>,
    /// The profile in ~/.aws/config to sign with
    #[arg(long)]
    pub profile: Option<String>,
    /// The ARN of a role to assume
    #[arg(long, value_name = "ARN")]
    pub role: Option<String>,
    /// Send the request without a signature
    #[arg(long)]
    pub unsigned: bool,
    /// Print what was signed; if the request was refused, print why and which line differs
    #[arg(long)]
    pub explain: bool,
    /// Print the canonical request and the string to sign, and send nothing
    #[arg(long, conflicts_with = "explain")]
    pub dry_run: bool,
    /// Print the request as a curl command, and send nothing
    #[arg(long, conflicts_with_all = ["explain", "dry_run"])]
    pub curl: bool,
}

const CALL_HELP: &str = "\
The response body is printed to stdout, JSON indented. The status and request id are printed to
stderr, and with --verbose the headers too.
The endpoint comes from --endpoint, <API>_ENDPOINT_URL or the spec, in that order.
The API key comes from <API>_API_KEY.

Examples:
  cargo xtask call orders get_orders --param limit=10
  cargo xtask call orders \"POST /orders\" --body @order.json --explain
  cargo xtask call https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod/orders

Exit codes: 0 for 2xx, 30 for 3xx, 40 for 4xx, 50 for 5xx, 1 without a response.";

/// The arguments of `serve`.
#[derive(Debug, clap::Args)]
pub struct Serve {
    /// An API in specs/apis.toml
    pub api: String,
    /// The port on 127.0.0.1 [default: any free port]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    pub port: u16,
}

/// Builds `xtask-network` if necessary, and runs it in place of this process.
///
/// # Errors
///
/// Returns an error if cargo can't be started.
pub fn hand_over(_: Network) -> Result<ExitCode> {
    let mut cargo = crate::cargo();
    cargo.arg("run");
    if is_built() {
        cargo.arg("--quiet"); // the first build takes a minute, so show cargo's progress
    }
    cargo.args(["--package", "xtask", "--features", "network"]);
    cargo.args(["--bin", "xtask-network", "--"]);
    cargo.args(std::env::args_os().skip(1));
    replace_process(cargo).context("failed to start cargo")
}

fn is_built() -> bool {
    let name = format!("xtask-network{}", std::env::consts::EXE_SUFFIX);
    std::env::current_exe().is_ok_and(|lean| lean.with_file_name(name).exists())
}

/// Replaces this process, so that Ctrl-C reaches the command directly.
#[cfg(unix)]
fn replace_process(mut command: Command) -> std::io::Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    Err(command.exec())
}

#[cfg(not(unix))]
fn replace_process(mut command: Command) -> std::io::Result<ExitCode> {
    let code = command.status()?.code();
    let code = code.and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
