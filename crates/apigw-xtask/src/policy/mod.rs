//! `policy`: the IAM policy for callers of an API.

pub mod document;
mod overlap;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use apigw_spec::Api;
use apigw_spec::api::Operation;
use apigw_spec::aws::Origin;
use document::{Deployment, MANAGED_POLICY_LIMIT, RolePair};
use serde_json::{Value, json};

use crate::voice;

#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP)]
pub(crate) struct Args {
    /// An API in specs/apis.toml
    api: String,
    /// Only these operations, by name or as "GET /orders" [default: all that IAM protects]
    #[arg(long, num_args = 1.., value_delimiter = ',', value_name = "OPERATION")]
    operations: Vec<String>,
    /// The account that owns the API [default: any]
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// The id of the API [default: from `aws` in specs/apis.toml, or the endpoint in the spec]
    #[arg(long, value_name = "ID")]
    api_id: Option<String>,
    /// The stage [default: likewise]
    #[arg(long)]
    stage: Option<String>,
    /// The Region [default: likewise]
    #[arg(long)]
    region: Option<String>,
    /// For a caller in another account: the ARN of the role that it runs as
    #[arg(long, value_name = "ARN", requires = "role")]
    caller: Option<String>,
    /// The ARN of the role in the API's account that the caller assumes
    #[arg(long, value_name = "ARN", requires = "caller")]
    role: Option<String>,
    /// The external id that the caller passes when it assumes the role
    #[arg(long, value_name = "TEXT", requires = "role")]
    external_id: Option<String>,
}

const HELP: &str = "\
Prints one policy for the caller. With --role and --caller, prints three: `caller` for the caller's own
role, and `trust` and `permissions` for the role in the API's account.";

/// Prints the policy, or the three policies for a pair of roles, as JSON.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let workspace = crate::workspace()?;
    let (_, api) = workspace.api(&args.api)?;
    let origin = workspace.apis()?.table(&args.api)?.aws.clone();
    let operations = chosen(args, &api)?;
    let deployment = deployment(args, &api, &origin.unwrap_or_default())?;
    warn_of_others(&deployment, &operations, &api);
    let permissions = document::invoke(&deployment, operations);
    warn_of_size(&permissions);
    let shown = match (&args.caller, &args.role) {
        (Some(caller), Some(role)) => {
            let external_id = args.external_id.as_deref();
            let pair = RolePair {
                caller,
                role,
                external_id,
            };
            json!({
                "caller": pair.caller_policy(),
                "trust": pair.trust_policy(),
                "permissions": permissions,
            })
        }
        _ => permissions,
    };
    crate::show(&(serde_json::to_string_pretty(&shown)? + "\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// Takes each value from the arguments, from `apis.toml` or from the endpoint, in that order.
fn deployment(args: &Args, api: &Api, origin: &Origin) -> Result<Deployment> {
    let inferred = api.endpoint.as_deref().and_then(Deployment::of);
    let choose = |given: &Option<String>, listed: &Option<String>, inferred: Option<&String>| {
        given.as_ref().or(listed.as_ref()).or(inferred).cloned()
    };
    let inferred = inferred.as_ref();
    let region = choose(
        &args.region,
        &origin.region,
        inferred.map(|inferred| &inferred.region),
    );
    let region = region.or_else(|| api.region.clone());
    let api_id = choose(
        &args.api_id,
        &origin.id,
        inferred.map(|inferred| &inferred.api_id),
    );
    let stage = choose(
        &args.stage,
        &origin.stage,
        inferred.map(|inferred| &inferred.stage),
    );
    let missing: Vec<&str> = [
        (api_id.is_none(), "--api-id"),
        (stage.is_none(), "--stage"),
        (region.is_none(), "--region"),
    ]
    .into_iter()
    .filter_map(|(is_missing, option)| is_missing.then_some(option))
    .collect();
    let (Some(api_id), Some(stage), Some(region)) = (api_id, stage, region) else {
        bail!(
            "the spec does not contain where the API is deployed; set {}",
            missing.join(" and ")
        );
    };
    Ok(Deployment {
        region,
        account: args.account.clone().unwrap_or_else(|| "*".to_owned()),
        api_id,
        stage,
    })
}

fn chosen<'a>(args: &Args, api: &'a Api) -> Result<Vec<&'a Operation>> {
    if args.operations.is_empty() {
        let all: Vec<&Operation> = document::protected(api).collect();
        if all.is_empty() {
            bail!(
                "no operation of {} is protected by IAM, so callers need no policy",
                args.api
            );
        }
        return Ok(all);
    }
    let find = |wanted: &String| {
        let mut operations = api.operations.iter();
        let found = operations.find(|found| found.name == *wanted || found.route() == *wanted);
        let found = found.with_context(|| {
            let known: Vec<&str> = api
                .operations
                .iter()
                .map(|known| known.name.as_str())
                .collect();
            format!(
                "{} has no operation {wanted}; its operations are: {}",
                args.api,
                known.join(", ")
            )
        })?;
        if !found.auth.iam {
            bail!("{wanted} is not protected by IAM, so callers need no policy for it");
        }
        Ok(found)
    };
    args.operations.iter().map(find).collect()
}

/// Names the operations that the policy allows beside the selected ones.
fn warn_of_others(deployment: &Deployment, selected: &[&Operation], api: &Api) {
    for (other, covering) in document::also_allowed(deployment, selected, api) {
        let about = format!(
            "the policy also allows requests to {} ({}), which {covering} matches",
            other.route(),
            other.name
        );
        voice::status("Warning", about);
    }
}

fn warn_of_size(policy: &Value) {
    let size = policy
        .to_string()
        .chars()
        .filter(|c| !c.is_whitespace())
        .count();
    if size > MANAGED_POLICY_LIMIT {
        let about = format!(
            "the policy has {size} characters, but a managed policy can have at most \
             {MANAGED_POLICY_LIMIT}; name fewer operations, or split it"
        );
        voice::status("Warning", about);
    }
}
