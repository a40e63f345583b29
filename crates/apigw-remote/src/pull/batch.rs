//! Several pulls at once.

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

/// So many APIs are pulled at the same time; together they keep to one [`Pace`].
const AT_ONCE: usize = 8;

/// A file to pull, and from where.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The API's name in `apis.toml`.
    pub name: String,
    /// Where the document comes from.
    pub origin: Origin,
    /// Where it goes.
    pub file: PathBuf,
}

/// Pulls several APIs, of any accounts and regions, within API Gateway's quota.
#[derive(Debug)]
pub struct Puller {
    pace: Pace,
    endpoint: Option<String>,
    options: Options,
    planes: Mutex<HashMap<Access, ControlPlane>>,
}

impl Puller {
    /// A puller; an endpoint goes before the one of the environment, see [`Access::load`].
    #[must_use]
    pub fn new(pace: Pace, endpoint: Option<String>, options: Options) -> Self {
        Self {
            pace,
            endpoint,
            options,
            planes: Mutex::default(),
        }
    }

    /// Asks this control plane for APIs with this access, in place of one made from the environment.
    #[must_use]
    pub fn with_plane(self, access: Access, plane: ControlPlane) -> Self {
        let mut planes = self.planes.lock().unwrap_or_else(PoisonError::into_inner);
        planes.insert(access, plane);
        drop(planes);
        self
    }

    /// The control plane for an access, made once.
    ///
    /// # Errors
    ///
    /// As [`ControlPlane::new`].
    pub async fn plane(&self, access: &Access) -> Result<ControlPlane, Error> {
        let known = self
            .planes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(access)
            .cloned();
        if let Some(plane) = known {
            return Ok(plane);
        }
        let config = access.load(self.endpoint.as_deref()).await;
        let plane = ControlPlane::new(&config, access, self.pace.clone())?;
        let mut planes = self.planes.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(planes.entry(access.clone()).or_insert(plane).clone())
    }

    /// Pulls all that is wanted; results come in the order given, and a failure stops nobody.
    pub fn pull(
        &self,
        wanted: Vec<Wanted>,
    ) -> impl Stream<Item = (Wanted, Result<Pulled, Error>)> + '_ {
        stream::iter(wanted)
            .map(async |wanted| {
                let pulled = self.pull_one(&wanted).await;
                (wanted, pulled)
            })
            .buffered(AT_ONCE)
    }

    async fn pull_one(&self, wanted: &Wanted) -> Result<Pulled, Error> {
        let plane = self.plane(&Access::of(&wanted.origin)).await?;
        one(&plane, &wanted.origin, &wanted.file, &self.options).await
    }
}
