//! Reads the files of a workspace.

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

/// The file name suffix of overlays.
const OVERLAY: &str = ".overlay.yaml";

/// A workspace with `specs/` and `crates/generated/`.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
    /// The folder of the generated crates.
    clients: PathBuf,
}

impl Workspace {
    /// Creates a workspace with its root folder.
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

    /// Returns the folder of the specs.
    #[must_use]
    pub fn specs(&self) -> PathBuf {
        self.root.join("specs")
    }

    /// Returns the path of an API's overlay, `specs/<api>.overlay.yaml`.
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

    /// Returns the folder of all clients.
    #[must_use]
    pub fn clients(&self) -> &Path {
        &self.clients
    }

    pub(crate) fn generated(&self) -> PathBuf {
        self.clients.clone()
    }

    /// Returns the settings for a spec, or the defaults if it is not listed in `apis.toml`.
    ///
    /// # Errors
    ///
    /// Returns an error if `apis.toml` exists but is invalid.
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

    /// Reads `specs/apis.toml`.
    ///
    /// # Errors
    ///
    /// Returns an error if the file is missing or invalid.
    pub fn apis(&self) -> Result<Apis, Diagnostic> {
        let list = self.list();
        Apis::read(&list, self.name_of(&list))
    }

    /// Reads an API with the choices and operation names of its client, and returns it with its spec.
    ///
    /// # Errors
    ///
    /// Returns an error if `apis.toml` or the spec is invalid, or if the API is not listed.
    pub fn api(&self, name: &str) -> Result<(Spec, Api), Diagnostic> {
        let apis = self.apis()?;
        let config = apis.table(name)?;
        let spec = read(self, name, &self.specs().join(&config.spec))?;
        let choices = config.choices(disk::recorded(&self.generated().join(name)));
        let api = Api::read_with(&spec, &choices, &mut Report::new());
        Ok((spec, api))
    }

    /// Reads a spec with its settings.
    ///
    /// If it is listed in `apis.toml`, its overlay is applied. Otherwise, the settings are the
    /// defaults.
    ///
    /// # Errors
    ///
    /// Returns an error if the spec, its overlay or `apis.toml` is invalid.
    pub fn spec(&self, path: &Path) -> Result<(Spec, Settings), Diagnostic> {
        let settings = self.settings(path)?;
        let spec = match &settings.api {
            None => Spec::read(path)?,
            Some(api) => read(self, api, path)?,
        };
        Ok((spec, settings))
    }

    /// Returns the path of the list of APIs.
    #[must_use]
    pub fn list(&self) -> PathBuf {
        self.specs().join("apis.toml")
    }

    /// Acquires the lock for writing clients, and waits while another process holds it.
    ///
    /// Calls `waiting` before it waits, if it has to. Cleans up after runs that were interrupted.
    /// Acquire the lock before planning, so that no other process changes the clients between
    /// planning and writing.
    ///
    /// # Errors
    ///
    /// Returns an error if `target` is not writable.
    pub fn lock(&self, waiting: impl FnOnce()) -> io::Result<Lock> {
        Lock::take(&self.regen(), &self.generated(), waiting)
    }

    /// Returns the folder for regen's own files.
    pub(crate) fn regen(&self) -> PathBuf {
        self.specs().join(".apigw")
    }

    /// Returns the inputs that determine whether a client is up to date.
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

    /// Rejects overlays that belong to no API, since they would be ignored silently.
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
                .help("name it after a table in specs/apis.toml: specs/<api>.overlay.yaml")),
        }
    }

    /// Returns a path relative to the root, so that messages do not depend on the machine.
    pub(crate) fn name_of(&self, path: &Path) -> String {
        let name = path.strip_prefix(&self.root).unwrap_or(path);
        name.display().to_string()
    }
}

/// Reads a spec, applies the API's overlay, and resolves references to files in the same folder.
pub(crate) fn read(workspace: &Workspace, api: &str, path: &Path) -> Result<Spec, Diagnostic> {
    let name = workspace.name_of(path);
    let bytes = std::fs::read(path).map_err(|error| {
        Diagnostic::new("cannot read the spec")
            .in_file(&name)
            .help("correct `spec` in specs/apis.toml, or add the file")
            .caused_by(error)
    })?;
    let mut spec = Spec::parse(name, &bytes)?;
    let overlay = workspace.overlay(api);
    if overlay.exists() {
        let name = workspace.name_of(&overlay);
        let bytes = fs_err::read(&overlay).map_err(|error| {
            Diagnostic::new("cannot read the overlay")
                .in_file(&name)
                .help("make it readable, or remove it")
                .caused_by(error)
        })?;
        spec = spec.overlaid(&Overlay::parse(name, &bytes)?)?;
    }
    Ok(spec.with_files_in(path.parent().unwrap_or(Path::new(""))))
}

/// Creates the error for a spec without operations.
pub(crate) fn no_operations(spec: &Spec) -> Diagnostic {
    spec.diagnostic("/paths", "the spec has no operations")
        .help("export a stage that is deployed and has methods")
}
