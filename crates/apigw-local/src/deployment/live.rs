//! The API as its files are now: a changed spec is read again when the next request arrives.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::SystemTime;

use apigw_spec::{Api, Diagnostic, Report, Spec};

use crate::deployment::api::{DeployedApi, Handler, Unmatched};
use crate::error::Error;

/// Reads the spec of an API.
pub(crate) type Read = Arc<dyn Fn() -> Result<(Spec, Api, Report), Diagnostic> + Send + Sync>;

/// A function that is called after each attempt to read a changed spec.
pub(crate) type ReloadListener = Arc<dyn Fn(Result<(), Error>) + Send + Sync>;

/// Where an API comes from.
pub(crate) struct Files {
    /// The files that `read` reads: the spec first, then others. Those that the spec refers to are added.
    pub(crate) paths: Vec<PathBuf>,
    pub(crate) read: Read,
}

impl Files {
    /// Returns the files that the spec refers to, relative to its folder.
    fn beside(&self, spec: &Spec) -> impl Iterator<Item = PathBuf> {
        let folder = self.paths.first().and_then(|spec| spec.parent());
        let folder = folder.map(PathBuf::from).unwrap_or_default();
        spec.beside().iter().map(move |path| folder.join(path))
    }
}

/// An API, and the files that it comes from.
pub(crate) struct LiveApi {
    current: RwLock<Arc<DeployedApi>>,
    unmatched: Unmatched,
    handlers: Vec<(String, Handler)>,
    files: Option<Watched>,
    on_reload: Option<ReloadListener>,
}

struct Watched {
    files: Files,
    /// The files that were read last, and their state before that.
    seen: Mutex<Vec<(PathBuf, State)>>,
}

/// The time of the last modification and the size of a file, or `None` if it can't be read.
type State = Option<(SystemTime, u64)>;

impl LiveApi {
    /// Deploys an API that never changes.
    pub(crate) fn fixed(
        api: Api,
        unmatched: Unmatched,
        handlers: Vec<(String, Handler)>,
    ) -> Result<Self, Error> {
        Ok(Self {
            current: RwLock::new(Arc::new(DeployedApi::new(
                api,
                unmatched.clone(),
                &handlers,
            )?)),
            unmatched,
            handlers,
            files: None,
            on_reload: None,
        })
    }

    /// Deploys an API from files. Also returns its spec and the report of its fixes.
    pub(crate) fn read(
        files: Files,
        unmatched: Unmatched,
        handlers: Vec<(String, Handler)>,
        on_reload: Option<ReloadListener>,
    ) -> Result<(Self, Spec, Report), Error> {
        let mut seen = states(files.paths.iter().cloned());
        let (spec, api, report) = (files.read)()?;
        seen.extend(states(files.beside(&spec)));
        let live = Self {
            current: RwLock::new(Arc::new(DeployedApi::new(
                api,
                unmatched.clone(),
                &handlers,
            )?)),
            unmatched,
            handlers,
            files: Some(Watched {
                files,
                seen: Mutex::new(seen),
            }),
            on_reload,
        };
        Ok((live, spec, report))
    }

    /// Returns the API, after reading files that have changed. If they can't be used, the API remains as it was.
    pub(crate) fn current(&self) -> Arc<DeployedApi> {
        if let Some(files) = &self.files
            && let Some(read) = files.read_changed()
        {
            let read = read.map_err(Error::from);
            let deployed =
                read.and_then(|api| DeployedApi::new(api, self.unmatched.clone(), &self.handlers));
            let result = deployed.map(|api| {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(api);
            });
            if let Some(listener) = &self.on_reload {
                listener(result);
            }
        }
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Watched {
    /// Reads the API, or returns `None` if no file has changed.
    fn read_changed(&self) -> Option<Result<Api, Diagnostic>> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = states(seen.iter().map(|(path, _)| path.clone()));
        if *seen == now {
            return None;
        }
        *seen = now;
        Some((self.files.read)().map(|(spec, api, _)| {
            seen.truncate(self.files.paths.len());
            seen.extend(states(self.files.beside(&spec)));
            api
        }))
    }
}

fn states(paths: impl Iterator<Item = PathBuf>) -> Vec<(PathBuf, State)> {
    let state = |path: &PathBuf| {
        let file = std::fs::metadata(path).ok()?;
        Some((file.modified().ok()?, file.len()))
    };
    paths
        .map(|path| {
            let state = state(&path);
            (path, state)
        })
        .collect()
}

impl fmt::Debug for LiveApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = self.files.as_ref().map(|watched| &watched.files.paths);
        f.debug_struct("LiveApi")
            .field("current", &self.current)
            .field("files", &files)
            .finish_non_exhaustive()
    }
}
