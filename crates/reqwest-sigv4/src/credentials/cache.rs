//! A cache over a credentials provider.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::task::Poll;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};

use super::profile_files::ProfileFiles;
use super::{CredentialsFailure, Loaded};
use crate::{Clock, SystemClock};

/// Credentials are refreshed this long before they expire, or after two thirds of their lifetime if that is later.
const REFRESH_AHEAD: Duration = Duration::from_secs(10 * 60);

/// Credentials without an expiry are reloaded after this time, as in the AWS SDK.
const RELOAD: Duration = Duration::from_secs(15 * 60);

/// Credentials that have already expired when they are loaded are used for this long, because this machine's clock may be wrong and only the
/// service can tell.
const GRACE: Duration = Duration::from_secs(60);

/// The first and the longest pause before a failed provider is called again.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

/// After a refusal for which the provider had no other credentials, it is not called for another refusal for this long, unless the profile
/// files change.
const REPLACE_PAUSE: Duration = Duration::from_secs(5);

/// The timeout of one call to the provider.
const LOAD_TIMEOUT: Duration = Duration::from_secs(30);

/// A cache over a credentials provider, which calls the provider once for all requests and refreshes the credentials in the background
/// before they expire.
///
/// A [`Signer`](crate::Signer) creates one for its provider. Create your own to share credentials between signers, or for
/// [`SignOptions::credentials`](crate::SignOptions::credentials).
///
/// - **Single flight**: requests without valid credentials wait for the same call to the provider.
/// - **Early refresh**: credentials are refreshed 10 minutes before they expire, or in the last third of their lifetime if that is shorter,
///   with up to 20 % jitter.
/// - **Failures**: valid credentials stay in use. The provider is called again after 0.5 s, then at doubling intervals of up to 30 s, with
///   jitter. Without valid credentials, requests in between return the same error immediately.
/// - **Timeout**: a call to the provider that takes longer than 30 s fails.
/// - **Refused**: if the service says that it does not know the access key or that the token has expired, the provider is called once more.
///   A bare `Forbidden`, as of HTTP APIs, has the same effect if the profile files have changed since the credentials were loaded.
/// - **Expired on arrival**: such credentials are used for one minute, because this machine's clock may be wrong.
///
/// ```
/// use reqwest_sigv4::{CachedCredentials, Credentials, Signer};
///
/// # fn main() -> Result<(), reqwest_sigv4::Error> {
/// let shared = CachedCredentials::new(Credentials::new("AKIDEXAMPLE", "a secret", None, None, "example"));
/// let orders = Signer::builder().credentials(shared.clone()).region("eu-west-2").build()?;
/// let events = Signer::builder().credentials(shared).region("us-east-1").build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct CachedCredentials {
    shared: Arc<Shared>,
}

struct Shared {
    provider: SharedCredentialsProvider,
    clock: Arc<dyn Clock>,
    state: RwLock<State>,
    /// Locked while the provider is called.
    flight: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    current: Option<Current>,
    /// A background task is calling the provider.
    refreshing: bool,
    failure: Option<Failure>,
    /// When to call the provider again for refused credentials that it still had.
    replace_at: Option<SystemTime>,
}

impl State {
    /// Returns the provider's last failure if it is too early to call it again.
    fn recent_failure(&self, now: SystemTime) -> Option<CredentialsFailure> {
        let failure = self.failure.as_ref()?;
        (now < failure.retry_at).then(|| failure.error.clone())
    }
}

#[derive(Clone)]
struct Current {
    loaded: Arc<Loaded>,
    refresh_at: SystemTime,
    expires_at: Option<SystemTime>,
    /// The profile files just before the credentials were loaded.
    files: ProfileFiles,
}

struct Failure {
    error: CredentialsFailure,
    count: u32,
    retry_at: SystemTime,
}

impl CachedCredentials {
    /// Creates a cache over this provider.
    pub fn new(provider: impl ProvideCredentials + 'static) -> Self {
        Self::with_clock(
            SharedCredentialsProvider::new(provider),
            Arc::new(SystemClock),
        )
    }

    pub(crate) fn with_clock(provider: SharedCredentialsProvider, clock: Arc<dyn Clock>) -> Self {
        Self {
            shared: Arc::new(Shared {
                provider,
                clock,
                state: RwLock::default(),
                flight: tokio::sync::Mutex::default(),
            }),
        }
    }

    /// Returns valid credentials, from the cache or from a shared call to the provider.
    pub(crate) async fn get(&self) -> Result<Arc<Loaded>, CredentialsFailure> {
        let now = self.shared.clock.now();
        if let Some(current) = self.valid(now) {
            if now >= current.refresh_at {
                self.refresh_in_background(now);
            }
            return Ok(current.loaded);
        }
        let _flight = self.shared.flight.lock().await;
        match self.valid(now) {
            Some(current) => Ok(current.loaded),
            None => self.load_unless_failed_recently(now).await,
        }
    }

    /// Returns credentials other than the refused ones, from the cache or from a shared call to the provider, or `None` if there are no others.
    pub(crate) async fn replace(
        &self,
        refused: &Arc<Loaded>,
    ) -> Result<Option<Arc<Loaded>>, CredentialsFailure> {
        let now = self.shared.clock.now();
        let _flight = self.shared.flight.lock().await;
        let loaded = match self.valid(now) {
            Some(current) if !current.loaded.is_same(refused) => current.loaded,
            Some(current) if self.is_too_early(&current, now) => return Ok(None),
            _ => self.load_unless_failed_recently(now).await?,
        };
        let is_other = !loaded.is_same(refused);
        self.shared.write().replace_at = (!is_other).then(|| now + REPLACE_PAUSE);
        Ok(is_other.then_some(loaded))
    }

