//! `Cargo.toml`, `README.md` and `lib.rs`.

use std::collections::BTreeMap;

use super::{Scope, Target};
use crate::paging::Pages;
use crate::shape::{Body, Outcome, RequestShape, Shape};
use apigw_spec::api::{Api, Method};
use apigw_spec::environment::endpoint_variable;

/// Crates that the runtime re-exports for generated code behind a feature of the same name.
const OPTIONAL: [&str; 2] = ["chrono", "uuid"];

pub(super) fn cargo_toml(
    api: &Api,
    target: &Target,
    dependencies: &BTreeMap<String, String>,
    code: &[&String],
) -> String {
    let description = format!(
        "Client for the {} with AWS SigV4 signing",
        super::api_name(&one_line(&api.title))
    );
    let mut text = format!(
        "# {}\n\n\
         [package]\nname = {}\nversion = \"0.1.0\"\ndescription = {}\nedition = \"2024\"\n\
         rust-version = \"1.94.1\"\npublish = false\n\n\
         [package.metadata.apigw]\nspec = {}\napi-version = {}\n\n\
         [package.metadata.apigw.operations]\n",
        super::header_text(target),
        quoted(&target.package),
        quoted(&description),
        quoted(&target.spec),
        quoted(&api.version),
    );
    for operation in &api.operations {
        text.push_str(&format!(
            "{} = {}\n",
            quoted(&operation.route()),
            quoted(&operation.name)
        ));
    }
    text.push_str(
        "\n[features]\ndefault = [\"aws-config\", \"rustls\", \"tracing\"]\n\
         aws-config = [\"apigw-runtime/aws-config\"]\n\
         gzip = [\"apigw-runtime/gzip\"]\n\
         native-tls = [\"apigw-runtime/native-tls\"]\n\
         rustls = [\"apigw-runtime/rustls\"]\n\
         stream = [\"apigw-runtime/stream\"]\n\
         test = [\"apigw-runtime/test\"]\n\
         tracing = [\"apigw-runtime/tracing\"]\n\n[dependencies]\n",
    );
    let uses = |path: &str| code.iter().any(|text| text.contains(path));
    let mut features: Vec<&str> = OPTIONAL.to_vec();
    features.retain(|name| uses(&format!("{name}::")));
    if uses("apigw_runtime::DateTime") && !features.contains(&"chrono") {
        features.insert(0, "chrono");
    }
    if uses("apigw_runtime::multipart") {
        features.push("multipart");
    } else if uses("apigw_runtime::Part") {
        // for files and streams
        features.push("stream");
    }
    text.push_str(&format!(
        "apigw-runtime = {}\n",
        target.runtime.dependency(&features)
    ));
    for (name, dependency) in dependencies {
        text.push_str(&format!("{name} = {dependency}\n"));
    }
    text
}

/// Returns a TOML basic string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn crate_name(target: &Target) -> String {
    target.package.replace('-', "_")
}

pub(super) fn lib_rs(target: &Target, scope: &Scope<'_>) -> String {
    format!(
        "{}\n#![doc = include_str!(\"../README.md\")]\n\n\
         #[rustfmt::skip]\nmod client;\n#[rustfmt::skip]\npub mod operations;\n\
         #[rustfmt::skip]\npub mod types;\n\n\
         #[doc(no_inline)]\npub use apigw_runtime as runtime;\n\
         #[doc(inline)]\n\
         pub use apigw_runtime::{{\n    AnyBody, ApiClient, BuildError, ByteStream, Call, ClientBuilder, Error, ErrorKind, Items,\n    Pages, ResponseValue, RetryPolicy, Text,\n}};\n\
         #[doc(no_inline)]\npub use apigw_runtime::{{Credentials, Method, StatusCode}};\n\
         pub use client::{};\n\n\
         /// The spec this client was generated from, as JSON, for `TestApiBuilder::described_by`.\n\
         #[cfg(feature = \"test\")]\n\
         pub const DOCUMENT: &str = include_str!(\"../openapi.json\");\n",
        super::header(target),
        scope.client
    )
}

