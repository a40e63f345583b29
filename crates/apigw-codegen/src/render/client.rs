//! Renders `client.rs`: the client, with one method per operation.

use super::code::Code;
use super::operations::{
    TOO_MANY_ARGUMENTS, argument_body, converts, listed, meaning, parameter, part_notes,
    part_passed,
};
use super::{Names, Scope, docs};
use crate::constraints::constraints;
use crate::shape::{Body, Outcome, Shape, required};
use apigw_spec::api::{Api, Method, Response, Status};
use apigw_spec::environment::endpoint_variable;

pub(super) const NAMES: Names = Names {
    items: &[
        ("apigw_runtime::codegen", &["Api"]),
        (
            "apigw_runtime",
            &[
                "ApiClient",
                "BuildError",
                "Call",
                "Client",
                "ClientBuilder",
                "Method",
            ],
        ),
    ],
    modules: &["operations", "types"],
};

/// Renders the client.
pub(crate) fn render(api: &Api, name: &str, shapes: &[Shape<'_>], scope: &Scope<'_>) -> Code {
    let client = &scope.client;
    let mut code = Code::default();
    code.text_docs(
        Some(&format!(
            "A client for the {}.",
            super::api_name(api.title.trim_end_matches('.'))
        )),
        "A client for the API.",
    );
    code.docs([
        "",
        "Cheap to clone; clones share connections and credentials.",
    ]);
    code.line("#[derive(Debug, Clone)]");
    code.block(format!("pub struct {client}"), |code| {
        code.line("client: Client,")
    });
    code.space();
    code.block(format!("impl ApiClient for {client}"), |code| {
        code.line("const API: &'static Api = &Api {");
        code.line(format!("    name: {name:?},"));
        let variable = endpoint_variable(name);
        code.line(format!("    endpoint_variable: {variable:?},"));
        code.line(
            "    user_agent: concat!(env!(\"CARGO_PKG_NAME\"), \"/\", env!(\"CARGO_PKG_VERSION\")),",
        );
        code.line(format!("    endpoint: {:?},", api.endpoint));
        code.line(format!("    region: {:?},", api.region));
        code.line(format!("    signed: {},", api.is_signed()));
        code.line("};");
        code.space();
        code.block("fn from_client(client: Client) -> Self", |code| {
            code.line("Self { client }");
        });
    });
    code.space();
    code.block(format!("impl {client}"), |code| {
        code.docs([
            "Creates a builder to configure the endpoint, Region, credentials, limits, retries and more.",
            "",
            "All settings are optional; see [`ClientBuilder`]. Call `.build().await` to create the client.",
        ]);
        code.block("pub fn builder() -> ClientBuilder<Self>", |code| {
            code.line("ClientBuilder::new()");
        });
        code.space();
        code.docs([
            "Creates a client configured from the environment, like the AWS SDKs.",
            "",
            "Credentials are loaded when the first request is signed.",
            "",
            "# Errors",
            "",
            "Returns an error if the endpoint or Region is missing, or if a setting is invalid.",
        ]);
        code.block("pub async fn from_env() -> Result<Self, BuildError>", |code| {
            code.line("Self::builder().build().await");
        });
        code.space();
        code.docs([
            "Creates a signed request to a route that the spec does not describe.",
            "",
            "`path` is relative to the stage, for example `/orders/{id}`. [`Call`] sets parameters, headers and",
            "bodies, including streaming ones; [`Call::send`] is generic over the success and error types.",
        ]);
        code.block("pub fn request(&self, method: Method, path: &str) -> Call", |code| {
            code.line("self.client.request(method, path)");
        });
        for shape in shapes {
            code.space();
            method(code, shape, scope);
        }
    });
    code
}

fn method(code: &mut Code, shape: &Shape<'_>, scope: &Scope<'_>) {
    let operation = shape.operation;
    let builder = &shape.builder;
    let mut takes = vec!["&self".to_owned()];
    let mut passes = vec!["&self.client".to_owned()];
    if operation.method == Method::Any {
        takes.push("method: Method".to_owned());
        passes.push("method".to_owned());
    }
    let pass = |name: &str, is_text: bool| match is_text {
        true => format!("{name}.into()"),
        false => name.to_owned(),
    };
    for argument in &shape.arguments {
        let passed = parameter(argument, scope);
        takes.push(format!("{}: {}", argument.ident, passed.takes));
        passes.push(pass(&argument.ident, passed.converted.is_some()));
    }
    for part in &shape.part_arguments {
        let passed = part_passed(part, scope);
        takes.push(format!("{}: {}", part.ident, passed.takes));
        passes.push(pass(&part.ident, passed.converted.is_some()));
    }
    if required(&shape.body) {
        let (of, _) = argument_body(shape, scope);
        passes.push(pass("body", converts(&of)));
        takes.push(format!("body: {of}"));
    }
    method_docs(code, shape, scope);
    if operation.deprecated {
        code.line("#[deprecated]");
    }
    if takes.len() > 7 {
        code.line(TOO_MANY_ARGUMENTS);
    }
    // `impl Trait` can't have an anonymous lifetime
    let has_lifetime = takes.iter().any(|takes| takes.contains("<'a, "));
    let lifetime = if has_lifetime { "<'a>" } else { "" };
    let head = format!("pub fn {}{lifetime}", operation.name);
    let tail = format!(" -> operations::{builder}");
    code.function(&head, &takes, &tail, |code| {
        code.call(&format!("operations::{builder}::new"), &passes, "");
    });
}

fn method_docs(code: &mut Code, shape: &Shape<'_>, scope: &Scope<'_>) {
    let operation = shape.operation;
    let texts: Vec<&str> = [&operation.summary, &operation.description]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let mut lines: Vec<String> = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        // some specs repeat the summary as the description
        if texts[..index].contains(text) {
            continue;
        }
        lines.extend(docs::lines(text));
        if lines.last().is_some_and(|line| !line.is_empty()) {
            lines.push(String::new());
        }
    }
    lines.push(format!(
        "`{}`, {}.",
        operation.route().replace('`', "'"),
        auth(shape)
    ));
    if shape.checks_body {
        let text = "The body is required: set it before you send the request.";
        lines.extend([String::new(), text.to_owned()]);
    }
    let arguments = shape.arguments.iter().map(|argument| {
        let parameter = argument.parameter;
        let description = parameter.description.as_deref();
        let notes = constraints(&parameter.schema);
        (&argument.ident, description, parameter.deprecated, notes)
    });
    let parts = shape.part_arguments.iter().map(|part| {
        let notes = part_notes(part);
        (&part.ident, part.description(), part.is_deprecated(), notes)
    });
    let described: Vec<String> = arguments
        .chain(parts)
        .filter_map(|(ident, description, deprecated, notes)| {
            let described = description.map(|text| {
                let text = docs::inline(text);
                match text.ends_with(['.', '!', '?']) {
                    true => text,
                    false => text + ".",
                }
            });
            let deprecated = deprecated.then(|| "Deprecated.".to_owned());
            let texts = [deprecated, described, notes];
            let texts: Vec<String> = texts.into_iter().flatten().collect();
            let text = texts.join(" ");
            (!text.is_empty()).then(|| format!("- `{ident}`: {text}"))
        })
        .collect();
    let mut described = described;
    described.extend(media_types(shape));
    section(&mut lines, "# Arguments", described);
    let mut responses: Vec<&Response> = operation.responses.iter().collect();
    responses.sort_by_key(|response| response.status);
    let statuses: Vec<String> = responses
        .into_iter()
        .map(|response| {
            let status = response.status;
            let meaning = meaning(response).map(docs::inline);
            let line = match (meaning, body_link(shape, status, scope)) {
                (None, None) => format!("- {status}"),
                (None, Some(body)) => format!("- {status}: {body}"),
                (Some(text), None) => format!("- {status}: {text}"),
                (Some(text), Some(body)) => format!("- {status}: {text} ({body})"),
            };
            match documented_headers(response) {
                None => line,
                Some(headers) => format!("{line}, {headers}"),
            }
        })
        .collect();
    let has_headers = operation
        .responses
        .iter()
        .any(|response| !response.headers.is_empty());
    if statuses.len() > 1 || has_headers {
        section(&mut lines, "# Responses", statuses);
    }
    code.docs(lines);
}

