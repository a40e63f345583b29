//! Whether a failure is transient.

use reqwest_sigv4::{Refusal, Transience};

use super::{Cause, Error, ErrorKind};
use crate::RawResponse;

/// Classifies an error response.
pub(crate) fn of_response(response: &RawResponse) -> Option<Transience> {
    let (status, headers) = (response.status(), response.headers());
    let refusal = Refusal::from_parts(status, headers, response.bytes());
    Transience::of_response(status, refusal.as_ref())
}

impl<E> Error<E> {
    /// Returns why a retry may succeed, or `None` if it would fail in the same way.
    pub(crate) fn transience(&self) -> Option<Transience> {
        match (&self.0.cause, &self.0.response) {
            (Cause::Invalid(_), _) => None,
            #[cfg(feature = "test")]
            (Cause::Mocked, _) => match self.kind() {
                ErrorKind::Throttled => Some(Transience::Throttled),
                ErrorKind::Timeout | ErrorKind::Connection | ErrorKind::ServerError => {
                    Some(Transience::Unclear)
                }
                _ => None,
            },
            (Cause::Elapsed(_), _) => Some(Transience::Unclear),
            (Cause::Sending(_), _) => self.transience_of_sending(),
            // an error response can exceed the limit as well
            (Cause::TooLarge, Some(response)) => of_response(response),
            (Cause::Response | Cause::Decode(_), Some(response))
                if self.kind() != ErrorKind::Decode =>
            {
                Transience::of_response(response.status(), self.refusal())
            }
            (Cause::TooLarge | Cause::Response | Cause::Decode(_), _) => None,
        }
    }

    fn transience_of_sending(&self) -> Option<Transience> {
        match self.signing_error() {
            Some(error) => Transience::of_signing(error),
            None => Transience::of_http(self.http_error()?),
        }
    }
}
