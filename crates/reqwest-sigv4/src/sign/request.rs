//! The requests that can be signed: `reqwest::Request` and `http::Request`.

use std::future::{Future, ready};

use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, Method};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use reqwest::{Body, Request};

use super::address::Address;
use crate::Error;

/// A request, as signing reads and changes it.
pub(crate) trait SignableRequest {
    /// `None` if the request does not name a host.
    fn address(&self) -> Option<Address>;

    fn method(&self) -> &Method;

    /// The path as it will be sent.
    fn path(&self) -> &str;

    fn query(&self) -> Option<&str>;

    fn set_query(&mut self, query: Option<&str>) -> Result<(), Error>;

    fn headers(&self) -> &HeaderMap;

    fn headers_mut(&mut self) -> &mut HeaderMap;

    /// Reads a streaming body of up to `limit` bytes into memory. Without a limit, a streaming body is an error.
    fn buffer_body(
        &mut self,
        limit: Option<usize>,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// The body in memory; empty for a streaming body.
    fn body(&self) -> &[u8];
}

impl SignableRequest for Request {
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
        if self.url().query() != query {
            self.url_mut().set_query(query);
        }
        Ok(())
    }

    fn headers(&self) -> &HeaderMap {
        self.headers()
    }

    fn headers_mut(&mut self) -> &mut HeaderMap {
        self.headers_mut()
    }

    async fn buffer_body(&mut self, limit: Option<usize>) -> Result<(), Error> {
        let is_stream = self.body().is_some_and(|body| body.as_bytes().is_none());
        if !is_stream {
            return Ok(());
        }
        let limit = limit.ok_or(Error::BodyIsStream)?;
        let stream = self.body_mut().take().unwrap_or_default();
        let collected = Limited::new(stream, limit).collect().await;
        let bytes = collected.map_err(|error| {
            if error.is::<LengthLimitError>() {
                Error::BodyTooLarge { limit }
            } else {
                Error::Body(error)
            }
        })?;
        *self.body_mut() = Some(Body::from(bytes.to_bytes()));
        // the HTTP client sets the length of the buffered bytes
        self.headers_mut().remove(CONTENT_LENGTH);
        self.headers_mut().remove(TRANSFER_ENCODING);
        Ok(())
    }

    fn body(&self) -> &[u8] {
        self.body().and_then(Body::as_bytes).unwrap_or_default()
    }
}

impl<B: AsRef<[u8]>> SignableRequest for http::Request<B> {
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

    fn buffer_body(
        &mut self,
        _limit: Option<usize>,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        ready(Ok(()))
    }

    fn body(&self) -> &[u8] {
        self.body().as_ref()
    }
}
