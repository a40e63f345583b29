//! The Rust shape of an operation: its method's arguments, its setters, what it sends
//! and what comes back.

use std::collections::HashSet;

use crate::lower::{Lowerer, Slot};
use crate::reserved::{
    BUILDER_METHODS, NAMES_OF_THE_RUNTIME, OPERATION_NAMES, OPERATION_NAMES_OF_CODEGEN,
};
use apigw_spec::api::{Api, Content, Method, Operation, Parameter, Place, Response, Status};
use apigw_spec::media_type::{essence, is_json, is_text};
use apigw_spec::names;

/// Arguments beyond these become setters; a call with more could not be read.
const MAX_ARGUMENTS: usize = 6;

/// The Rust shape of one operation.
#[derive(Debug)]
pub(crate) struct Shape<'a> {
    pub(crate) operation: &'a Operation,
    /// The builder's type name.
    pub(crate) builder: String,
    /// What the method takes, in order.
    pub(crate) arguments: Vec<Argument<'a>>,
    /// What the builder's setters take.
    pub(crate) setters: Vec<Argument<'a>>,
    pub(crate) body: RequestShape,
    /// Media types that a body may have besides the one of `body`.
    pub(crate) other_media_types: Vec<&'a str>,
    /// `Accept`: API Gateway looks at the first media type only.
    pub(crate) accept: Option<String>,
    pub(crate) success: Outcome,
    pub(crate) error: Outcome,
    /// The statuses that `error` is for when it is one body: 404, or 4 for `4XX`; empty
    /// when it is for any.
    pub(crate) error_statuses: Vec<u16>,
    /// The names of the enums that `success` and `error` need when they are many.
    pub(crate) success_name: String,
    pub(crate) error_name: String,
    /// Redirects that the operation answers with instead of a success, by the names of
    /// their constants.
    pub(crate) redirects: Vec<&'static str>,
}

/// A parameter and its Rust name.
#[derive(Debug)]
pub(crate) struct Argument<'a> {
    pub(crate) ident: String,
    pub(crate) parameter: &'a Parameter,
    pub(crate) slot: Slot,
}

/// What a request carries.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RequestShape {
    /// Nothing: the spec declares no body and the method has none by custom.
    Nothing,
    /// JSON of a known type.
    Json {
        slot: Slot,
        media_type: String,
        required: bool,
    },
    /// A form of a known type, `application/x-www-form-urlencoded`.
    Form { slot: Slot, required: bool },
    /// Text or bytes of a declared media type.
    Bytes {
        media_type: String,
        text: bool,
        required: bool,
    },
    /// A form with files, `multipart/form-data`.
    Multipart { required: bool },
    /// Whatever the caller gives: the spec does not say.
    Undeclared,
}

/// What comes back on one side, success or error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// One kind of body, whatever the status.
    One(Body),
    /// Several, by status.
    Many(Vec<(Status, Body)>),
}

/// The body of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Body {
    /// There is none: 204, or a HEAD request.
    Nothing,
    /// Not declared, so handed over as it comes.
    Any,
    Text,
    /// Binary: a stream.
    Stream,
    Json(Slot),
}

/// The shapes of all operations, in order.
pub(crate) fn shapes<'a>(api: &'a Api, lowerer: &mut Lowerer<'a>) -> Vec<Shape<'a>> {
    // names that mean something else in the generated module
    let mut taken: HashSet<String> = OPERATION_NAMES
        .iter()
        .chain(OPERATION_NAMES_OF_CODEGEN)
        .chain(NAMES_OF_THE_RUNTIME)
        .chain(&names::RESERVED_TYPES)
        .map(|name| (*name).to_owned())
        .collect();
    // builders first: what an operation answers gives way to what it is called
    let builders: Vec<String> = api
        .operations
        .iter()
        .map(|operation| {
            let name = names::pascal(&operation.name, "Operation");
            names::unique(&mut taken, &name, "Operation")
        })
        .collect();
    api.operations
        .iter()
        .zip(builders)
        .map(|(operation, builder)| shape(operation, builder, lowerer, &mut taken))
        .collect()
}

