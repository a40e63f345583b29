//! Renders `operations.rs`: one builder per operation, a thin wrapper around `apigw_runtime::Call`.

use super::code::{Code, Invoke, Root};
use super::{Names, Scope, docs};
use crate::constraints::constraints;
use crate::lower::Slot;
use crate::paging::{Inside, Member, Pages, Turn};
use crate::parts::{Kind, Part};
use crate::reserved::{OPERATION_NAMES, OPERATION_NAMES_OF_CODEGEN};
use crate::shape::{Argument, Body, Media, Outcome, RequestShape, Shape, required, variant_of};
use crate::types::rust_type::RustType;
use apigw_spec::api::{Method, Operation, Parameter, Place, Response, Status};

pub(super) const NAMES: Names = Names {
    items: &[
        ("apigw_runtime::codegen", OPERATION_NAMES_OF_CODEGEN),
        ("apigw_runtime", OPERATION_NAMES),
    ],
    modules: &["types"],
};

/// For functions with more parameters than clippy allows.
pub(crate) const TOO_MANY_ARGUMENTS: &str =
    "#[expect(clippy::too_many_arguments, reason = \"each is required\")]";

/// For methods that find pages in deprecated fields.
const READS_DEPRECATED: &str =
    "#[expect(deprecated, reason = \"pages are in fields that the spec deprecates\")]";

