//! What `regen` would do, and doing it.
//!
//! One value says per API what is there and what should be. `regen --check` prints it and
//! `regen` prints and applies it, so that the two cannot disagree.

mod add;
mod build;
mod changes;
mod narrowing;
mod present;
mod print;
mod replace;
mod surface;
mod unchanged;
mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use crate::api::Api;
use crate::config::{ApiConfig, Apis};
use crate::diagnostic::Diagnostic;
use crate::document::Document;
use crate::generate::generate;
use crate::inspect::Settings;
use crate::names::KnownNames;
use crate::overlay::Overlay;
use crate::render::{Dependencies, Files, Target};
use crate::report::Report;
use replace::Replacer;
use unchanged::Inputs;

pub use changes::{Change, Changes, Effect, TypeChanges};
pub use print::Telling;
pub use replace::Lock;

/// How the file name of an overlay ends.
const OVERLAY: &str = ".overlay.yaml";

/// A workspace with `specs/` and `crates/generated/`.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The workspace at `root`.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder of the documents.
    #[must_use]
    pub fn specs(&self) -> PathBuf {
        self.root.join("specs")
    }

    /// What people add to the document of an API: `specs/<api>.overlay.yaml`.
    #[must_use]
    pub fn overlay(&self, api: &str) -> PathBuf {
        self.specs().join(format!("{api}{OVERLAY}"))
    }

    fn generated(&self) -> PathBuf {
        self.root.join("crates").join("generated")
    }

    /// What the workspace says of a document: nothing, unless it is in `apis.toml`.
    ///
    /// # Errors
    ///
    /// When `apis.toml` is there and cannot be used.
    pub fn settings(&self, document: &Path) -> Result<Settings, Diagnostic> {
        if !self.list().exists() {
            return Ok(Settings::default());
        }
        let apis = self.apis()?;
        let document = document.canonicalize().ok();
        let listed = apis.tables.into_iter().find(|(_, config)| {
            let spec = self.specs().join(&config.spec).canonicalize().ok();
            document.is_some() && spec == document
        });
        Ok(match listed {
            None => Settings::default(),
            Some((name, config)) => Settings {
                recorded: present::recorded(&self.generated().join(&name)),
                api: Some(name),
                config,
            },
        })
    }

    /// The APIs of `specs/apis.toml`.
    ///
    /// # Errors
    ///
    /// When the list cannot be used.
    pub fn apis(&self) -> Result<Apis, Diagnostic> {
        let list = self.list();
        Apis::read(&list, self.name_of(&list))
    }

    /// One API as its client sees it, names included, with the document it is read from.
    ///
    /// # Errors
    ///
    /// When the list or the document cannot be used, or the list has no such API.
    pub fn api(&self, name: &str) -> Result<(Document, Api), Diagnostic> {
        let apis = self.apis()?;
        let config = apis.table(name)?;
        let document = read(self, name, &self.specs().join(&config.spec))?;
        let known = KnownNames {
            given: config.names.clone(),
            recorded: present::recorded(&self.generated().join(name)),
        };
        let mut api = Api::read_with(&document, &known, &mut Report::new());
        config.apply(&mut api);
        Ok((document, api))
    }

    /// A document with what the workspace says of it: as it is and with no settings, unless
    /// it is in `apis.toml`.
    ///
    /// # Errors
    ///
    /// When the document, its overlay or `apis.toml` cannot be used.
    pub fn document(&self, path: &Path) -> Result<(Document, Settings), Diagnostic> {
        let settings = self.settings(path)?;
        let document = match &settings.api {
            None => Document::read(path)?,
            Some(api) => read(self, api, path)?,
        };
        Ok((document, settings))
    }

    /// The list of APIs.
    #[must_use]
    pub fn list(&self) -> PathBuf {
        self.specs().join("apis.toml")
    }

    /// Waits until no other process writes clients here, and keeps others waiting until the
    /// lock is dropped; calls `waiting` first if there is somebody to wait for.
    ///
    /// What a run that was stopped left behind is cleared up. Take the lock before planning,
    /// so that nobody comes between what was planned and what is written.
    ///
    /// # Errors
    ///
    /// When there is no writing to `target`.
    pub fn lock(&self, waiting: impl FnOnce()) -> io::Result<Lock> {
        Lock::take(&self.regen(), &self.generated(), waiting)
    }

    /// Where regen keeps what is for nobody else.
    fn regen(&self) -> PathBuf {
        self.root.join("target").join("regen")
    }

    /// What decides whether a client is as it should be.
    fn inputs<'a>(&self, name: &str, config: &'a ApiConfig) -> Inputs<'a> {
        Inputs {
            note: unchanged::place(&self.regen(), name),
            config,
            document: self.specs().join(&config.spec),
            overlay: self.overlay(name),
            folder: self.generated().join(name),
        }
    }

    /// An overlay that belongs to no API would be left out in silence.
    fn refuse_stray_overlay(&self, apis: &Apis) -> Result<(), Diagnostic> {
        let files = fs_err::read_dir(self.specs())
            .into_iter()
            .flatten()
            .flatten();
        let mut names: Vec<String> = files
            .map(|file| file.file_name().to_string_lossy().into_owned())
            .filter(|name| {
                let api = name.strip_suffix(OVERLAY);
                api.is_some_and(|api| !apis.tables.contains_key(api))
            })
            .collect();
        names.sort();
        match names.first() {
            None => Ok(()),
            Some(stray) => Err(Diagnostic::new("the overlay belongs to no API")
                .in_file(format!("specs/{stray}"))
                .help("name it after a table of specs/apis.toml: specs/<api>.overlay.yaml")),
        }
    }

    /// A file's name from the root on, so that messages are the same everywhere.
    fn name_of(&self, path: &Path) -> String {
        let name = path.strip_prefix(&self.root).unwrap_or(path);
        name.display().to_string()
    }
}

