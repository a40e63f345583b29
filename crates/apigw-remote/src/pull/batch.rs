//! Pulls several APIs at once.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use apigw_spec::aws::Origin;
use futures_util::stream::{self, Stream, StreamExt};

use super::access::Access;
use super::control_plane::ControlPlane;
use super::error::Error;
use super::one::{Options, Pulled, one};
use super::pace::Pace;

/// The number of APIs to pull concurrently. They share one [`Pace`].
const CONCURRENCY: usize = 8;

/// An API to pull, and the file to write.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The name of the API in `apis.toml`.
    pub name: String,
    /// The API to export.
    pub origin: Origin,
    /// The file to write.
    pub file: PathBuf,
}

/// Pulls several APIs, from any accounts and Regions, within the quota of API Gateway.
#[derive(Debug)]
pub struct Puller {
    pace: Pace,
    endpoint: Option<String>,
    options: Options,
    planes: Mutex<HashMap<Access, ControlPlane>>,
}

impl Puller {
    /// Creates a puller. `endpoint` overrides the endpoint from the environment; see
    /// [`Access::load`].
    #[must_use]
    pub fn new(pace: Pace, endpoint: Option<String>, options: Options) -> Self {
        Self {
            pace,
            endpoint,
            options,
            planes: Mutex::default(),
        }
    }

    /// Sets the control plane for an access, instead of creating one from the environment.
    #[must_use]
    pub fn with_plane(self, access: Access, plane: ControlPlane) -> Self {
        let mut planes = self.planes.lock().unwrap_or_else(PoisonError::into_inner);
        planes.insert(access, plane);
        drop(planes);
        self
    }

    /// Returns the control plane for an access. It is created on first use.
    ///
    /// # Errors
    ///
    /// See [`ControlPlane::new`].
    pub async fn plane(&self, access: &Access) -> Result<ControlPlane, Error> {
        let existing = self
            .planes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(access)
            .cloned();
        if let Some(plane) = existing {
            return Ok(plane);
        }
        let config = access.load(self.endpoint.as_deref()).await;
        let plane = ControlPlane::new(&config, access, self.pace.clone())?;
        let mut planes = self.planes.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(planes.entry(access.clone()).or_insert(plane).clone())
    }

    /// Pulls APIs, and returns the results in the order of `wanted`. An error does not stop the others.
    pub fn pull(
        &self,
        wanted: Vec<Wanted>,
    ) -> impl Stream<Item = (Wanted, Result<Pulled, Error>)> + '_ {
        stream::iter(wanted)
            .map(async |wanted| {
                let pulled = self.pull_one(&wanted).await;
                (wanted, pulled)
            })
            .buffered(CONCURRENCY)
    }

    async fn pull_one(&self, wanted: &Wanted) -> Result<Pulled, Error> {
        let plane = self.plane(&Access::of(&wanted.origin)).await?;
        one(&plane, &wanted.origin, &wanted.file, &self.options).await
    }
}