/// Renders all builders.
pub(crate) fn render(shapes: &[Shape<'_>], pages: &[Option<Pages>], scope: &Scope<'_>) -> Code {
    let mut code = Code::default();
    for (shape, pages) in shapes.iter().zip(pages) {
        code.space();
        descriptor(&mut code, shape);
        builder(&mut code, shape, pages.as_ref(), scope);
    }
    code
}

/// Returns the name of the constant that describes an operation.
fn constant(shape: &Shape<'_>) -> String {
    shape.operation.name.to_ascii_uppercase()
}

/// Returns the name of the constant with the styles of form fields.
fn styles_constant(shape: &Shape<'_>) -> String {
    format!("{}_STYLES", constant(shape))
}

/// Renders the styles of form fields other than the default.
fn field_styles(code: &mut Code, shape: &Shape<'_>) {
    let RequestShape::Form { styles, .. } = &shape.body else {
        return;
    };
    if styles.is_empty() {
        return;
    }
    let styles = styles.iter().map(|(name, style)| {
        let style = match style.separator() {
            Some(separator) => format!("Joined({separator:?})"),
            None => "Deep".to_owned(),
        };
        format!("({name:?}, apigw_runtime::FieldStyle::{style})")
    });
    let name = styles_constant(shape);
    code.space();
    code.list(
        &format!("static {name}: &[(&str, apigw_runtime::FieldStyle)] ="),
        &styles.collect::<Vec<_>>(),
    );
}

fn descriptor(code: &mut Code, shape: &Shape<'_>) {
    let operation = shape.operation;
    let method = match &operation.method {
        Method::One(method) => method,
        // overridden by the caller
        Method::Any => "GET",
    };
    let auth = match (&operation.auth.authorizer, operation.auth.iam) {
        (_, true) => "Iam",
        (Some(_), false) => "Custom",
        (None, false) => "None",
    };
    code.line(format!(
        "static {}: Operation = Operation {{",
        constant(shape)
    ));
    code.line(format!("    name: {:?},", operation.name));
    code.line(format!("    method: Method::{method},"));
    code.line(format!("    path: {:?},", operation.path));
    code.line(format!("    auth: Auth::{auth},"));
    code.line(format!("    api_key: {},", operation.auth.api_key));
    code.line(format!("    accept: {:?},", shape.accept));
    code.line("};");
    field_styles(code, shape);
}

fn builder(code: &mut Code, shape: &Shape<'_>, pages: Option<&Pages>, scope: &Scope<'_>) {
    let name = &shape.builder;
    let success = side(&shape.success, &shape.success_name, scope);
    let error = match &shape.error {
        // the runtime's default: no error body is documented
        Outcome::One(Body::Any) => None,
        error => Some(side(error, &shape.error_name, scope)),
    };

    code.space();
    code.docs([format!(
        "A request to `{1}`; see [`{0}::{1}`](super::{0}::{1}).",
        scope.client, shape.operation.name
    )]);
    code.line("#[derive(Debug, Clone)]");
    code.line("#[must_use = \"requests do nothing unless awaited\"]");
    code.block(format!("pub struct {name}"), |code| {
        code.line("call: Call,");
    });
    code.space();
    code.block(format!("impl {name}"), |code| {
        constructor(code, shape, scope);
        for argument in &shape.setters {
            parameter_setter(code, argument, scope);
        }
        for part in &shape.part_setters {
            part_setter(code, part, scope);
        }
        body_setters(code, shape, scope);
        accept_setter(code, &shape.success);
        if let Some(pages) = pages {
            page_methods(code, pages, &success, error.as_deref());
        }
    });
    code.space();
    let returns = match shape.success {
        Outcome::One(Body::Stream) => "stream".to_owned(),
        Outcome::One(Body::Events(None)) => "text_events".to_owned(),
        Outcome::One(Body::Events(Some(slot))) => format!("events {}", scope.types.slot(slot)),
        Outcome::One(Body::Lines(slot)) => format!("lines {}", scope.types.slot(slot)),
        _ => success,
    };
    let error = error.map(|error| format!(", {error}")).unwrap_or_default();
    code.line(format!(
        "apigw_runtime::operation!({name}, {} => {returns}{error});",
        constant(shape)
    ));
    for outcome in [&shape.success, &shape.error] {
        let bodies: Vec<&Body> = match outcome {
            Outcome::One(body) => vec![body],
            Outcome::Many(bodies) => bodies.iter().map(|(_, body)| body).collect(),
        };
        for body in bodies {
            if let Body::Several { name, bodies } = body {
                code.space();
                code.docs([format!(
                    "A body of a response to [`{1}`](super::{0}::{1}), by media type.",
                    scope.client, shape.operation.name
                )]);
                by_media_type(code, name, bodies, scope);
            }
        }
    }
    for (outcome, name, what) in [
        (&shape.success, &shape.success_name, "Responses"),
        (&shape.error, &shape.error_name, "Documented errors"),
    ] {
        if let Outcome::Many(bodies) = outcome {
            code.space();
            code.docs([format!(
                "{what} of [`{1}`](super::{0}::{1}), by status.",
                scope.client, shape.operation.name
            )]);
            by_status(code, name, bodies, shape, scope);
        }
    }
}

/// Renders a setter for the media type to ask for, if there are several.
fn accept_setter(code: &mut Code, success: &Outcome) {
    let bodies: Vec<&Body> = match success {
        Outcome::One(body) => vec![body],
        Outcome::Many(bodies) => bodies.iter().map(|(_, body)| body).collect(),
    };
    let several = bodies.into_iter().find_map(|body| match body {
        Body::Several { bodies, .. } => Some(bodies),
        _ => None,
    });
    let Some(several) = several else { return };
    let names: Vec<String> = several
        .iter()
        .map(|media| format!("`{}`", media.media_type))
        .collect();
    code.space();
    code.docs([format!(
        "Sets the media type to ask for. Documented are {}.",
        names.join(", ")
    )]);
    let arguments = ["media_type: &str".to_owned()];
    let set = Invoke::new("header", ["\"accept\"", "media_type"]);
    setter(code, "accept", &arguments, &[], &[set]);
}

/// Renders `new`, which accepts all arguments of the client's method.
fn constructor(code: &mut Code, shape: &Shape<'_>, scope: &Scope<'_>) {
    let mut takes = vec!["client: &Client".to_owned()];
    let mut sets = Vec::new();
    if shape.operation.method == Method::Any {
        takes.push("method: Method".to_owned());
        sets.push(Invoke::new("method", ["method"]));
    }
    if shape.operation.idempotent {
        sets.push(Invoke::new("idempotent", [""; 0]));
    }
    if has_idempotency_key(shape.operation) {
        sets.push(Invoke::new("generate_idempotency_key", [""; 0]));
    }
    for argument in &shape.arguments {
        let Passed { takes: of, set, .. } = parameter(argument, scope);
        takes.push(format!("{}: {}", argument.ident, owned_text(&of)));
        sets.extend(set);
    }
    for part in &shape.part_arguments {
        let passed = part_passed(part, scope);
        takes.push(format!("{}: {}", part.ident, owned_text(&passed.takes)));
        sets.extend(passed.set);
    }
    if shape.body == (RequestShape::Parts { required: true }) && shape.part_arguments.is_empty() {
        sets.push(Invoke::new::<String>("parts", []));
    }
    if shape.checks_body {
        sets.push(Invoke::new("require_body", [""; 0]));
    }
    if required(&shape.body) {
        let (of, set) = argument_body(shape, scope);
        takes.push(format!("body: {}", owned_text(&of)));
        sets.extend(set);
    }
    if !shape.error_statuses.is_empty() {
        let statuses = &shape.error_statuses;
        sets.push(Invoke::new("documented_errors", [format!("&{statuses:?}")]));
    }
    for redirect in &shape.redirects {
        let status = format!("apigw_runtime::StatusCode::{redirect}");
        sets.push(Invoke::new("success_status", [status]));
    }
    if takes.len() > 7 {
        code.line(TOO_MANY_ARGUMENTS);
    }
    code.function("pub(super) fn new", &takes, " -> Self", |code| {
        let arguments = ["client".to_owned(), format!("&{}", constant(shape))];
        code.assign(
            "let call = ",
            &Root::Function("Call::new", &arguments),
            &sets,
        );
        code.line("Self { call }");
    });
}

/// Returns whether the operation has an optional header `Idempotency-Key`, which the client then sets if the caller does not.
fn has_idempotency_key(operation: &Operation) -> bool {
    operation.parameters.iter().any(is_idempotency_key)
}

fn is_idempotency_key(parameter: &Parameter) -> bool {
    parameter.place == Place::Header
        && !parameter.required
        && parameter.name.eq_ignore_ascii_case("idempotency-key")
}

/// Returns the type that `new` accepts for an argument: client methods call `into()` already.
fn owned_text(takes: &str) -> String {
    let converted = takes.strip_prefix("impl Into<").filter(|_| converts(takes));
    let converted = converted.and_then(|inner| inner.strip_suffix('>'));
    converted.unwrap_or(takes).replace("<'a, ", "<'_, ")
}

/// Returns whether client methods call `into()` on an argument of the type.
pub(crate) fn converts(takes: &str) -> bool {
    matches!(
        takes,
        "impl Into<String>" | "impl Into<apigw_runtime::DateTime>"
    ) || takes.starts_with("impl Into<apigw_runtime::EitherBody<")
}

/// Renders `pages` and `stream`.
fn page_methods(code: &mut Code, pages: &Pages, page: &str, error: Option<&str>) {
    let error = error.map(|error| format!(", {error}")).unwrap_or_default();
    let (list, _) = pages.items.plain();
    let item = list
        .inside("Vec")
        .map(ToString::to_string)
        .unwrap_or_default();
    let parameter = &pages.parameter;
    code.space();
    code.docs(["Returns all pages. Each page is fetched on demand."]);
    let turn = match &pages.turn {
        Turn::Token(member) | Turn::Number(member) => member,
    };
    let reads_items = matches!(pages.turn, Turn::Number(_)) && pages.items.is_deprecated();
    if turn.is_deprecated() || reads_items {
        code.line(READS_DEPRECATED);
    }
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
    code.docs(["Returns the items of all pages. Each page is fetched on demand."]);
    if pages.items.is_deprecated() {
        code.line(READS_DEPRECATED);
    }
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

/// Returns the expression for the optional object that contains a field, and the expression for
/// the field inside it; `None` and the whole expression if there is no such object.
fn access(member: &Member) -> (Option<String>, String) {
    let ident = &member.ident;
    match &member.inside {
        None => (None, format!("page.{ident}")),
        Some(Inside {
            ident: holder,
            is_optional: false,
            ..
        }) => (None, format!("page.{holder}.{ident}")),
        Some(Inside { ident: holder, .. }) => {
            (Some(format!("page.{holder}")), format!("inner.{ident}"))
        }
    }
}

/// Returns the same as [`access`], with `Option`s that can be taken.
fn taken(member: &Member) -> (Option<String>, String) {
    let option = |is_nullable: bool| if is_nullable { ".into_option()" } else { "" };
    let (holder, field) = access(member);
    let inside = member.inside.as_ref();
    let of_holder = option(inside.is_some_and(|inside| inside.is_nullable));
    let of_field = option(member.of.is_nullable());
    (
        holder.map(|holder| format!("{holder}{of_holder}")),
        format!("{field}{of_field}"),
    )
}

fn borrowed(member: &Member) -> String {
    match access(member) {
        (None, field) => field,
        (Some(holder), field) => format!("{holder}.as_ref().map(|inner| &{field})"),
    }
}

/// Returns an expression for the length of a list that may be missing.
fn count(member: &Member) -> String {
    match (access(member), member.plain().1) {
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

/// Returns an `Option<i64>` expression for a number that may be missing.
fn number(member: &Member) -> String {
    let (of, is_optional) = member.plain();
    let (holder, _) = access(member);
    let (_, field) = taken(member);
    let found = match (holder, is_optional) {
        (None, false) => format!("Some({field})"),
        (None, true) => field,
        (Some(holder), false) => format!("{holder}.as_ref().map(|inner| {field})"),
        (Some(holder), true) => format!("{holder}.as_ref().and_then(|inner| {field})"),
    };
    match of.path() {
        "i64" => found,
        _ => format!("{found}.map(i64::from)"),
    }
}

/// Returns the method chain for a list by value, or an empty list if it is missing.
fn owned(member: &Member) -> Vec<String> {
    let or_empty = ".unwrap_or_default()".to_owned();
    match (taken(member), member.plain().1) {
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

/// The type that a method accepts for a parameter, and the call that sets it.
pub(crate) struct Passed {
    pub(crate) takes: String,
    /// The type that the argument is converted to, if the method accepts `impl Into` of it.
    pub(crate) converted: Option<String>,
    set: Vec<Invoke>,
}

pub(crate) fn parameter(argument: &Argument<'_>, scope: &Scope<'_>) -> Passed {
    let name = &argument.ident;
    let wire = &argument.parameter.name;
    let of = scope.types.slot(argument.slot);
    if argument.parameter.json {
        let set = match argument.parameter.place {
            Place::Path { .. } => "path_json",
            Place::Query => "query_json",
            Place::Header => "header_json",
            Place::Cookie => "cookie_json",
        };
        let converted = (of.is_string() || of.is_date_time()).then(|| of.to_string());
        let (takes, value) = match (&converted, scope.is_scalar(&of)) {
            (Some(of), _) => (format!("impl Into<{of}>"), format!("&{name}")),
            (None, true) => (of.to_string(), format!("&{name}")),
            (None, false) => (borrowed_type(&of), name.clone()),
        };
        return Passed {
            takes,
            converted,
            set: vec![Invoke::new(set, [format!("{wire:?}"), value])],
        };
    }
    if let Some(items) = of.inside("Vec") {
        let items = match scope.is_scalar(items) && !items.is_string() {
            true => items.to_string(),
            false => "impl AsRef<str> + serde::Serialize".to_owned(),
        };
        let Parameter {
            explode, separator, ..
        } = argument.parameter;
        let mut arguments = vec![format!("{wire:?}"), name.clone()];
        let set = match argument.parameter.place {
            Place::Query if *explode => "query_each",
            Place::Query if *separator == ',' => "query_joined",
            Place::Query => {
                arguments.insert(1, format!("{separator:?}"));
                "query_separated"
            }
            Place::Path { .. } => "path_joined",
            Place::Header => "header_joined",
            // no list is in a cookie
            Place::Cookie => "cookie",
        };
        return Passed {
            takes: format!("&[{items}]"),
            converted: None,
            set: vec![Invoke::new(set, arguments)],
        };
    }
    let set = match argument.parameter.place {
        Place::Path { .. } => "path",
        Place::Query => "query",
        Place::Header => "header",
        Place::Cookie => "cookie",
    };
    // other types have no standard form in a URL, so the caller passes a string
    let converted = match () {
        () if !scope.is_scalar(&of) => Some("String".to_owned()),
        () if of.is_string() || of.is_date_time() => Some(of.to_string()),
        () => None,
    };
    Passed {
        takes: match &converted {
            Some(of) => format!("impl Into<{of}>"),
            None => of.to_string(),
        },
        converted,
        set: vec![Invoke::new(set, [format!("{wire:?}"), name.clone()])],
    }
}

/// Returns the type that a method accepts for a part of a form, and the calls that set it.
pub(crate) fn part_passed(part: &Part, scope: &Scope<'_>) -> Passed {
    let (wire, ident) = (format!("{:?}", part.name), part.ident.clone());
    let (takes, set) = part_type(part, scope);
    let mut arguments = vec![wire.clone(), ident];
    if let Kind::Joined(_, separator) = part.kind {
        arguments.push(format!("{separator:?}"));
    }
    let default = if set.starts_with("part_json") {
        "application/json"
    } else {
        ""
    };
    let content_type = part.content_type.as_ref().filter(|of| *of != default);
    let of_type = content_type.map(|of| Invoke::new("part_type", [wire, format!("{of:?}")]));
    Passed {
        converted: converts(&takes).then(|| owned_text(&takes)),
        takes,
        set: [Invoke::new(set, arguments)]
            .into_iter()
            .chain(of_type)
            .collect(),
    }
}

/// Returns the type that a method accepts for a part, and the method of `Call` that appends it.
fn part_type(part: &Part, scope: &Scope<'_>) -> (String, &'static str) {
    let slot = match part.kind {
        Kind::File => return ("impl Into<apigw_runtime::Part>".to_owned(), "part_file"),
        Kind::Files => {
            let takes = "impl IntoIterator<Item: Into<apigw_runtime::Part>>";
            return (takes.to_owned(), "part_files");
        }
        Kind::Value(slot) | Kind::Json(slot) | Kind::Joined(slot, _) => slot,
    };
    let of = scope.types.slot(slot);
    // a part can't be null
    let of = of.inside("Option").unwrap_or(&of);
    let json = matches!(part.kind, Kind::Json(_));
    match of.inside("Vec") {
        Some(items) if !json && scope.is_scalar(items) => {
            let items = match items.is_string() {
                true => "impl AsRef<str> + serde::Serialize".to_owned(),
                false => items.to_string(),
            };
            let joined = matches!(part.kind, Kind::Joined(..));
            let set = if joined { "part_joined" } else { "part_each" };
            (format!("&[{items}]"), set)
        }
        Some(items) => (format!("&[{items}]"), "part_json_each"),
        None if json || !scope.is_scalar(of) => (borrowed_type(of), "part_json"),
        None if of.is_string() || of.is_date_time() => (format!("impl Into<{of}>"), "part"),
        None => (of.to_string(), "part"),
    }
}

/// Returns the notes on a part that its description does not contain.
pub(crate) fn part_notes(part: &Part) -> Option<String> {
    let mut notes: Vec<String> = Vec::new();
    if part.is_base64() {
        notes.push("Base64 text, sent unchanged.".to_owned());
    }
    if let Some(choice) = &part.choice {
        let choice = choice.replace('`', "'");
        notes.push(format!("Set a content type of `{choice}`."));
    }
    notes.extend(constraints(&part.schema).filter(|_| part.slot().is_some()));
    (!notes.is_empty()).then(|| notes.join(" "))
}

fn part_setter(code: &mut Code, part: &Part, scope: &Scope<'_>) {
    let ident = &part.ident;
    let passed = part_passed(part, scope);
    let is_list = matches!(part.kind, Kind::Files) || passed.takes.starts_with("&[");
    let several = is_list && !matches!(part.kind, Kind::Joined(..));
    let fallback = match several {
        true => format!("Appends parts `{}` to the form.", part.name),
        false => format!("Appends part `{}` to the form.", part.name),
    };
    code.space();
    code.text_docs(part.description(), &fallback);
    let required = part.required.then(|| "Required in the form.".to_owned());
    let notes: Vec<String> = required.into_iter().chain(part_notes(part)).collect();
    code.constraints((!notes.is_empty()).then(|| notes.join(" ")).as_deref());
    if part.is_deprecated() {
        code.line("#[deprecated]");
    }
    let converted = passed.converted.iter();
    let converted: Vec<(&str, &str)> = converted.map(|of| (ident.as_str(), of.as_str())).collect();
    let arguments = [format!("{ident}: {}", passed.takes)];
    setter(code, ident, &arguments, &converted, &passed.set);
}

fn parameter_setter(code: &mut Code, argument: &Argument<'_>, scope: &Scope<'_>) {
    let name = &argument.ident;
    let Passed {
        takes,
        converted,
        set,
    } = parameter(argument, scope);
    let described = argument.parameter.description.as_deref();
    code.space();
    let default = match is_idempotency_key(argument.parameter) {
        true => " The default is a random key, the same in all attempts.",
        false => "",
    };
    let sets = format!("Sets `{}`.{default}", argument.parameter.name);
    code.text_docs(described, &sets);
    code.constraints(constraints(&argument.parameter.schema).as_deref());
    if argument.parameter.deprecated {
        code.line("#[deprecated]");
    }
    let converted = converted.iter().map(|of| (name.as_str(), of.as_str()));
    let converted: Vec<(&str, &str)> = converted.collect();
    setter(code, name, &[format!("{name}: {takes}")], &converted, &set);
}

/// Renders a setter; `converted` are the arguments that are converted to a type first.
fn setter(
    code: &mut Code,
    name: &str,
    arguments: &[String],
    converted: &[(&str, &str)],
    calls: &[Invoke],
) {
    let mut all = vec!["mut self".to_owned()];
    all.extend_from_slice(arguments);
    code.function(&format!("pub fn {name}"), &all, " -> Self", |code| {
        for (name, of) in converted {
            code.line(format!("let {name}: {of} = {name}.into();"));
        }
        code.assign("self.call = ", &Root::Field("self", ".call"), calls);
        code.line("self");
    });
}

/// Renders setters for query parameters that the spec does not declare, and for a body that is not
/// a required argument.
fn body_setters(code: &mut Code, shape: &Shape<'_>, scope: &Scope<'_>) {
    if shape.operation.any_query {
        code.space();
        code.docs(["Appends a query parameter."]);
        let arguments = [
            "name: &str".to_owned(),
            "value: impl Into<String>".to_owned(),
        ];
        let set = Invoke::new("query", ["name", "value"]);
        setter(code, "query", &arguments, &[("value", "String")], &[set]);
    }
    match &shape.body {
        RequestShape::Nothing => {}
        RequestShape::Undeclared => {
            code.space();
            code.docs(["Sets the body, serialized as JSON. The spec declares no schema for it."]);
            let arguments = [format!("body: {ANYTHING}")];
            let set = Invoke::new("json", ["body"]);
            setter(code, "json", &arguments, &[], &[set]);
            code.space();
            code.docs(["Sets the body, sent unchanged. The spec declares no schema for it."]);
            let arguments = [
                "body: impl Into<apigw_runtime::Bytes>".to_owned(),
                "content_type: &str".to_owned(),
            ];
            let set = Invoke::new("bytes", ["body", "content_type"]);
            setter(code, "body", &arguments, &[], &[set]);
        }
        RequestShape::Multipart { required: false } | RequestShape::Parts { .. } => {
            code.space();
            code.docs([match shape.body {
                RequestShape::Parts { .. } => {
                    "Sets the body to a whole form. Replaces the parts set so far."
                }
                _ => "Sets the body to a form, which may contain files.",
            }]);
            let arguments = ["form: apigw_runtime::multipart::Form".to_owned()];
            let set = Invoke::new("multipart", ["form"]);
            setter(code, "multipart", &arguments, &[], &[set]);
        }
        declared if !required(declared) => {
            let (takes, set) = body(shape, scope);
            code.space();
            code.docs(["Sets the body."]);
            let converted = match takes.as_str() {
                "impl Into<String>" => vec![("body", "String")],
                _ => vec![],
            };
            setter(code, "body", &[format!("body: {takes}")], &converted, &set);
        }
        _ => {}
    }
    // a required body can be of another media type already
    let is_argument = required(&shape.body);
    if !shape.other_media_types.is_empty() && !is_argument {
        code.space();
        code.docs([format!(
            "Sets the body, sent as another declared media type: {}.",
            listed(&shape.other_media_types)
        )]);
        let arguments = [
            "body: impl Into<apigw_runtime::Bytes>".to_owned(),
            "content_type: &str".to_owned(),
        ];
        let set = Invoke::new("bytes", ["body", "content_type"]);
        setter(code, "body_as", &arguments, &[], &[set]);
    }
}

/// The parameter type for a value of any type.
const ANYTHING: &str = "&(impl serde::Serialize + ?Sized)";

/// Returns the parameter type for a value that is serialized as JSON or as a form.
fn borrowed_type(of: &RustType) -> String {
    match of.inside("Vec") {
        Some(items) => format!("&[{items}]"),
        None if of.is_string() => "&str".to_owned(),
        None if of.path() == "serde_json::Value" => ANYTHING.to_owned(),
        None => format!("&{of}"),
    }
}

/// Returns media types as text.
pub(crate) fn listed(media_types: &[&str]) -> String {
    let quoted = media_types.iter();
    let quoted = quoted.map(|media_type| format!("`{}`", media_type.replace('`', "'")));
    quoted.collect::<Vec<_>>().join(", ")
}

/// Returns the type of a required body as an argument, and the calls that set it. With several media
/// types, it can be any of them.
pub(crate) fn argument_body(shape: &Shape<'_>, scope: &Scope<'_>) -> (String, Vec<Invoke>) {
    let (takes, set) = body(shape, scope);
    if shape.other_media_types.is_empty() || matches!(shape.body, RequestShape::Multipart { .. }) {
        return (takes, set);
    }
    let value = match (&shape.body, takes.strip_prefix('&')) {
        (RequestShape::Bytes { text: true, .. }, _) => "str",
        (RequestShape::Bytes { text: false, .. }, _) => "[u8]",
        (RequestShape::Untyped { .. }, _) => "serde_json::Value",
        (_, Some(of)) => of,
        (_, None) => takes.as_str(),
    };
    let taken = format!("impl Into<apigw_runtime::EitherBody<'a, {value}>>");
    let set = match (&shape.body, set.as_slice()) {
        (RequestShape::Json { media_type, .. }, _) if media_type != "application/json" => {
            let arguments = ["body".to_owned(), format!("{media_type:?}")];
            return (taken, vec![Invoke::new("either_json_as", arguments)]);
        }
        (
            RequestShape::Bytes {
                media_type, text, ..
            },
            _,
        ) => {
            let owned = if *text { "to_owned" } else { "to_vec" };
            format!("|call, body| call.bytes(body.{owned}(), {media_type:?})")
        }
        (_, [only]) if only.method() != "form_styled" => {
            format!("Call::{}", only.method())
        }
        (_, several) => {
            let links: Vec<String> = several.iter().map(Invoke::text).collect();
            format!("|call, body| call{}", links.concat())
        }
    };
    (taken, vec![Invoke::new("either", ["body".to_owned(), set])])
}

/// Returns the type that a method accepts for the body, and the calls that set it.
fn body(shape: &Shape<'_>, scope: &Scope<'_>) -> (String, Vec<Invoke>) {
    let typed = |slot: Slot| borrowed_type(&scope.types.slot(slot));
    let json = |media_type: &str| {
        let media_type = format!("{media_type:?}");
        vec![match media_type.as_str() {
            "\"application/json\"" => Invoke::new("json", ["body"]),
            _ => Invoke::new("json_as", ["body".to_owned(), media_type]),
        }]
    };
    match &shape.body {
        RequestShape::Nothing | RequestShape::Undeclared | RequestShape::Parts { .. } => {
            (String::new(), Vec::new())
        }
        RequestShape::Multipart { .. } => (
            "apigw_runtime::multipart::Form".to_owned(),
            vec![Invoke::new("multipart", ["body"])],
        ),
        RequestShape::Json {
            slot, media_type, ..
        } => (typed(*slot), json(media_type)),
        RequestShape::Form { slot, styles, .. } => {
            let set = match styles.is_empty() {
                true => Invoke::new("form", ["body"]),
                false => Invoke::new("form_styled", ["body".to_owned(), styles_constant(shape)]),
            };
            (typed(*slot), vec![set])
        }
        RequestShape::Untyped { media_type, form } => (
            ANYTHING.to_owned(),
            match form {
                true => vec![Invoke::new("form", ["body"])],
                false => json(media_type),
            },
        ),
        RequestShape::Bytes {
            media_type, text, ..
        } => {
            let (takes, set) = match text {
                true => ("impl Into<String>", "bytes"),
                false => ("impl Into<apigw_runtime::Part>", "upload"),
            };
            let arguments = ["body".to_owned(), format!("{media_type:?}")];
            (takes.to_owned(), vec![Invoke::new(set, arguments)])
        }
    }
}

/// Returns the type of all success or all error responses.
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
        Body::Events(None) => "apigw_runtime::EventStream<String>".to_owned(),
        Body::Events(Some(slot)) => {
            format!("apigw_runtime::EventStream<{}>", scope.types.slot(*slot))
        }
        Body::Lines(slot) => format!("apigw_runtime::JsonLines<{}>", scope.types.slot(*slot)),
        Body::Several { name, .. } => name.clone(),
    }
}

/// Renders an enum with one variant per media type, and its decoder.
fn by_media_type(code: &mut Code, name: &str, bodies: &[Media], scope: &Scope<'_>) {
    code.line("#[derive(Debug, Clone)]");
    code.line("#[non_exhaustive]");
    code.attribute(
        "allow",
        &[
            "clippy::large_enum_variant".to_owned(),
            "reason = \"matched once, never stored\"".to_owned(),
        ],
    );
    code.block(format!("pub enum {name}"), |code| {
        for media in bodies {
            code.docs([format!("`{}`.", media.media_type)]);
            code.line(format!(
                "{}({}),",
                media.variant,
                body_type(&media.body, scope)
            ));
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
                let known: Vec<String> = bodies
                    .iter()
                    .map(|media| format!("{:?}", media.media_type))
                    .collect();
                // as rustfmt breaks lists
                let one_line = known.join(", ");
                if one_line.len() <= 60 {
                    code.line(format!("let known = &[{one_line}];"));
                } else {
                    code.line("let known = &[");
                    for known in known {
                        code.line(format!("    {known},"));
                    }
                    code.line("];");
                }
                code.line("Ok(match apigw_runtime::codegen::media_type(response, known)? {");
                for (index, media) in bodies.iter().enumerate().skip(1) {
                    let variant = &media.variant;
                    code.line(format!(
                        "    {index} => Self::{variant}(response.decode()?),"
                    ));
                }
                let first = bodies.first().map(|media| media.variant.as_str());
                let first = first.unwrap_or_default();
                code.line(format!("    _ => Self::{first}(response.decode()?),"));
                code.line("})");
            },
        );
    });
}

/// Renders an enum with one variant per status, and its decoder.
fn by_status(
    code: &mut Code,
    name: &str,
    bodies: &[(Status, Body)],
    shape: &Shape<'_>,
    scope: &Scope<'_>,
) {
    let variant = variant_of;
    code.line("#[derive(Debug, Clone)]");
    code.line("#[non_exhaustive]");
    code.attribute(
        "allow",
        &[
            "clippy::large_enum_variant".to_owned(),
            "reason = \"matched once, never stored\"".to_owned(),
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

/// Returns the description of a response, unless it is empty or API Gateway's placeholder
/// "200 response".
pub(crate) fn meaning(response: &Response) -> Option<&str> {
    let text = response.description.trim();
    let empty = format!("{} response", response.status);
    (!text.is_empty() && text != empty && !docs::lines(text).is_empty()).then_some(text)
}
