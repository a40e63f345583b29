//! Credentials are loaded once for all requests and refreshed before they expire.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::future;
use reqwest::{Method, Request};
use reqwest_sigv4::{Clock, Credentials, Error, ProvideCredentials, SignOptions, Signer};
use tokio::sync::Notify;

use crate::support::{Answer, SECRET, Server, Watch, builder, client, signer};

/// A provider that counts its calls, and can be slow or fail.
#[derive(Clone, Debug, Default)]
pub(crate) struct Provider(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    asked: AtomicUsize,
    broken: AtomicBool,
    held: AtomicBool,
    release: Notify,
    life: AtomicUsize,
    without_token: AtomicBool,
    clock: std::sync::OnceLock<Hand>,
}

struct Hand(Watch);

impl std::fmt::Debug for Hand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hand")
    }
}

impl Provider {
    /// Provides credentials that expire after this many seconds, on this clock.
    fn lasting(seconds: usize, clock: &Watch) -> Self {
        let provider = Self::default();
        provider.0.life.store(seconds, Ordering::SeqCst);
        let _ = provider.0.clock.set(Hand(clock.clone()));
        provider
    }

    fn asked(&self) -> usize {
        self.0.asked.load(Ordering::SeqCst)
    }

    fn set_broken(&self, broken: bool) {
        self.0.broken.store(broken, Ordering::SeqCst);
    }

    /// Blocks later calls until `release`.
    fn hold(&self) {
        self.0.held.store(true, Ordering::SeqCst);
    }

    fn release(&self) {
        self.0.held.store(false, Ordering::SeqCst);
        self.0.release.notify_waiters();
    }

    async fn answer(&self) -> Result<Credentials, CredentialsError> {
        let number = self.0.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let released = self.0.release.notified();
        if self.0.held.load(Ordering::SeqCst) {
            released.await;
        }
        if self.0.broken.load(Ordering::SeqCst) {
            return Err(CredentialsError::provider_error("sts is down"));
        }
        let expiry = self.0.clock.get().map(|Hand(clock)| {
            clock.now() + Duration::from_secs(self.0.life.load(Ordering::SeqCst) as u64)
        });
        let token =
            (!self.0.without_token.load(Ordering::SeqCst)).then(|| format!("token-{number}"));
        Ok(Credentials::new(
            "AKIDEXAMPLE",
            SECRET,
            token,
            expiry,
            "test",
        ))
    }
}

impl ProvideCredentials for Provider {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.answer())
    }
}

/// A provider that always fails.
#[derive(Debug)]
pub(crate) struct Failing(fn() -> CredentialsError);

impl Failing {
    pub(crate) fn transient() -> Self {
        Self(|| CredentialsError::provider_error("sts is down"))
    }

    pub(crate) fn final_() -> Self {
        Self(|| CredentialsError::not_loaded("no profile"))
    }
}

impl ProvideCredentials for Failing {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Err((self.0)()))
    }
}

fn signer_with(provider: &Provider, clock: &Watch) -> Signer {
    builder()
        .credentials(provider.clone())
        .clock(clock.clone())
        .build()
        .unwrap()
}

/// Signs a request and returns its token.
async fn token(signer: &Signer) -> Result<String, Error> {
    let mut request = Request::new(Method::GET, "https://api.example.com/".parse().unwrap());
    signer.sign(&mut request).await?;
    let token = request.headers().get("x-amz-security-token");
    Ok(token.map_or(String::new(), |token| token.to_str().unwrap().to_owned()))
}