fn shape<'a>(
    operation: &'a Operation,
    builder: String,
    lowerer: &mut Lowerer<'a>,
    type_names: &mut HashSet<String>,
) -> Shape<'a> {
    lowerer.at(&operation.pointer);
    let base = names::pascal(&operation.name, "Operation");
    let body = request(operation, lowerer, &base);
    let other_media_types = other_media_types(operation, &body);
    let mut taken: HashSet<String> = HashSet::from(["self".to_owned(), "method".to_owned()]);
    if required(&body) {
        taken.insert("body".to_owned());
    }
    let mut arguments = Vec::new();
    let mut setters = Vec::new();
    for parameter in &operation.parameters {
        let in_path = matches!(parameter.place, Place::Path { .. });
        let as_argument = in_path || (parameter.required && arguments.len() < MAX_ARGUMENTS);
        let mut ident = names::snake(&parameter.name, "value");
        let reserved = !as_argument && BUILDER_METHODS.contains(&ident.as_str());
        // clippy takes these for names that somebody forgot to choose
        let placeholder = ["foo", "baz", "quux"].contains(&ident.as_str());
        if names::is_keyword(&ident) || reserved || placeholder || taken.contains(&ident) {
            ident = match parameter.place {
                Place::Path { .. } => format!("{ident}_in_path"),
                Place::Query => format!("{ident}_in_query"),
                Place::Header => format!("{ident}_header"),
            };
        }
        let ident = names::unique(&mut taken, &ident, "_");
        let inline = format!("{base}{}", names::pascal(&parameter.name, "Value"));
        let slot = lowerer.slot(&parameter.schema, &inline);
        let argument = Argument {
            ident,
            parameter,
            slot,
        };
        if as_argument {
            arguments.push(argument);
        } else {
            setters.push(argument);
        }
    }
    let (success, error) = outcomes(operation, lowerer, &base);
    let mut enum_name = |outcome: &Outcome, suffix: &str| match outcome {
        Outcome::One(_) => String::new(),
        Outcome::Many(_) => names::unique(type_names, &format!("{builder}{suffix}"), ""),
    };
    let success_name = enum_name(&success, "Response");
    let error_name = enum_name(&error, "Error");
    Shape {
        accept: accept(operation, &success),
        operation,
        builder,
        arguments,
        setters,
        body,
        other_media_types,
        error_statuses: error_statuses(operation, &error),
        success_name,
        error_name,
        success,
        error,
        redirects: redirects(operation)
            .into_iter()
            .map(|(_, name)| name)
            .collect(),
    }
}

pub(crate) fn required(body: &RequestShape) -> bool {
    match body {
        RequestShape::Nothing | RequestShape::Undeclared => false,
        RequestShape::Multipart { required }
        | RequestShape::Json { required, .. }
        | RequestShape::Form { required, .. }
        | RequestShape::Bytes { required, .. } => *required,
    }
}

