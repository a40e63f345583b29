//! Which Rust type holds which schema, for tools that test the types of a client.

use crate::directions;
use crate::generate::{GenerateError, type_choices};
use crate::lower::Lowerer;
use crate::render::openapi::used_schemas;
use crate::shape::{self, Body, Outcome};
use crate::types::engine;
use crate::types::names::type_names;
use apigw_spec::api::Api;
use apigw_spec::{Choices, Spec};
use serde_json::json;

/// The Rust types of a client, as written beside its module `types`, for example
/// `Vec<types::Order>`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// The type of each schema that operations use, by the schema's name. Schemas with two forms are
    /// in that of responses.
    pub schemas: Vec<(String, String)>,
    /// The type of each JSON response: route, status and type, for example `GET /orders`, `200` and
    /// `Vec<types::Order>`.
    pub responses: Vec<(String, String, String)>,
}

impl Typed {
    /// Returns the types of the client of a spec.
    ///
    /// # Errors
    ///
    /// Returns an error if no client can be generated.
    pub fn of(spec: &Spec, choices: &Choices) -> Result<Self, GenerateError> {
        let mut report = spec.report().clone();
        let api = Api::read_with(spec, choices, &mut report);
        let (directed, choices) = directions::split(&api, type_choices(choices)?, &mut report);
        let names = type_names(&directed, &choices.names, &mut report);
        let mut lowerer = Lowerer::new(&directed.schemas, names, &choices);
        let shapes = shape::shapes(&directed, &mut lowerer);
        let used = used_schemas(&api);
        let schemas: Vec<_> = used
            .into_iter()
            .map(|name| {
                let target = apigw_spec::pointer::child("#/components/schemas", &name);
                let slot = lowerer.slot(&json!({ "$ref": target }), &name);
                (name, slot)
            })
            .collect();
        let mut lowered = lowerer.finish(&mut report);
        let types = engine::types(&mut lowered, &mut report).map_err(GenerateError::from)?;
        let mut responses = Vec::new();
        for shape in &shapes {
            for outcome in [&shape.success, &shape.error] {
                let declared = shape.operation.responses.iter();
                let bodies: Vec<(String, &Body)> = match outcome {
                    Outcome::One(body) => declared
                        .filter(|response| {
                            response.status.is_success() == std::ptr::eq(outcome, &shape.success)
                        })
                        .map(|response| (response.status.key(), body))
                        .collect(),
                    Outcome::Many(bodies) => bodies
                        .iter()
                        .map(|(status, body)| (status.key(), body))
                        .collect(),
                };
                for (status, body) in bodies {
                    if let Body::Json(slot) = body {
                        let of = types.slot(*slot).to_string();
                        responses.push((shape.operation.route(), status, of));
                    }
                }
            }
        }
        Ok(Self {
            schemas: schemas
                .into_iter()
                .map(|(name, slot)| (name, types.slot(slot).to_string()))
                .collect(),
            responses,
        })
    }
}
