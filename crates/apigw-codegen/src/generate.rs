//! Generates the files of a client crate.

use std::collections::HashMap;

use crate::directions;
use crate::lower::{Lowered, Lowerer};
use crate::paging::{self, Pages};
use crate::render::{self, Files, Target};
use crate::shape::{self, Shape};
use crate::types::choices::{InvalidType, TypeChoices};
use crate::types::engine::{self, Types};
use crate::types::names as type_names;
use apigw_spec::Choices;
use apigw_spec::api::Api;
use apigw_spec::report::Report;

/// An error that prevents a client from being generated.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct GenerateError(#[from] Kind);

impl From<engine::EngineError> for GenerateError {
    fn from(error: engine::EngineError) -> Self {
        Self(error.into())
    }
}

impl GenerateError {
    /// Returns the table and the key of the setting in `apis.toml` that causes the error, if one
    /// does.
    #[must_use]
    pub fn setting(&self) -> Option<[&str; 2]> {
        match &self.0 {
            Kind::InvalidType(InvalidType { table, key, .. }) => Some([table, key]),
            Kind::Paging { route, .. } => Some(["paging", route]),
            Kind::Engine(_) => None,
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum Kind {
    #[error(transparent)]
    Engine(#[from] engine::EngineError),
    #[error("invalid paging for {route}: {problem}")]
    Paging { route: String, problem: String },
    #[error(transparent)]
    InvalidType(#[from] InvalidType),
}

/// Generates the client crate of an API.
///
/// Of the `choices`, it uses the types; the others are part of the API already. Everything that
/// can't be represented is left untyped and added to `report`.
///
/// # Errors
///
/// Returns an error if `paging` in `apis.toml` names a parameter or field that the operation does
/// not have, if an existing type is not a path or its crate is not in `dependencies`, or if
/// progenitor fails on the schemas.
pub fn generate(
    api: &Api,
    target: &Target,
    choices: &Choices,
    report: &mut Report,
) -> Result<Files, GenerateError> {
    let types = type_choices(choices)?;
    let (directed, types) = directions::split(api, types, report);
    let Client {
        shapes,
        pages,
        lowered,
        types,
        ..
    } = client(&directed, &types, report)?;
    let dependencies = &choices.dependencies;
    Ok(render::render(
        api,
        target,
        dependencies,
        &shapes,
        &pages,
        &lowered,
        &types,
    ))
}

/// A client before rendering.
#[derive(Debug)]
pub(crate) struct Client<'a> {
    pub(crate) shapes: Vec<Shape<'a>>,
    /// How each operation is paged.
    pub(crate) pages: Vec<Option<Pages>>,
    pub(crate) lowered: Lowered,
    pub(crate) types: Types,
    /// The Rust names of the schemas.
    pub(crate) schema_names: HashMap<String, String>,
}

pub(crate) fn type_choices(choices: &Choices) -> Result<TypeChoices, GenerateError> {
    Ok(TypeChoices::of(choices).map_err(Kind::from)?)
}

/// Prepares the client of an API whose schemas have their [forms](directions::split).
pub(crate) fn client<'a>(
    api: &'a Api,
    choices: &TypeChoices,
    report: &mut Report,
) -> Result<Client<'a>, GenerateError> {
    let schema_names = type_names::type_names(api, &choices.names, report);
    let mut lowerer = Lowerer::new(&api.schemas, schema_names.clone(), choices);
    let shapes = shape::shapes(api, &mut lowerer);
    let mut lowered = lowerer.finish(report);
    let types = engine::types(&mut lowered, report).map_err(Kind::from)?;
    let of_errors = paging::error_lists(&shapes, &lowered, &types);
    let pages = shapes
        .iter()
        .map(|shape| {
            paging::pages(shape, &of_errors, &lowered, &types, report).map_err(|problem| {
                Kind::Paging {
                    route: shape.operation.route(),
                    problem,
                }
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Client {
        pages,
        shapes,
        lowered,
        types,
        schema_names,
    })
}
