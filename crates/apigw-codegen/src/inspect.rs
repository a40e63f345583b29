//! Describes the client of a spec without generating it: operations, types and fixes.
//!
//! ```
//! use apigw_spec::Spec;
//! use apigw_codegen::inspect::{Inspection, Settings};
//!
//! let text = "
//! openapi: 3.0.1
//! info: { title: orders, version: '1' }
//! paths:
//!   /orders: { get: { responses: { 200: { description: the orders } } } }
//! ";
//! let spec = Spec::parse("orders.yaml", text.as_bytes())?;
//! let inspection = Inspection::new(&spec, &Settings::default())?;
//! assert_eq!(inspection.operations[0].name, "get_orders");
//! assert_eq!(inspection.fixes[0].place, "orders.yaml:5:14");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::path::Path;

use serde::Serialize;

use crate::directions;
use crate::generate::{self, Client, GenerateError};
use crate::lower::Lowered;
use crate::paging::{Pages, Turn};
use crate::shape::{self, Body, Outcome, RequestShape, Shape};
use crate::types::engine::{Made, Types};
use crate::types::names as type_names;
use crate::types::rust_type::RustType;
use apigw_spec::api::{Api, Auth, Method, Status};
use apigw_spec::names;
use apigw_spec::spec::{Dialect, Spec};
use apigw_spec::{Choices, pointer};

/// Settings of a workspace for a spec.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The API's name in `apis.toml`.
    pub api: Option<String>,
    /// The choices in its table, and the operation names already in use.
    pub choices: Choices,
}

/// The client of a spec.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// The spec's file name.
    pub spec: String,
    /// The version of the specification, for example `OpenAPI 3.0`.
    pub dialect: String,
    /// `JSON` or `YAML`.
    pub syntax: String,
    /// `info.title`.
    pub title: String,
    /// `info.version`.
    pub version: String,
    /// The default endpoint; `None` if the caller must set it.
    pub endpoint: Option<String>,
    /// The Region in the endpoint's host name.
    pub region: Option<String>,
    /// The client's methods, in the order of the spec.
    pub operations: Vec<OperationView>,
    /// The client's types, sorted by name.
    pub types: Vec<TypeView>,
    /// All fixes applied to the spec, and everything that could not be represented.
    pub fixes: Vec<Fix>,
    /// All bodies and fields without a type.
    pub untyped: Vec<Untyped>,
    /// How many schemas allow any JSON.
    pub census: Census,
    /// An overlay that adds a type for the first untyped response.
    pub remedy: Option<Remedy>,
    /// Lines for `apis.toml` to choose names and authorization that the spec does not specify.
    pub suggestions: Vec<Suggestion>,
}

/// A method of the client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OperationView {
    /// The method's name.
    pub name: String,
    /// HTTP method and path, for example `GET /orders/{orderId}`.
    pub route: String,
    /// The authorization: `signed`, `API key`, `signed, API key`, `authorizer`,
    /// `authorizer, API key` or `open`.
    pub auth: String,
    /// The security scheme of the authorizer, whose header the caller must set.
    pub authorizer: Option<String>,
    /// The type of the request body, with a trailing `?` if it is optional; `None` if there is no body.
    pub request: Option<String>,
    /// Other declared media types of the request body.
    pub other_media_types: Vec<String>,
    /// How the results are paged; `None` if they are not.
    pub pages: Option<PagesView>,
    /// The type of a success response.
    pub response: String,
    /// The type of an error response; `None` if the spec does not declare one.
    pub error: Option<String>,
}

/// How the results of an operation are paged. The names are those on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PagesView {
    /// The query parameter that selects a page.
    pub parameter: String,
    /// The field with the token of the next page.
    pub token: Option<String>,
    /// The field with the total number of items.
    pub total: Option<String>,
    /// The field with the items.
    pub items: String,
}

/// A type of the client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TypeView {
    /// The type's name.
    pub name: String,
    /// `struct`, `enum`, `union` or `alias`.
    pub kind: &'static str,
    /// The fields of a struct as `name: Type`, or `name?: Type` if optional; the values of an enum;
    /// the types of a union.
    pub members: Vec<String>,
}

/// A fix applied to the spec, or a part that could not be represented.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// File, line and column, for example `specs/orders.json:12:7`.
    pub place: String,
    /// The name of the rule.
    pub rule: &'static str,
    /// The problem in the spec.
    pub problem: String,
    /// What was done about it.
    pub action: String,
}