fn request(operation: &Operation, lowerer: &mut Lowerer<'_>, base: &str) -> RequestShape {
    // proxy integrations rarely declare a body, but a write without one is of no use
    let by_custom = match &operation.method {
        Method::Any => true,
        Method::One(method) => matches!(method.as_str(), "POST" | "PUT" | "PATCH"),
    };
    let Some(body) = &operation.body else {
        return if by_custom {
            RequestShape::Undeclared
        } else {
            RequestShape::Nothing
        };
    };
    // among several, the caller may choose another one
    let required = body.required && body.content.len() == 1;
    let find = |test: &dyn Fn(&str) -> bool| {
        body.content
            .iter()
            .find(|content| test(&content.media_type))
    };
    let typed = |content: &Content, lowerer: &mut Lowerer<'_>| {
        let schema = content.schema.as_ref()?;
        lowerer.typed_slot(schema, &format!("{base}Body"))
    };
    if let Some(content) = find(&is_json) {
        return match typed(content, lowerer) {
            Some(slot) => RequestShape::Json {
                slot,
                media_type: content.media_type.clone(),
                required,
            },
            None => RequestShape::Undeclared,
        };
    }
    if let Some(content) = find(&|media| essence(media) == "application/x-www-form-urlencoded") {
        return match typed(content, lowerer) {
            Some(slot) => RequestShape::Form { slot, required },
            None => RequestShape::Undeclared,
        };
    }
    match body.content.first() {
        Some(content) if essence(&content.media_type) == "multipart/form-data" => {
            RequestShape::Multipart { required }
        }
        Some(content)
            if !content.media_type.contains('*')
                && !content.media_type.starts_with("multipart/") =>
        {
            untyped(content, "ignored (the caller serializes the body)", lowerer);
            RequestShape::Bytes {
                text: is_text(&content.media_type),
                media_type: content.media_type.clone(),
                required,
            }
        }
        _ => RequestShape::Undeclared,
    }
}

/// Reports a schema of fields or items for a body that is no JSON, such as XML.
fn untyped(content: &Content, action: &str, lowerer: &mut Lowerer<'_>) {
    let schema = content.schema.as_ref();
    if schema.is_some_and(|schema| lowerer.is_structured(schema)) {
        let problem = format!("schema of non-JSON media type `{}`", content.media_type);
        lowerer.add("untyped-media-type", problem, action);
    }
}

/// What a body may be besides what the builder's own setter sends.
fn other_media_types<'a>(operation: &'a Operation, body: &RequestShape) -> Vec<&'a str> {
    let own = match body {
        RequestShape::Json { media_type, .. } | RequestShape::Bytes { media_type, .. } => {
            media_type.as_str()
        }
        RequestShape::Form { .. } => "application/x-www-form-urlencoded",
        RequestShape::Multipart { .. } => "multipart/form-data",
        // these take any media type already
        RequestShape::Nothing | RequestShape::Undeclared => return Vec::new(),
    };
    let content = operation.body.iter().flat_map(|body| &body.content);
    content
        .map(|content| content.media_type.as_str())
        .filter(|media_type| *media_type != own && essence(media_type) != own)
        .collect()
}

/// The redirects of an operation that specs no success: these are what it is for.
fn redirects(operation: &Operation) -> Vec<(u16, &'static str)> {
    const REDIRECTS: [(u16, &str); 7] = [
        (300, "MULTIPLE_CHOICES"),
        (301, "MOVED_PERMANENTLY"),
        (302, "FOUND"),
        (303, "SEE_OTHER"),
        (304, "NOT_MODIFIED"),
        (307, "TEMPORARY_REDIRECT"),
        (308, "PERMANENT_REDIRECT"),
    ];
    let has = |test: &dyn Fn(Status) -> bool| {
        let mut responses = operation.responses.iter();
        responses.any(|response| test(response.status))
    };
    if has(&Status::is_success) {
        return Vec::new();
    }
    REDIRECTS
        .into_iter()
        .filter(|(code, _)| has(&|status| status == Status::Code(*code)))
        .collect()
}

fn outcomes(operation: &Operation, lowerer: &mut Lowerer<'_>, base: &str) -> (Outcome, Outcome) {
    let redirects = redirects(operation);
    let is_redirect = |status: Status| {
        redirects
            .iter()
            .any(|(code, _)| status == Status::Code(*code))
    };
    let declares_success = !redirects.is_empty()
        || operation
            .responses
            .iter()
            .any(|response| response.status.is_success());
    let mut success = Vec::new();
    let mut error = Vec::new();
    for response in &operation.responses {
        let ok = response.status.is_success()
            || is_redirect(response.status)
            || (response.status == Status::Default && !declares_success);
        let side = match response.status {
            _ if ok => "Response",
            Status::Code(100..=399) | Status::Class(1..=3) => {
                lowerer.add(
                    "status-beside-success",
                    format!(
                        "response `{}` alongside a success response",
                        response.status
                    ),
                    "treated as an error without a typed body",
                );
                continue;
            }
            _ => "Error",
        };
        let body = response_body(operation, response, lowerer, &format!("{base}{side}"));
        if ok {
            success.push((response.status, body));
        } else {
            error.push((response.status, body));
        }
    }
    // where no error has a known body, the bytes that every error keeps say as much
    let is_known = |body: &Body| !matches!(body, Body::Any | Body::Nothing | Body::Stream);
    if !error.iter().any(|(_, body)| is_known(body)) {
        error.clear();
    }
    (side(success), side(error))
}