/// What is to be done for every API.
#[derive(Debug)]
pub struct Plan {
    workspace: Workspace,
    apis: Vec<Planned>,
}

/// What is to be done for one API.
#[derive(Debug)]
pub struct Planned {
    /// The API's name in `apis.toml`, or the folder's where it is no longer there.
    pub name: String,
    /// What is there, compared with what should be.
    pub state: State,
    /// How many repairs the document needs.
    pub repairs: usize,
    /// Each of the repairs; `None` where nothing had changed and so nothing was generated.
    pub report: Option<Report>,
    /// The generated package's name.
    pub package: String,
    /// Operations of the API.
    pub operations: usize,
    /// The URL that the client calls unless told otherwise, when the document names one.
    pub endpoint: Option<String>,
    /// The files on disk.
    current: Files,
    /// The files that should be there.
    files: Files,
    /// What was generated, with what goes into the note about it.
    made: Option<Made>,
}

/// What was read to generate a client.
#[derive(Debug)]
struct Made {
    config: ApiConfig,
    beside: Vec<PathBuf>,
}

/// What is there, compared with what should be.
#[derive(Debug)]
pub enum State {
    /// The crate is as it should be.
    Fresh,
    /// There is no crate yet.
    New,
    /// The crate is not what its document gives.
    Stale(Box<Changes>),
    /// The crate's API is no longer in `apis.toml`.
    Orphaned,
    /// No crate can be made.
    Failed(Diagnostic),
}

impl Plan {
    /// Plans for the APIs named, or for all when none is; orphans are looked for with all.
    ///
    /// # Errors
    ///
    /// When `apis.toml` cannot be used, or a name is not in it. What is wrong with one
    /// document is the [`State`] of its API.
    pub fn new(workspace: &Workspace, only: &[String]) -> Result<Self, Diagnostic> {
        Self::with_progress(workspace, only, |_| {})
    }

    /// As [`new`](Self::new); `generating` is called with an API's name before its client is
    /// generated, which may take a while.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_progress(
        workspace: &Workspace,
        only: &[String],
        mut generating: impl FnMut(&str),
    ) -> Result<Self, Diagnostic> {
        let configs = workspace.apis()?;
        for name in only {
            configs.table(name)?;
        }
        let mut apis: Vec<Planned> = configs
            .tables
            .iter()
            .filter(|(name, _)| only.is_empty() || only.contains(name))
            .map(|(name, config)| plan(workspace, &configs, name, config, &mut generating))
            .collect();
        if only.is_empty() {
            workspace.refuse_stray_overlay(&configs)?;
            apis.extend(orphans(workspace, &configs.tables));
        }
        Ok(Self {
            workspace: workspace.clone(),
            apis,
        })
    }

    /// Every API and what is to be done for it.
    #[must_use]
    pub fn apis(&self) -> &[Planned] {
        &self.apis
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.apis
            .iter()
            .all(|api| matches!(api.state, State::Fresh))
    }

    /// Whether some crate cannot be made; then [`apply`](Self::apply) does nothing.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.apis
            .iter()
            .any(|api| matches!(api.state, State::Failed(_)))
    }

    /// Writes what is to be written, one crate at a time and each whole or not at all, even
    /// when the process is killed; notes what is fresh, for the next plan to be quick.
    ///
    /// When any API has failed, nothing is written: a half-renewed set of clients would
    /// hide which document is to blame.
    ///
    /// # Errors
    ///
    /// When a file cannot be written; crates written before that stay.
    pub fn apply(&self, lock: &Lock) -> io::Result<()> {
        if self.has_failed() {
            return Ok(());
        }
        let (regen, crates) = (self.workspace.regen(), self.workspace.generated());
        let mut nobody_stops_us = || {};
        let mut replacer = Replacer::new(lock, &regen, &crates, &mut nobody_stops_us);
        for api in &self.apis {
            match api.state {
                State::New | State::Stale(_) => replacer.replace(&api.name, &api.files)?,
                State::Orphaned => replacer.remove(&api.name)?,
                State::Fresh | State::Failed(_) => {}
            }
            if let Some(made) = &api.made {
                let inputs = self.workspace.inputs(&api.name, &made.config);
                let endpoint = api.endpoint.as_deref();
                inputs.note(&made.beside, api.operations, api.repairs, endpoint)?;
            }
        }
        Ok(())
    }
}

