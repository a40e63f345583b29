//! What a call is given, and the request that has to come of it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::document::{Document, Media, Operation, Parameter, Place, is_json};
use super::rust_type::{RustType, expression, literal};
use super::sample::{Fill, Sampler, is_typed, kind};
use super::source::{Argument, Method, Setter, Source};
use super::{Trouble, plain};

/// Everything but the unreserved characters of RFC 3986 §2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// One call in Rust, and what it has to send.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) arguments: Vec<String>,
    /// With their arguments: `limit(7)`.
    pub(super) setters: Vec<String>,
    pub(super) sent: Sent,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sent {
    method: String,
    path: String,
    query: Vec<String>,
    /// `name: value`, names in lower case.
    pub(super) headers: Vec<String>,
    pub(super) body: Payload,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Payload {
    Nothing,
    Json(Value),
    Bytes(String),
    Form(Vec<(String, String)>),
    /// Names and texts of the parts.
    Parts(Vec<(String, String)>),
}

impl Sent {
    pub(super) fn line(&self) -> String {
        let mark = if self.query.is_empty() { "" } else { "?" };
        format!(
            "{} {}{mark}{}",
            self.method,
            self.path,
            self.query.join("&")
        )
    }

    /// The same request with one more query parameter.
    pub(super) fn and(&self, name: &str, value: &str) -> Self {
        let mut more = self.clone();
        more.query
            .push(format!("{}={}", encoded(name), encoded(value)));
        more
    }

    /// The same request with what `with_options!` of the package `golden` adds.
    pub(super) fn with_options(&self) -> Self {
        let mut more = self.clone();
        let options = ["x-more: a/b +", "idempotency-key: key 1"];
        more.headers.extend(options.map(str::to_owned));
        more
    }

    fn carry(&mut self, media_type: &str, body: Payload) {
        self.headers.push(format!("content-type: {media_type}"));
        self.body = body;
    }
}

/// The calls that together use every argument and setter of a method, the shortest one first.
pub(super) fn calls(
    document: &Document,
    source: &Source,
    operation: &Operation,
    method: &Method,
    accept: &str,
) -> Result<Vec<Call>, Trouble> {
    let inputs = Inputs::matched(document, source, operation, method)?;
    let is_required =
        |of: &Use| matches!(of, Use::Parameter(n) if operation.parameters[*n].required);
    let required: Vec<_> = inputs
        .setters
        .iter()
        .filter(|(_, of)| is_required(of))
        .collect();
    let shortest = Sampler::new(document, Fill::Required);
    let mut calls = vec![inputs.call(accept, &shortest, &required)?];
    let (bodies, others): (Vec<_>, Vec<_>) = inputs.setters.iter().partition(|s| s.1 == Use::Body);
    let fullest: Vec<_> = others.into_iter().chain(bodies.first().copied()).collect();
    let mut full = Sampler::new(document, Fill::All);
    while full.turn < full.turns() {
        calls.push(inputs.call(accept, &full, &fullest)?);
        full.turn += 1;
    }
    full.turn = 0;
    for body in bodies.iter().skip(1) {
        let with_body: Vec<_> = required.iter().copied().chain([*body]).collect();
        calls.push(inputs.call(accept, &full, &with_body)?);
    }
    let is_new = |(n, call): &(usize, &Call)| !calls[..*n].iter().any(|c| c.sent == call.sent);
    let distinct = calls
        .iter()
        .enumerate()
        .filter(is_new)
        .map(|(_, call)| call.clone());
    Ok(distinct.collect())
}

/// A method has no more arguments than this beside the body.
const MOST_ARGUMENTS: usize = 6;

/// What an argument or setter is for.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Use {
    /// By place in the operation.
    Parameter(usize),
    Method,
    Body,
    /// A query parameter that the document does not describe.
    AnyQuery,
}

