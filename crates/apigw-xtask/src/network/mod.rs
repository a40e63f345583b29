//! Commands that need an HTTP stack: their arguments, and running them.

#[cfg(feature = "network")]
mod call;
#[cfg(not(feature = "network"))]
mod hand_over;
#[cfg(feature = "network")]
mod new;
#[cfg(feature = "network")]
mod pull;
#[cfg(feature = "network")]
mod serve;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
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
pub(crate) struct Pull {
    /// APIs in specs/apis.toml [default: all that have `aws`]
    pub(crate) apis: Vec<String>,
    /// Also add the account's other APIs to specs/apis.toml, and pull everything
    #[arg(long, conflicts_with = "apis")]
    pub(crate) all: bool,
    /// The Region to list [default: from the profile or the environment]
    #[arg(long, requires = "all")]
    pub(crate) region: Option<String>,
    /// The profile in ~/.aws/config to list with
    #[arg(long, requires = "all")]
    pub(crate) profile: Option<String>,
    /// The ARN of a role to assume, for listing another account
    #[arg(long, requires = "all", value_name = "ARN")]
    pub(crate) role: Option<String>,
    /// Keep integrations, authorizer functions, policies and account ids, which are removed by
    /// default (--verbose lists them)
    #[arg(long)]
    pub(crate) keep_integrations: bool,
    /// The endpoint of the API Gateway control plane, for emulators
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
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
pub(crate) struct Call {
    /// An API in specs/apis.toml, or a URL that starts with http:// or https://
    pub(crate) api: String,
    /// The operation: its method name (get_orders), its operationId, or "GET /orders"
    pub(crate) operation: Option<String>,
    /// A path, query or header parameter; repeat it for each item of a list
    #[arg(short, long = "param", value_name = "NAME=VALUE")]
    pub(crate) params: Vec<String>,
    /// A header that is not in the spec
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// The body: text, @FILE, or - for stdin
    #[arg(short = 'd', long, value_name = "BODY")]
    pub(crate) body: Option<String>,
    /// The HTTP method, for a URL or an operation that accepts any
    #[arg(short = 'X', long)]
    pub(crate) method: Option<String>,
    /// The base URL, including the stage [default: from the environment or the spec]
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// The Region to sign for [default: from the endpoint or the spec]
    #[arg(long)]
    pub(crate) region: Option<String>,
    /// The service to sign for [default: from the host name, or execute-api]
    #[arg(long)]
    pub(crate) service: Option<String>,
    /// The profile in ~/.aws/config to sign with
    #[arg(long)]
    pub(crate) profile: Option<String>,
    /// The ARN of a role to assume
    #[arg(long, value_name = "ARN")]
    pub(crate) role: Option<String>,
    /// Send the request without a signature
    #[arg(long)]
    pub(crate) unsigned: bool,
    /// Print what was signed; if the request was refused, print why and which line differs
    #[arg(long)]
    pub(crate) explain: bool,
    /// Print the canonical request and the string to sign, and send nothing
    #[arg(long, conflicts_with = "explain")]
    pub(crate) dry_run: bool,
    /// Print the request as a curl command, and send nothing
    #[arg(long, conflicts_with_all = ["explain", "dry_run"])]
    pub(crate) curl: bool,
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
#[command(after_long_help = SERVE_HELP)]
pub(crate) struct Serve {
    /// An API in specs/apis.toml, or the path of a spec
    pub(crate) api: String,
    /// The port on 127.0.0.1 [default: any free port]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    pub(crate) port: u16,
    /// Require temporary credentials with this session token
    #[arg(long, value_name = "TOKEN", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(crate) session_token: Option<String>,
    /// Set the gateway's clock ahead, or behind with a minus: 90s, -10m, 2h, 1d
    #[arg(long, value_name = "OFFSET", allow_hyphen_values = true, value_parser = seconds)]
    pub(crate) clock_offset: Option<i64>,
    /// Refuse what this IAM policy of the caller does not allow; repeat it for several
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Vec<std::path::PathBuf>,
    /// The ARN of the caller, a user or a session of a role [default: one in account 123456789012]
    #[arg(long, value_name = "ARN", requires = "policy")]
    pub(crate) principal: Option<String>,
    /// The IP address of the caller [default: 127.0.0.1]
    #[arg(long, value_name = "IP", requires = "policy")]
    pub(crate) source_ip: Option<std::net::IpAddr>,
    /// The account that owns the API [default: 123456789012]
    #[arg(long, value_name = "ID", requires = "policy")]
    pub(crate) account: Option<String>,
    /// The id of the API in ARNs [default: from `aws` in specs/apis.toml, or the endpoint in the spec]
    #[arg(long, value_name = "ID", requires = "policy")]
    pub(crate) api_id: Option<String>,
    /// The stage in ARNs [default: likewise]
    #[arg(long, requires = "policy")]
    pub(crate) stage: Option<String>,
}

const SERVE_HELP: &str = "\
A changed spec is used from the next request on.

To try a policy before you request it:
  cargo xtask policy orders --operations get_orders > policy.json
  cargo xtask serve orders --policy policy.json";

/// Parses a duration with a unit, such as `-10m`, into seconds.
fn seconds(text: &str) -> Result<i64, String> {
    let invalid = || "use a number and a unit, such as 90s, -10m, 2h or 1d".to_owned();
    let (number, unit) = text
        .split_at_checked(text.len().saturating_sub(1))
        .ok_or_else(invalid)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(invalid()),
    };
    let number: i64 = number.parse().map_err(|_| invalid())?;
    number.checked_mul(unit).ok_or_else(invalid)
}

/// Runs a command in this process.
#[cfg(feature = "network")]
pub(crate) fn run(command: Command) -> Result<ExitCode> {
    use anyhow::Context;

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("failed to start the async runtime")?;
    runtime.block_on(async {
        match command {
            Command::Call(args) => call::run(&args).await,
            Command::New(args) => new::run(args).await,
            Command::Pull(args) => pull::run(args).await,
            Command::Serve(args) => serve::run(args).await,
        }
    })
}

/// Builds this program again with the feature `network`, and runs that in its place.
#[cfg(not(feature = "network"))]
pub(crate) fn run(_: Command) -> Result<ExitCode> {
    hand_over::run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_a_number_with_a_unit() {
        for (text, expected) in [
            ("90s", Some(90)),
            ("-10m", Some(-600)),
            ("+2h", Some(7200)),
            ("1d", Some(86_400)),
            ("10", None),
            ("m", None),
            ("", None),
            ("1.5h", None),
            ("1é", None),
            ("9223372036854775807d", None),
        ] {
            assert_eq!(seconds(text).ok(), expected, "{text:?}");
        }
    }
}