pub(super) fn readme(
    api: &Api,
    target: &Target,
    shapes: &[Shape<'_>],
    pages: &[Option<Pages>],
    scope: &Scope<'_>,
) -> String {
    let client = &scope.client;
    let mut text = format!(
        "<!-- {} -->\n\n\
         # {}\n\nA client for the {}, generated from `{}`.\n",
        super::header_text(target),
        target.package,
        super::docs::inline(&super::api_name(&one_line(&api.title))),
        target.spec,
    );
    if let Some(description) = &api.description {
        text.push('\n');
        for line in super::docs::lines(description) {
            text.push_str(&line);
            text.push('\n');
        }
    }
    text.push_str(&quick_start(target, shapes, scope));
    let variable = endpoint_variable(&target.api);
    text.push_str(&match &api.endpoint {
        Some(endpoint) => format!(
            "Requests go to `{endpoint}`.\nTo use another endpoint, set `{variable}` or call \
             `.endpoint(…)` on the builder.\n",
        ),
        None => format!(
            "The spec has no endpoint, so you must set `{variable}` or call `.endpoint(…)` on the builder.\n",
        ),
    });
    if api.is_signed() {
        text.push_str(
            "Credentials come from the default AWS provider chain, as with the AWS SDKs.\n",
        );
    }
    text.push_str("\n## Operations\n");
    text.push_str("\n| operation | route | authorization |\n|---|---|---|\n");
    for shape in shapes {
        let operation = shape.operation;
        let auth = match (operation.auth.iam, &operation.auth.authorizer) {
            (true, _) => "signed",
            (false, Some(_)) => "authorizer",
            (false, None) => "open",
        };
        let key = if operation.auth.api_key {
            ", API key"
        } else {
            ""
        };
        text.push_str(&format!(
            "| [`{0}`]({client}::{0}) | `{1}` | {auth}{key} |\n",
            operation.name,
            operation.route().replace('|', "\\|"),
        ));
    }
    text.push_str(&how_to(client, shapes, pages));
    text.push_str(&testing(target, shapes, scope));
    text
}

/// Returns the first `GET` operation without required arguments.
fn plainest<'a, 's>(shapes: &'s [Shape<'a>]) -> Option<&'s Shape<'a>> {
    shapes.iter().find(|shape| {
        shape.arguments.is_empty()
            && !shape.operation.deprecated
            && shape.part_arguments.is_empty()
            && !crate::shape::required(&shape.body)
            && shape.operation.method == Method::One("GET".to_owned())
    })
}

/// Returns the `GET` operation with the fewest arguments, and a call of it; only arguments of
/// plain types, which have an example value, are considered.
fn example<'a, 's>(shapes: &'s [Shape<'a>], scope: &Scope<'_>) -> Option<(&'s Shape<'a>, String)> {
    if let Some(shape) = plainest(shapes) {
        return Some((shape, format!("{}()", shape.operation.name)));
    }
    let call = |shape: &Shape<'_>| {
        let values = shape.arguments.iter().map(|argument| {
            let of = scope.types.slot(argument.slot);
            match of.path() {
                "i64" | "i32" => Some("1"),
                "f64" | "f32" => Some("1.0"),
                "bool" => Some("true"),
                _ if of.is_string() => Some("\"…\""),
                _ => None,
            }
        });
        let values: Vec<&str> = values.collect::<Option<_>>()?;
        Some(format!("{}({})", shape.operation.name, values.join(", ")))
    };
    let calls = shapes.iter().filter(|shape| {
        !crate::shape::required(&shape.body)
            && !shape.operation.deprecated
            && shape.part_arguments.is_empty()
            && shape.operation.method == Method::One("GET".to_owned())
    });
    calls
        .filter_map(|shape| Some((shape, call(shape)?)))
        .min_by_key(|(shape, _)| shape.arguments.len())
}

