//! One document in, the files of one crate out.

use std::collections::BTreeMap;

use crate::api::Api;
use crate::engine;
use crate::lower::Lowerer;
use crate::render::{self, Files, Target};
use crate::report::Report;
use crate::shape;
use crate::type_names;

/// Why no crate can be made of an API.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct GenerateError(#[from] engine::EngineError);

/// Renders the crate of an API; `type_names` are names given in `apis.toml`.
///
/// # Errors
///
/// When progenitor does not take the API's schemas even one by one.
pub fn generate(
    api: &Api,
    target: &Target,
    type_names: &BTreeMap<String, String>,
    report: &mut Report,
) -> Result<Files, GenerateError> {
    let type_names = type_names::type_names(api, type_names, report);
    let mut lowerer = Lowerer::new(&api.schemas, type_names);
    let shapes = shape::shapes(api, &mut lowerer);
    let mut lowered = lowerer.finish(report);
    let types = engine::types(&mut lowered, report)?;
    Ok(render::render(api, target, &shapes, &lowered, &types))
}
