//! `call`: calls an operation or a URL.

use std::io::{Read, Write};
use std::process::ExitCode;

use crate::door;
use crate::network;
use crate::voice;
use anyhow::{Context, Result, bail};
use apigw_remote::call::{self, Answer, Arguments, Call, Caller, curl, pretty};
use apigw_spec::Api;
use apigw_spec::environment::{api_key_variable, endpoint_variable};
use bytes::Bytes;
use http::header::{AUTHORIZATION, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use reqwest::Url;
use reqwest_sigv4::{Endpoint, Signer};

/// Calls an operation or a URL; the exit code follows the status of the response.
pub(crate) async fn run(args: &network::Call) -> Result<ExitCode> {
    let (call, region) = prepare(args)?;
    let key = api_key_variable(&args.api);
    if args.curl {
        let region = region.or_else(|| variable("AWS_REGION"));
        let region = region.context("no Region is set: pass --region or set AWS_REGION")?;
        println!("{}", curl(&call, &region, &key));
        if call.is_signed() && call.url().path().contains('%') {
            voice::status(
                "Note",
                "curl 7.88 signs paths with escapes differently from API Gateway",
            );
        }
        return Ok(ExitCode::SUCCESS);
    }
    let caller = Caller::new(signer(args, region).await?)?;
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

/// Builds the call, and infers the Region from the endpoint or the spec.
fn prepare(args: &network::Call) -> Result<(Call, Option<String>)> {
    let arguments = arguments(args)?;
    let is_url = args.api.starts_with("http://") || args.api.starts_with("https://");
    let (call, region) = match (is_url, &args.operation) {
        (true, None) => (Call::to(&url(&args.api)?, &arguments), None),
        (true, Some(operation)) => {
            bail!("a URL cannot be combined with an operation: remove {operation:?}")
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
                    format!(
                        "the authorizer {authorizer} may require a token; pass it with --header"
                    ),
                );
            }
            (call, api.region.clone())
        }
    };
    let inferred = Endpoint::from_url(call.url()).map(|endpoint| endpoint.region().to_owned());
    let call = match args.unsigned {
        true => call.unsigned(),
        false => call,
    };
    Ok((call, args.region.clone().or(inferred).or(region)))
}

fn arguments(args: &network::Call) -> Result<Arguments> {
    let method = args.method.as_deref().map(|method| {
        Method::from_bytes(method.to_uppercase().as_bytes())
            .with_context(|| format!("{method:?} is not an HTTP method: use GET, POST or another"))
    });
    let parameters = args.params.iter().map(|param| {
        let (name, value) = param
            .split_once('=')
            .with_context(|| format!("{param:?} has no value: use --param name=value"))?;
        Ok((name.to_owned(), value.to_owned()))
    });
    Ok(Arguments {
        method: method.transpose()?,
        parameters: parameters.collect::<Result<_>>()?,
        headers: headers(&args.headers)?,
        body: args.body.as_deref().map(body).transpose()?,
        api_key: variable(&api_key_variable(&args.api)),
        api_key_variable: api_key_variable(&args.api),
    })
}

/// Reads an environment variable; an empty one counts as unset, as in the AWS SDKs.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn headers(lines: &[String]) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for line in lines {
        let wrong = || {
            // the value may be a secret
            let name = line.split(':').next().unwrap_or_default();
            format!("invalid header {name:?}: use --header 'name: value'")
        };
        let (name, value) = line.split_once(':').with_context(wrong)?;
        let name: HeaderName = name.trim().parse().with_context(wrong)?;
        let mut value = HeaderValue::from_str(value.trim()).with_context(wrong)?;
        value.set_sensitive(reqwest_sigv4::is_secret_header(name.as_str()));
        headers.append(name, value);
    }
    Ok(headers)
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
    let given = args.endpoint.clone();
    let given = given
        .or_else(|| variable(&name))
        .or_else(|| api.endpoint.clone());
    url(&given
        .with_context(|| format!("the spec contains no endpoint: pass --endpoint or set {name}"))?)
}

fn url(text: &str) -> Result<Url> {
    let url = Url::parse(text).ok().filter(|url| url.has_host());
    url.with_context(|| format!("{text:?} is not a URL: use one that starts with https://"))
}

/// Creates the signer: arguments override the host and the spec, which override the environment.
async fn signer(args: &network::Call, region: Option<String>) -> Result<Signer> {
    let mut signer = Signer::builder();
    if let Some(region) = region {
        signer = signer.region(region);
    }
    if let Some(service) = &args.service {
        signer = signer.service(service.as_str());
    }
    if let Some(profile) = &args.profile {
        signer = signer.profile(profile);
    }
    if let Some(role) = &args.role {
        signer = signer.assume_role(role.as_str());
    }
    Ok(signer.load().await?)
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
        None => text += "\nnot signed: the spec requires no signature\n",
    }
    show(text.as_bytes())
}

/// Prints the status and the request id, and explains a refusal.
fn report(answer: &Answer, explain: bool) {
    let id = answer.request_id().unwrap_or("unknown");
    voice::status("Response", format!("{}, request id {id}", answer.status()));
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
            voice::status("Run", "it again with --explain to see why");
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
                format!("the backend returned {}", answer.status().as_u16()),
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

/// Prints the body: JSON is buffered and indented, anything else is streamed.
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
                "the body is declared as JSON, but is not valid JSON",
            );
            show(&body)
        }
    }
}

/// Prints to stdout; a closed pipe, such as `head`, is not an error.
fn show(bytes: &[u8]) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}
