//! Creates errors and determines their kinds.

use http::StatusCode;
use reqwest_sigv4::{Refusal, RefusalReason};

use super::{CallInfo, Cause, Error, ErrorKind, Inner, Limit, find_http};
use crate::call::invalid::InvalidRequest;
use crate::{DecodeError, RawResponse};

impl Error {
    fn without_body(
        kind: ErrorKind,
        call: CallInfo,
        cause: Cause,
        response: Option<RawResponse>,
    ) -> Self {
        Self(Box::new(Inner {
            kind,
            call,
            cause,
            response,
            refusal: None,
            body: None,
        }))
    }

    pub(crate) fn invalid(call: CallInfo, error: InvalidRequest) -> Self {
        Self::without_body(ErrorKind::InvalidRequest, call, Cause::Invalid(error), None)
    }

    #[cfg(feature = "test")]
    pub(crate) fn mocked(call: CallInfo, kind: ErrorKind) -> Self {
        Self::without_body(kind, call, Cause::Mocked, None)
    }

    /// A timeout has elapsed. `response` contains the headers, if they were received.
    pub(crate) fn elapsed(call: CallInfo, limit: Limit, response: Option<RawResponse>) -> Self {
        Self::without_body(ErrorKind::Timeout, call, Cause::Elapsed(limit), response)
    }

    /// The body is longer than the limit. `response` contains the bytes that were read.
    pub(crate) fn too_large(call: CallInfo, response: Option<RawResponse>) -> Self {
        Self::without_body(ErrorKind::TooLarge, call, Cause::TooLarge, response)
    }

    /// Sending the request failed, or receiving the body of `response`.
    pub(crate) fn sending(
        call: CallInfo,
        error: reqwest_middleware::Error,
        response: Option<RawResponse>,
    ) -> Self {
        let error = error.without_url(); // errors while reading the body do not pass through `RedactUrl`
        let kind = if reqwest_sigv4::Error::find(&error).is_some() {
            ErrorKind::Signing
        } else {
            match find_http(&error) {
                Some(http) if http.is_timeout() && !http.is_connect() => ErrorKind::Timeout,
                Some(_) => ErrorKind::Connection,
                None => ErrorKind::Middleware,
            }
        };
        Self::without_body(kind, call, Cause::Sending(error), response)
    }

    /// Decoding the body of a successful response failed.
    pub(crate) fn decode(call: CallInfo, error: DecodeError, response: RawResponse) -> Self {
        let kind = match error.is_undocumented_status() {
            true => ErrorKind::Undocumented,
            false => ErrorKind::Decode,
        };
        Self::without_body(kind, call, Cause::Decode(error), Some(response))
    }
}

impl<E> Error<E> {
    /// An error response and its decoded body.
    pub(crate) fn response(
        call: CallInfo,
        response: RawResponse,
        body: Result<E, DecodeError>,
    ) -> Self {
        let refusal = Refusal::from_parts(response.status(), response.headers(), response.bytes());
        let refusal = match response.signed() {
            Some(signed) => refusal.map(|refusal| refusal.compared_with(signed)),
            None => refusal,
        };
        let kind = match &refusal {
            Some(refusal) => refusal_kind(refusal, body.is_ok()),
            None => status_kind(response.status()),
        };
        let (body, cause) = match body {
            Ok(body) => (Some(body), Cause::Response),
            Err(error) if error.is_undocumented_status() => (None, Cause::Response),
            Err(error) => (None, Cause::Decode(error)),
        };
        Self(Box::new(Inner {
            kind,
            call,
            cause,
            response: Some(response),
            refusal,
            body,
        }))
    }
}

fn refusal_kind(refusal: &Refusal, documented: bool) -> ErrorKind {
    // without the header, and with other statuses, the response may come from the backend
    let certain =
        refusal.error_type().is_some() || matches!(refusal.status().as_u16(), 401 | 403 | 429);
    match refusal.reason() {
        RefusalReason::Throttled => ErrorKind::Throttled,
        _ if documented && !certain => status_kind(refusal.status()),
        RefusalReason::IntegrationTimeout => ErrorKind::Timeout,
        // API Gateway accepted the request, but the backend failed
        RefusalReason::IntegrationFailure => status_kind(refusal.status()),
        _ => ErrorKind::Refused,
    }
}

/// Returns the kind of a response of the service.
fn status_kind(status: StatusCode) -> ErrorKind {
    match status.as_u16() {
        404 | 410 => ErrorKind::NotFound,
        429 => ErrorKind::Throttled,
        400..=499 => ErrorKind::ClientError,
        500..=599 => ErrorKind::ServerError,
        _ => ErrorKind::Undocumented,
    }
}
