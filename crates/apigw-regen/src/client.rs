//! One client: the files that it should have, against those that it has.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use crate::compat::Changes;
use crate::config::{ApiConfig, Apis};
use crate::crate_dir;
use crate::plan::{Planned, State};
use crate::workspace::{Workspace, read};
use apigw_codegen::generate;
use apigw_codegen::{Dependencies, Files, Target};
use apigw_spec::api::Api;
use apigw_spec::diagnostic::Diagnostic;
use apigw_spec::document::Document;

/// Plans for one API; `generating` is called where that may take a while.
pub(crate) fn plan(
    workspace: &Workspace,
    configs: &Apis,
    name: &str,
    config: &ApiConfig,
    generating: &mut impl FnMut(&str),
) -> Planned {
    let mut planned = Planned::new(name, config.package_of(name), State::Fresh);
    let inputs = workspace.inputs(name, config);
    if let Some(note) = inputs.unchanged() {
        planned.operations = note.operations;
        planned.repairs = note.repairs;
        planned.endpoint = note.endpoint;
        return planned;
    }
    // before anything is read: what changes meanwhile must not pass for what was read
    let stamp = inputs.stamp();
    generating(name);
    let folder = workspace.generated().join(name);
    let made = render(workspace, configs, name, config, &folder, &mut planned);
    let compared = made.and_then(|(mut files, beside)| {
        let (state, current) = compare(workspace, &folder, &mut files)?;
        Ok((state, current, files, beside))
    });
    let (state, current, files, beside) = match compared {
        Ok(compared) => compared,
        Err(diagnostic) => {
            planned.state = State::Failed(diagnostic);
            return planned;
        }
    };
    let written = (!matches!(state, State::Fresh)).then_some(&files);
    planned.note = stamp
        .and_then(|stamp| inputs.note(stamp, beside, written))
        .map(|note| note.about(&planned));
    planned.state = state;
    planned.current = current;
    planned.files = files;
    planned
}

/// The files that the client should have, and those beside its document.
fn render(
    workspace: &Workspace,
    configs: &Apis,
    name: &str,
    config: &ApiConfig,
    folder: &Path,
    planned: &mut Planned,
) -> Result<(Files, Vec<PathBuf>), Diagnostic> {
    let path = workspace.specs().join(&config.spec);
    let document = read(workspace, name, &path)?;
    let mut report = document.report().clone();
    let choices = config.choices(crate_dir::recorded(folder));
    let api = Api::read_with(&document, &choices, &mut report);
    planned.operations = api.operations.len();
    planned.endpoint.clone_from(&api.endpoint);
    if api.operations.is_empty() {
        return Err(no_operations(&document));
    }
    let names = config.names.keys().map(|route| ("names", route));
    let auth = config.auth.keys().map(|route| ("auth", route));
    let paging = config.paging.keys().map(|route| ("paging", route));
    let lacking = |route: &str| api.operations.iter().all(|known| known.route() != route);
    for (table, route) in names
        .chain(paging)
        .chain(auth.filter(|(_, route)| *route != "*"))
    {
        if lacking(route) {
            return Err(configs
                .diagnostic(
                    &[name, table, route],
                    format!("the document of [{name}] has no {route}"),
                )
                .help("remove the entry, or write method and path as the document has them"));
        }
    }
    let target = Target {
        api: name.to_owned(),
        package: planned.package.clone(),
        spec: format!("specs/{}", config.spec),
        dependencies: Dependencies::Workspace,
    };
    let files = generate(&api, &target, &config.types, &mut report).map_err(|error| {
        Diagnostic::new("no client can be generated")
            .in_file(&target.spec)
            .help("leave the part out of the document, or report it")
            .caused_by(error)
    })?;
    planned.repairs = report.fixups().len();
    planned.report = Some(report);
    Ok((files, document.beside().to_vec()))
}

/// Compares the crate in a folder with the files that it should have, and gives these the
/// version that follows; the files in the folder are returned as well.
fn compare(
    workspace: &Workspace,
    folder: &Path,
    files: &mut Files,
) -> Result<(State, Files), Diagnostic> {
    if !folder.exists() {
        return Ok((State::New, Files::new()));
    }
    let current = crate_dir::files(folder).map_err(|error| unreadable(workspace, folder, error))?;
    crate_dir::replace_version(
        files,
        &crate_dir::FIRST_VERSION,
        &crate_dir::version(&current),
    );
    let paths: BTreeSet<&PathBuf> = files.keys().chain(current.keys()).collect();
    let differ: Vec<PathBuf> = paths
        .into_iter()
        .filter(|path| files.get(*path) != current.get(*path))
        .cloned()
        .collect();
    refuse_foreign(workspace, folder, &differ)?;
    let state = match differ.is_empty() {
        true => State::Fresh,
        false => {
            let mut changes = Changes::between(&current, files, differ);
            crate_dir::replace_version(files, &changes.version, &changes.next_version);
            let manifest = PathBuf::from("Cargo.toml");
            if changes.version != changes.next_version && !changes.files.contains(&manifest) {
                changes.files.insert(0, manifest);
            }
            State::Stale(Box::new(changes))
        }
    };
    Ok((state, current))
}

/// A document without operations gives a client that does nothing.
pub(crate) fn no_operations(document: &Document) -> Diagnostic {
    document
        .diagnostic("/paths", "the document has no operations")
        .help("export a stage that is deployed and has methods")
}

/// What regen did not write, it neither overwrites nor deletes.
fn refuse_foreign<'a>(
    workspace: &Workspace,
    folder: &Path,
    files: impl IntoIterator<Item = &'a PathBuf>,
) -> Result<(), Diagnostic> {
    let mut files = files.into_iter().map(|path| folder.join(path));
    match files.find(|path| path.exists() && !crate_dir::is_generated(path)) {
        None => Ok(()),
        Some(foreign) => Err(Diagnostic::new(
            "this file was not written by regen, which owns the folder",
        )
        .in_file(workspace.name_of(&foreign))
        .help("move it out of crates/generated")),
    }
}

fn unreadable(workspace: &Workspace, folder: &Path, error: io::Error) -> Diagnostic {
    Diagnostic::new("the generated crate cannot be read")
        .in_file(workspace.name_of(folder))
        .help("make the folder readable, or delete it")
        .caused_by(error)
}

/// Generated crates whose API is gone.
pub(crate) fn orphans(
    workspace: &Workspace,
    configs: &BTreeMap<String, ApiConfig>,
) -> Vec<Planned> {
    let Ok(entries) = fs_err::read_dir(workspace.generated()) else {
        return Vec::new();
    };
    let mut orphans: Vec<Planned> = entries
        .flatten()
        .filter(|entry| crate_dir::is_generated(&entry.path().join("Cargo.toml")))
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !configs.contains_key(name))
        .map(|name| {
            let state = orphan(workspace, &name).unwrap_or_else(State::Failed);
            Planned::new(&name, ApiConfig::default().package_of(&name), state)
        })
        .collect();
    orphans.sort_by(|a, b| a.name.cmp(&b.name));
    orphans
}

fn orphan(workspace: &Workspace, name: &str) -> Result<State, Diagnostic> {
    let folder = workspace.generated().join(name);
    let files = crate_dir::list(&folder).map_err(|error| unreadable(workspace, &folder, error))?;
    refuse_foreign(workspace, &folder, &files)?;
    Ok(State::Orphaned)
}
