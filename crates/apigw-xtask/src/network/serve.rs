//! `serve`: runs a local gateway for an API.

use std::process::ExitCode;

use super::Serve;
use crate::voice;
use anyhow::{Context, Result};
use apigw_local::{ApiKind, Credentials, Exchange, LocalGateway};
use apigw_spec::environment::endpoint_variable;

/// The Region of an API whose spec contains none.
const REGION: &str = "us-east-1";

/// Serves one API until Ctrl-C. Prints variables to export to stdout, and the log to stderr.
pub(crate) async fn run(args: Serve) -> Result<ExitCode> {
    let (spec, api) = crate::workspace()?.api(&args.api)?;
    let region = api.region.clone().unwrap_or_else(|| REGION.to_owned());
    let known = Credentials::example();
    let gateway = LocalGateway::builder()
        .api(api)
        .kind(ApiKind::of(&spec).unwrap_or_default())
        .region(&region)
        .caller(known.clone())
        .port(args.port)
        .on_request(log)
        .start()
        .await?;
    println!(
        "export {}={}",
        endpoint_variable(&args.api),
        gateway.endpoint()
    );
    println!("export AWS_ACCESS_KEY_ID={}", known.access_key());
    println!("export AWS_SECRET_ACCESS_KEY={}", known.secret_key());
    println!("export AWS_REGION={region}");
    println!("unset AWS_SESSION_TOKEN AWS_PROFILE");
    voice::status("Serving", format!("{} on {}", args.api, gateway.address()));
    voice::status("Stop with", "Ctrl-C");
    tokio::signal::ctrl_c()
        .await
        .context("failed to listen for Ctrl-C")?;
    gateway.stop().await;
    Ok(ExitCode::SUCCESS)
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
