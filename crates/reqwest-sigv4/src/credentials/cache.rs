//! The cache over a credentials provider.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::task::Poll;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};

use super::{CredentialsFailure, Loaded};
use crate::{Clock, SystemClock};

/// New credentials are asked for this long before the old ones end, or after two thirds of their life if that is later.
const REFRESH_AHEAD: Duration = Duration::from_secs(10 * 60);

/// Credentials that name no end are asked for again after this time, as in the AWS SDK.
const RELOAD: Duration = Duration::from_secs(15 * 60);

/// Credentials that have ended already when they arrive are used for this long: either the provider or this machine's clock is wrong, and only the service
/// can tell which.
const GRACE: Duration = Duration::from_secs(60);

/// How long to wait before a provider that failed is asked again: the first time, and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

/// How long one answer of the provider may take.
const LOAD_TIMEOUT: Duration = Duration::from_secs(30);

/// A credentials provider that remembers: the provider behind it is asked once for all requests, and again in the background some time before the credentials
/// end, while the old ones are still served.
///
/// A [`Signer`](crate::Signer) wraps its own provider in one. Use it to share credentials between signers, or for
/// [`SignOptions::credentials`](crate::SignOptions::credentials).
///
/// - **Single flight**: requests that find no valid credentials wait for one answer.
/// - **Ahead of the end**: credentials are renewed 10 minutes before they end, or in the last third of their life if that is shorter, with up to 20 % jitter.
/// - **Failure**: valid credentials stay in use; the provider is asked again after 0.5 s, then at doubling intervals of up to 30 s with jitter. With no valid
///   credentials, requests within that time get the same error at once.
/// - An answer that takes longer than 30 s counts as a failure.
/// - Credentials that have ended already when they arrive are used for a minute all the same: this machine's clock may be wrong.
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
    /// Held by the one who asks the provider.
    flight: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    current: Option<Current>,
    /// A background task is asking the provider.
    refreshing: bool,
    failure: Option<Failure>,
}

impl State {
    /// The provider's last failure, as long as it is too soon to ask again.
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
}

struct Failure {
    error: CredentialsFailure,
    count: u32,
    retry_at: SystemTime,
}

impl CachedCredentials {
    /// A cache over this provider.
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

    /// Valid credentials: remembered ones if there are any, else those of one shared question to the provider.
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
            None => self.ask_unless_in_vain(now).await,
        }
    }

    /// Credentials other than the ones that the service has refused: newer remembered ones if there are any, else those of one shared question to the provider.
    pub(crate) async fn replace(
        &self,
        refused: &Arc<Loaded>,
    ) -> Result<Arc<Loaded>, CredentialsFailure> {
        let now = self.shared.clock.now();
        let _flight = self.shared.flight.lock().await;
        match self.valid(now) {
            Some(current) if !Arc::ptr_eq(&current.loaded, refused) => Ok(current.loaded),
            _ => self.ask_unless_in_vain(now).await,
        }
    }

    /// The remembered credentials if they are valid now.
    fn valid(&self, now: SystemTime) -> Option<Current> {
        let state = self.shared.read();
        let current = state.current.as_ref();
        current
            .filter(|current| current.expires_at.is_none_or(|end| now < end))
            .cloned()
    }

    /// Asks the provider, unless it has failed too short a time before `now`, or while the request waited since then.
    async fn ask_unless_in_vain(&self, now: SystemTime) -> Result<Arc<Loaded>, CredentialsFailure> {
        let failure = self.shared.read().recent_failure(now);
        match failure {
            Some(failure) => Err(failure),
            None => self.ask().await,
        }
    }

    /// Asks the provider; the caller holds the flight.
    async fn ask(&self) -> Result<Arc<Loaded>, CredentialsFailure> {
        let mut question = pin!(self.shared.provider.provide_credentials());
        // fixed credentials answer at once, and then no timer is needed, nor a runtime that has one
        let at_once = poll_fn(|context| Poll::Ready(question.as_mut().poll(context))).await;
        let answer = match at_once {
            Poll::Ready(answer) => answer,
            Poll::Pending => tokio::time::timeout(LOAD_TIMEOUT, question)
                .await
                .unwrap_or_else(|_| Err(CredentialsError::provider_timed_out(LOAD_TIMEOUT))),
        };
        self.shared.note(answer)
    }

    fn refresh_in_background(&self, now: SystemTime) {
        // outside of a runtime nobody could run the task; the credentials are asked for again once they have ended
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
            if let Err(failure) = cache.ask().await {
                tracing::warn!(
                    error = %failure,
                    "renewing the credentials failed, the old ones stay in use until they end"
                );
            }
        });
    }
}

/// Takes the mark away even if the provider panics.
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

    /// Remembers an answer of the provider.
    fn note(
        &self,
        answer: Result<Credentials, CredentialsError>,
    ) -> Result<Arc<Loaded>, CredentialsFailure> {
        let now = self.clock.now();
        let mut state = self.write();
        match answer {
            Ok(credentials) => {
                let end = credentials.expiry();
                let expires_at = end.map(|end| if end > now { end } else { now + GRACE });
                let current = Current {
                    refresh_at: refresh_at(now, expires_at),
                    expires_at,
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

/// When to ask for the credentials that follow these.
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

/// How long to leave a provider alone after so many earlier failures in a row.
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
