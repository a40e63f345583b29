//! Whether a failure may pass by itself.

use http::StatusCode;
use reqwest_sigv4::{Refusal, RefusalReason};

use super::{Cause, Error, ErrorKind};
use crate::RawResponse;

/// Why the same call may succeed a little later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transience {
    /// The service turned it away because there were too many.
    Throttled,
    /// Nothing was sent: no connection came about, or there were no credentials for the moment.
    NotSent,
    /// It broke off, or the service failed: the operation may have run.
    Unclear,
}

impl Transience {
    /// What a response that is no success tells.
    pub(crate) fn of_response(response: &RawResponse) -> Option<Self> {
        let refusal = Refusal::from_parts(response.status(), response.headers(), response.bytes());
        Self::of_refusal(response.status(), refusal.as_ref())
    }

    fn of_refusal(status: StatusCode, refusal: Option<&Refusal>) -> Option<Self> {
        match refusal.map(Refusal::reason) {
            Some(RefusalReason::Throttled) => Some(Self::Throttled),
            None if status == StatusCode::TOO_MANY_REQUESTS => Some(Self::Throttled),
            Some(RefusalReason::IntegrationTimeout) => Some(Self::Unclear),
            _ => matches!(status.as_u16(), 500 | 502 | 503 | 504).then_some(Self::Unclear),
        }
    }
}

impl<E> Error<E> {
    /// Whether, and why, the same call may succeed a little later.
    pub(crate) fn transience(&self) -> Option<Transience> {
        match (&self.0.cause, &self.0.response) {
            (Cause::Invalid(_), _) => None,
            (Cause::Elapsed(_), _) => Some(Transience::Unclear),
            (Cause::Sending(_), _) => self.transience_of_sending(),
            // the page of a failure may be long as well
            (Cause::TooLarge, Some(response)) => Transience::of_response(response),
            (Cause::Response | Cause::Decode(_), Some(response))
                if self.kind() != ErrorKind::Decode =>
            {
                Transience::of_refusal(response.status(), self.refusal())
            }
            (Cause::TooLarge | Cause::Response | Cause::Decode(_), _) => None,
        }
    }

    fn transience_of_sending(&self) -> Option<Transience> {
        if let Some(error) = self.signing_error() {
            return error.is_transient().then_some(Transience::NotSent);
        }
        match self.http_error()? {
            error if error.is_connect() => Some(Transience::NotSent),
            error if error.is_redirect() || error.is_builder() => None,
            _ => Some(Transience::Unclear),
        }
    }
}
