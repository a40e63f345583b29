//! The same for `http::Request`, for those who are not on reqwest.

use std::mem;
use std::time::Duration;

use http::Uri;

use crate::address::Address;
use crate::body::{UNSIGNED_PAYLOAD, hex, sha256};
use crate::presign::check_expiry;
use crate::{Error, Payload, SignOptions, Signer, query};

impl Signer {
    /// [`sign`](Self::sign) for an [`http::Request`] with its body in memory, sent by whatever client.
    ///
    /// The URI must be absolute. The client must send the path and query as they are, and the URI's host, without the scheme's own port, as `Host` or `:authority`.
    ///
    /// # Errors
    ///
    /// As [`sign`](Self::sign).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use reqwest_sigv4::{Credentials, SignOptions, Signer};
    ///
    /// let signer = Signer::builder()
    ///     .credentials(Credentials::new("AKIDEXAMPLE", "a secret", None, None, "example"))
    ///     .build()?;
    ///
    /// let mut request = http::Request::post("https://abc123.execute-api.eu-west-2.amazonaws.com/prod/orders")
    ///     .header("content-type", "application/json")
    ///     .body(r#"{"item":"tea"}"#)?;
    /// signer.sign_http(&mut request, &SignOptions::new()).await?;
    /// assert!(request.headers().contains_key("authorization"));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn sign_http<B: AsRef<[u8]>>(
        &self,
        request: &mut http::Request<B>,
        options: &SignOptions,
    ) -> Result<(), Error> {
        let inner = &*self.inner;
        let address = Address::of_uri(request.uri());
        let Some(plan) = inner.plan(address, request.headers_mut(), options)? else {
            return Ok(());
        };
        rewrite_query(request.uri_mut())?;
        let payload_hash = hash(request.body().as_ref(), plan.payload);
        let credentials = inner
            .credentials(options)
            .await
            .map_err(Error::Credentials)?;
        let skew = inner
            .skew
            .as_ref()
            .map(|skew| skew.get())
            .unwrap_or_default();
        let scope = inner.scope(&plan, skew.apply(inner.clock.now()));
        let mut headers = mem::take(request.headers_mut());
        let uri = request.uri();
        let target = plan.target(request.method(), uri.path(), uri.query(), &payload_hash);
        let signed = inner.seal(&target, &plan, &mut headers, &scope, &credentials);
        *request.headers_mut() = headers;
        signed.map(drop)
    }

    /// [`presign`](Self::presign) for an [`http::Request`], for example the handshake of a WebSocket client.
    ///
    /// # Errors
    ///
    /// As [`presign`](Self::presign).
    pub async fn presign_http<B: AsRef<[u8]>>(
        &self,
        request: &mut http::Request<B>,
        expires_in: Duration,
        options: &SignOptions,
    ) -> Result<(), Error> {
        check_expiry(expires_in)?;
        let address = Address::of_uri(request.uri());
        let Some(plan) = self.inner.plan(address, request.headers_mut(), options)? else {
            return Ok(());
        };
        rewrite_query(request.uri_mut())?;
        let payload_hash = hash(request.body().as_ref(), plan.payload);
        let uri = request.uri();
        let target = plan.target(request.method(), uri.path(), uri.query(), &payload_hash);
        let query = self
            .presigned_query(&target, &plan, request.headers(), expires_in, options)
            .await?;
        set_query(request.uri_mut(), Some(&query))
    }
}

fn hash(body: &[u8], payload: Payload) -> String {
    match payload {
        Payload::Unsigned => UNSIGNED_PAYLOAD.to_owned(),
        Payload::Precomputed(hash) => hex(&hash),
        Payload::Buffered | Payload::BytesOnly => sha256(body),
    }
}

fn rewrite_query(uri: &mut Uri) -> Result<(), Error> {
    match uri.query() {
        Some(query) => {
            let rewritten = query::rewrite(query)?;
            set_query(uri, rewritten.as_deref())
        }
        None => Ok(()),
    }
}

fn set_query(uri: &mut Uri, query: Option<&str>) -> Result<(), Error> {
    let path = uri.path();
    let path_and_query = match query {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    *uri = http::uri::Builder::from(uri.clone())
        .path_and_query(path_and_query)
        .build()
        .map_err(Error::Uri)?;
    Ok(())
}
