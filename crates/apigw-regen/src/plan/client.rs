//! Plans one client: compares the generated files with those on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use super::planned::{Planned, State};
use crate::compat::Changes;
use crate::disk;
use crate::disk::note::Summary;
use crate::workspace::apis::{ApiConfig, Apis};
use crate::workspace::{Workspace, no_operations, read};
use apigw_codegen::generate;
use apigw_codegen::{Files, Target};
use apigw_spec::api::Api;
use apigw_spec::{Diagnostic, Report};

/// Plans one API; calls `generating` before generating the client, which may take a while.
pub(crate) fn plan(
    workspace: &Workspace,
    apis: &Apis,
    name: &str,
    config: &ApiConfig,
    generating: &mut impl FnMut(&str),
) -> Planned {
    let package = config.package_of(name);
    let inputs = workspace.inputs(name, config, &apis.runtime);
    if let Some(note) = inputs.unchanged() {
        return Planned::unchanged(name, package, note.summary);
    }
    // taken before reading, so that a change in between is noticed by the next run
    let stamp = inputs.stamp();
    generating(name);
    let folder = workspace.generated().join(name);
    let made = render(workspace, apis, name, config, &folder)
        .and_then(|made| Ok((compare(workspace, &folder, &made.files)?, made)));
    let (compared, made) = match made {
        Ok(made) => made,
        Err(diagnostic) => {
            return Planned::without_files(name, package, State::Failed(diagnostic));
        }
    };
    let Compared {
        state,
        current,
        files,
    } = compared;
    let Made {
        report,
        operations,
        endpoint,
        beside,
        ..
    } = made;
    let summary = Summary {
        operations,
        fixes: report.fixes().len(),
        endpoint: endpoint.clone(),
    };
    let written = (!matches!(state, State::Fresh)).then_some(&files);
    Planned {
        name: name.to_owned(),
        note: stamp.and_then(|stamp| inputs.note(stamp, beside, written, summary)),
        state,
        fixes: report.fixes().len(),
        report: Some(report),
        package,
        operations,
        endpoint,
        current,
        files,
    }
}

/// A generated client, before it is compared with the one on disk.
struct Made {
    /// The files, with the initial version.
    files: Files,
    report: Report,
    operations: usize,
    endpoint: Option<String>,
    /// Files that the spec refers to.
    beside: Vec<PathBuf>,
}

fn render(
    workspace: &Workspace,
    apis: &Apis,
    name: &str,
    config: &ApiConfig,
    folder: &Path,
) -> Result<Made, Diagnostic> {
    let path = workspace.specs().join(&config.spec);
    let spec = read(workspace, name, &path)?;
    let mut report = spec.report().clone();
    let choices = config.choices(disk::recorded(folder));
    let api = Api::read_with(&spec, &choices, &mut report);
    if api.operations.is_empty() {
        return Err(no_operations(&spec));
    }
    refuse_unknown_routes(apis, name, config, &api)?;
    let target = Target {
        api: name.to_owned(),
        package: config.package_of(name),
        spec: format!("specs/{}", config.spec),
        runtime: workspace.runtime_of_client(apis),
    };
    let files =
        generate(&api, &target, &choices, &mut report).map_err(|error| match error.setting() {
            Some([table, key]) => apis.diagnostic(&[name, table, key], error.to_string()),
            None => Diagnostic::new("cannot generate a client")
                .in_file(&target.spec)
                .help("remove this part of the spec, or report a bug")
                .caused_by(error),
        })?;
    Ok(Made {
        files,
        report,
        operations: api.operations.len(),
        endpoint: api.endpoint,
        beside: spec.beside().to_vec(),
    })
}