/// The dependencies to add, and a first program that compiles as a doctest.
fn quick_start(target: &Target, shapes: &[Shape<'_>], scope: &Scope<'_>) -> String {
    let (client, krate) = (&scope.client, crate_name(target));
    let mut text = format!(
        "\n```toml\n[dependencies]\n\
         {} = {{ path = \"…/crates/generated/{}\" }}\n\
         tokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n```\n\n\
         ```rust,no_run\n",
        target.package, target.api
    );
    match example(shapes, scope) {
        None => text.push_str(&format!(
            "use {krate}::{client};\n\n\
             // call this from your #[tokio::main]\n\
             async fn run() -> Result<(), Box<dyn std::error::Error>> {{\n    \
                 let client = {client}::from_env().await?;\n    \
                 // …\n    \
                 Ok(())\n}}\n"
        )),
        Some((shape, call)) => {
            let print = match &shape.success {
                Outcome::One(Body::Json(_) | Body::Several { .. }) | Outcome::Many(_) => {
                    r#"println!("{:#?}", *response)"#
                }
                Outcome::One(Body::Any) => r#"println!("{}", response.text()?)"#,
                Outcome::One(Body::Text) => r#"println!("{}", response.0)"#,
                Outcome::One(Body::Stream | Body::Nothing | Body::Events(_) | Body::Lines(_)) => {
                    r#"println!("{}", response.status())"#
                }
            };
            text.push_str(&format!(
                "use {krate}::{{ErrorKind, {client}}};\n\n\
                 // call this from your #[tokio::main]\n\
                 async fn run() -> Result<(), Box<dyn std::error::Error>> {{\n    \
                     let client = {client}::from_env().await?;\n    \
                     match client.{call}.await {{\n        \
                         Ok(response) => {print},\n        \
                         Err(error) if error.kind() == ErrorKind::Refused => {{\n            \
                             eprintln!(\"refused by API Gateway: {{error}}\");\n        \
                         }}\n        \
                         Err(error) => return Err(error.into()),\n    \
                     }}\n    \
                     Ok(())\n}}\n"
            ));
        }
    }
    text.push_str("```\n\n");
    text
}

/// The section on common tasks, with a link to the API for each.
fn how_to(client: &str, shapes: &[Shape<'_>], pages: &[Option<Pages>]) -> String {
    let linked = |shape: &Shape<'_>| {
        let name = &shape.operation.name;
        format!("[`{name}`]({client}::{name})")
    };
    let paged = shapes.iter().zip(pages).find(|(_, pages)| pages.is_some());
    let streamed = shapes
        .iter()
        .find(|shape| matches!(shape.success, Outcome::One(Body::Stream)));
    let mut text = format!(
        "\n## Common tasks\n\n\
         - **Configure the client:** [`{client}::builder`] sets the endpoint, credentials, a role to\n  \
           assume, an API key, timeouts, middleware and more; see [`ClientBuilder`].\n\
         - **Configure one request:** every builder in [`operations`] has `.header()`, `.timeout()`,\n  \
           `.total_timeout()`, `.response_limit()`, `.retry()`, `.idempotency_key()`, `.sign_options()`\n  \
           and `.unsigned()`.\n\
         - **Handle errors:** match on [`Error::kind`]. [`Error::body`] returns the error body that the\n  \
           spec documents for the status. `{{error}}` is a single line for logs.\n\
         - **Retry:** transient failures are retried if repeating the request is safe; see\n  \
           [`RetryPolicy`].\n\
         - **Read the status and headers:** the [`ResponseValue`] around the decoded body has them.\n"
    );
    if let Some((shape, _)) = paged {
        text.push_str(&format!(
            "- **Read all pages:** {} has `.stream()` for the items\n  and `.pages()` for the pages.\n",
            linked(shape)
        ));
    }
    if let Some(shape) = streamed {
        text.push_str(&format!(
            "- **Download a large body:** {} returns a [`ByteStream`].\n",
            linked(shape)
        ));
    }
    let is_upload = |shape: &&Shape<'_>| match &shape.body {
        RequestShape::Bytes { text, .. } => !text,
        RequestShape::Parts { .. } => {
            let mut parts = shape.part_arguments.iter().chain(&shape.part_setters);
            parts.any(|part| part.slot().is_none())
        }
        _ => false,
    };
    if let Some(shape) = shapes.iter().find(is_upload) {
        text.push_str(&format!(
            "- **Upload a file:** {} accepts bytes, or an [`apigw_runtime::Part`] of a file or a\n  \
               stream, with progress.\n",
            linked(shape)
        ));
    }
    text.push_str(&format!(
        "- **Call a route that the spec does not describe, or upload a stream** (feature `stream`):\n  \
           use [`{client}::request`].\n\
         - **Choose features:** `aws-config`, `rustls` and `tracing` are on by default; `native-tls`,\n  \
           `stream`, `gzip` and `test` are optional.\n"
    ));
    text
}

/// The section on testing code that uses the client.
fn testing(target: &Target, shapes: &[Shape<'_>], scope: &Scope<'_>) -> String {
    let (client, krate) = (&scope.client, crate_name(target));
    let Some(shape) = plainest(shapes).or(shapes.first()) else {
        return String::new();
    };
    format!(
        "\n## Test your code\n\n\
         ```toml\n[dev-dependencies]\n\
         {} = {{ path = \"…/crates/generated/{}\", features = [\"test\"] }}\n```\n\n\
         ```rust,no_run\n# #[cfg(feature = \"test\")]\n\
         # async fn run() -> Result<(), Box<dyn std::error::Error>> {{\n\
         use {krate}::runtime::testing::{{Fault, Response, TestApi, json}};\n\
         use {krate}::{{{client}, StatusCode, operations}};\n\n\
         let response = Response::json(StatusCode::OK, json!({{ /* a body that fits the spec */ }}));\n\
         let api = TestApi::<{client}>::builder()\n    \
             .described_by({krate}::DOCUMENT) // responses from the spec's schemas,\n    \
             .answer::<operations::{}>(response) // except for this operation\n    \
             .start()\n    \
             .await?;\n\
         let client = api.client(); // pass this to the code under test\n\
         api.gateway().inject(Fault::Throttled); // the next request fails and is retried\n\
         # Ok(())\n# }}\n```\n\n\
         `TestApi` runs a local API Gateway in the test's process. It verifies every signature, returns\n\
         responses from the spec or from the test, and injects faults; see `runtime::testing`.\n",
        target.package, target.api, shape.builder
    )
}
