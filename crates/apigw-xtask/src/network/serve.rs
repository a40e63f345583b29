//! `serve`: runs a local gateway for an API.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use super::Serve;
use crate::voice;
use crate::workspace::find;
use anyhow::{Context, Result};
use apigw_local::{
    ApiKind, Builder, Clock, Credentials, Error, Exchange, LocalGateway, Policy, Skew,
};
use apigw_regen::Workspace;
use apigw_spec::aws::Origin;
use apigw_spec::environment::endpoint_variable;
use apigw_spec::{Api, Diagnostic, Report, Spec};

/// The Region of an API whose spec contains none.
const REGION: &str = "us-east-1";

/// The access key ID of temporary credentials in the AWS documentation.
const TEMPORARY_KEY: &str = "ASIAIOSFODNN7EXAMPLE";

/// Serves one API until Ctrl-C. Prints variables to export to stdout, and the log to stderr.
pub(crate) async fn run(args: Serve) -> Result<ExitCode> {
    let served = Served::find(&args.api)?;
    let name = served.name.clone();
    let (spec, api) = served.read()?;
    let region = api.region.or_else(|| served.origin.region.clone());
    let region = region.unwrap_or_else(|| REGION.to_owned());
    let known = credentials(&args);
    let mut gateway = LocalGateway::builder()
        .kind(ApiKind::of(&spec).unwrap_or_default())
        .region(&region)
        .caller(known.clone())
        .port(args.port)
        .on_request(log);
    if let Some(offset) = args.clock_offset {
        let by = Duration::from_secs(offset.unsigned_abs());
        let skew = match offset < 0 {
            true => Skew::Behind(by),
            false => Skew::Ahead(by),
        };
        gateway = gateway.clock(Clock::system().skewed(skew));
    }
    gateway = with_policies(gateway, &args, &served.origin)?;
    let reloaded = name.clone();
    gateway = gateway.on_reload(move |result| match result {
        Ok(()) => voice::status("Reloaded", &reloaded),
        Err(error) => voice::error(&plain(error)),
    });
    let gateway = gateway
        .api_from(served.files(), move || served.read())
        .start()
        .await
        .map_err(plain)?;
    println!("export {}={}", endpoint_variable(&name), gateway.endpoint());
    println!("export AWS_ACCESS_KEY_ID={}", known.access_key());
    println!("export AWS_SECRET_ACCESS_KEY={}", known.secret_key());
    println!("export AWS_REGION={region}");
    match known.session_token() {
        Some(token) => {
            println!("export AWS_SESSION_TOKEN={}", quoted(token));
            println!("unset AWS_PROFILE");
        }
        None => println!("unset AWS_SESSION_TOKEN AWS_PROFILE"),
    }
    voice::status("Serving", format!("{name} on {}", gateway.address()));
    voice::status("Stop with", "Ctrl-C");
    tokio::signal::ctrl_c()
        .await
        .context("failed to listen for Ctrl-C")?;
    gateway.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// The API to serve.
struct Served {
    name: String,
    workspace: Workspace,
    /// The spec, if it was named by its path. Otherwise, it is an API in `apis.toml`.
    path: Option<PathBuf>,
    /// Where the API is deployed, from `apis.toml`.
    origin: Origin,
}

impl Served {
    /// Finds an API by its name in `apis.toml`, or a spec by its path.
    fn find(api: &str) -> Result<Self> {
        let current = std::env::current_dir().context("cannot read the current folder")?;
        let workspace = find(&current);
        let apis = workspace.as_ref().and_then(|found| found.apis().ok());
        let is_listed = apis.is_some_and(|apis| apis.tables.contains_key(api));
        let path = Path::new(api);
        if is_listed || !(path.is_file() || path.components().count() > 1) {
            let workspace = crate::workspace()?;
            let origin = workspace.apis()?.table(api)?.aws.clone();
            return Ok(Self {
                name: api.to_owned(),
                workspace,
                path: None,
                origin: origin.unwrap_or_default(),
            });
        }
        // a spec outside of a workspace has no settings
        let workspace = workspace.unwrap_or_else(|| Workspace::new(&current));
        let listed = workspace.settings(path)?.api;
        let origin = listed.as_ref().and_then(|name| {
            let apis = workspace.apis().ok()?;
            apis.table(name).ok()?.aws.clone()
        });
        let stem = path.file_stem().map(|stem| stem.to_string_lossy());
        Ok(Self {
            name: listed.unwrap_or_else(|| stem.unwrap_or_default().into_owned()),
            workspace,
            path: Some(path.to_owned()),
            origin: origin.unwrap_or_default(),
        })
    }

    fn read(&self) -> Result<(Spec, Api), Diagnostic> {
        let Some(path) = &self.path else {
            return self.workspace.api(&self.name);
        };
        let (spec, settings) = self.workspace.spec(path)?;
        let api = Api::read_with(&spec, &settings.choices, &mut Report::new());
        Ok((spec, api))
    }

    /// Returns the files that determine the API: the spec, its overlay and its settings.
    fn files(&self) -> Vec<PathBuf> {
        let listed = || {
            let apis = self.workspace.apis().ok()?;
            let spec = &apis.table(&self.name).ok()?.spec;
            Some(self.workspace.specs().join(spec))
        };
        let spec = self.path.clone().or_else(listed);
        let settings = [self.workspace.overlay(&self.name), self.workspace.list()];
        spec.into_iter().chain(settings).collect()
    }
}

/// Returns the credentials of the caller.
fn credentials(args: &Serve) -> Credentials {
    let known = Credentials::example();
    let known = match &args.session_token {
        Some(token) => Credentials::temporary(TEMPORARY_KEY, known.secret_key(), token),
        None => known,
    };
    match &args.principal {
        Some(arn) => known.principal(arn),
        None => known,
    }
}

/// Adds the policies, and what the ARNs of requests consist of: as `policy` chooses it.
fn with_policies(mut gateway: Builder, args: &Serve, origin: &Origin) -> Result<Builder> {
    for path in &args.policy {
        gateway = gateway.policy(Policy::read(path)?);
    }
    if let Some(id) = args.api_id.as_ref().or(origin.id.as_ref()) {
        gateway = gateway.api_id(id);
    }
    if let Some(stage) = args.stage.as_ref().or(origin.stage.as_ref()) {
        gateway = gateway.deployed_stage(stage);
    }
    if let Some(account) = &args.account {
        gateway = gateway.account(account);
    }
    if let Some(ip) = args.source_ip {
        gateway = gateway.source_ip(ip);
    }
    Ok(gateway)
}

/// Returns the error itself, so that a diagnostic is shown with its source lines.
fn plain(error: Error) -> anyhow::Error {
    match error {
        Error::Spec(diagnostic) => diagnostic.into(),
        error => error.into(),
    }
}

/// Quotes a value for a shell, if it has other characters than those of tokens.
fn quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-+/=.:".contains(c);
    match value.chars().all(is_plain) {
        true => value.to_owned(),
        false => format!("'{}'", value.replace('\'', r"'\''")),
    }
}

/// Logs a request: status, method, path and operation, and why it was refused if it was.
fn log(exchange: &Exchange) {
    let request = &exchange.request;
    let operation = request.operation.as_deref().unwrap_or("-");
    let status = &exchange.status;
    voice::status(
        status.as_str(),
        format!("{} {} {operation}", request.method, request.path()),
    );
    if let Some(refusal) = &exchange.refusal {
        voice::status("refused:", refusal);
    }
}
