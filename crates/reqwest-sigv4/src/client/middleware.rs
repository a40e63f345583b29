//! The signer as middleware: sign, send, and where that can help, sign and send once more.

use std::borrow::Cow;

use async_trait::async_trait;
use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next, Result};

use crate::client::guard::InFlight;
use crate::client::redirect;
use crate::clock::skew::Skew;
use crate::sign::Signature;
use crate::{SignOptions, Signer};

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
            let signature = self.shared.sign(&mut request, &options).await?;
            // signing has buffered the body, so only a stream that is not hashed cannot be sent again
            let replay = request.try_clone();
            let url = match &replay {
                Some(replay) => Cow::Borrowed(replay.url()),
                None => Cow::Owned(request.url().clone()),
            };
            let sent = self.shared.clock.now();
            let mut response = run(request, signature.as_ref(), extensions, &next).await?;

            let mut skew = None;
            if let Some(signature) = &signature {
                redirect::check_arrival(&url, response.url())?;
                skew = self.learn_skew(&response, sent);
                response.extensions_mut().insert(signature.signed.clone());
            }
            let Some(replay) = replay else {
                return Ok(response);
            };
            request = match &signature {
                Some(signature) if repeats.for_clock(signature, skew, &response) => replay,
                Some(signature)
                    if repeats
                        .for_token(self, signature, &options, &response)
                        .await =>
                {
                    replay
                }
                _ => match repeats.for_redirect(&response, replay) {
                    Some(redirected) => redirected,
                    None => return Ok(response),
                },
            };
        }
    }
}

/// Sends the request, with its signature noted in the extensions for as long as it is under way.
async fn run(
    request: Request,
    signature: Option<&Signature>,
    extensions: &mut Extensions,
    next: &Next<'_>,
) -> Result<Response> {
    let Some(signature) = signature else {
        return next.clone().run(request, extensions).await;
    };
    let outer = extensions.insert(InFlight::new(signature.signed.clone()));
    if outer.is_some() {
        tracing::warn!(
            "the request is signed twice: add only one signer to the client; the last signature is sent"
        );
    }
    let result = next.clone().run(request, extensions).await;
    extensions.remove::<InFlight>();
    result
}

impl Signer {
    fn learn_skew(&self, response: &Response, sent: std::time::SystemTime) -> Option<Skew> {
        let shared = self.shared.skew.as_ref()?;
        let skew = Skew::measure(response.headers(), sent, self.shared.clock.now())?;
        shared.set(skew);
        Some(skew)
    }
}

/// Why a request has been sent again already: each reason counts once, redirects up to their limit.
#[derive(Debug, Default)]
struct Repeats {
    clock: bool,
    token: bool,
    redirects: usize,
}

impl Repeats {
    /// Whether the clocks differed, so that a signature with the service's time may pass.
    fn for_clock(
        &mut self,
        signature: &Signature,
        skew: Option<Skew>,
        response: &Response,
    ) -> bool {
        let explained = skew.is_some_and(|skew| {
            skew.explains(response.status(), response.headers(), signature.skew)
        });
        explained && !std::mem::replace(&mut self.clock, true)
    }

    /// Whether the token had expired and there are newer credentials now.
    async fn for_token(
        &mut self,
        signer: &Signer,
        signature: &Signature,
        options: &SignOptions,
        response: &Response,
    ) -> bool {
        let expired = response
            .headers()
            .get("x-amzn-errortype")
            .is_some_and(|name| name.as_bytes().starts_with(b"ExpiredToken"));
        if !expired || options.credentials.is_some() || std::mem::replace(&mut self.token, true) {
            return false;
        }
        match signer
            .shared
            .credentials
            .replace(&signature.credentials)
            .await
        {
            Ok(_) => true,
            Err(failure) => {
                tracing::warn!(error = %failure, "the session token has expired and new credentials cannot be had");
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
