//! The Rust shape of an operation: the arguments of its method, its setters, and its request and
//! response types.

use std::collections::HashSet;

use crate::lower::{Lowerer, Slot};
use crate::parts::{Part, parts};
use crate::reserved::{
    BUILDER_METHODS, NAMES_OF_THE_RUNTIME, OPERATION_NAMES, OPERATION_NAMES_OF_CODEGEN,
};
use apigw_spec::api::{
    Api, Content, FormStyle, Method, Operation, Parameter, Place, Response, Schema, Status,
};
use apigw_spec::media_type::{essence, is_json, is_text};
use apigw_spec::names;

/// The maximum number of arguments for required parameters; further ones become setters.
const MAX_ARGUMENTS: usize = 6;

const MULTIPART: &str = "multipart/form-data";

/// The Rust shape of one operation.
#[derive(Debug)]
pub(crate) struct Shape<'a> {
    pub(crate) operation: &'a Operation,
    /// The builder's type name.
    pub(crate) builder: String,
    /// The arguments of the client's method, in order.
    pub(crate) arguments: Vec<Argument<'a>>,
    /// The parameters set by the builder's setters.
    pub(crate) setters: Vec<Argument<'a>>,
    pub(crate) body: RequestShape,
    /// Whether a request without a body is an error when it is sent: the body is required, but no
    /// argument, because callers choose one of several setters.
    pub(crate) checks_body: bool,
    /// The parts of a form that are arguments of the client's method, in order.
    pub(crate) part_arguments: Vec<Part>,
    /// The parts of a form that are set by the builder's setters.
    pub(crate) part_setters: Vec<Part>,
    /// Declared media types of the body other than the one in `body`.
    pub(crate) other_media_types: Vec<&'a str>,
    /// The `Accept` header. API Gateway considers only the first media type.
    pub(crate) accept: Option<String>,
    pub(crate) success: Outcome,
    pub(crate) error: Outcome,
    /// The statuses documented for a single `error` body: 404, or 4 for `4XX`; empty for any status.
    pub(crate) error_statuses: Vec<u16>,
    /// The names of the enums for `success` and `error`, if they have several bodies.
    pub(crate) success_name: String,
    pub(crate) error_name: String,
    /// The redirects that count as success, by the names of their `StatusCode` constants.
    pub(crate) redirects: Vec<&'static str>,
}

/// A parameter and its Rust name.
#[derive(Debug)]
pub(crate) struct Argument<'a> {
    pub(crate) ident: String,
    pub(crate) parameter: &'a Parameter,
    pub(crate) slot: Slot,
}

/// The body of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RequestShape {
    /// No body: the spec declares none, and the method does not usually have one.
    Nothing,
    /// JSON of a known type.
    Json {
        slot: Slot,
        media_type: String,
        required: bool,
    },
    /// A form of a known type, `application/x-www-form-urlencoded`, and the styles of its fields other
    /// than the default.
    Form {
        slot: Slot,
        required: bool,
        styles: Vec<(String, FormStyle)>,
    },
    /// Text or bytes of the declared media type.
    Bytes {
        media_type: String,
        text: bool,
        required: bool,
    },
    /// A form with files, `multipart/form-data`, whose parts the spec does not describe.
    Multipart { required: bool },
    /// Required JSON, or a required form, without a schema: anything that serializes as such.
    Untyped { media_type: String, form: bool },
    /// A form with files, `multipart/form-data`, with the parts in `Shape`.
    Parts { required: bool },
    /// Any body: the spec does not declare one, or no media type.
    Undeclared,
}

/// The bodies of all success or all error responses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The same body for every status.
    One(Body),
    /// Different bodies, by status.
    Many(Vec<(Status, Body)>),
}

/// The body of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Body {
    /// No body, as for status 204 and `HEAD` requests.
    Nothing,
    /// An undeclared body, which is returned unchanged.
    Any,
    Text,
    /// Binary data, returned as a stream.
    Stream,
    Json(Slot),
    /// Server-sent events: JSON of this type, or text.
    Events(Option<Slot>),
    /// One JSON value per line.
    Lines(Slot),
    /// A body per media type; the type is an enum with this name.
    Several {
        name: String,
        bodies: Vec<Media>,
    },
}

/// A body of one of several media types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Media {
    pub(crate) media_type: String,
    pub(crate) variant: String,
    pub(crate) body: Body,
}

impl Body {
    /// Returns the body in an enum, which contains bytes and no stream.
    fn buffered(self) -> Self {
        match self {
            Self::Stream | Self::Events(_) | Self::Lines(_) => Self::Any,
            body => body,
        }
    }
}

