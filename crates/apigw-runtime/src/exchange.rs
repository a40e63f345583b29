//! The one place that sends.

use bytes::Bytes;
use http::StatusCode;
use reqwest::Response;
use tracing::Instrument as _;
use tracing::field::Empty;

use crate::{AnyBody, ByteStream, Call, Error, FromResponse, RawResponse, ResponseValue};

impl Call {
    /// Signs and sends the request, and decodes the response: a status of 200–299 as `T`, any other as `E`.
    ///
    /// # Errors
    ///
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn send<T: FromResponse, E: FromResponse>(
        &self,
    ) -> Result<ResponseValue<T>, Error<E>> {
        let response = self.traced(self.exchange()).await.map_err(Error::cast)?;
        if !self.is_success(response.status()) {
            let body = E::from_response(&response);
            return Err(Error::response(self.info(), response, body));
        }
        match T::from_response(&response) {
            Ok(value) => Ok(ResponseValue::new(value, response)),
            Err(error) => Err(Error::decode(self.info(), error, response).cast()),
        }
    }

    /// As [`send`](Self::send), for a path whose bodies nobody has described.
    ///
    /// # Errors
    ///
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn send_untyped(&self) -> Result<ResponseValue<AnyBody>, Error> {
        self.send().await
    }

    /// As [`send`](Self::send), and hands out the body of a success piece by piece while it arrives.
    ///
    /// The time limit covers everything up to the head of the response; the body may take as long as pieces keep coming.
    ///
    /// # Errors
    ///
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn send_stream<E: FromResponse>(
        &self,
    ) -> Result<ResponseValue<ByteStream>, Error<E>> {
        let opened = tokio::time::timeout(self.limit(), self.traced(self.open()));
        let Ok(opened) = opened.await else {
            return Err(Error::elapsed(self.info()).cast());
        };
        match opened.map_err(Error::cast)? {
            Opened::Success(response) => {
                let head = RawResponse::head(&response);
                let stream = ByteStream::new(response, self.info());
                Ok(ResponseValue::new(stream, head))
            }
            Opened::Failure(response) => {
                let body = E::from_response(&response);
                Err(Error::response(self.info(), response, body))
            }
        }
    }

    /// One request, and its whole response.
    async fn exchange(&self) -> Result<RawResponse, Error> {
        let response = self
            .start(|request| *request.timeout_mut() = Some(self.limit()))
            .await?;
        self.buffer(response).await
    }

    /// One request, and its response as far as the head, or as a whole if it is a failure.
    async fn open(&self) -> Result<Opened, Error> {
        let response = self.start(|_| {}).await?;
        match self.is_success(response.status()) {
            true => Ok(Opened::Success(response)),
            false => self.buffer(response).await.map(Opened::Failure),
        }
    }

    async fn start(&self, adjust: impl FnOnce(&mut reqwest::Request)) -> Result<Response, Error> {
        let (mut request, mut extensions) = self
            .request()
            .map_err(|error| Error::invalid(self.info(), error))?;
        adjust(&mut request);
        let http = &self.client().inner().http;
        http.execute_with_extensions(request, &mut extensions)
            .await
            .map_err(|error| Error::sending(self.info(), error, None))
    }

    /// The whole body; if it is cut short, an error with what did arrive.
    async fn buffer(&self, mut response: Response) -> Result<RawResponse, Error> {
        let head = RawResponse::head(&response);
        let mut chunks: Vec<Bytes> = Vec::new();
        let cut = loop {
            match response.chunk().await {
                Ok(Some(chunk)) => chunks.push(chunk),
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        let bytes = match chunks.len() {
            1 => chunks.swap_remove(0),
            _ => chunks.concat().into(),
        };
        let response = head.with_bytes(bytes);
        match cut {
            None => Ok(response),
            Some(error) => Err(Error::sending(self.info(), error.into(), Some(response))),
        }
    }

    /// One span for the call, with OpenTelemetry's names for HTTP clients.
    async fn traced<T: Head>(
        &self,
        exchange: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let info = self.info();
        let endpoint = &self.client().inner().endpoint;
        let span = tracing::info_span!(
            "apigw.call",
            otel.name = %format_args!("{} {}", info.method, info.path),
            otel.kind = "client",
            code.function.name = info.operation,
            http.request.method = %info.method,
            url.template = %info.path,
            server.address = endpoint.host_str(),
            server.port = endpoint.port_or_known_default(),
            http.response.status_code = Empty,
            aws.request_id = Empty,
            error.type = Empty,
        );
        let result = exchange.instrument(span.clone()).await;
        let (status, request_id) = match &result {
            Ok(response) => (Some(response.status()), response.request_id()),
            Err(error) => {
                span.record("error.type", tracing::field::debug(error.kind()));
                (error.status(), error.request_id())
            }
        };
        if let Some(status) = status {
            span.record("http.response.status_code", status.as_u16());
            if !self.is_success(status) && result.is_ok() {
                span.record("error.type", status.as_str());
            }
        }
        if let Some(id) = request_id {
            span.record("aws.request_id", id);
        }
        result
    }
}

enum Opened {
    Success(Response),
    Failure(RawResponse),
}

/// What a span tells about a response.
trait Head {
    fn status(&self) -> StatusCode;
    fn request_id(&self) -> Option<&str>;
}

impl Head for RawResponse {
    fn status(&self) -> StatusCode {
        self.status()
    }

    fn request_id(&self) -> Option<&str> {
        self.request_id()
    }
}

impl Head for Opened {
    fn status(&self) -> StatusCode {
        match self {
            Self::Success(response) => response.status(),
            Self::Failure(response) => response.status(),
        }
    }

    fn request_id(&self) -> Option<&str> {
        match self {
            Self::Success(response) => crate::response::request_id(response.headers()),
            Self::Failure(response) => response.request_id(),
        }
    }
}
