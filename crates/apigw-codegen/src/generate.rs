//! One spec in, the files of one crate out.

use std::collections::{BTreeMap, HashMap};

use crate::lower::{Lowered, Lowerer};
use crate::paging;
use crate::render::{self, Files, Target};
use crate::shape::{self, Shape};
use crate::types::engine::{self, Types};
use crate::types::names as type_names;
use apigw_spec::api::Api;
use apigw_spec::report::Report;

/// Why no crate can be made of an API.
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

/// Renders the crate of an API; `type_names` are names given in `apis.toml`.
///
/// # Errors
///
/// When progenitor does not take the API's schemas even one by one, or `paging` names what
/// an operation lacks.
pub fn generate(
    api: &Api,
    target: &Target,
    type_names: &BTreeMap<String, String>,
    report: &mut Report,
) -> Result<Files, GenerateError> {
    let Client {
        shapes,
        lowered,
        types,
        ..
    } = client(api, type_names, report)?;
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

/// A client before it is written down.
#[derive(Debug)]
pub(crate) struct Client<'a> {
    pub(crate) shapes: Vec<Shape<'a>>,
    pub(crate) lowered: Lowered,
    pub(crate) types: Types,
    /// Rust names of the named schemas.
    pub(crate) schema_names: HashMap<String, String>,
}

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
