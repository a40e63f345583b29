//! Tests as Rust source.

use super::call::{Call, calls};
use super::pages::{Pages, pages};
use super::request::{Payload, Sent};
use super::response::{accept, responses};
use super::rust_type::literal;
use super::source::{Method, Source};
use super::spec::{Access, Operation, Spec};
use super::{Client, Error};

/// Returns the module with the tests of a client.
pub(super) fn module(of: &Client, source: &Source, tests: &[String]) -> Result<String, Error> {
    let text = format!(
        "#[doc = {about:?}]
        mod {name} {{
            use golden::{name}::*;
            use crate::*;
            {tests}
            {undescribed}
        }}",
        about = format!(" Calls of the client of `specs/{}`.", of.spec),
        name = of.name,
        tests = tests.concat(),
        undescribed = undescribed(source),
    );
    Ok(prettyplease::unparse(&syn::parse_file(&text)?))
}

/// Returns the test of one operation.
pub(super) fn operation(
    of: &Client,
    spec: &Spec,
    source: &Source,
    operation: &Operation,
    method: &Method,
) -> Result<String, Error> {
    let accept = accept(operation);
    let calls = calls(spec, source, operation, method, &accept)?;
    let responses = responses(spec, source, operation, method)?;
    let access = access(operation.access);
    let first = responses.first().ok_or("no response")?;

    let mut body = format!("let call = || {};\n", called(method, &calls[0]));
    body.push_str(&responding(
        first.status,
        first.media_type.as_deref(),
        &first.body,
    ));
    for (n, call) in calls.iter().enumerate() {
        let written = match n {
            0 => "call()".to_owned(),
            _ => called(method, call),
        };
        body.push_str(&format!(
            "expect::success({written}.await, {});\n",
            first.status
        ));
        body.push_str(&received(access, &call.sent));
    }
    let signing = match operation.access.signed {
        true => "sign_options(SignOptions::new())",
        false => "unsigned()",
    };
    body.push_str(&format!(
        "expect::success(with_options!(call()).{signing}.await, {});\n",
        first.status
    ));
    body.push_str(&received(access, &calls[0].sent.with_options()));
    for (n, response) in responses.iter().enumerate() {
        if n > 0 {
            body.push_str(&responding(
                response.status,
                response.media_type.as_deref(),
                &response.body,
            ));
        }
        body.push_str(&response.seen);
        body.push('\n');
    }
    if method.pages {
        body.push_str(&paged(access, &calls[0].sent, &pages(spec, operation)?));
    }
    let about = format!(" `{} {}`", operation.method, operation.path);
    Ok(format!(
        "#[doc = {about:?}]\n\
         #[tokio::test]\n\
         async fn {name}() {{\n\
             let harness = Harness::<{client}>::start({spec:?}, \"{name}\").await;\n\
             {body}\
         }}\n",
        name = method.name,
        client = source.client,
        spec = of.spec,
    ))
}

/// Returns the test of `request`, which calls what the spec does not describe.
fn undescribed(source: &Source) -> String {
    format!(
        "#[tokio::test]\n\
         async fn undescribed_route() {{\n\
             harness::undescribed_route({}::request).await;\n\
         }}\n",
        source.client
    )
}

/// Returns statements that fetch two pages, first page by page, then item by item.
fn paged(access: &str, first: &Sent, of: &Pages) -> String {
    let second = first.and(&of.parameter, &of.value);
    let mut text = String::new();
    let kinds = [("pages", "page", &of.pages), ("stream", "item", &of.items)];
    for (kind, one, taken) in kinds {
        text.push_str(&format!("let mut {kind} = call().{kind}();\n"));
        for ((page, item), sent) in of.pages.iter().zip(taken).zip([first, &second]) {
            text.push_str(&responding(
                of.status,
                Some(&of.media_type),
                &page.to_string(),
            ));
            let item = literal(&item.to_string());
            text.push_str(&format!("expect::{one}({kind}.next().await, {item});\n"));
            text.push_str(&received(access, sent));
        }
        text.push_str(&format!("expect::end(&{kind}.next().await);\n"));
    }
    text
}

fn called(method: &Method, call: &Call) -> String {
    let name = &method.name;
    let setters: String = call
        .setters
        .iter()
        .map(|setter| format!(".{setter}"))
        .collect();
    format!(
        "harness.client.{name}({}){setters}",
        call.arguments.join(", ")
    )
}

fn responding(status: u16, media_type: Option<&str>, body: &str) -> String {
    format!(
        "harness.respond({status}, {media_type:?}, {});\n",
        literal(body)
    )
}

fn received(access: &str, sent: &Sent) -> String {
    let pairs = |pairs: &[(String, String)]| {
        let pairs = pairs
            .iter()
            .map(|(n, v)| format!("({}, {})", literal(n), literal(v)));
        pairs.collect::<Vec<_>>().join(", ")
    };
    let body = match &sent.body {
        Payload::Nothing => "Body::Nothing".to_owned(),
        Payload::Json(value) => format!("Body::Json({})", literal(&value.to_string())),
        Payload::Bytes(text) => format!("Body::Bytes({})", literal(text)),
        Payload::Form(fields) => format!("Body::Form(&[{}])", pairs(fields)),
        Payload::Parts(parts) => {
            let parts = parts.iter().map(|part| {
                format!(
                    "({}, {:?}, {:?}, {})",
                    literal(&part.name),
                    part.file_name,
                    part.content_type,
                    literal(&part.text)
                )
            });
            format!("Body::Parts(&[{}])", parts.collect::<Vec<_>>().join(", "))
        }
    };
    let headers: Vec<String> = sent.headers.iter().map(|header| literal(header)).collect();
    format!(
        "harness.received(Access::{access}, {}, &[{}], {body});\n",
        literal(&sent.line()),
        headers.join(", ")
    )
}

fn access(of: Access) -> &'static str {
    match (of.signed, of.api_key) {
        (false, false) => "Open",
        (false, true) => "Key",
        (true, false) => "Signed",
        (true, true) => "SignedWithKey",
    }
}