/// A body or field without a type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Untyped {
    /// The operation or field, for example `get_orders` or `Order.meta`.
    pub place: String,
    /// `request`, `response` or `field`.
    pub part: &'static str,
}

/// How many schemas allow any JSON in the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Census {
    /// Because the spec says no more, for example `type: object` without properties.
    pub open: usize,
    /// Although the spec says more; each is in `fixes`.
    pub lost: usize,
}

/// A proposed overlay file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// The path of the file, for example `specs/orders.overlay.yaml`.
    pub file: String,
    /// The proposed contents in YAML; `NAME` is a placeholder for a schema name.
    pub text: String,
}

/// A proposed line for `apis.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// The table it belongs to, for example `orders.names`.
    pub table: String,
    /// The line with the current value, for example `"GET /orders" = "get_orders"`.
    pub line: String,
}

impl Inspection {
    /// Inspects a spec in the same way as `regen` reads it.
    ///
    /// # Errors
    ///
    /// Returns an error if no client can be generated.
    pub fn new(spec: &Spec, settings: &Settings) -> Result<Self, GenerateError> {
        let mut report = spec.report().clone();
        let api = Api::read_with(spec, &settings.choices, &mut report);
        let chosen = generate::type_choices(&settings.choices)?;
        let (directed, chosen) = directions::split(&api, chosen, &mut report);
        let client = generate::client(&directed, &chosen, &mut report)?;
        let place = |pointer: &str| {
            let position = spec.position(pointer);
            let position = position.map(|position| format!(":{position}"));
            format!("{}{}", spec.name(), position.unwrap_or_default())
        };
        let fixes: Vec<Fix> = report
            .fixes()
            .iter()
            .map(|fix| Fix {
                place: place(&fix.pointer),
                rule: fix.rule,
                problem: fix.problem.clone(),
                action: fix.action.clone(),
            })
            .collect();
        Ok(Self {
            spec: spec.name().to_owned(),
            dialect: spec.dialect().to_string(),
            syntax: spec.syntax().to_string(),
            title: api.title.clone(),
            version: api.version.clone(),
            endpoint: api.endpoint.clone(),
            region: api.region.clone(),
            operations: client
                .shapes
                .iter()
                .zip(&client.pages)
                .map(|(shape, pages)| operation(shape, pages.as_ref(), &client.types))
                .collect(),
            types: types(&client.lowered, &client.types),
            untyped: untyped(&client),
            census: Census {
                open: client.lowered.census.open,
                lost: client.lowered.census.lost,
            },
            remedy: remedy(&client, spec, settings),
            suggestions: suggestions(&api, settings, spec, &client),
            fixes,
        })
    }
}

fn operation(shape: &Shape<'_>, pages: Option<&Pages>, types: &Types) -> OperationView {
    OperationView {
        pages: pages.map(paged),
        name: shape.operation.name.clone(),
        route: shape.operation.route(),
        auth: auth(&shape.operation.auth),
        authorizer: shape.operation.auth.authorizer.clone(),
        request: request(shape, types),
        other_media_types: shape
            .other_media_types
            .iter()
            .map(ToString::to_string)
            .collect(),
        response: outcome(&shape.success, types),
        error: (shape.error != Outcome::One(Body::Any)).then(|| outcome(&shape.error, types)),
    }
}

fn paged(pages: &Pages) -> PagesView {
    let (token, total) = match &pages.turn {
        Turn::Token(token) => (Some(token.wire.clone()), None),
        Turn::Number(total) => (None, Some(total.wire.clone())),
    };
    PagesView {
        parameter: pages.parameter.clone(),
        token,
        total,
        items: pages.items.wire.clone(),
    }
}

fn auth(auth: &Auth) -> String {
    let parts = [
        (auth.iam, "signed"),
        (!auth.iam && auth.authorizer.is_some(), "authorizer"),
        (auth.api_key, "API key"),
    ];
    let parts: Vec<&str> = parts
        .into_iter()
        .filter_map(|(wanted, part)| wanted.then_some(part))
        .collect();
    match parts.is_empty() {
        true => "open".to_owned(),
        false => parts.join(", "),
    }
}

