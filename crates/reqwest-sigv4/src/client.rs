//! An HTTP client that does not leak signatures.

use reqwest::redirect::Policy;

use crate::Error;

/// Creates a [`reqwest::Client`] for signed requests, with the settings of [`client_builder`].
///
/// # Errors
///
/// Returns [`Error::HttpClient`] if the TLS backend or the resolver cannot be initialised.
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

/// Returns a [`reqwest::ClientBuilder`] for signed requests. Add timeouts, proxies or certificates as needed.
///
/// The client does not follow redirects and does not send a `Referer`. reqwest's default policy would forward `x-amz-security-token`,
/// `x-api-key` and the body to any host that a redirect names, and keep a signature that is invalid even on the same host.
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
