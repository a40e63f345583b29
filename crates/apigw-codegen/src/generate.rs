//! Generates the files of a client crate.

use std::collections::{BTreeMap, HashMap};

use crate::directions;
use crate::lower::{Lowered, Lowerer};
use crate::paging;
use crate::render::{self, Files, Target};
use crate::shape::{self, Shape};
use crate::types::engine::{self, Types};
use crate::types::names as type_names;
use apigw_spec::api::Api;
use apigw_spec::report::Report;

/// An error that prevents a client from being generated.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct GenerateError(#[from] Kind);

#[derive(Debug, thiserror::Error)]
enum Kind {
    #[error(transparent)]
    Engine(#[from] engine::EngineError),
    #[error("invalid paging for {route}: {problem}")]
    Paging { route: String, problem: String },
}

/// Generates the client crate of an API.
///
/// `type_names` maps schemas to the type names set in `apis.toml`. Everything that can't be
/// represented is left untyped and added to `report`.
///
/// # Errors
///
/// Returns an error if `paging` in `apis.toml` names a parameter or field that the operation does
/// not have, or if progenitor fails on the schemas.
pub fn generate(
    api: &Api,
    target: &Target,
    type_names: &BTreeMap<String, String>,
    report: &mut Report,
) -> Result<Files, GenerateError> {
    let (directed, type_names) = directions::split(api, type_names, report);
    let Client {
        shapes,
        lowered,
        types,
        ..
    } = client(&directed, &type_names, report)?;
    let pages = shapes
        .iter()
        .map(|shape| {
            paging::pages(shape, &lowered, &types).map_err(|problem| Kind::Paging {
                route: shape.operation.route(),
                problem,
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(render::render(
        api, target, &shapes, &pages, &lowered, &types,
    ))
}

/// A client before rendering.
#[derive(Debug)]
pub(crate) struct Client<'a> {
    pub(crate) shapes: Vec<Shape<'a>>,
    pub(crate) lowered: Lowered,
    pub(crate) types: Types,
    /// The Rust names of the schemas.
    pub(crate) schema_names: HashMap<String, String>,
}

/// Prepares the client of an API whose schemas have their [forms](directions::split).
pub(crate) fn client<'a>(
    api: &'a Api,
    type_names: &BTreeMap<String, String>,
    report: &mut Report,
) -> Result<Client<'a>, GenerateError> {
    let schema_names = type_names::type_names(api, type_names, report);
    let mut lowerer = Lowerer::new(&api.schemas, schema_names.clone());
    let shapes = shape::shapes(api, &mut lowerer);
    let mut lowered = lowerer.finish(report);
    let types = engine::types(&mut lowered, report).map_err(Kind::from)?;
    Ok(Client {
        shapes,
        lowered,
        types,
        schema_names,
    })
}
