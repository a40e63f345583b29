//! What the signer needs of a request, whichever crate's type it is.

use http::{HeaderMap, Method};
use reqwest::Request;

use crate::Error;
use crate::sign::address::Address;
use crate::sign::payload::{self, Payload};

/// A request that can be signed in place.
pub(crate) trait Signable {
    /// `None` if its URL has no host.
    fn address(&self) -> Option<Address>;
    fn method(&self) -> &Method;
    fn path(&self) -> &str;
    fn query(&self) -> Option<&str>;
    fn set_query(&mut self, query: Option<&str>) -> Result<(), Error>;
    fn headers(&self) -> &HeaderMap;
    fn headers_mut(&mut self) -> &mut HeaderMap;

    /// The payload hash as the canonical request contains it. A stream may be replaced by its bytes,
    /// up to `limit` of them.
    async fn payload_hash(&mut self, payload: Payload, limit: usize) -> Result<String, Error>;
}

impl Signable for Request {
    fn address(&self) -> Option<Address> {
        Address::of_url(self.url())
    }

    fn method(&self) -> &Method {
        self.method()
    }

    fn path(&self) -> &str {
        self.url().path()
    }

    fn query(&self) -> Option<&str> {
        self.url().query()
    }

    fn set_query(&mut self, query: Option<&str>) -> Result<(), Error> {
        self.url_mut().set_query(query);
        Ok(())
    }

    fn headers(&self) -> &HeaderMap {
        self.headers()
    }

    fn headers_mut(&mut self) -> &mut HeaderMap {
        self.headers_mut()
    }

    async fn payload_hash(&mut self, payload: Payload, limit: usize) -> Result<String, Error> {
        payload::hash(self, payload, limit).await
    }
}

impl<B: AsRef<[u8]>> Signable for http::Request<B> {
    fn address(&self) -> Option<Address> {
        Address::of_uri(self.uri())
    }

    fn method(&self) -> &Method {
        self.method()
    }

    fn path(&self) -> &str {
        self.uri().path()
    }

    fn query(&self) -> Option<&str> {
        self.uri().query()
    }

    fn set_query(&mut self, query: Option<&str>) -> Result<(), Error> {
        let path = self.uri().path();
        let path_and_query = match query {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        };
        *self.uri_mut() = http::uri::Builder::from(self.uri().clone())
            .path_and_query(path_and_query)
            .build()
            .map_err(Error::Uri)?;
        Ok(())
    }

    fn headers(&self) -> &HeaderMap {
        self.headers()
    }

    fn headers_mut(&mut self) -> &mut HeaderMap {
        self.headers_mut()
    }

    async fn payload_hash(&mut self, payload: Payload, _limit: usize) -> Result<String, Error> {
        Ok(payload::hash_bytes(self.body().as_ref(), payload))
    }
}