impl Planned {
    fn new(name: &str, package: String, state: State) -> Self {
        Self {
            name: name.to_owned(),
            state,
            repairs: 0,
            report: None,
            package,
            operations: 0,
            endpoint: None,
            current: Files::new(),
            files: Files::new(),
            made: None,
        }
    }
}

fn plan(
    workspace: &Workspace,
    configs: &Apis,
    name: &str,
    config: &ApiConfig,
    generating: &mut impl FnMut(&str),
) -> Planned {
    let mut planned = Planned::new(name, config.package_of(name), State::Fresh);
    if let Some(note) = workspace.inputs(name, config).unchanged() {
        planned.operations = note.operations;
        planned.repairs = note.repairs;
        planned.endpoint = note.endpoint;
        return planned;
    }
    generating(name);
    let folder = workspace.generated().join(name);
    planned.state = match render(workspace, configs, name, config, &folder, &mut planned) {
        Ok(mut files) => match compare(workspace, &folder, &mut files) {
            Ok(compared) => {
                planned.files = files;
                planned.current = compared.current;
                compared.state
            }
            Err(diagnostic) => State::Failed(diagnostic),
        },
        Err(diagnostic) => State::Failed(diagnostic),
    };
    planned
}

fn render(
    workspace: &Workspace,
    configs: &Apis,
    name: &str,
    config: &ApiConfig,
    folder: &Path,
    planned: &mut Planned,
) -> Result<Files, Diagnostic> {
    let path = workspace.specs().join(&config.spec);
    let document = read(workspace, name, &path)?;
    let mut report = document.report().clone();
    let known = KnownNames {
        given: config.names.clone(),
        recorded: present::recorded(folder),
    };
    let mut api = Api::read_with(&document, &known, &mut report);
    planned.operations = api.operations.len();
    planned.endpoint.clone_from(&api.endpoint);
    if api.operations.is_empty() {
        return Err(document
            .diagnostic("/paths", "the document has no operations")
            .help("export a stage that is deployed and has methods"));
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
    config.apply(&mut api);
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
    planned.made = Some(Made {
        config: config.clone(),
        beside: document.beside().to_vec(),
    });
    Ok(files)
}

/// Reads a document under its name in the workspace, as the API's overlay changes it and
/// with the files beside it.
fn read(workspace: &Workspace, api: &str, path: &Path) -> Result<Document, Diagnostic> {
    let name = workspace.name_of(path);
    let bytes = std::fs::read(path).map_err(|error| {
        Diagnostic::new("the document cannot be read")
            .in_file(&name)
            .help("correct `spec` in specs/apis.toml, or put the export there")
            .caused_by(error)
    })?;
    let mut document = Document::parse(name, &bytes)?;
    let overlay = workspace.overlay(api);
    if overlay.exists() {
        let name = workspace.name_of(&overlay);
        let bytes = fs_err::read(&overlay).map_err(|error| {
            Diagnostic::new("the overlay cannot be read")
                .in_file(&name)
                .help("make it readable, or remove it")
                .caused_by(error)
        })?;
        document = document.overlaid(&Overlay::parse(name, &bytes)?)?;
    }
    Ok(document.with_files_in(path.parent().unwrap_or(Path::new(""))))
}

/// Compares the crate in a folder with the files that it should have, and gives these the
/// version that follows.
fn compare(
    workspace: &Workspace,
    folder: &Path,
    files: &mut Files,
) -> Result<Compared, Diagnostic> {
    if !folder.exists() {
        return Ok(Compared {
            state: State::New,
            current: Files::new(),
        });
    }
    let current = present::files(folder).map_err(|error| unreadable(workspace, folder, error))?;
    present::replace_version(files, &present::FIRST_VERSION, &present::version(&current));
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
            let changes = Changes::between(&current, files, differ);
            present::replace_version(files, &changes.version, &changes.next_version);
            State::Stale(Box::new(changes))
        }
    };
    Ok(Compared { state, current })
}

/// What is there, compared with what should be.
struct Compared {
    state: State,
    current: Files,
}

/// What regen did not write, it neither overwrites nor deletes.
fn refuse_foreign<'a>(
    workspace: &Workspace,
    folder: &Path,
    files: impl IntoIterator<Item = &'a PathBuf>,
) -> Result<(), Diagnostic> {
    let mut files = files.into_iter().map(|path| folder.join(path));
    match files.find(|path| path.exists() && !present::is_generated(path)) {
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
fn orphans(workspace: &Workspace, configs: &BTreeMap<String, ApiConfig>) -> Vec<Planned> {
    let Ok(entries) = fs_err::read_dir(workspace.generated()) else {
        return Vec::new();
    };
    let mut orphans: Vec<Planned> = entries
        .flatten()
        .filter(|entry| present::is_generated(&entry.path().join("Cargo.toml")))
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
    let files = present::list(&folder).map_err(|error| unreadable(workspace, &folder, error))?;
    refuse_foreign(workspace, &folder, &files)?;
    Ok(State::Orphaned)
}
