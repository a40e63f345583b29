//! Keeps the cargo workspace loadable while clients are added and removed.

use anyhow::{Result, bail};
use apigw_codegen::RuntimeSource;
use apigw_regen::{Plan, State, Workspace};
use apigw_spec::write;

use crate::manifest::Manifest;
use crate::workspace::shown;
use crate::{door, voice};

/// Checks that cargo can load a client, before anything is written.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let Some(manifest) = Manifest::find(workspace.root())? else {
        return Ok(());
    };
    let apis = workspace.apis()?;
    if apis.runtime == RuntimeSource::Workspace && !manifest.has_dependency("apigw-runtime") {
        bail!(
            "{} has no `apigw-runtime` in [workspace.dependencies], which clients depend on: run \
             `{} init`, or set `runtime` in {}",
            shown(&manifest.path),
            door::command(),
            shown(&workspace.list())
        );
    }
    Ok(())
}

/// Removes the pattern of the clients from the members if no client remains: cargo refuses a
/// pattern that matches nothing.
pub(crate) fn before(workspace: &Workspace, plan: &Plan) -> Result<()> {
    let removed = |name: &str| {
        let mut apis = plan.apis().iter();
        apis.any(|api| api.name == name && matches!(api.state, State::Orphaned))
    };
    let is_added = plan
        .apis()
        .iter()
        .any(|api| matches!(api.state, State::New));
    let folders = fs_err::read_dir(workspace.clients()).into_iter().flatten();
    let remains = folders
        .flatten()
        .any(|entry| !removed(&entry.file_name().to_string_lossy()));
    if remains || is_added {
        return Ok(());
    }
    let (Some(mut manifest), Some(pattern)) =
        (Manifest::find(workspace.root())?, pattern(workspace)?)
    else {
        return Ok(());
    };
    if manifest.remove_member(&pattern) {
        write::file(&manifest.path, manifest.text())?;
        voice::status(
            "Removed",
            format!("{pattern} from the members of {}", shown(&manifest.path)),
        );
    }
    Ok(())
}

/// Adds the clients to the members of the cargo workspace, unless they are.
pub(crate) fn after(workspace: &Workspace, plan: &Plan) -> Result<()> {
    let mut apis = plan.apis().iter();
    let Some(client) = apis.find(|api| matches!(api.state, State::New)) else {
        return Ok(());
    };
    let (Some(mut manifest), Some(pattern)) =
        (Manifest::find(workspace.root())?, pattern(workspace)?)
    else {
        return Ok(());
    };
    let folder = workspace.client(&client.name);
    let Ok(folder) = folder.strip_prefix(manifest.folder()) else {
        return Ok(());
    };
    let folder = folder.to_owned();
    if manifest.add_member(&pattern, &folder)? {
        write::file(&manifest.path, manifest.text())?;
        voice::status(
            "Added",
            format!("{pattern} to the members of {}", shown(&manifest.path)),
        );
    }
    Ok(())
}

/// Returns the pattern that matches all clients, relative to the cargo workspace.
fn pattern(workspace: &Workspace) -> Result<Option<String>> {
    let Some(manifest) = Manifest::find(workspace.root())? else {
        return Ok(None);
    };
    let clients = workspace.clients();
    let clients = clients.strip_prefix(manifest.folder()).ok();
    Ok(clients.map(|clients| format!("{}/*", clients.to_string_lossy().replace('\\', "/"))))
}
