//! Calls as tests in Rust.

use super::answer::{accept, answers};
use super::call::{Call, calls};
use super::document::{Access, Document, Operation};
use super::pages::{Pages, pages};
use super::request::{Payload, Sent};
use super::rust_type::literal;
use super::source::{Method, Source};
use super::{Client, Trouble};

/// Returns the module with the tests of a client.
pub(super) fn module(of: &Client, source: &Source, tests: &[String]) -> Result<String, Trouble> {
    let text = format!(
        "#[doc = {about:?}]
        mod {name} {{
            use golden::{name}::*;
            use crate::*;
            {tests}
            {undescribed}
        }}",
        about = format!(" Calls of the client of `documents/{}`.", of.document),
        name = of.name,
        tests = tests.concat(),
        undescribed = undescribed(source),
    );
    Ok(prettyplease::unparse(&syn::parse_file(&text)?))
}

/// The test of one operation.
pub(super) fn operation(
    of: &Client,
    document: &Document,
    source: &Source,
    operation: &Operation,
    method: &Method,
) -> Result<String, Trouble> {
    let accept = accept(operation);
    let calls = calls(document, source, operation, method, &accept)?;
    let answers = answers(document, source, operation, method)?;
    let access = access(operation.access);
    let first = answers.first().ok_or("no answer")?;

    let mut body = format!("let call = || {};\n", called(method, &calls[0]));
    body.push_str(&answering(
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
    for (n, answer) in answers.iter().enumerate() {
        if n > 0 {
            body.push_str(&answering(
                answer.status,
                answer.media_type.as_deref(),
                &answer.body,
            ));
        }
        body.push_str(&answer.seen);
        body.push('\n');
    }
    if method.pages {
        body.push_str(&paged(access, &calls[0].sent, &pages(document, operation)?));
    }
    let about = format!(" `{} {}`", operation.method, operation.path);
    Ok(format!(
        "#[doc = {about:?}]\n\
         #[tokio::test]\n\
         async fn {name}() {{\n\
             let site = Site::<{client}>::start({document:?}, \"{name}\").await;\n\
             {body}\
         }}\n",
        name = method.name,
        client = source.client,
        document = of.document,
    ))
}

/// Returns the test of `request`, which calls what the document does not describe.
fn undescribed(source: &Source) -> String {
    format!(
        "#[tokio::test]\n\
         async fn undescribed_route() {{\n\
             site::undescribed_route({}::request).await;\n\
         }}\n",
        source.client
    )
}

/// Page by page, and the same item by item.
fn paged(access: &str, first: &Sent, of: &Pages) -> String {
    let second = first.and(&of.parameter, &of.value);
    let mut text = String::new();
    let kinds = [("pages", "page", &of.pages), ("stream", "item", &of.items)];
    for (kind, one, taken) in kinds {
        text.push_str(&format!("let mut {kind} = call().{kind}();\n"));
        for ((page, item), sent) in of.pages.iter().zip(taken).zip([first, &second]) {
            text.push_str(&answering(
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
    format!("site.client.{name}({}){setters}", call.arguments.join(", "))
}

fn answering(status: u16, media_type: Option<&str>, body: &str) -> String {
    format!(
        "site.answers({status}, {media_type:?}, {});\n",
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
        Payload::Parts(parts) => format!("Body::Parts(&[{}])", pairs(parts)),
    };
    let headers: Vec<String> = sent.headers.iter().map(|header| literal(header)).collect();
    format!(
        "site.received(Access::{access}, {}, &[{}], {body});\n",
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