fn request(shape: &Shape<'_>, types: &Types) -> Option<String> {
    let of = match &shape.body {
        RequestShape::Nothing => return None,
        RequestShape::Undeclared | RequestShape::Untyped { form: false, .. } => "any".to_owned(),
        RequestShape::Untyped { form: true, .. } => "form".to_owned(),
        RequestShape::Multipart { .. } | RequestShape::Parts { .. } => "multipart".to_owned(),
        RequestShape::Json { slot, .. } => types.slot(*slot).in_types(),
        RequestShape::Form { slot, .. } => format!("form {}", types.slot(*slot).in_types()),
        RequestShape::Bytes { media_type, .. } => media_type.clone(),
    };
    let is_form = shape.body == RequestShape::Parts { required: true };
    let is_required = is_form || shape.checks_body || shape::required(&shape.body);
    let may_be_missing = if is_required { "" } else { "?" };
    Some(format!("{of}{may_be_missing}"))
}

fn outcome(outcome: &Outcome, types: &Types) -> String {
    let body = |body: &Body| match body {
        Body::Several { bodies, .. } => {
            let bodies = bodies.iter().map(|media| match &media.body {
                Body::Json(_) => body_view(&media.body, types),
                _ => media.media_type.clone(),
            });
            bodies.collect::<Vec<_>>().join(" or ")
        }
        body => body_view(body, types),
    };
    match outcome {
        Outcome::One(one) => body(one),
        Outcome::Many(bodies) => {
            let bodies = bodies.iter().map(|(status, one)| match status {
                Status::Code(code) => format!("{code} {}", body(one)),
                Status::Class(class) => format!("{class}XX {}", body(one)),
                Status::Default => format!("other {}", body(one)),
            });
            bodies.collect::<Vec<_>>().join(" | ")
        }
    }
}

fn body_view(body: &Body, types: &Types) -> String {
    match body {
        Body::Nothing => "nothing".to_owned(),
        Body::Any | Body::Several { .. } => "any".to_owned(),
        Body::Text => "text".to_owned(),
        Body::Stream => "stream".to_owned(),
        Body::Json(slot) => types.slot(*slot).in_types(),
        Body::Events(None) => "events of text".to_owned(),
        Body::Events(Some(slot)) => format!("events of {}", types.slot(*slot).in_types()),
        Body::Lines(slot) => format!("lines of {}", types.slot(*slot).in_types()),
    }
}

fn types(lowered: &Lowered, types: &Types) -> Vec<TypeView> {
    let view = |name: &str, kind, members| {
        let name = name.to_owned();
        TypeView {
            name,
            kind,
            members,
        }
    };
    let structs = lowered.structs.keys().filter_map(|name| {
        let members =
            fields(name, lowered, types)
                .into_iter()
                .map(|(wire, of)| match of.inside("Option") {
                    Some(inner) => format!("{wire}?: {}", inner.in_types()),
                    None if of.is_nullable() => {
                        let inner = of.without_option().unwrap_or(of).in_types();
                        format!("{wire}?: {inner} or null")
                    }
                    None => format!("{wire}: {}", of.in_types()),
                });
        Some(match types.structs.get(name)? {
            Made::Fields(_) => view(name, "struct", members.collect()),
            Made::Wrapper(inner) => view(name, "alias", vec![inner.in_types()]),
        })
    });
    let enums = lowered.enums.iter().map(|(name, found)| {
        let values = found.variants.iter().map(|(_, wire)| format!("{wire:?}"));
        view(name, "enum", values.collect())
    });
    let unions = lowered.unions.iter().map(|(name, found)| {
        let variants = found.variants.iter();
        let members = variants.map(|(_, slot, _)| types.slot(*slot).in_types());
        view(name, "union", members.collect())
    });
    let mut views: Vec<TypeView> = structs.chain(enums).chain(unions).collect();
    views.sort_by(|a, b| a.name.cmp(&b.name));
    views
}

/// Returns the fields of a struct in the order of the spec, as name on the wire and type.
fn fields<'a>(name: &str, lowered: &'a Lowered, types: &'a Types) -> Vec<(&'a str, &'a RustType)> {
    let (Some(found), Some(Made::Fields(made))) =
        (lowered.structs.get(name), types.structs.get(name))
    else {
        return Vec::new();
    };
    let known = found.fields.iter().filter_map(|field| {
        let made = made.iter().find(|made| made.key == field.key)?;
        Some((field.wire.as_str(), &made.of))
    });
    let is_known = |key: &str| found.fields.iter().any(|field| field.key == key);
    // for `additionalProperties`
    let rest = made.iter().filter(|made| !is_known(&made.key));
    known.chain(rest.map(|made| ("*", &made.of))).collect()
}