    /// Returns whether to spare the provider: it had no other credentials shortly before `now`, and the profile files are the same.
    fn is_too_early(&self, current: &Current, now: SystemTime) -> bool {
        let replace_at = self.shared.read().replace_at;
        replace_at.is_some_and(|at| now < at) && current.files == ProfileFiles::now()
    }

    /// Returns whether there may be other credentials than the refused ones: they were replaced already, or the profile files have changed.
    pub(crate) fn may_have_changed(&self, refused: &Loaded) -> bool {
        let state = self.shared.read();
        let current = state.current.as_ref();
        let loaded_from = current
            .filter(|current| current.loaded.is_same(refused))
            .map(|current| current.files);
        drop(state);
        loaded_from.is_none_or(|files| files != ProfileFiles::now())
    }

    /// Returns the cached credentials if they are valid.
    fn valid(&self, now: SystemTime) -> Option<Current> {
        let state = self.shared.read();
        let current = state.current.as_ref();
        current
            .filter(|current| current.expires_at.is_none_or(|end| now < end))
            .cloned()
    }

    /// Calls the provider, unless it failed shortly before `now`, or while this request waited.
    async fn load_unless_failed_recently(
        &self,
        now: SystemTime,
    ) -> Result<Arc<Loaded>, CredentialsFailure> {
        let failure = self.shared.read().recent_failure(now);
        match failure {
            Some(failure) => Err(failure),
            None => self.load().await,
        }
    }

    /// Calls the provider. The caller holds the `flight` lock.
    async fn load(&self) -> Result<Arc<Loaded>, CredentialsFailure> {
        let files = ProfileFiles::now();
        let mut loading = pin!(self.shared.provider.provide_credentials());
        // fixed credentials are ready immediately, and need neither a timer nor a runtime with one
        let ready = poll_fn(|context| Poll::Ready(loading.as_mut().poll(context))).await;
        let result = match ready {
            Poll::Ready(result) => result,
            Poll::Pending => tokio::time::timeout(LOAD_TIMEOUT, loading)
                .await
                .unwrap_or_else(|_| Err(CredentialsError::provider_timed_out(LOAD_TIMEOUT))),
        };
        self.shared.store(result, files)
    }

    fn refresh_in_background(&self, now: SystemTime) {
        // without a runtime, credentials are loaded again when they have expired
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let mut state = self.shared.write();
        if state.refreshing || state.recent_failure(now).is_some() {
            return;
        }
        state.refreshing = true;
        drop(state);

        let cache = self.clone();
        runtime.spawn(async move {
            let _refreshing = Refreshing(&cache.shared);
            let _flight = cache.shared.flight.lock().await;
            if let Err(failure) = cache.load().await {
                tracing::warn!(
                    error = %failure,
                    "refreshing the credentials failed; the current ones stay in use until they expire"
                );
            }
        });
    }
}

/// Resets `refreshing` even if the provider panics.
struct Refreshing<'a>(&'a Shared);

impl Drop for Refreshing<'_> {
    fn drop(&mut self) {
        self.0.write().refreshing = false;
    }
}

impl Shared {
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores the result of a call to the provider.
    fn store(
        &self,
        result: Result<Credentials, CredentialsError>,
        files: ProfileFiles,
    ) -> Result<Arc<Loaded>, CredentialsFailure> {
        let now = self.clock.now();
        let mut state = self.write();
        match result {
            Ok(credentials) => {
                let end = credentials.expiry();
                let expires_at = end.map(|end| if end > now { end } else { now + GRACE });
                let current = Current {
                    refresh_at: refresh_at(now, expires_at),
                    expires_at,
                    files,
                    loaded: Arc::new(Loaded::new(credentials)),
                };
                let loaded = Arc::clone(&current.loaded);
                state.current = Some(current);
                state.failure = None;
                Ok(loaded)
            }
            Err(error) => {
                let count = state.failure.as_ref().map_or(0, |failure| failure.count);
                let error = CredentialsFailure::new(error);
                state.failure = Some(Failure {
                    error: error.clone(),
                    count: count.saturating_add(1),
                    retry_at: now + backoff(count),
                });
                Err(error)
            }
        }
    }
}

/// Returns when to refresh credentials with this expiry.
fn refresh_at(now: SystemTime, expires_at: Option<SystemTime>) -> SystemTime {
    let Some(end) = expires_at else {
        return now + RELOAD;
    };
    let life = end.duration_since(now).unwrap_or_default();
    let ahead = REFRESH_AHEAD
        .min(life / 3)
        .mul_f64(1.0 + 0.2 * fastrand::f64());
    end - ahead
}

/// Returns the pause after a failure with this many failures before it.
fn backoff(failures: u32) -> Duration {
    let (first, most) = BACKOFF;
    let doubled = first.saturating_mul(1 << failures.min(16));
    doubled.min(most).mul_f64(1.0 - 0.5 * fastrand::f64())
}

impl ProvideCredentials for CachedCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            match self.get().await {
                Ok(loaded) => Ok(loaded.credentials().clone()),
                Err(failure) if failure.is_transient() => {
                    Err(CredentialsError::provider_error(failure))
                }
                Err(failure) => Err(CredentialsError::not_loaded(failure)),
            }
        })
    }
}

impl fmt::Debug for CachedCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedCredentials").finish_non_exhaustive()
    }
}
