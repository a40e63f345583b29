//! The folders of a workspace, and what is read from them.

mod add;
pub(crate) mod apis;

use std::io;
use std::path::{Path, PathBuf};

use crate::disk;
use crate::disk::Lock;
use crate::disk::note::{Inputs, place};
use apigw_codegen::RuntimeSource;
use apigw_codegen::inspect::Settings;
use apigw_spec::api::Api;
use apigw_spec::diagnostic::Diagnostic;
use apigw_spec::overlay::Overlay;
use apigw_spec::report::Report;
use apigw_spec::spec::Spec;
pub use apis::{ApiConfig, Apis};

/// How the file name of an overlay ends.
const OVERLAY: &str = ".overlay.yaml";

/// A workspace with `specs/` and `crates/generated/`.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
    /// The folder of the generated crates.
    clients: PathBuf,
}

impl Workspace {
    /// The workspace at `root`.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        let list = root.join("specs").join("apis.toml");
        // an invalid list is reported when it is used
        let apis = Apis::read(&list, String::new()).ok();
        let clients = apis.map_or_else(|| PathBuf::from(apis::CLIENTS), |apis| apis.clients);
        Self {
            clients: root.join(clients),
            root,
        }
    }

    /// Returns where a generated crate gets the runtime from, with a path relative to the crate.
    pub(crate) fn runtime_of_client(&self, apis: &Apis) -> RuntimeSource {
        // the folder of the client, below that of all clients
        let depth = apis.clients.components().count() + 1;
        let up: PathBuf = std::iter::repeat_n("..", depth).collect();
        apis.runtime.clone().relative_to(&up)
    }

    /// The folder of the specs.
    #[must_use]
    pub fn specs(&self) -> PathBuf {
        self.root.join("specs")
    }

    /// What people add to the spec of an API: `specs/<api>.overlay.yaml`.
    #[must_use]
    pub fn overlay(&self, api: &str) -> PathBuf {
        self.specs().join(format!("{api}{OVERLAY}"))
    }

    /// Returns the root folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the folder of a client.
    #[must_use]
    pub fn client(&self, api: &str) -> PathBuf {
        self.generated().join(api)
    }

    pub(crate) fn generated(&self) -> PathBuf {
        self.clients.clone()
    }

    /// What the workspace says of a spec: nothing, unless it is in `apis.toml`.
    ///
    /// # Errors
    ///
    /// When `apis.toml` is there and cannot be used.
    pub fn settings(&self, spec: &Path) -> Result<Settings, Diagnostic> {
        if !self.list().exists() {
            return Ok(Settings::default());
        }
        let apis = self.apis()?;
        let spec = spec.canonicalize().ok();
        let listed = apis.tables.into_iter().find(|(_, config)| {
            let listed = self.specs().join(&config.spec).canonicalize().ok();
            spec.is_some() && listed == spec
        });
        Ok(match listed {
            None => Settings::default(),
            Some((name, config)) => Settings {
                choices: config.choices(disk::recorded(&self.generated().join(&name))),
                api: Some(name),
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

    /// One API as its client sees it, names included, with the spec it is read from.
    ///
    /// # Errors
    ///
    /// When the list or the spec cannot be used, or the list has no such API.
    pub fn api(&self, name: &str) -> Result<(Spec, Api), Diagnostic> {
        let apis = self.apis()?;
        let config = apis.table(name)?;
        let spec = read(self, name, &self.specs().join(&config.spec))?;
        let choices = config.choices(disk::recorded(&self.generated().join(name)));
        let api = Api::read_with(&spec, &choices, &mut Report::new());
        Ok((spec, api))
    }

    /// A spec with what the workspace says of it: as it is and with no settings, unless
    /// it is in `apis.toml`.
    ///
    /// # Errors
    ///
    /// When the spec, its overlay or `apis.toml` cannot be used.
    pub fn spec(&self, path: &Path) -> Result<(Spec, Settings), Diagnostic> {
        let settings = self.settings(path)?;
        let spec = match &settings.api {
            None => Spec::read(path)?,
            Some(api) => read(self, api, path)?,
        };
        Ok((spec, settings))
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
    pub(crate) fn regen(&self) -> PathBuf {
        self.specs().join(".apigw")
    }

    /// What decides whether a client is as it should be.
    pub(crate) fn inputs<'a>(
        &self,
        name: &str,
        config: &'a ApiConfig,
        runtime: &'a RuntimeSource,
    ) -> Inputs<'a> {
        Inputs {
            note: place(&self.regen(), name),
            config,
            runtime,
            spec: self.specs().join(&config.spec),
            overlay: self.overlay(name),
            folder: self.generated().join(name),
        }
    }

    /// An overlay that belongs to no API would be left out in silence.
    pub(crate) fn refuse_stray_overlay(&self, apis: &Apis) -> Result<(), Diagnostic> {
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
    pub(crate) fn name_of(&self, path: &Path) -> String {
        let name = path.strip_prefix(&self.root).unwrap_or(path);
        name.display().to_string()
    }
}

/// Reads a spec under its name in the workspace, as the API's overlay changes it and
/// with the files beside it.
pub(crate) fn read(workspace: &Workspace, api: &str, path: &Path) -> Result<Spec, Diagnostic> {
    let name = workspace.name_of(path);
    let bytes = std::fs::read(path).map_err(|error| {
        Diagnostic::new("the spec cannot be read")
            .in_file(&name)
            .help("correct `spec` in specs/apis.toml, or put the export there")
            .caused_by(error)
    })?;
    let mut spec = Spec::parse(name, &bytes)?;
    let overlay = workspace.overlay(api);
    if overlay.exists() {
        let name = workspace.name_of(&overlay);
        let bytes = fs_err::read(&overlay).map_err(|error| {
            Diagnostic::new("the overlay cannot be read")
                .in_file(&name)
                .help("make it readable, or remove it")
                .caused_by(error)
        })?;
        spec = spec.overlaid(&Overlay::parse(name, &bytes)?)?;
    }
    Ok(spec.with_files_in(path.parent().unwrap_or(Path::new(""))))
}

/// A spec without operations gives a client that does nothing.
pub(crate) fn no_operations(spec: &Spec) -> Diagnostic {
    spec.diagnostic("/paths", "the spec has no operations")
        .help("export a stage that is deployed and has methods")
}