/// Returns the shapes of all operations, in order.
pub(crate) fn shapes<'a>(api: &'a Api, lowerer: &mut Lowerer<'a>) -> Vec<Shape<'a>> {
    // names with another meaning in the generated module
    let mut taken: HashSet<String> = OPERATION_NAMES
        .iter()
        .chain(OPERATION_NAMES_OF_CODEGEN)
        .chain(NAMES_OF_THE_RUNTIME)
        .chain(&names::RESERVED_TYPES)
        .map(|name| (*name).to_owned())
        .collect();
    // builders first, so that their names take precedence over those of response enums
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
    let (body, parts) = request(operation, lowerer, &base);
    let other_media_types = other_media_types(operation, &body);
    let requires_body = operation.body.as_ref().is_some_and(|body| body.required);
    let mut taken: HashSet<String> = HashSet::from(["self".to_owned(), "method".to_owned()]);
    let takes_body = required(&body);
    if takes_body {
        taken.insert("body".to_owned());
    }
    let mut arguments = Vec::new();
    let mut setters = Vec::new();
    for parameter in &operation.parameters {
        let in_path = matches!(parameter.place, Place::Path { .. });
        let as_argument = in_path || (parameter.required && arguments.len() < MAX_ARGUMENTS);
        let wanted = names::snake(&parameter.name, "value");
        let mut ident = wanted.clone();
        if is_unusable(&ident, as_argument) || taken.contains(&ident) {
            ident = match parameter.place {
                Place::Path { .. } => format!("{ident}_in_path"),
                Place::Query => format!("{ident}_in_query"),
                Place::Header => format!("{ident}_header"),
                Place::Cookie => format!("{ident}_cookie"),
            };
        }
        let ident = names::unique(&mut taken, &ident, "_");
        lowerer.duplicate("parameter", &parameter.name, &wanted, &ident);
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
    let (mut success, mut error) = outcomes(operation, lowerer, &base);
    for (outcome, suffix) in [(&mut success, "Response"), (&mut error, "Error")] {
        name_bodies(outcome, &format!("{builder}{suffix}"), type_names);
    }
    let mut part_arguments = Vec::new();
    let mut part_setters = Vec::new();
    let form_is_required = body == RequestShape::Parts { required: true };
    for mut part in parts {
        let count = arguments.len() + part_arguments.len();
        let as_argument = form_is_required && part.required && count < MAX_ARGUMENTS;
        let wanted = part.ident.clone();
        if is_unusable(&part.ident, as_argument) || taken.contains(&part.ident) {
            part.ident.push_str("_part");
        }
        part.ident = names::unique(&mut taken, &part.ident, "_");
        lowerer.duplicate("part", &part.name, &wanted, &part.ident);
        match as_argument {
            true => part_arguments.push(part),
            false => part_setters.push(part),
        }
    }
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
        checks_body: requires_body && !takes_body && !form_is_required,
        part_arguments,
        part_setters,
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

/// Names the enums of bodies with several media types.
fn name_bodies(outcome: &mut Outcome, base: &str, taken: &mut HashSet<String>) {
    let bodies: Vec<(String, &mut Body)> = match outcome {
        Outcome::One(body) => vec![(format!("{base}Body"), body)],
        Outcome::Many(bodies) => bodies
            .iter_mut()
            .map(|(status, body)| (format!("{base}{}Body", variant_of(*status)), body))
            .collect(),
    };
    for (wanted, body) in bodies {
        if let Body::Several { name, .. } = body {
            *name = names::unique(taken, &wanted, "");
        }
    }
}

/// Returns the name of a status in an enum.
pub(crate) fn variant_of(status: Status) -> String {
    match status {
        Status::Code(code) => format!("Status{code}"),
        Status::Class(class) => format!("Status{class}xx"),
        Status::Default => "OtherStatus".to_owned(),
    }
}

/// Returns whether a name can't be that of an argument or of a setter.
fn is_unusable(ident: &str, as_argument: bool) -> bool {
    let reserved = !as_argument && BUILDER_METHODS.contains(&ident);
    // disallowed by clippy
    let placeholder = ["foo", "baz", "quux"].contains(&ident);
    names::is_keyword(ident) || reserved || placeholder
}

/// Returns whether the method has an argument for the whole body.
pub(crate) fn required(body: &RequestShape) -> bool {
    match body {
        RequestShape::Nothing | RequestShape::Undeclared | RequestShape::Parts { .. } => false,
        RequestShape::Untyped { .. } => true,
        RequestShape::Multipart { required }
        | RequestShape::Json { required, .. }
        | RequestShape::Form { required, .. }
        | RequestShape::Bytes { required, .. } => *required,
    }
}

/// Returns the body of requests, and the parts if it is a form with described parts.
fn request(
    operation: &Operation,
    lowerer: &mut Lowerer<'_>,
    base: &str,
) -> (RequestShape, Vec<Part>) {
    let shape = request_shape(operation, lowerer, base);
    let content = operation.body.iter().flat_map(|body| &body.content);
    let mut content = content.filter(|content| essence(&content.media_type) == MULTIPART);
    let (RequestShape::Multipart { required }, Some(content)) = (&shape, content.next()) else {
        return (shape, Vec::new());
    };
    match parts(content, lowerer, base) {
        Some(parts) => {
            let required = *required;
            (RequestShape::Parts { required }, parts)
        }
        None => (shape, Vec::new()),
    }
}

fn request_shape(operation: &Operation, lowerer: &mut Lowerer<'_>, base: &str) -> RequestShape {
    // specs of proxy integrations rarely declare a body, but writes usually have one
    let is_write = match &operation.method {
        Method::Any => true,
        Method::One(method) => matches!(method.as_str(), "POST" | "PUT" | "PATCH"),
    };
    let Some(body) = &operation.body else {
        return if is_write {
            RequestShape::Undeclared
        } else {
            RequestShape::Nothing
        };
    };
    let required = body.required;
    let untyped_body = |media_type: &str, form| match required {
        true => RequestShape::Untyped {
            media_type: media_type.to_owned(),
            form,
        },
        false => RequestShape::Undeclared,
    };
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
            None => untyped_body(&content.media_type, false),
        };
    }
    if let Some(content) = find(&|media| essence(media) == "application/x-www-form-urlencoded") {
        return match typed(content, lowerer) {
            Some(slot) => RequestShape::Form {
                slot,
                required,
                styles: content
                    .encoding
                    .iter()
                    .map(|(name, encoding)| (name.clone(), encoding.style))
                    .filter(|(_, style)| *style != FormStyle::Repeated)
                    .collect(),
            },
            None => untyped_body(&content.media_type, true),
        };
    }
    match body.content.first() {
        Some(content) if essence(&content.media_type) == MULTIPART => {
            RequestShape::Multipart {
                // with several media types, the caller may choose another setter
                required: required && body.content.len() == 1,
            }
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

/// Reports a body that has a structured schema but is not JSON, such as XML.
fn untyped(content: &Content, action: &str, lowerer: &mut Lowerer<'_>) {
    let schema = content.schema.as_ref();
    if schema.is_some_and(|schema| lowerer.is_structured(schema)) {
        let problem = format!("schema of non-JSON media type `{}`", content.media_type);
        lowerer.add("untyped-media-type", problem, action);
    }
}

/// Returns the declared media types that the builder's main setter does not send.
fn other_media_types<'a>(operation: &'a Operation, body: &RequestShape) -> Vec<&'a str> {
    let own = match body {
        RequestShape::Json { media_type, .. }
        | RequestShape::Bytes { media_type, .. }
        | RequestShape::Untyped { media_type, .. } => media_type.as_str(),
        RequestShape::Form { .. } => "application/x-www-form-urlencoded",
        RequestShape::Multipart { .. } | RequestShape::Parts { .. } => MULTIPART,
        // these accept any media type already
        RequestShape::Nothing | RequestShape::Undeclared => return Vec::new(),
    };
    let content = operation.body.iter().flat_map(|body| &body.content);
    content
        .map(|content| content.media_type.as_str())
        .filter(|media_type| *media_type != own && essence(media_type) != own)
        .collect()
}

/// Returns the redirects of an operation that documents no success; these count as success.
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
    // an error keeps the raw body, so an enum without typed bodies adds nothing
    // nothing is read from the stream of an error
    for (_, body) in &mut error {
        if matches!(body, Body::Events(_) | Body::Lines(_)) {
            *body = Body::Any;
        }
    }
    let is_known = |body: &Body| !matches!(body, Body::Any | Body::Nothing | Body::Stream);
    if !error.iter().any(|(_, body)| is_known(body)) {
        error.clear();
    }
    (side(success), side(error))
}