/// Rejects entries of `apis.toml` for routes that the API does not have.
fn refuse_unknown_routes(
    apis: &Apis,
    name: &str,
    config: &ApiConfig,
    api: &Api,
) -> Result<(), Diagnostic> {
    let names = config.names.keys().map(|route| ("names", route));
    let paging = config.paging.keys().map(|route| ("paging", route));
    let auth = config.auth.keys().map(|route| ("auth", route));
    let idempotent = config.idempotent.iter().map(|route| ("idempotent", route));
    let mut entries = names
        .chain(paging)
        .chain(idempotent)
        .chain(auth.filter(|(_, route)| *route != "*"));
    let is_unknown = |route: &str| api.operations.iter().all(|known| known.route() != route);
    match entries.find(|(_, route)| is_unknown(route)) {
        None => Ok(()),
        Some((table, route)) => Err(apis
            .diagnostic(
                &[name, table, route],
                format!("the spec of [{name}] has no {route}"),
            )
            .help("remove the entry, or use a method and path from the spec")),
    }
}

/// The crate on disk, and the generated files with the next version.
struct Compared {
    state: State,
    current: Files,
    files: Files,
}

/// Compares the crate in a folder with the files generated for it.
fn compare(workspace: &Workspace, folder: &Path, made: &Files) -> Result<Compared, Diagnostic> {
    if !folder.exists() {
        return Ok(Compared {
            state: State::New,
            current: Files::new(),
            files: made.clone(),
        });
    }
    let current = disk::files(folder).map_err(|error| unreadable(workspace, folder, error))?;
    // a different version alone is not a change
    let files = disk::at_version(made, &disk::version(&current));
    let paths: BTreeSet<&PathBuf> = files.keys().chain(current.keys()).collect();
    let differ: Vec<PathBuf> = paths
        .into_iter()
        .filter(|path| files.get(*path) != current.get(*path))
        .cloned()
        .collect();
    refuse_foreign(workspace, folder, &differ)?;
    if differ.is_empty() {
        return Ok(Compared {
            state: State::Fresh,
            current,
            files,
        });
    }
    let mut changes = Changes::between(&current, &files, differ);
    let manifest = PathBuf::from("Cargo.toml");
    if changes.version != changes.next_version && !changes.files.contains(&manifest) {
        changes.files.insert(0, manifest);
    }
    let files = disk::at_version(made, &changes.next_version);
    Ok(Compared {
        state: State::Stale(Box::new(changes)),
        current,
        files,
    })
}

/// Rejects files that regen did not write, since it would overwrite or delete them.
fn refuse_foreign<'a>(
    workspace: &Workspace,
    folder: &Path,
    files: impl IntoIterator<Item = &'a PathBuf>,
) -> Result<(), Diagnostic> {
    let mut files = files.into_iter().map(|path| folder.join(path));
    match files.find(|path| path.exists() && !disk::is_generated(path)) {
        None => Ok(()),
        Some(foreign) => Err(Diagnostic::new(
            "this file was not generated, but regen manages the folder",
        )
        .in_file(workspace.name_of(&foreign))
        .help("move it to another folder")),
    }
}

fn unreadable(workspace: &Workspace, folder: &Path, error: io::Error) -> Diagnostic {
    Diagnostic::new("cannot read the generated crate")
        .in_file(workspace.name_of(folder))
        .help("make the folder readable, or delete it")
        .caused_by(error)
}

/// Returns the generated crates whose API is no longer listed.
pub(crate) fn orphans(
    workspace: &Workspace,
    configs: &BTreeMap<String, ApiConfig>,
) -> Vec<Planned> {
    let Ok(entries) = fs_err::read_dir(workspace.generated()) else {
        return Vec::new();
    };
    let mut orphans: Vec<Planned> = entries
        .flatten()
        .filter(|entry| disk::is_generated(&entry.path().join("Cargo.toml")))
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !configs.contains_key(name))
        .map(|name| {
            let state = orphan(workspace, &name).unwrap_or_else(State::Failed);
            Planned::without_files(&name, ApiConfig::default().package_of(&name), state)
        })
        .collect();
    orphans.sort_by(|a, b| a.name.cmp(&b.name));
    orphans
}

fn orphan(workspace: &Workspace, name: &str) -> Result<State, Diagnostic> {
    let folder = workspace.generated().join(name);
    let files = disk::list(&folder).map_err(|error| unreadable(workspace, &folder, error))?;
    refuse_foreign(workspace, &folder, &files)?;
    Ok(State::Orphaned)
}
