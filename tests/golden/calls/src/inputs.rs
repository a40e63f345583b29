//! Which parameter is behind which argument.

use super::document::{Document, Operation, Parameter, is_json};
use super::rust_type::RustType;
use super::sample::is_typed;
use super::source::{Argument, Method, Setter, Source};
use super::{Trouble, plain};

/// A method has no more arguments than this beside the body.
const MOST_ARGUMENTS: usize = 6;

/// What an argument or setter is for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Use {
    /// By place in the operation.
    Parameter(usize),
    Method,
    Body,
    /// A query parameter that the document does not describe.
    AnyQuery,
}

/// An operation and the method that calls it, side by side.
pub(super) struct Inputs<'a> {
    pub(super) source: &'a Source,
    pub(super) operation: &'a Operation,
    pub(super) arguments: Vec<(&'a Argument, Use)>,
    pub(super) setters: Vec<(&'a Setter, Use)>,
}

impl<'a> Inputs<'a> {
    /// Finds out what each argument and setter is for. Whatever is left over, on either side, is a fault.
    pub(super) fn matched(
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
}

/// Whether a body has to be given, and there is one way to give it.
fn demands_body(document: &Document, operation: &Operation) -> bool {
    let body = operation.body.as_ref().filter(|body| body.required);
    match body.map(|body| body.media.0.as_slice()) {
        Some([(name, _)]) if name.contains('*') => false,
        Some([(name, schema)]) if is_json(name) => is_typed(document, schema),
        Some([_]) => true,
        _ => false,
    }
}

/// Whether a parameter can be called so in Rust. Where another has the shorter name, the longer one says the place.
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
