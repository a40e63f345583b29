//! `call`: calls an operation or a URL.

use std::io::{Read, Write};
use std::process::ExitCode;

use crate::door;
use crate::network;
use crate::voice;
use anyhow::{Context, Result, bail};
use apigw_remote::call::{
    self, Answer, Arguments, Call, Caller, Identity, curl, parse_url, pretty,
};
use apigw_spec::Api;
use apigw_spec::environment::{api_key_variable, endpoint_variable};
use bytes::Bytes;
use http::header::{AUTHORIZATION, LOCATION};
use reqwest::Url;

/// Sends a request. The status of the response determines the exit code.
pub(crate) async fn run(args: &network::Call) -> Result<ExitCode> {
    let (call, region) = prepare(args)?;
    let key = api_key_variable(&args.api);
    if args.curl {
        let region = region.or_else(|| variable("AWS_REGION"));
        let region = region.context("no Region is set: use --region or set AWS_REGION")?;
        println!("{}", curl(&call, &region, &key));
        if call.is_signed() && call.url().path().contains('%') {
            voice::status(
                "Note",
                "curl 7.88 signs percent-encoded paths differently from API Gateway",
            );
        }
        return Ok(ExitCode::SUCCESS);
    }
    let identity = Identity {
        region,
        service: args.service.clone(),
        profile: args.profile.clone(),
        role: args.role.clone(),
    };
    let caller = Caller::new(identity.signer().await?)?;
    if args.dry_run {
        dry_run(&caller, &call).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut answer = caller.send(&call).await?;
    report(&answer, args.explain);
    print(&mut answer).await?;
    Ok(match answer.status().as_u16() / 100 {
        2 => ExitCode::SUCCESS,
        class => ExitCode::from(u8::try_from(class * 10).unwrap_or(1)),
    })
}

/// Returns the request, and the Region from the arguments, the host name or the spec.
fn prepare(args: &network::Call) -> Result<(Call, Option<String>)> {
    let arguments = arguments(args)?;
    let is_url = args.api.starts_with("http://") || args.api.starts_with("https://");
    let (call, region) = match (is_url, &args.operation) {
        (true, None) => (Call::to(&parse_url(&args.api)?, &arguments), None),
        (true, Some(operation)) => {
            bail!("a URL has no operations: omit {operation:?}")
        }
        (false, None) => bail!(
            "missing operation: `{} inspect {}` lists them",
            door::command(),
            args.api
        ),
        (false, Some(operation)) => {
            let (_, api) = crate::workspace()?.api(&args.api)?;
            let operation = call::operation(&api, operation)?;
            let endpoint = endpoint(args, &api)?;
            let call = Call::of(&api, operation, &endpoint, &arguments)?;
            if let Some(authorizer) = &operation.auth.authorizer
                && !arguments.headers.contains_key(AUTHORIZATION)
            {
                voice::status(
                    "Note",
                    format!("the authorizer {authorizer} may require a token: use --header"),
                );
            }
            (call, api.region.clone())
        }
    };
    let host_region = call.region();
    let call = match args.unsigned {
        true => call.unsigned(),
        false => call,
    };
    Ok((call, args.region.clone().or(host_region).or(region)))
}

fn arguments(args: &network::Call) -> Result<Arguments> {
    let mut arguments = Arguments {
        body: args.body.as_deref().map(body).transpose()?,
        api_key: variable(&api_key_variable(&args.api)),
        api_key_variable: api_key_variable(&args.api),
        ..Arguments::default()
    };
    if let Some(method) = &args.method {
        arguments.set_method(method)?;
    }
    for parameter in &args.params {
        arguments.add_parameter(parameter)?;
    }
    for header in &args.headers {
        arguments.add_header(header)?;
    }
    Ok(arguments)
}

/// Returns the value of an environment variable. Like in the AWS SDKs, an empty one counts as unset.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn body(given: &str) -> Result<Bytes> {
    Ok(match given.strip_prefix('@') {
        Some(file) if file != "-" => fs_err::read(file)?.into(),
        _ if given == "-" || given == "@-" => {
            let mut bytes = Vec::new();
            std::io::stdin()
                .read_to_end(&mut bytes)
                .context("failed to read the body from stdin")?;
            bytes.into()
        }
        _ => given.to_owned().into(),
    })
}

fn endpoint(args: &network::Call, api: &Api) -> Result<Url> {
    let name = endpoint_variable(&args.api);
    let endpoint = args.endpoint.clone();
    let endpoint = endpoint
        .or_else(|| variable(&name))
        .or_else(|| api.endpoint.clone())
        .with_context(|| format!("the spec has no endpoint: use --endpoint or set {name}"))?;
    Ok(parse_url(&endpoint)?)
}

async fn dry_run(caller: &Caller, call: &Call) -> Result<()> {
    let run = caller.dry_run(call).await?;
    let mut text = format!("{}\n", run.line);
    for (name, value) in &run.headers {
        text += &format!("{name}: {value}\n");
    }
    match &run.signed {
        Some(signed) => {
            text += &format!("\ncanonical request\n\n{}\n", signed.canonical_request());
            text += &format!("\nstring to sign\n\n{}\n", signed.string_to_sign());
        }
        None => text += "\nnot signed: the operation does not require a signature\n",
    }
    show(text.as_bytes())
}

/// Prints the status and request ID and, with `explain`, the signature and the reason of a refusal.
fn report(answer: &Answer, explain: bool) {
    let id = answer.request_id().unwrap_or("unknown");
    voice::status("Response", format!("{}, request ID {id}", answer.status()));
    if let Some(location) = answer.headers().get(LOCATION) {
        voice::status("Location", String::from_utf8_lossy(location.as_bytes()));
    }
    if voice::is_verbose() {
        for (name, value) in answer.headers() {
            let value = String::from_utf8_lossy(value.as_bytes());
            voice::status("Header", format_args!("{name}: {value}"));
        }
    }
    if !explain {
        if answer.refusal().is_some() {
            voice::status("Note", "add --explain to see why the request was refused");
        }
        return;
    }
    match answer.signed() {
        Some(signed) => {
            voice::line("Scope", signed.credential_scope());
            voice::line("Signed", signed.signed_headers());
        }
        None => voice::line("Signed", "nothing"),
    }
    let Some(refusal) = answer.refusal() else {
        if !answer.status().is_success() {
            voice::line(
                "Error",
                format_args!("the backend returned {}", answer.status().as_u16()),
            );
        }
        return;
    };
    voice::line("Refused", refusal.reason());
    if let Some(difference) = refusal.difference() {
        voice::line("Differs", difference.part());
        voice::line("sent:", difference.signed().unwrap_or("nothing"));
        voice::line("received:", difference.arrived().unwrap_or("nothing"));
    }
    voice::line("help:", refusal.hint());
}

/// Prints the body. JSON is formatted; anything else is printed as it is received.
async fn print(answer: &mut Answer) -> Result<()> {
    if !answer.is_json() {
        while let Some(chunk) = answer.chunk().await? {
            show(&chunk)?;
        }
        return Ok(());
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk);
    }
    match pretty(&body) {
        Some(text) => show(format!("{text}\n").as_bytes()),
        None if body.is_empty() => Ok(()),
        None => {
            voice::status(
                "Note",
                "the content type is JSON, but the body is not valid JSON",
            );
            show(&body)
        }
    }
}

/// Prints to stdout. A closed pipe, for example to `head`, is not an error.
fn show(bytes: &[u8]) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}
