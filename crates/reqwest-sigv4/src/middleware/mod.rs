//! The signer as middleware: sign, send, and sign and send again if that helps.

use std::borrow::Cow;

use async_trait::async_trait;
use http::{Extensions, StatusCode};
use reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next, Result};

use crate::clock::skew::Skew;
use crate::refusal::refuses_credentials;
use crate::sign::Attempt;
use crate::{SignOptions, Signer, error_type};

mod guard;
mod redirect;

pub use guard::SignatureGuard;

use guard::InFlight;

#[async_trait]
impl Middleware for Signer {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        let options = extensions.get::<SignOptions>().cloned().unwrap_or_default();
        let mut repeats = Repeats::default();
        loop {
            let attempt = self.state.sign(&mut request, &options).await?;
            // signing has buffered the body; only an unhashed stream cannot be cloned
            let replay = request.try_clone();
            let url = match &replay {
                Some(replay) => Cow::Borrowed(replay.url()),
                None => Cow::Owned(request.url().clone()),
            };
            let sent = self.state.clock.now();
            let mut response = run(request, attempt.as_ref(), extensions, &next).await?;

            let mut skew = None;
            if let Some(attempt) = &attempt {
                redirect::check_arrival(&url, response.url())?;
                skew = self.learn_skew(&response, sent);
                response.extensions_mut().insert(attempt.signed.clone());
            }
            let Some(replay) = replay else {
                return Ok(self.report_refusal(response).await?);
            };
            request = match &attempt {
                Some(attempt) if repeats.for_clock(attempt, skew, &response) => replay,
                Some(attempt)
                    if repeats
                        .for_credentials(self, attempt, &options, &response)
                        .await =>
                {
                    replay
                }
                _ => match repeats.for_redirect(&response, replay) {
                    Some(redirected) => redirected,
                    None => return Ok(self.report_refusal(response).await?),
                },
            };
        }
    }
}

/// Sends the request, with its signature in the extensions until the response arrives.
async fn run(
    request: Request,
    attempt: Option<&Attempt>,
    extensions: &mut Extensions,
    next: &Next<'_>,
) -> Result<Response> {
    let Some(attempt) = attempt else {
        return next.clone().run(request, extensions).await;
    };
    let outer = extensions.insert(InFlight::new(attempt.signed.clone()));
    if outer.is_some() {
        tracing::warn!(
            "the request is signed twice; sending the last signature (add only one signer to the client)"
        );
    }
    let result = next.clone().run(request, extensions).await;
    extensions.remove::<InFlight>();
    result
}

impl Signer {
    fn learn_skew(&self, response: &Response, sent: std::time::SystemTime) -> Option<Skew> {
        let shared = self.state.skew.as_ref()?;
        let skew = Skew::measure(response.headers(), sent, self.state.clock.now())?;
        shared.set(skew);
        Some(skew)
    }
}

/// Whether a response may be the refusal of an HTTP API, which gives no reason. The length tells it from an application's own.
fn is_bare_forbidden(response: &Response) -> bool {
    const BODY: &str = r#"{"message":"Forbidden"}"#;
    let length = response.content_length();
    response.status() == StatusCode::FORBIDDEN && length == Some(BODY.len() as u64)
}

/// Why a request was already sent again. Each reason applies once, redirects up to their limit.
#[derive(Debug, Default)]
struct Repeats {
    clock: bool,
    credentials: bool,
    redirects: usize,
}

impl Repeats {
    /// Returns whether to send again with the service's time, because clock skew explains the refusal.
    fn for_clock(&mut self, attempt: &Attempt, skew: Option<Skew>, response: &Response) -> bool {
        let explained = skew
            .is_some_and(|skew| skew.explains(response.status(), response.headers(), attempt.skew));
        explained && !std::mem::replace(&mut self.clock, true)
    }

    /// Returns whether to send again, because the credentials were refused and others are loaded.
    async fn for_credentials(
        &mut self,
        signer: &Signer,
        attempt: &Attempt,
        options: &SignOptions,
        response: &Response,
    ) -> bool {
        if self.credentials || options.credentials.is_some() {
            return false;
        }
        let cache = &signer.state.credentials;
        self.credentials = match error_type(response.headers()) {
            Some(name) => refuses_credentials(name),
            None => is_bare_forbidden(response) && cache.may_have_changed(&attempt.credentials),
        };
        if !self.credentials {
            return false;
        }
        match cache.replace(&attempt.credentials).await {
            Ok(others) => others.is_some(),
            Err(failure) => {
                tracing::warn!(error = %failure, "the service refused the credentials and loading new ones failed");
                false
            }
        }
    }

    fn for_redirect(&mut self, response: &Response, replay: Request) -> Option<Request> {
        if self.redirects == redirect::MOST {
            return None;
        }
        self.redirects += 1;
        redirect::follow(response.status(), response.headers(), replay)
    }
}