/// Returns the documented statuses of a single error body, since there is no enum to select it by
/// status.
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
    let bodies = bodies.into_iter();
    let bodies = bodies.map(|(status, body)| (status, body.buffered()));
    Outcome::Many(bodies.collect())
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
    let name = match response.status {
        Status::Code(200) | Status::Default | Status::Class(_) => name.to_owned(),
        Status::Code(code) => format!("{name}{code}"),
    };
    let is_range = |content: &Content| content.media_type.contains('*');
    // errors are read whole
    let is_error = matches!(response.status, Status::Code(400..) | Status::Class(4..));
    let streams = operation.streaming && !is_error;
    match response.content.as_slice() {
        [] => Body::Any,
        [only] => content_body(streams, only, lowerer, &name),
        several if several.iter().any(is_range) || streams => {
            let json = several.iter().find(|content| is_json(&content.media_type));
            let first = json.or(several.first());
            first.map_or(Body::Any, |first| {
                content_body(streams, first, lowerer, &name)
            })
        }
        several => several_bodies(several, lowerer, &name),
    }
}

/// Returns the body of one media type; `streams` if the integration sends it as it is produced.
fn content_body(streams: bool, content: &Content, lowerer: &mut Lowerer<'_>, name: &str) -> Body {
    let media_type = essence(&content.media_type);
    let media_type = media_type.as_str();
    if media_type == "text/event-stream" {
        let data = content
            .schema
            .as_ref()
            .filter(|schema| !lowerer.is_text(schema));
        return Body::Events(data.and_then(|schema| item_slot(schema, lowerer, name)));
    }
    if LINES.contains(&media_type) {
        let any = Schema::default();
        let schema = content.schema.as_ref().unwrap_or(&any);
        let slot = item_slot(schema, lowerer, name);
        return Body::Lines(slot.unwrap_or_else(|| lowerer.slot(&any, name)));
    }
    if is_json(media_type) {
        if streams {
            return Body::Stream;
        }
        let schema = content.schema.as_ref();
        return match schema.and_then(|schema| lowerer.typed_slot(schema, name)) {
            Some(slot) => Body::Json(slot),
            None => Body::Any,
        };
    }
    if media_type.contains('*') {
        return Body::Any;
    }
    untyped(content, "ignored (the body is returned unparsed)", lowerer);
    match is_text(media_type) && !streams {
        true => Body::Text,
        false => Body::Stream,
    }
}