struct Inputs<'a> {
    source: &'a Source,
    operation: &'a Operation,
    arguments: Vec<(&'a Argument, Use)>,
    setters: Vec<(&'a Setter, Use)>,
}

impl<'a> Inputs<'a> {
    /// Finds out what each argument and setter is for. Whatever is left over, on either side, is a fault.
    fn matched(
        document: &Document,
        source: &'a Source,
        operation: &'a Operation,
        method: &'a Method,
    ) -> Result<Self, Trouble> {
        let mut left: Vec<usize> = (0..operation.parameters.len()).collect();
        let mut take = |name: &str, may_be: fn(&Parameter) -> bool| {
            let found = left.iter().position(|&n| {
                let parameter = &operation.parameters[n];
                may_be(parameter) && is_called(parameter, name)
            });
            found.map(|found| Use::Parameter(left.remove(found)))
        };
        // more than a handful of arguments are setters, required or not
        let is_argument: fn(&Parameter) -> bool = |parameter| parameter.required;
        let is_setter: fn(&Parameter) -> bool = match method.arguments.len() < MOST_ARGUMENTS {
            true => |parameter| !parameter.required,
            false => |_| true,
        };

        let mut matched_arguments = Vec::new();
        for argument in &method.arguments {
            let is_method = argument.of == RustType::Path("Method".to_owned(), Vec::new());
            let of = match argument.name.as_str() {
                _ if is_method && operation.method == "ANY" => Some(Use::Method),
                "body" if operation.body.is_some() => Some(Use::Body),
                name => take(name, is_argument),
            };
            let of = of.ok_or_else(|| format!("no parameter is behind {}", argument.name))?;
            matched_arguments.push((argument, of));
        }
        let takes_any_body = ["POST", "PUT", "PATCH", "ANY"].contains(&operation.method.as_str());
        let takes_body = operation.body.is_some() || takes_any_body;
        let mut matched_setters = Vec::new();
        for setter in &method.setters {
            let of = match setter.name.as_str() {
                "body" | "body_as" | "json" | "multipart" if takes_body => Some(Use::Body),
                "query" if operation.method == "ANY" => Some(Use::AnyQuery),
                name => take(name, is_setter),
            };
            let of = of.ok_or_else(|| format!("no parameter is behind {}", setter.name))?;
            matched_setters.push((setter, of));
        }
        if let Some(n) = left.first() {
            return Err(format!("nothing sets {:?}", operation.parameters[*n]).into());
        }
        let uses = matched_arguments.iter().map(|(_, of)| *of);
        let mut uses = uses.chain(matched_setters.iter().map(|(_, of)| *of));
        if takes_body && !uses.any(|of| of == Use::Body) {
            return Err("nothing sets the body".into());
        }
        let is_argument = matched_arguments.iter().any(|(_, of)| *of == Use::Body);
        if is_argument != demands_body(document, operation) {
            return Err("a body is an argument where it is required, and only there".into());
        }
        Ok(Self {
            source,
            operation,
            arguments: matched_arguments,
            setters: matched_setters,
        })
    }

    fn call(
        &self,
        accept: &str,
        sampler: &Sampler<'_>,
        setters: &[&(&Setter, Use)],
    ) -> Result<Call, Trouble> {
        let method = match self.operation.method.as_str() {
            "ANY" if sampler.fill == Fill::Required => "PATCH",
            "ANY" => "PUT",
            named => named,
        };
        let mut sent = Sent {
            method: method.to_owned(),
            path: self.operation.path.clone(),
            query: Vec::new(),
            headers: vec![format!("accept: {accept}")],
            body: Payload::Nothing,
        };
        let mut call = Call {
            arguments: Vec::new(),
            setters: Vec::new(),
            sent: sent.clone(),
        };
        for (argument, of) in &self.arguments {
            let given = match of {
                Use::Method => format!("Method::{method}"),
                of => self
                    .given("body", &[&argument.of], *of, sampler, &mut sent)?
                    .join(", "),
            };
            call.arguments.push(given);
        }
        for (setter, of) in setters {
            let types: Vec<&RustType> = setter.arguments.iter().collect();
            let given = self.given(&setter.name, &types, *of, sampler, &mut sent)?;
            call.setters
                .push(format!("{}({})", setter.name, given.join(", ")));
        }
        call.sent = sent;
        Ok(call)
    }

    /// The arguments of one setter; adds to the request what they stand for.
    fn given(
        &self,
        setter: &str,
        types: &[&RustType],
        of: Use,
        sampler: &Sampler<'_>,
        sent: &mut Sent,
    ) -> Result<Vec<String>, Trouble> {
        match (of, types) {
            (Use::Parameter(n), [of]) => {
                let parameter = &self.operation.parameters[n];
                let value = value_of(sampler, parameter, n);
                carry(parameter, &value, sent);
                Ok(vec![expression(&self.source.types, of, &value)?])
            }
            (Use::AnyQuery, [_, _]) => {
                let (name, value) = ("any[thing]", "a/b+c%é&=");
                sent.query
                    .push(format!("{}={}", encoded(name), encoded(value)));
                Ok(vec![literal(name), literal(value)])
            }
            (Use::Body, types) => self.body(setter, types, sampler, sent),
            _ => Err(format!("{setter}: not so many arguments").into()),
        }
    }

    /// The arguments of a setter of the body.
    fn body(
        &self,
        setter: &str,
        types: &[&RustType],
        sampler: &Sampler<'_>,
        sent: &mut Sent,
    ) -> Result<Vec<String>, Trouble> {
        let nothing = Media::default();
        let media = self
            .operation
            .body
            .as_ref()
            .map_or(&nothing, |body| &body.media);
        // a range of media types leaves the choice to the caller
        let is_one = |name: &str| !name.contains('*');
        let chosen = media.chosen().filter(|(name, _)| is_one(name));
        let describes = chosen.is_some_and(|(_, schema)| is_typed(sampler.document, schema));
        match (setter, types, chosen) {
            // nothing describes the body: JSON of the caller's, or bytes
            ("json", [RustType::Reference(of)], _) if **of == RustType::Serializable => {
                if describes {
                    return Err("JSON of any kind, where the document describes it".into());
                }
                let value = json!({ "anything": [1, "é/ +"] });
                let media_type = chosen.map_or("application/json", |(name, _)| name);
                sent.carry(media_type, Payload::Json(value.clone()));
                Ok(vec![format!("&serde_json::json!({value})")])
            }
            ("body" | "body_as", [bytes, media_type], _) => {
                // of several, one that is not chosen anyway
                let other = media
                    .0
                    .iter()
                    .find(|(name, _)| !is_json(name) && is_one(name));
                let name = other.map_or("application/x.anything", |(name, _)| name);
                let body = "any bytes\n\u{0}é";
                sent.carry(name, Payload::Bytes(body.to_owned()));
                let write = |of, text: &str| expression(&self.source.types, of, &json!(text));
                Ok(vec![write(bytes, body)?, write(media_type, name)?])
            }
            ("multipart", [_], Some((name, schema))) => {
                let parts = fields(schema, sampler);
                let texts = parts
                    .iter()
                    .map(|(name, value)| format!(".text({}, {})", literal(name), literal(value)));
                let form = format!("multipart::Form::new(){}", texts.collect::<String>());
                sent.carry(name, Payload::Parts(parts));
                Ok(vec![form])
            }
            ("body", [of], Some((name, schema))) => {
                let value = match is_json(name) || name.contains("form-urlencoded") {
                    true => sampler.value(schema, "body"),
                    false => json!("a body of its own kind: é/ +\n"),
                };
                let payload = match &value {
                    _ if name.contains("form-urlencoded") => Payload::Form(fields(schema, sampler)),
                    _ if is_json(name) => Payload::Json(value.clone()),
                    Value::String(text) => Payload::Bytes(text.clone()),
                    _ => return Err(format!("a body of {name}").into()),
                };
                sent.carry(name, payload);
                Ok(vec![expression(&self.source.types, of, &value)?])
            }
            _ => Err(format!("{setter}: a body that the document does not describe").into()),
        }
    }
}

/// The fields of a form, as texts.
fn fields(schema: &Value, sampler: &Sampler<'_>) -> Vec<(String, String)> {
    let value = sampler.value(schema, "body");
    let fields = value.as_object().into_iter().flatten();
    let pairs = fields.flat_map(|(name, value)| {
        // a list repeats its name (OpenAPI 3.0.3 §4.7.15.1: `form` with `explode`, unless told otherwise)
        let values = match value {
            Value::Array(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        values.iter().map(|value| (name.clone(), text_of(value)))
    });
    pairs.collect()
}

/// Whether a body has to be given, and there is one way to give it.
fn demands_body(document: &Document, operation: &Operation) -> bool {
    let body = operation.body.as_ref().filter(|body| body.required);
    match body.map(|body| body.media.0.as_slice()) {
        Some([(name, _)]) if name.starts_with("multipart/") || name.contains('*') => false,
        Some([(name, schema)]) if is_json(name) => is_typed(document, schema),
        Some([_]) => true,
        _ => false,
    }
}

/// Whether a parameter can be called so in Rust. Where another has the shorter name, the longer one says the place.
fn is_called(parameter: &Parameter, name: &str) -> bool {
    let (short, name) = (plain(&parameter.name), plain(name));
    let place = format!("{:?}", parameter.place).to_lowercase();
    name == short || name == format!("{short}in{place}")
}

/// A value that tells which parameter it belongs to, with what a URL could misread.
fn value_of(sampler: &Sampler<'_>, parameter: &Parameter, n: usize) -> Value {
    let schema = sampler
        .document
        .resolved(&parameter.schema)
        .unwrap_or(&Value::Null);
    if kind(schema) == Some("array") {
        let items = schema.get("items").unwrap_or(&Value::Null);
        let one = one_value(sampler, parameter, items, n);
        let other = match &one {
            Value::String(text) if !["enum", "format"].iter().any(|by| items.get(by).is_some()) => {
                json!(format!("{text}2"))
            }
            Value::Number(number) if number.is_i64() => json!(number.as_i64().unwrap() + 1),
            one => one.clone(),
        };
        return json!([one, other]);
    }
    one_value(sampler, parameter, schema, n)
}

fn one_value(sampler: &Sampler<'_>, parameter: &Parameter, schema: &Value, n: usize) -> Value {
    let bounded = ["enum", "format", "maximum", "maxLength", "pattern"];
    let bounded = bounded.iter().any(|bound| schema.get(bound).is_some());
    match kind(schema) {
        Some("integer") if !bounded => json!(1_000 + n),
        Some("number") if !bounded => json!(1_000.5 + n as f64),
        Some("string") | None if !bounded => {
            let beyond_ascii = match parameter.place {
                Place::Header => "", // which no header may hold (RFC 9110 §5.5)
                Place::Path | Place::Query => "é",
            };
            json!(format!("{} a/b+c%{beyond_ascii}&=", parameter.name))
        }
        _ => sampler.value(schema, &parameter.name),
    }
}

/// Puts a value where its parameter belongs.
fn carry(parameter: &Parameter, value: &Value, sent: &mut Sent) {
    let texts: Vec<String> = match value {
        Value::Array(values) => values.iter().map(text_of).collect(),
        value => vec![text_of(value)],
    };
    let name = &parameter.name;
    match parameter.place {
        Place::Query if parameter.joined => {
            let value = encoded(&texts.join(","));
            sent.query.push(format!("{}={value}", encoded(name)));
        }
        Place::Query => {
            let pairs = texts
                .iter()
                .map(|text| format!("{}={}", encoded(name), encoded(text)));
            sent.query.extend(pairs);
        }
        Place::Header => {
            let value = texts.join(",");
            sent.headers
                .push(format!("{}: {value}", name.to_lowercase()));
        }
        Place::Path => {
            let value = texts.join(",");
            let segments: Vec<String> = value.split('/').map(encoded).collect();
            let path = sent.path.replace(&format!("{{{name}}}"), &encoded(&value));
            // a greedy parameter stands for several segments
            sent.path = path.replace(&format!("{{{name}+}}"), &segments.join("/"));
        }
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}
