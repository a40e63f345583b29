//! Finds the API and stage of an origin, and exports it.

use apigw_spec::aws::{Origin, OriginKind};
use apigw_spec::spec::Syntax;
use bytes::Bytes;

use super::control_plane::ControlPlane;
use super::error::Error;
use super::inventory::{self, Deployed};
use super::permission;

/// Downloads the export of the API of an origin.
pub(crate) async fn export(
    plane: &ControlPlane,
    origin: &Origin,
    syntax: Syntax,
) -> Result<Bytes, Error> {
    match find(plane, origin, syntax).await {
        // list all required permissions, not only the first missing one
        Err(Error::Denied { .. }) => Err(Error::Denied {
            resources: required_resources(plane.region(), origin),
        }),
        result => result,
    }
}

/// Returns the ARNs that the caller must be allowed to read.
fn required_resources(region: &str, origin: &Origin) -> Vec<String> {
    let id = origin.id.as_deref().unwrap_or("*");
    let stage = origin.stage.as_deref().unwrap_or("*");
    let mut resources = Vec::new();
    for kind in kinds(origin) {
        let mut add = |path: &[&str]| resources.push(permission::resource(region, path));
        let apis = match kind {
            OriginKind::Rest => "restapis",
            OriginKind::Http => "apis",
        };
        if origin.id.is_none() {
            add(&[apis]);
        }
        if origin.stage.is_none() {
            add(&[apis, id, "stages"]);
        }
        match kind {
            OriginKind::Rest => add(&[apis, id, "stages", stage, "exports", "*"]),
            OriginKind::Http => add(&[apis, id, "exports", "*"]),
        }
    }
    resources
}

/// Tries to export a REST API, then an HTTP API, unless the kind is set. IDs don't identify the kind.
async fn find(plane: &ControlPlane, origin: &Origin, syntax: Syntax) -> Result<Bytes, Error> {
    let (kinds, id) = match (&origin.id, &origin.name) {
        (Some(id), _) => (kinds(origin), id.clone()),
        (None, name) => {
            let api = by_name(plane, origin, name.as_deref().unwrap_or_default()).await?;
            (vec![api.kind], api.id)
        }
    };
    for &kind in &kinds {
        match of_kind(plane, kind, &id, origin.stage.as_deref(), syntax).await {
            Err(error) if error.is_not_found() => {}
            result => return result,
        }
    }
    Err(not_found_error(plane, &kinds, &id, origin.stage.as_deref()).await)
}

fn kinds(origin: &Origin) -> Vec<OriginKind> {
    match origin.kind {
        Some(kind) => vec![kind],
        None => vec![OriginKind::Rest, OriginKind::Http],
    }
}

async fn of_kind(
    plane: &ControlPlane,
    kind: OriginKind,
    id: &str,
    stage: Option<&str>,
    syntax: Syntax,
) -> Result<Bytes, Error> {
    let stage = match stage {
        Some(stage) => stage.to_owned(),
        None => only_stage(id, inventory::stages(plane, kind, id).await?)?,
    };
    match kind {
        OriginKind::Rest => {
            let path = ["restapis", id, "stages", &stage, "exports", "oas30"];
            let accept = match syntax {
                Syntax::Json => "application/json",
                Syntax::Yaml => "application/yaml",
            };
            plane
                .get(kind, &path, &[("extensions", "apigateway")], accept)
                .await
        }
        OriginKind::Http => {
            let path = ["apis", id, "exports", "OAS30"];
            let format = match syntax {
                Syntax::Json => "JSON",
                Syntax::Yaml => "YAML",
            };
            let query = [
                ("outputType", format),
                ("stageName", &stage),
                ("includeExtensions", "true"),
            ];
            plane.get(kind, &path, &query, "*/*").await
        }
    }
}

fn only_stage(id: &str, stages: Vec<String>) -> Result<String, Error> {
    match <[String; 1]>::try_from(stages) {
        Ok([stage]) => Ok(stage),
        Err(stages) if stages.is_empty() => Err(Error::Unknown {
            problem: format!("the API {id} is not deployed"),
            remedy: "deploy it to a stage first".to_owned(),
        }),
        Err(stages) => Err(Error::Unknown {
            problem: format!("the API {id} has several stages"),
            remedy: format!("add `stage` to `aws`: one of {}", stages.join(", ")),
        }),
    }
}

async fn by_name(plane: &ControlPlane, origin: &Origin, name: &str) -> Result<Deployed, Error> {
    let mut known = Vec::new();
    for kind in kinds(origin) {
        known.extend(inventory::apis(plane, kind).await?);
    }
    let (mut named, others): (Vec<_>, Vec<_>) = known.into_iter().partition(|api| api.name == name);
    let problem = match named.len() {
        1 => return Ok(named.swap_remove(0)),
        0 => format!("no API named {name:?} in {}", plane.region()),
        count => format!("{count} APIs named {name:?} in {}", plane.region()),
    };
    let remedy = match named.is_empty() {
        true => format!("the APIs are {}", list(&others)),
        false => format!("use `id` instead of `name`: {}", list(&named)),
    };
    Err(Error::Unknown { problem, remedy })
}

/// Returns the error for a missing API or stage.
async fn not_found_error(
    plane: &ControlPlane,
    kinds: &[OriginKind],
    id: &str,
    stage: Option<&str>,
) -> Error {
    for &kind in kinds {
        if let Ok(stages) = inventory::stages(plane, kind, id).await {
            let remedy = match stages.is_empty() {
                true => "deploy it to a stage first".to_owned(),
                false => format!("the stages are {}", stages.join(", ")),
            };
            return Error::Unknown {
                problem: format!(
                    "the {} {id} has no stage {:?}",
                    kind.title(),
                    stage.unwrap_or("")
                ),
                remedy,
            };
        }
    }
    let mut known = Vec::new();
    for &kind in kinds {
        // without permission to list APIs, the error is still useful
        known.extend(inventory::apis(plane, kind).await.unwrap_or_default());
    }
    Error::Unknown {
        problem: format!("no API with the ID {id} in {}", plane.region()),
        remedy: match known.is_empty() {
            true => "check the ID, the Region and the profile".to_owned(),
            false => format!("the APIs are {}", list(&known)),
        },
    }
}

fn list(apis: &[Deployed]) -> String {
    let named: Vec<String> = apis
        .iter()
        .map(|api| format!("{} ({}, {})", api.name, api.kind.title(), api.id))
        .collect();
    match named.is_empty() {
        true => "none".to_owned(),
        false => named.join(", "),
    }
}