/// Media types with one JSON value per line.
const LINES: [&str; 6] = [
    "application/jsonl",
    "application/json-lines",
    "application/json-seq",
    "application/ndjson",
    "application/x-json-stream",
    "application/x-ndjson",
];

/// Returns the type of an item. The schema describes one; some specs describe the list of all.
fn item_slot(schema: &Schema, lowerer: &mut Lowerer<'_>, name: &str) -> Option<Slot> {
    let items = lowerer.items(schema);
    lowerer.typed_slot(items.as_ref().unwrap_or(schema), name)
}

/// Returns the body of a response with several media types. The same body counts once.
fn several_bodies(several: &[Content], lowerer: &mut Lowerer<'_>, name: &str) -> Body {
    let mut bodies: Vec<Media> = Vec::new();
    let mut variants = HashSet::new();
    // the first is asked for
    let (json, others): (Vec<&Content>, Vec<&Content>) = several
        .iter()
        .partition(|content| is_json(&content.media_type));
    for content in json.into_iter().chain(others) {
        let media_type = essence(&content.media_type);
        let media_type = media_type.as_str();
        let kind = subtype(media_type);
        let body = content_body(false, content, lowerer, &format!("{name}{kind}"));
        let is_known =
            |known: &Media| known.body == body && is_json(&known.media_type) == is_json(media_type);
        if bodies.iter().any(is_known) && body != Body::Stream && body != Body::Text {
            continue;
        }
        bodies.push(Media {
            media_type: media_type.to_owned(),
            variant: names::unique(&mut variants, &kind, ""),
            body,
        });
    }
    let same = bodies.first().map(|first| first.body.clone());
    match same {
        Some(same) if bodies.iter().all(|media| media.body == same) => same,
        _ => {
            for media in &mut bodies {
                if matches!(media.body, Body::Events(_) | Body::Lines(_)) {
                    lowerer.add(
                        "stream-beside-body",
                        format!("`{}` alongside other media types", media.media_type),
                        "returned whole, as bytes",
                    );
                }
                media.body = media.body.clone().buffered();
            }
            Body::Several {
                name: String::new(),
                bodies,
            }
        }
    }
}

/// Returns the variant for a media type: `Json`, `Csv` or `OctetStream`.
fn subtype(media_type: &str) -> String {
    let subtype = media_type.split('/').nth(1).unwrap_or(media_type);
    let subtype = subtype.strip_prefix("x-").unwrap_or(subtype);
    names::pascal(subtype, "Body")
}

fn accept(operation: &Operation, success: &Outcome) -> Option<String> {
    let json = |body: &Body| match body {
        Body::Json(_) => true,
        Body::Several { bodies, .. } => bodies
            .iter()
            .any(|media| matches!(media.body, Body::Json(_))),
        _ => false,
    };
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