fn untyped(client: &Client<'_>) -> Vec<Untyped> {
    let mut untyped = Vec::new();
    let mut add = |place: String, part| untyped.push(Untyped { place, part });
    let is_any = |body: &Body| *body == Body::Any;
    for shape in &client.shapes {
        if matches!(
            shape.body,
            RequestShape::Undeclared | RequestShape::Untyped { .. }
        ) {
            add(shape.operation.name.clone(), "request");
        }
        let response = match &shape.success {
            Outcome::One(body) => is_any(body),
            Outcome::Many(bodies) => bodies.iter().any(|(_, body)| is_any(body)),
        };
        if response {
            add(shape.operation.name.clone(), "response");
        }
    }
    let mut names: Vec<&String> = client.lowered.structs.keys().collect();
    names.sort();
    for name in names {
        for (wire, of) in fields(name, &client.lowered, &client.types) {
            if of.in_types().contains("serde_json::Value") {
                add(format!("{name}.{wire}"), "field");
            }
        }
    }
    untyped
}

/// Returns an overlay that adds a type for the first untyped response.
fn remedy(client: &Client<'_>, spec: &Spec, settings: &Settings) -> Option<Remedy> {
    // routes for any method rarely have a single response type
    let is_any = |shape: &&Shape<'_>| {
        shape.success == Outcome::One(Body::Any) && shape.operation.method != Method::Any
    };
    let operation = client.shapes.iter().find(is_any)?.operation;
    // the overlay applies to the original spec, where a fix may have moved the operation from
    let pointer = spec
        .value()
        .pointer(&operation.pointer)
        .map(|_| &operation.pointer)?;
    let target: String = pointer::segments(pointer)
        .iter()
        .map(
            |segment| match segment.bytes().all(|b| b.is_ascii_alphanumeric()) {
                true => format!(".{segment}"),
                false => format!("['{}']", segment.replace('\'', "\\'")),
            },
        )
        .collect();
    let (content, schemas) = match spec.dialect() {
        Dialect::Swagger2 => (
            "schema: { $ref: \"#/definitions/NAME\" }",
            "definitions: { NAME: { type: object, properties: { id: { type: string } } } }",
        ),
        Dialect::OpenApi30 | Dialect::OpenApi31 => (
            "content: { application/json: { schema: { $ref: \"#/components/schemas/NAME\" } } }",
            "components: { schemas: { NAME: { type: object, properties: { id: { type: string } } } } }",
        ),
    };
    Some(Remedy {
        file: format!("specs/{}.overlay.yaml", api_name(spec, settings)),
        text: format!(
            "overlay: 1.0.0\ninfo: {{ title: Types, version: 1.0.0 }}\nactions:\n\
             - target: ${target}\n  update:\n    responses:\n      \"200\":\n        \
             description: ok\n        {content}\n\
             - target: $\n  update:\n    {schemas}\n"
        ),
    })
}

/// Returns the API's name in `apis.toml`, or one derived from the file name.
fn api_name(spec: &Spec, settings: &Settings) -> String {
    let stem = Path::new(spec.name()).file_stem().unwrap_or_default();
    // a table name must not contain spaces or dots
    let made = || names::snake(&stem.to_string_lossy(), "api");
    settings.api.clone().unwrap_or_else(made)
}

/// Returns suggestions for derived operation names, generated schema names and missing
/// authorization.
fn suggestions(
    api: &Api,
    settings: &Settings,
    spec: &Spec,
    client: &Client<'_>,
) -> Vec<Suggestion> {
    let api_name = api_name(spec, settings);
    let line = |table: &str, key: &str, value: &str| Suggestion {
        table: format!("{api_name}.{table}"),
        line: format!("{key:?} = {value:?}"),
    };
    let mut lines = Vec::new();
    for operation in &api.operations {
        let derived = operation
            .operation_id
            .as_ref()
            .is_none_or(|id| names::snake(id, "operation") != operation.name);
        if derived && !settings.choices.names.contains_key(&operation.route()) {
            lines.push(line("names", &operation.route(), &operation.name));
        }
    }
    for schema in api.schemas.keys() {
        if type_names::is_generated_name(schema) && !settings.choices.types.contains_key(schema) {
            let name = client.schema_names.get(schema);
            lines.extend(name.map(|name| line("types", schema, name)));
        }
    }
    let mut operations = api.operations.iter();
    let lacks_auth = operations.all(|operation| operation.auth == Auth::default());
    if lacks_auth && settings.choices.auth.is_empty() {
        let mut line = line("auth", "*", "none");
        line.line.push_str(" # or iam, api-key, iam-and-api-key");
        lines.push(line);
    }
    lines
}
