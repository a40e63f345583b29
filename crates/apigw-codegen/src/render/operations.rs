//! `operations.rs`: one builder per operation, thin over `apigw_runtime::Call`.

use super::code::{Code, Invoke};
use super::{Names, Scope, docs};
use crate::constraints::constraints;
use crate::lower::Slot;
use crate::paging::{Inside, Member, Pages, Turn};
use crate::reserved::OPERATION_NAMES;
use crate::shape::{Argument, Body, Outcome, RequestShape, Shape, required};
use apigw_spec::api::{Method, Place, Response, Status};

pub(super) const NAMES: Names = Names {
    source: "apigw_runtime",
    items: OPERATION_NAMES,
    modules: &["types"],
};

/// All builders.
pub(crate) fn render(shapes: &[Shape<'_>], pages: &[Option<Pages>], scope: &Scope<'_>) -> Code {
    let mut code = Code::default();
    for (shape, pages) in shapes.iter().zip(pages) {
        code.space();
        descriptor(&mut code, shape);
        builder(&mut code, shape, pages.as_ref(), scope);
    }
    code
}

/// The constant that describes an operation.
pub(crate) fn constant(shape: &Shape<'_>) -> String {
    shape.operation.name.to_ascii_uppercase()
}

fn descriptor(code: &mut Code, shape: &Shape<'_>) {
    let operation = shape.operation;
    let method = match &operation.method {
        Method::One(method) => method,
        // the caller sets it
        Method::Any => "GET",
    };
    let auth = match (&operation.auth.authorizer, operation.auth.iam) {
        (_, true) => "Iam",
        (Some(_), false) => "Custom",
        (None, false) => "None",
    };
    code.line(format!(
        "pub(crate) static {}: Operation = Operation {{",
        constant(shape)
    ));
    code.line(format!("    name: {:?},", operation.name));
    code.line(format!("    method: Method::{method},"));
    code.line(format!("    path: {:?},", operation.path));
    code.line(format!("    auth: Auth::{auth},"));
    code.line(format!("    api_key: {},", operation.auth.api_key));
    code.line(format!("    accept: {:?},", shape.accept));
    code.line("};");
}

fn builder(code: &mut Code, shape: &Shape<'_>, pages: Option<&Pages>, scope: &Scope<'_>) {
    let name = &shape.builder;
    let success = side(&shape.success, &shape.success_name, scope);
    let error = match &shape.error {
        // the runtime's default: no error body is documented
        Outcome::One(Body::Any) => "Error".to_owned(),
        error => format!("Error<{}>", side(error, &shape.error_name, scope)),
    };
    let result = format!("Result<ResponseValue<{success}>, {error}>");

    code.space();
    code.docs([format!(
        "The call that [`{1}`](super::{0}::{1}) makes.",
        scope.client, shape.operation.name
    )]);
    code.line("#[derive(Debug, Clone)]");
    code.line("#[must_use = \"a call does nothing until it is awaited\"]");
    code.block(format!("pub struct {name}"), |code| {
        code.line("pub(crate) call: Call,");
    });
    code.space();
    code.block(format!("impl {name}"), |code| {
        for argument in &shape.setters {
            parameter_setter(code, argument, scope);
        }
        body_setters(code, shape, scope);
        if let Some(pages) = pages {
            page_methods(code, pages, &success, &error);
        }
        code.space();
        code.docs(["Sends the request; awaiting the builder does the same."]);
        if matches!(shape.success, Outcome::One(Body::Stream)) {
            code.docs([
                "",
                "The body is handed out while it arrives: piece by piece by `chunk`, or by `collect_bytes` in one.",
            ]);
        }
        let arguments = ["self".to_owned()];
        code.function(
            "pub async fn send",
            &arguments,
            &format!(" -> {result}"),
            |code| {
                code.line(match shape.success {
                    Outcome::One(Body::Stream) => "self.call.send_stream().await",
                    _ => "self.call.send().await",
                });
            },
        );
    });
    code.space();
    code.block(format!("impl IntoFuture for {name}"), |code| {
        code.type_alias("Output", &result);
        code.line("type IntoFuture = Pending<Self::Output>;");
        code.space();
        code.block("fn into_future(self) -> Self::IntoFuture", |code| {
            code.line("Box::pin(self.send())");
        });
    });
    code.space();
    let arguments = [name.clone(), constant(shape)];
    code.macro_call("apigw_runtime::call_options!", &arguments);
    for (outcome, name, what) in [
        (&shape.success, &shape.success_name, "What"),
        (&shape.error, &shape.error_name, "What a refusing"),
    ] {
        if let Outcome::Many(bodies) = outcome {
            code.space();
            code.docs([format!(
                "{what} [`{1}`](super::{0}::{1}) answers, by status.",
                scope.client, shape.operation.name
            )]);
            by_status(code, name, bodies, shape, scope);
        }
    }
}

/// `pages` and `stream`.
fn page_methods(code: &mut Code, pages: &Pages, page: &str, error: &str) {
    let error = match error.strip_prefix("Error<") {
        Some(body) => format!(", {}", body.trim_end_matches('>')),
        None => String::new(),
    };
    let (list, _) = pages.items.plain();
    let item = list
        .inside("Vec")
        .map(ToString::to_string)
        .unwrap_or_default();
    let parameter = &pages.parameter;
    code.space();
    code.docs(["All pages, each fetched when it is taken."]);
    let tail = format!(" -> Pages<{page}{error}>");
    code.function("pub fn pages", &["self".to_owned()], &tail, |code| {
        let (head, page, broken) = match &pages.turn {
            Turn::Token(token) => (
                format!("Pages::by_token(self.call, {parameter:?}, |page|"),
                format!("Token::of(&{})", borrowed(token)),
                Vec::new(),
            ),
            Turn::Number(total) => {
                let (seen, all) = (count(&pages.items), number(total));
                (
                    format!("Pages::by_number(self.call, {parameter:?}, 1, |page|"),
                    format!("({seen}, {all})"),
                    vec![
                        "(".to_owned(),
                        format!("    {seen},"),
                        format!("    {all},"),
                        ")".to_owned(),
                    ],
                )
            }
        };
        code.closure(&head, &page, &broken);
    });
    code.space();
    code.docs(["The items of all pages; a page is fetched when those before it are taken."]);
    let tail = format!(" -> Items<{item}{error}>");
    code.function("pub fn stream", &["self".to_owned()], &tail, |code| {
        let mut links = owned(&pages.items);
        let whole = links.concat();
        for link in links.iter_mut().skip(1) {
            link.insert_str(0, "    ");
        }
        code.closure("self.pages().items(|page|", &whole, &links);
    });
}

/// The object around a field of a page, when it may be missing, and the field in it; else
/// the whole way to the field.
fn way(member: &Member) -> (Option<String>, String) {
    let ident = &member.ident;
    match &member.inside {
        None => (None, format!("page.{ident}")),
        Some(Inside {
            ident: holder,
            is_optional: false,
        }) => (None, format!("page.{holder}.{ident}")),
        Some(Inside { ident: holder, .. }) => {
            (Some(format!("page.{holder}")), format!("inner.{ident}"))
        }
    }
}

fn borrowed(member: &Member) -> String {
    match way(member) {
        (None, field) => field,
        (Some(holder), field) => format!("{holder}.as_ref().map(|inner| &{field})"),
    }
}

/// How many items a list has that may be missing.
fn count(member: &Member) -> String {
    match (way(member), member.plain().1) {
        ((None, field), false) => format!("{field}.len()"),
        ((None, field), true) => format!("{field}.as_ref().map_or(0, Vec::len)"),
        ((Some(holder), field), false) => {
            format!("{holder}.as_ref().map_or(0, |inner| {field}.len())")
        }
        ((Some(holder), field), true) => {
            format!("{holder}.as_ref().and_then(|inner| {field}.as_ref()).map_or(0, Vec::len)")
        }
    }
}

/// An `Option<i64>` of a number that may be missing.
fn number(member: &Member) -> String {
    let (of, is_optional) = member.plain();
    let found = match (way(member), is_optional) {
        ((None, field), false) => format!("Some({field})"),
        ((None, field), true) => field,
        ((Some(holder), field), false) => format!("{holder}.as_ref().map(|inner| {field})"),
        ((Some(holder), field), true) => format!("{holder}.as_ref().and_then(|inner| {field})"),
    };
    match of.path() {
        "i64" => found,
        _ => format!("{found}.map(i64::from)"),
    }
}

/// A list, empty when it is missing, as the links of a chain.
fn owned(member: &Member) -> Vec<String> {
    let or_empty = ".unwrap_or_default()".to_owned();
    match (way(member), member.plain().1) {
        ((None, field), false) => vec![field],
        ((None, field), true) => vec![field, or_empty],
        ((Some(holder), field), false) => {
            vec![holder, format!(".map(|inner| {field})"), or_empty]
        }
        ((Some(holder), field), true) => {
            vec![holder, format!(".and_then(|inner| {field})"), or_empty]
        }
    }
}

/// How a method takes a parameter, and what hands it to the call.
pub(crate) fn parameter(argument: &Argument<'_>, scope: &Scope<'_>) -> (String, Invoke) {
    let name = &argument.ident;
    let wire = &argument.parameter.name;
    let of = scope.types.slot(argument.slot);
    if let Some(items) = of.inside("Vec") {
        let items = match scope.is_scalar(items) && !items.is_string() {
            true => items.to_string(),
            false => "impl AsRef<str> + serde::Serialize".to_owned(),
        };
        let set = match (argument.parameter.place, argument.parameter.explode) {
            (Place::Query, true) => "query_each",
            (Place::Query, false) => "query_joined",
            (Place::Path { .. }, _) => "path_joined",
            (Place::Header, _) => "header_joined",
        };
        return (
            format!("&[{items}]"),
            Invoke::new(set, [format!("{wire:?}"), name.clone()]),
        );
    }
    let set = match argument.parameter.place {
        Place::Path { .. } => "path",
        Place::Query => "query",
        Place::Header => "header",
    };
    if scope.is_scalar(&of) && !of.is_string() {
        let arguments = [format!("{wire:?}"), name.clone()];
        (of.to_string(), Invoke::new(set, arguments))
    } else {
        // an object or anything else has no form of its own in a URL: the caller writes it
        let arguments = [format!("{wire:?}"), format!("Into::<String>::into({name})")];
        ("impl Into<String>".to_owned(), Invoke::new(set, arguments))
    }
}

fn parameter_setter(code: &mut Code, argument: &Argument<'_>, scope: &Scope<'_>) {
    let name = &argument.ident;
    let (takes, set) = parameter(argument, scope);
    let described = argument.parameter.description.as_deref();
    code.space();
    code.text_docs(described, &format!("Sets `{}`.", argument.parameter.name));
    code.constraints(constraints(&argument.parameter.schema).as_deref());
    setter(code, name, &[format!("{name}: {takes}")], &[set]);
}

fn setter(code: &mut Code, name: &str, arguments: &[String], calls: &[Invoke]) {
    let mut all = vec!["mut self".to_owned()];
    all.extend_from_slice(arguments);
    code.function(&format!("pub fn {name}"), &all, " -> Self", |code| {
        for call in calls {
            code.invoke("self.call", call);
        }
        code.line("self");
    });
}

/// Setters for a query that the document does not tell, and for a body that the method
/// does not demand.
fn body_setters(code: &mut Code, shape: &Shape<'_>, scope: &Scope<'_>) {
    if shape.operation.method == Method::Any {
        code.space();
        code.docs(["Appends a query parameter."]);
        let arguments = [
            "name: &str".to_owned(),
            "value: impl Into<String>".to_owned(),
        ];
        let set = Invoke::new("query", ["name", "Into::<String>::into(value)"]);
        setter(code, "query", &arguments, &[set]);
    }
    match &shape.body {
        RequestShape::Nothing => {}
        RequestShape::Undeclared => {
            code.space();
            code.docs(["Sends `body` as JSON; the document does not say what it holds."]);
            let arguments = ["body: &(impl serde::Serialize + ?Sized)".to_owned()];
            setter(code, "json", &arguments, &[Invoke::new("json", ["body"])]);
            code.space();
            code.docs(["Sends bytes as they are; the document does not say what they hold."]);
            let arguments = [
                "body: impl Into<apigw_runtime::Bytes>".to_owned(),
                "content_type: &str".to_owned(),
            ];
            let set = Invoke::new("bytes", ["body", "content_type"]);
            setter(code, "body", &arguments, &[set]);
        }
        RequestShape::Multipart { required: false } => {
            code.space();
            code.docs(["Sends a form, with files if need be."]);
            let arguments = ["form: apigw_runtime::multipart::Form".to_owned()];
            let set = Invoke::new("multipart", ["form"]);
            setter(code, "multipart", &arguments, &[set]);
        }
        declared if !required(declared) => {
            let (takes, set) = body(declared, scope);
            code.space();
            code.docs(["Sets the body."]);
            setter(code, "body", &[format!("body: {takes}")], &set);
        }
        _ => {}
    }
    if !shape.other_media_types.is_empty() {
        let others: Vec<String> = shape
            .other_media_types
            .iter()
            .map(|media_type| format!("`{}`", media_type.replace('`', "'")))
            .collect();
        code.space();
        code.docs([format!(
            "Sends another of the declared media types: {}.",
            others.join(", ")
        )]);
        let arguments = [
            "body: impl Into<apigw_runtime::Bytes>".to_owned(),
            "content_type: &str".to_owned(),
        ];
        let set = Invoke::new("bytes", ["body", "content_type"]);
        setter(code, "body_as", &arguments, &[set]);
    }
}

/// How a method takes the body, and what hands it to the call.
pub(crate) fn body(shape: &RequestShape, scope: &Scope<'_>) -> (String, Vec<Invoke>) {
    let typed = |slot: Slot| {
        let of = scope.types.slot(slot);
        match of.inside("Vec") {
            Some(items) => format!("&[{items}]"),
            None if of.is_string() => "&str".to_owned(),
            None => format!("&{of}"),
        }
    };
    match shape {
        RequestShape::Nothing | RequestShape::Undeclared => (String::new(), Vec::new()),
        RequestShape::Multipart { .. } => (
            "apigw_runtime::multipart::Form".to_owned(),
            vec![Invoke::new("multipart", ["body"])],
        ),
        RequestShape::Json {
            slot, media_type, ..
        } => {
            let mut set = vec![Invoke::new("json", ["body"])];
            if media_type != "application/json" {
                let media_type = format!("{media_type:?}");
                set.push(Invoke::new(
                    "header",
                    ["\"content-type\"".to_owned(), media_type],
                ));
            }
            (typed(*slot), set)
        }
        RequestShape::Form { slot, .. } => (typed(*slot), vec![Invoke::new("form", ["body"])]),
        RequestShape::Bytes {
            media_type, text, ..
        } => {
            let (takes, value) = match text {
                true => ("impl Into<String>", "Into::<String>::into(body)"),
                false => ("impl Into<apigw_runtime::Bytes>", "body"),
            };
            let arguments = [value.to_owned(), format!("{media_type:?}")];
            (takes.to_owned(), vec![Invoke::new("bytes", arguments)])
        }
    }
}

/// The type of one side.
fn side(outcome: &Outcome, name: &str, scope: &Scope<'_>) -> String {
    match outcome {
        Outcome::One(body) => body_type(body, scope),
        Outcome::Many(_) => name.to_owned(),
    }
}

fn body_type(body: &Body, scope: &Scope<'_>) -> String {
    match body {
        Body::Nothing => "()".to_owned(),
        Body::Any => "apigw_runtime::AnyBody".to_owned(),
        Body::Text => "apigw_runtime::Text".to_owned(),
        Body::Stream => "apigw_runtime::ByteStream".to_owned(),
        Body::Json(slot) => scope.types.slot(*slot).to_string(),
    }
}

/// An enum with one variant per status, decoded by status.
fn by_status(
    code: &mut Code,
    name: &str,
    bodies: &[(Status, Body)],
    shape: &Shape<'_>,
    scope: &Scope<'_>,
) {
    let variant = |status: Status| match status {
        Status::Code(code) => format!("Status{code}"),
        Status::Class(class) => format!("Status{class}xx"),
        Status::Default => "OtherStatus".to_owned(),
    };
    code.line("#[derive(Debug, Clone)]");
    code.line("#[non_exhaustive]");
    code.attribute(
        "allow",
        &[
            "clippy::large_enum_variant".to_owned(),
            "reason = \"matched once and taken apart, never stored\"".to_owned(),
        ],
    );
    code.block(format!("pub enum {name}"), |code| {
        for (status, body) in bodies {
            let mut responses = shape.operation.responses.iter();
            let described = responses
                .find(|response| response.status == *status)
                .and_then(meaning);
            code.text_docs(described, &format!("Status {}.", status));
            let variant = variant(*status);
            code.line(match body {
                Body::Nothing => format!("{variant},"),
                body => format!("{variant}({}),", body_type(body, scope)),
            });
        }
    });
    code.space();
    code.block(format!("impl FromResponse for {name}"), |code| {
        let arguments = ["response: &RawResponse".to_owned()];
        code.function(
            "fn from_response",
            &arguments,
            " -> Result<Self, DecodeError>",
            |code| {
                code.line("Ok(match response.status().as_u16() {");
                for (status, body) in bodies {
                    let pattern = match status {
                        Status::Code(code) => code.to_string(),
                        Status::Class(class) => format!("{class}00..={class}99"),
                        Status::Default => "_".to_owned(),
                    };
                    let variant = variant(*status);
                    code.line(match body {
                        Body::Nothing => format!("    {pattern} => Self::{variant},"),
                        _ => format!("    {pattern} => Self::{variant}(response.decode()?),"),
                    });
                }
                if bodies.iter().all(|(status, _)| *status != Status::Default) {
                    code.line("    _ => return Err(DecodeError::undocumented_status(response)),");
                }
                code.line("})");
            },
        );
    });
}

/// What the document says of a response; API Gateway's own "200 response" says nothing.
pub(crate) fn meaning(response: &Response) -> Option<&str> {
    let text = response.description.trim();
    let empty = format!("{} response", response.status);
    (!text.is_empty() && text != empty && !docs::lines(text).is_empty()).then_some(text)
}
