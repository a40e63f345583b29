//! A reqwest client that leaks nothing.

pub(crate) mod guard;
mod middleware;
pub(crate) mod redirect;
#[cfg(feature = "retry")]
pub(crate) mod retry;

use reqwest::redirect::Policy;

use crate::Error;

/// A [`reqwest::Client`] for signed requests, as [`client_builder`] sets it up.
///
/// # Errors
///
/// If the TLS backend or the resolver cannot be initialised.
///
/// ```
/// # use reqwest_sigv4::Signer;
/// # fn client(signer: Signer) -> Result<(), reqwest_sigv4::Error> {
/// let http = reqwest_middleware::ClientBuilder::new(reqwest_sigv4::http_client()?)
///     .with(signer)
///     .build();
/// # Ok(())
/// # }
/// ```
pub fn http_client() -> Result<reqwest::Client, Error> {
    client_builder().build().map_err(Error::HttpClient)
}

/// A [`reqwest::ClientBuilder`] for signed requests, to add time-outs, proxies or certificates to.
///
/// It does not follow redirects and sends no `Referer`: reqwest's default policy would forward `x-amz-security-token`, `x-api-key` and the body
/// to whatever host a redirect names, with a signature that is stale even on the same one.
///
/// ```
/// use std::time::Duration;
///
/// # fn client() -> Result<(), reqwest::Error> {
/// let http = reqwest_sigv4::client_builder()
///     .timeout(Duration::from_secs(29))
///     .build()?;
/// # Ok(())
/// # }
/// ```
pub fn client_builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(Policy::none())
        .referer(false)
}
