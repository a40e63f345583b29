//! From what happened to an error of the right kind.

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

    pub(crate) fn elapsed(call: CallInfo, limit: Limit) -> Self {
        Self::without_body(ErrorKind::Timeout, call, Cause::Elapsed(limit), None)
    }

    /// More arrived than may be in memory; `response` has the rest.
    pub(crate) fn too_large(call: CallInfo, response: Option<RawResponse>) -> Self {
        Self::without_body(ErrorKind::TooLarge, call, Cause::TooLarge, response)
    }

    /// Sending failed, or receiving after the head had arrived as `response`.
    pub(crate) fn sending(
        call: CallInfo,
        error: reqwest_middleware::Error,
        response: Option<RawResponse>,
    ) -> Self {
        let error = error.without_url(); // an error while the body arrives has not passed through `Attempt`
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

    /// The body of a success did not decode.
    pub(crate) fn decode(call: CallInfo, error: DecodeError, response: RawResponse) -> Self {
        let kind = match error.is_undocumented_status() {
            true => ErrorKind::Undocumented,
            false => ErrorKind::Decode,
        };
        Self::without_body(kind, call, Cause::Decode(error), Some(response))
    }
}

impl<E> Error<E> {
    /// A response that is no success, with what its body decodes to.
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
            Some(refusal) => refused(refusal, body.is_ok()),
            None if response.status() == StatusCode::TOO_MANY_REQUESTS => ErrorKind::Throttled,
            None if body.is_ok() => ErrorKind::Documented,
            None => ErrorKind::Undocumented,
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

fn refused(refusal: &Refusal, documented: bool) -> ErrorKind {
    // without the header, and apart from these statuses, the service behind the gateway may have said the very same
    let certain =
        refusal.error_type().is_some() || matches!(refusal.status().as_u16(), 401 | 403 | 429);
    match refusal.reason() {
        RefusalReason::Throttled => ErrorKind::Throttled,
        _ if documented && !certain => ErrorKind::Documented,
        RefusalReason::IntegrationTimeout => ErrorKind::Timeout,
        // it did let the request through
        RefusalReason::IntegrationFailure => ErrorKind::Undocumented,
        _ => ErrorKind::Refused,
    }
}