/// Where several errors have one body, an enum would decide by status; one body alone
/// has to be told which statuses are its own.
fn error_statuses(operation: &Operation, error: &Outcome) -> Vec<u16> {
    if !matches!(error, Outcome::One(Body::Json(_) | Body::Text)) {
        return Vec::new();
    }
    let mut statuses = Vec::new();
    for response in &operation.responses {
        match response.status {
            Status::Code(code @ 400..) => statuses.push(code),
            Status::Class(class @ 4..) => statuses.push(u16::from(class)),
            Status::Default => return Vec::new(),
            _ => {}
        }
    }
    statuses.sort_unstable();
    statuses
}

fn side(mut bodies: Vec<(Status, Body)>) -> Outcome {
    bodies.sort_by_key(|(status, _)| *status);
    let Some((_, first)) = bodies.first().cloned() else {
        return Outcome::One(Body::Any);
    };
    if bodies.iter().all(|(_, body)| *body == first) {
        return Outcome::One(first);
    }
    for (_, body) in &mut bodies {
        // among others, bytes are only bytes
        if *body == Body::Stream {
            *body = Body::Any;
        }
    }
    Outcome::Many(bodies)
}

fn response_body(
    operation: &Operation,
    response: &Response,
    lowerer: &mut Lowerer<'_>,
    name: &str,
) -> Body {
    let head = operation.method == Method::One("HEAD".to_owned());
    // these never have a body (RFC 9110, sections 9.3.2, 15.3.5, 15.3.6, 15.4.5)
    if head || matches!(response.status, Status::Code(204 | 205 | 304)) {
        return Body::Nothing;
    }
    if let Some(content) = response
        .content
        .iter()
        .find(|content| is_json(&content.media_type))
    {
        if operation.streaming {
            return Body::Stream;
        }
        let name = match response.status {
            Status::Code(200) | Status::Default | Status::Class(_) => name.to_owned(),
            Status::Code(code) => format!("{name}{code}"),
        };
        let schema = content.schema.as_ref();
        return match schema.and_then(|schema| lowerer.typed_slot(schema, &name)) {
            Some(slot) => Body::Json(slot),
            None => Body::Any,
        };
    }
    match response.content.first() {
        None => Body::Any,
        Some(content) if content.media_type.contains('*') => Body::Any,
        Some(content) => {
            untyped(content, "ignored (the body is returned unparsed)", lowerer);
            match is_text(&content.media_type) && !operation.streaming {
                true => Body::Text,
                false => Body::Stream,
            }
        }
    }
}

fn accept(operation: &Operation, success: &Outcome) -> Option<String> {
    let json = |body: &Body| matches!(body, Body::Json(_));
    let wanted = operation
        .responses
        .iter()
        .filter(|response| response.status.is_success() || response.status == Status::Default)
        .flat_map(|response| &response.content)
        .map(|content| content.media_type.as_str())
        .filter(|media_type| !media_type.contains('*'));
    let has_json = match success {
        Outcome::One(body) => json(body),
        Outcome::Many(bodies) => bodies.iter().any(|(_, body)| json(body)),
    };
    let mut wanted = wanted.filter(|media_type| !has_json || is_json(media_type));
    wanted.next().map(str::to_owned)
}
