//! Which parameter each argument and setter sets.

use super::rust_type::RustType;
use super::source::{Argument, Method, Setter, Source};
use super::spec::{Operation, Parameter, Part};
use super::{Error, plain};

/// The most arguments of a method, not counting the body.
const MOST_ARGUMENTS: usize = 6;

/// What an argument or a setter sets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Use {
    /// By index in the operation.
    Parameter(usize),
    /// By index in the operation.
    Part(usize),
    Method,
    Body,
    /// The body, of another media type than the main one.
    OtherBody,
    /// A query parameter that the spec does not declare.
    AnyQuery,
}

/// The arguments and setters of a method, matched with its operation.
#[derive(Clone)]
pub(super) struct Inputs<'a> {
    pub(super) source: &'a Source,
    pub(super) operation: &'a Operation,
    pub(super) arguments: Vec<(&'a Argument, Use)>,
    pub(super) setters: Vec<(&'a Setter, Use)>,
}

impl<'a> Inputs<'a> {
    /// Matches arguments and setters with parameters and the body. One without a counterpart is an error.
    pub(super) fn matched(
        source: &'a Source,
        operation: &'a Operation,
        method: &'a Method,
    ) -> Result<Self, Error> {
        let mut left: Vec<usize> = (0..operation.parameters.len()).collect();
        let mut take = |name: &str, may_be: fn(&Parameter) -> bool| {
            let found = left.iter().position(|&n| {
                let parameter = &operation.parameters[n];
                may_be(parameter) && is_called(parameter, name)
            });
            found.map(|found| Use::Parameter(left.remove(found)))
        };
        let mut parts_left: Vec<usize> = (0..operation.parts.len()).collect();
        let mut take_part = |name: &str, may_be: fn(&Part) -> bool| {
            let found = parts_left.iter().position(|&n| {
                let part = &operation.parts[n];
                let (short, name) = (plain(&part.name), plain(name));
                may_be(part) && [short.clone(), format!("{short}part")].contains(&name)
            });
            found.map(|found| Use::Part(parts_left.remove(found)))
        };
        // required parameters beyond the maximum are setters
        let is_argument: fn(&Parameter) -> bool = |parameter| parameter.required;
        let is_setter: fn(&Parameter) -> bool = match method.arguments.len() < MOST_ARGUMENTS {
            true => |parameter| !parameter.required,
            false => |_| true,
        };

        let is_part_setter: fn(&Part) -> bool = match method.arguments.len() < MOST_ARGUMENTS {
            true => |part| !part.required,
            false => |_| true,
        };
        let mut matched_arguments = Vec::new();
        for argument in &method.arguments {
            let is_method = argument.of == RustType::Path("Method".to_owned(), Vec::new());
            let of = match argument.name.as_str() {
                _ if is_method && operation.method == "ANY" => Some(Use::Method),
                "body" if operation.body.is_some() => Some(Use::Body),
                name => take(name, is_argument).or_else(|| take_part(name, |part| part.required)),
            };
            let of =
                of.ok_or_else(|| format!("{} is not a parameter of the spec", argument.name))?;
            matched_arguments.push((argument, of));
        }
        let takes_any_body = ["POST", "PUT", "PATCH", "ANY"].contains(&operation.method.as_str());
        let takes_body = operation.body.is_some() || takes_any_body;
        let mut matched_setters = Vec::new();
        let is_chosen = |media: &super::spec::Media| media.0.len() > 1;
        let chooses = operation.responses.values().any(is_chosen);
        for setter in &method.setters {
            // tests/wire.rs calls it
            if setter.name == "accept" && chooses {
                continue;
            }
            let of = match setter.name.as_str() {
                "body" | "body_as" | "json" | "multipart" if takes_body => Some(Use::Body),
                "query" if operation.any_query => Some(Use::AnyQuery),
                name => take(name, is_setter).or_else(|| take_part(name, is_part_setter)),
            };
            let of =
                of.ok_or_else(|| format!("{}() sets no parameter of the spec", setter.name))?;
            matched_setters.push((setter, of));
        }
        if let Some(n) = left.first() {
            return Err(format!("nothing sets {:?}", operation.parameters[*n]).into());
        }
        if let Some(n) = parts_left.first() {
            return Err(format!("nothing sets {:?}", operation.parts[*n]).into());
        }
        let uses = matched_arguments.iter().map(|(_, of)| *of);
        let mut uses = uses.chain(matched_setters.iter().map(|(_, of)| *of));
        if takes_body && !uses.any(|of| of == Use::Body) {
            return Err("nothing sets the body".into());
        }
        let is_argument = matched_arguments.iter().any(|(_, of)| *of == Use::Body);
        if is_argument != requires_body(operation) {
            return Err("a body should be an argument if it is required, and else a setter".into());
        }
        Ok(Self {
            source,
            operation,
            arguments: matched_arguments,
            setters: matched_setters,
        })
    }
}

/// Whether a body is required, and of a known media type. For forms with files there is no type that
/// could also be of another one.
fn requires_body(operation: &Operation) -> bool {
    let body = operation.body.as_ref().filter(|body| body.required);
    let chosen = body.and_then(|body| body.media.chosen());
    let has_others = body.is_some_and(|body| body.media.0.len() > 1);
    let is_settable =
        |name: &str| name.contains('*') || has_others && name.starts_with("multipart/");
    operation.parts.is_empty() && chosen.is_some_and(|(name, _)| !is_settable(name))
}

/// Whether a parameter can have this name in Rust. The name includes the place if another one has the shorter name.
fn is_called(parameter: &Parameter, name: &str) -> bool {
    let (short, name) = (plain(&parameter.name), plain(name));
    let place = format!("{:?}", parameter.place).to_lowercase();
    [
        short.clone(),
        format!("{short}in{place}"),
        format!("{short}{place}"),
    ]
    .contains(&name)
}
