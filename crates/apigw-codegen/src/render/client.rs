//! `client.rs`: the client and one method per operation.

use super::code::{Code, Invoke};
use super::operations::{body, constant, meaning, parameter};
use super::{Names, Scope, docs};
use crate::constraints::constraints;
use crate::shape::{Body, Outcome, Shape, required};
use apigw_spec::api::{Api, Method, Response, Status};

pub(super) const NAMES: Names = Names {
    source: "apigw_runtime",
    items: &[
        "Api",
        "ApiClient",
        "BuildError",
        "Call",
        "Client",
        "ClientBuilder",
        "Method",
        "StatusCode",
    ],
    modules: &["operations", "types"],
};

/// The client.
pub(crate) fn render(api: &Api, name: &str, shapes: &[Shape<'_>], scope: &Scope<'_>) -> Code {
    let client = &scope.client;
    let mut code = Code::default();
    code.text_docs(
        Some(&format!("Calls {}.", api.title.trim_end_matches('.'))),
        "Calls the API.",
    );
    code.docs([
        "",
        "Cheap to clone: clones share connections and credentials.",
    ]);
    code.line("#[derive(Debug, Clone)]");
    code.block(format!("pub struct {client}"), |code| {
        code.line("client: Client,")
    });
    code.space();
    code.block(format!("impl ApiClient for {client}"), |code| {
        code.line("const API: &'static Api = &Api {");
        code.line(format!("    name: {name:?},"));
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
            "Sets up a client: endpoint, Region, credentials, a role to assume, an API key, limits, retries, middleware.",
            "",
            "Everything has a default, see [`ClientBuilder`]; end with `.build().await`.",
        ]);
        code.block("pub fn builder() -> ClientBuilder<Self>", |code| {
            code.line("ClientBuilder::new()");
        });
        code.space();
        code.docs([
            "A client with everything from the environment, as the AWS SDKs find it.",
            "",
            "# Errors",
            "",
            "When the endpoint or the Region is missing, or a setting means nothing: the error says what to set.",
            "Credentials are asked for by the first signed call, not before.",
        ]);
        code.block("pub async fn from_env() -> Result<Self, BuildError>", |code| {
            code.line("Self::builder().build().await");
        });
        code.space();
        code.docs([
            "A call that the API's document does not describe, signed like the others.",
            "",
            "`path` is below the stage, like `/orders/{id}`; [`Call`] sets parameters, headers and the body, also one that is not in memory,",
            "and [`Call::send`] takes the types of success and error.",
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
    let mut sets = Vec::new();
    if operation.method == Method::Any {
        takes.push("method: Method".to_owned());
        sets.push(Invoke::new("method", ["method"]));
    }
    for argument in &shape.arguments {
        let (of, set) = parameter(argument, scope);
        takes.push(format!("{}: {of}", argument.ident));
        sets.push(set);
    }
    if required(&shape.body) {
        let (of, set) = body(&shape.body, scope);
        takes.push(format!("body: {of}"));
        sets.extend(set);
    }
    if !shape.error_statuses.is_empty() {
        let statuses = &shape.error_statuses;
        sets.push(Invoke::new("documented_errors", [format!("&{statuses:?}")]));
    }
    for redirect in &shape.redirects {
        let status = format!("StatusCode::{redirect}");
        sets.push(Invoke::new("success_status", [status]));
    }
    method_docs(code, shape, scope);
    if operation.deprecated {
        code.line("#[deprecated]");
    }
    if takes.len() > 7 {
        code.line("#[expect(clippy::too_many_arguments, reason = \"the path has each of them\")]");
    }
    let head = format!("pub fn {}", operation.name);
    code.function(
        &head,
        &takes,
        &format!(" -> operations::{builder}"),
        |code| {
            let mutable = if sets.is_empty() { "" } else { "mut " };
            let constant = format!("&operations::{}", constant(shape));
            let arguments = ["&self.client".to_owned(), constant];
            code.call(&format!("let {mutable}call = Call::new"), &arguments, ";");
            for set in &sets {
                code.invoke("call", set);
            }
            code.line(format!("operations::{builder} {{ call }}"));
        },
    );
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
        // some documents write the same text twice
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
    let described: Vec<String> = shape
        .arguments
        .iter()
        .filter_map(|argument| {
            let described = argument.parameter.description.as_deref().map(|text| {
                let text = docs::escape(&one_line(text));
                match text.ends_with(['.', '!', '?']) {
                    true => text,
                    false => text + ".",
                }
            });
            let texts = [described, constraints(&argument.parameter.schema)];
            let texts: Vec<String> = texts.into_iter().flatten().collect();
            let text = texts.join(" ");
            (!text.is_empty()).then(|| format!("- `{}`: {text}", argument.ident))
        })
        .collect();
    section(&mut lines, "# Arguments", described);
    let mut responses: Vec<&Response> = operation.responses.iter().collect();
    responses.sort_by_key(|response| response.status);
    let statuses: Vec<String> = responses
        .into_iter()
        .map(|response| {
            let status = response.status;
            let meaning = meaning(response).map(|text| docs::escape(&one_line(text)));
            let line = match (meaning, holds(shape, status, scope)) {
                (None, None) => format!("- {status}"),
                (None, Some(body)) => format!("- {status}: {body}"),
                (Some(text), None) => format!("- {status}: {text}"),
                (Some(text), Some(body)) => format!("- {status}: {text} ({body})"),
            };
            match with_headers(response) {
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
        section(&mut lines, "# Statuses", statuses);
    }
    code.docs(lines);
}

/// The headers that come with a response.
fn with_headers(response: &Response) -> Option<String> {
    let names: Vec<String> = response
        .headers
        .iter()
        .map(|name| format!("`{}`", one_line(name).replace('`', "'")))
        .collect();
    (!names.is_empty()).then(|| format!("with {}", names.join(", ")))
}

/// The type of the body that comes with a status, linked.
fn holds(shape: &Shape<'_>, status: Status, scope: &Scope<'_>) -> Option<String> {
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
            format!("authorised by `{}`: set its header", name.replace('`', "'"))
        }
        (false, None) => "not signed".to_owned(),
    };
    if auth.api_key {
        text.push_str(", with an API key");
    }
    text
}