/// Describes a required body of several media types.
fn media_types(shape: &Shape<'_>) -> Option<String> {
    let takes_any = required(&shape.body) && !shape.other_media_types.is_empty();
    takes_any.then(|| {
        format!(
            "- `body`: for {}, use [`EitherBody::bytes`](apigw_runtime::EitherBody::bytes).",
            listed(&shape.other_media_types)
        )
    })
}

/// Lists the documented headers of a response.
fn documented_headers(response: &Response) -> Option<String> {
    let names: Vec<String> = response
        .headers
        .iter()
        .map(|name| format!("`{}`", one_line(name).replace('`', "'")))
        .collect();
    (!names.is_empty()).then(|| format!("with {}", names.join(", ")))
}

/// Returns a link to the type of the body for a status.
fn body_link(shape: &Shape<'_>, status: Status, scope: &Scope<'_>) -> Option<String> {
    let side = match status {
        Status::Code(200..=299) | Status::Class(2) => &shape.success,
        Status::Code(400..) | Status::Class(4..) | Status::Default => &shape.error,
        _ => return None,
    };
    let body = match side {
        Outcome::One(body) => body,
        Outcome::Many(bodies) => &bodies.iter().find(|(of, _)| *of == status)?.1,
    };
    let slot = match body {
        Body::Json(slot) => *slot,
        Body::Stream => return Some("[`ByteStream`](apigw_runtime::ByteStream)".to_owned()),
        _ => return None,
    };
    let of = scope.types.slot(slot);
    Some(match of.own_name() {
        Some(name) => format!("[`{name}`](super::types::{name})"),
        None => format!("`{of}`"),
    })
}

fn section(lines: &mut Vec<String>, title: &str, items: Vec<String>) {
    if !items.is_empty() {
        lines.extend([String::new(), title.to_owned(), String::new()]);
        lines.extend(items);
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn auth(shape: &Shape<'_>) -> String {
    let auth = &shape.operation.auth;
    let mut text = match (auth.iam, &auth.authorizer) {
        (true, _) => "signed".to_owned(),
        (false, Some(name)) => {
            format!("authorized by `{}`; set its header", name.replace('`', "'"))
        }
        (false, None) => "not signed".to_owned(),
    };
    if auth.api_key {
        text.push_str(", with an API key");
    }
    text
}
