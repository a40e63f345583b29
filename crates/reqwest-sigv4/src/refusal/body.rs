//! The body of an error response: read up to a limit, and put back.

use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use reqwest::{Body, Response, ResponseBuilderExt, Url};

/// Longer bodies are not from API Gateway itself.
const LONGEST: usize = 64 * 1024;

type Data = <Body as http_body::Body>::Data;

/// What was read of a body.
pub(super) enum Read {
    /// The whole body.
    Whole(Vec<u8>),
    /// The start of a body that is longer than a refusal.
    Long(Vec<u8>, Body),
    /// The start of a body that broke off.
    Broken(Vec<u8>, Option<reqwest::Error>),
}

impl Read {
    async fn of(mut body: Body) -> Self {
        let mut bytes = Vec::new();
        while let Some(frame) = body.frame().await {
            match frame.map(Frame::into_data) {
                Ok(Ok(data)) => bytes.extend_from_slice(&data),
                Ok(Err(_trailers)) => {}
                Err(error) => return Self::Broken(bytes, Some(error)),
            }
            if bytes.len() > LONGEST {
                return Self::Long(bytes, body);
            }
        }
        Self::Whole(bytes)
    }

    fn into_body(self) -> Body {
        match self {
            Self::Whole(bytes) => Body::from(bytes),
            Self::Long(bytes, body) => Body::wrap(Rejoined {
                read: Some(Data::from(bytes)),
                rest: Rest::More(body),
            }),
            Self::Broken(bytes, error) => Body::wrap(Rejoined {
                read: Some(Data::from(bytes)),
                rest: Rest::Failure(error),
            }),
        }
    }
}

/// Returns whether a body of this declared length may be a refusal.
pub(super) fn is_short(length: u64) -> bool {
    usize::try_from(length).is_ok_and(|length| length <= LONGEST)
}

/// A response whose body was read, as far as a refusal can be long.
pub(super) struct Opened {
    pub(super) parts: http::response::Parts,
    pub(super) body: Read,
    url: Url,
}

impl Opened {
    pub(super) async fn read(response: Response) -> Self {
        let url = response.url().clone();
        let (parts, body) = http::Response::<Body>::from(response).into_parts();
        let body = Read::of(body).await;
        Self { parts, body, url }
    }

    /// Returns the response with its body still readable.
    pub(super) fn close(mut self) -> Response {
        // the URL of a response is in an extension that only reqwest can create
        if let Ok(carrier) = http::Response::builder().url(self.url).body(()) {
            self.parts
                .extensions
                .extend(carrier.into_parts().0.extensions);
        }
        let body = self.body.into_body();
        Response::from(http::Response::from_parts(self.parts, body))
    }
}

/// A body whose start was already read.
struct Rejoined {
    read: Option<Data>,
    rest: Rest,
}

enum Rest {
    More(Body),
    Failure(Option<reqwest::Error>),
}

impl http_body::Body for Rejoined {
    type Data = Data;
    type Error = reqwest::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Data>, reqwest::Error>>> {
        if let Some(read) = self.read.take().filter(|read| !read.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(read))));
        }
        match &mut self.rest {
            Rest::More(body) => Pin::new(body).poll_frame(context),
            Rest::Failure(error) => Poll::Ready(error.take().map(Err)),
        }
    }

    fn size_hint(&self) -> SizeHint {
        let read = self.read.as_ref().map_or(0, |read| read.len() as u64);
        let mut hint = match &self.rest {
            Rest::More(body) => http_body::Body::size_hint(body),
            Rest::Failure(_) => return SizeHint::default(),
        };
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper.saturating_add(read));
        }
        hint.set_lower(hint.lower().saturating_add(read));
        hint
    }
}