/// Lets background tasks run until the condition is true.
async fn until(mut condition: impl FnMut() -> bool) {
    for _ in 0..10_000 {
        if condition() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the condition did not become true");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_concurrent_requests_load_credentials_once() {
    let clock = Watch::noon();
    let provider = Provider::lasting(3600, &clock);
    let signer = signer_with(&provider, &clock);
    provider.hold();
    let tasks: Vec<_> = (0..10_000)
        .map(|_| {
            let signer = signer.clone();
            tokio::spawn(async move { token(&signer).await.unwrap() })
        })
        .collect();
    until_asked(&provider, 1).await;
    provider.release();
    for task in tasks {
        assert_eq!(task.await.unwrap(), "token-1");
    }
    assert_eq!(provider.asked(), 1);
}

async fn until_asked(provider: &Provider, times: usize) {
    tokio::time::timeout(Duration::from_secs(60), async {
        while provider.asked() < times {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn valid_credentials_are_not_reloaded() {
    let clock = Watch::noon();
    let provider = Provider::lasting(3600, &clock);
    let signer = signer_with(&provider, &clock);
    for _ in 0..100 {
        token(&signer).await.unwrap();
        clock.advance(20);
    }
    assert_eq!(provider.asked(), 1);
}

#[tokio::test]
async fn credentials_are_refreshed_in_the_background_before_they_expire() {
    let clock = Watch::noon();
    let provider = Provider::lasting(3600, &clock);
    let signer = signer_with(&provider, &clock);
    token(&signer).await.unwrap();

    clock.advance(3600 - 590); // less than ten minutes before expiry
    provider.hold();
    for _ in 0..100 {
        assert_eq!(token(&signer).await.unwrap(), "token-1", "no request waits");
    }
    until(|| provider.asked() == 2).await;
    provider.release();
    tokio::task::yield_now().await;
    let mut last = String::new();
    for _ in 0..1000 {
        last = token(&signer).await.unwrap();
        if last == "token-2" {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(last, "token-2");
    assert_eq!(provider.asked(), 2);
}

#[tokio::test]
async fn a_failing_provider_does_not_fail_requests_with_valid_credentials() {
    let clock = Watch::noon();
    let provider = Provider::lasting(3600, &clock);
    let signer = signer_with(&provider, &clock);
    token(&signer).await.unwrap();
    provider.set_broken(true);
    clock.advance(3000);
    for _ in 0..599 {
        assert_eq!(token(&signer).await.unwrap(), "token-1");
        tokio::task::yield_now().await;
        clock.advance(1);
    }
    // one request per second for ten minutes, but far fewer calls to the provider
    let asked = provider.asked();
    assert!((5..100).contains(&asked), "{asked}");

    clock.advance(1);
    let error = token(&signer).await.unwrap_err();
    assert!(error.is_transient() && error.is_credentials(), "{error}");
    provider.set_broken(false);
    clock.advance(31);
    assert!(token(&signer).await.unwrap().starts_with("token-"));
}

#[tokio::test]
async fn expired_credentials_are_replaced_before_the_next_request() {
    let clock = Watch::noon();
    let provider = Provider::lasting(3600, &clock);
    let signer = signer_with(&provider, &clock);
    token(&signer).await.unwrap();
    clock.advance(3599);
    assert_eq!(token(&signer).await.unwrap(), "token-1");
    until(|| provider.asked() == 2).await;
    clock.advance(3600);
    assert_ne!(token(&signer).await.unwrap(), "token-1");
}

#[tokio::test]
async fn credentials_that_arrive_expired_are_not_reloaded_for_every_request() {
    let clock = Watch::noon();
    let provider = Provider::lasting(0, &clock);
    let signer = signer_with(&provider, &clock);
    for _ in 0..10 {
        assert_eq!(token(&signer).await.unwrap(), "token-1");
    }
    clock.advance(60);
    assert_eq!(token(&signer).await.unwrap(), "token-2");
    assert_eq!(provider.asked(), 2);
}

#[tokio::test]
async fn requests_that_wait_for_a_failing_provider_share_its_error() {
    let clock = Watch::noon();
    let provider = Provider::lasting(3600, &clock);
    provider.set_broken(true);
    let signer = signer_with(&provider, &clock);
    provider.hold();
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let signer = signer.clone();
            tokio::spawn(async move { token(&signer).await })
        })
        .collect();
    until(|| provider.asked() == 1).await;
    provider.release();
    for task in tasks {
        let error = task.await.unwrap().unwrap_err();
        let cause = std::error::Error::source(&error).unwrap();
        assert!(
            std::error::Error::source(cause)
                .unwrap()
                .to_string()
                .contains("sts is down")
        );
    }
    assert_eq!(provider.asked(), 1);
    assert!(token(&signer).await.is_err());
    assert_eq!(provider.asked(), 1, "asked again at once");
    provider.set_broken(false);
    clock.advance(1);
    assert_eq!(token(&signer).await.unwrap(), "token-2");
}

#[tokio::test]
async fn a_failing_provider_is_a_typed_error_and_nothing_is_sent() {
    let server = Server::start().await;
    for (provider, transient) in [(Failing::transient(), true), (Failing::final_(), false)] {
        let http = client(builder().credentials(provider).build().unwrap());
        let error = http.get(server.url("/o")).send().await.unwrap_err();
        let error = Error::find(&error).unwrap();
        assert!(matches!(error, Error::Credentials(_)), "{error}");
        assert_eq!(error.is_transient(), transient);
    }
    assert!(server.received().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_hangs_times_out_after_half_a_minute() {
    let clock = Watch::noon();
    let provider = Provider::lasting(3600, &clock);
    provider.hold();
    let start = tokio::time::Instant::now();
    let error = token(&signer_with(&provider, &clock)).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    assert_eq!(start.elapsed().as_secs(), 30);
}

#[tokio::test]
async fn an_expired_token_is_replaced_once_and_the_request_sent_again() {
    let server =
        Server::answering(
            |request, _| match request.header("x-amz-security-token").as_deref() {
                Some("token-1") => Answer::refusal(
                    "ExpiredTokenException",
                    "The security token included in the request is expired",
                ),
                _ => Answer::ok(),
            },
        )
        .await;
    let clock = Watch::noon();
    let provider = Provider::lasting(3600, &clock);
    let http = client(signer_with(&provider, &clock));
    for _ in 0..3 {
        let response = http.post(server.url("/o")).body("x").send().await.unwrap();
        assert_eq!(response.status(), 200);
    }
    assert_eq!(provider.asked(), 2);
    assert_eq!(server.received().len(), 4);
    assert_eq!(server.received()[1].text(), "x");
}

#[tokio::test]
async fn many_requests_with_one_expired_token_load_one_new_token() {
    let server =
        Server::answering(
            |request, _| match request.header("x-amz-security-token").as_deref() {
                Some("token-1") => Answer::refusal("ExpiredTokenException", "expired"),
                _ => Answer::ok(),
            },
        )
        .await;
    let clock = Watch::noon();
    let provider = Provider::lasting(3600, &clock);
    let http = client(signer_with(&provider, &clock));
    let requests = (0..20).map(|_| http.get(server.url("/o")).send());
    for response in futures_util::future::join_all(requests).await {
        assert_eq!(response.unwrap().status(), 200);
    }
    assert_eq!(provider.asked(), 2);
}

#[tokio::test]
async fn a_token_that_stays_expired_is_sent_only_twice() {
    let server =
        Server::answering(|_, _| Answer::refusal("ExpiredTokenException", "expired")).await;
    let clock = Watch::noon();
    let provider = Provider::lasting(3600, &clock);
    let response = client(signer_with(&provider, &clock))
        .get(server.url("/o"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 403);
    assert_eq!((provider.asked(), server.received().len()), (2, 2));
}

#[tokio::test]
async fn the_token_is_removed_if_new_credentials_have_none() {
    let clock = Watch::noon();
    let provider = Provider::lasting(60, &clock);
    let signer = signer_with(&provider, &clock);
    let mut request = Request::new(Method::GET, "https://api.example.com/".parse().unwrap());
    signer.sign(&mut request).await.unwrap();
    assert!(request.headers().contains_key("x-amz-security-token"));
    provider.0.without_token.store(true, Ordering::SeqCst);
    clock.advance(61);
    signer.sign(&mut request).await.unwrap();
    assert!(!request.headers().contains_key("x-amz-security-token"));
}

#[tokio::test]
async fn signers_can_share_credentials() {
    let provider = Provider::default();
    let shared = reqwest_sigv4::CachedCredentials::new(provider.clone());
    for _ in 0..3 {
        let signer = builder().credentials(shared.clone()).build().unwrap();
        assert_eq!(token(&signer).await.unwrap(), "token-1");
    }
    assert_eq!(provider.asked(), 1);
}

#[tokio::test]
async fn a_request_can_have_its_own_credentials() {
    let server = Server::start().await;
    let own = Credentials::new("AKIDOTHER", "other secret", None, None, "test");
    client(signer())
        .get(server.url("/o"))
        .with_extension(SignOptions::new().credentials(own))
        .send()
        .await
        .unwrap();
    let received = server.only();
    assert!(
        received
            .header("authorization")
            .unwrap()
            .contains("Credential=AKIDOTHER/")
    );
    crate::support::verifier::verify(&received, "other secret").unwrap();
}
