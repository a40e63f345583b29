//! Injected faults: errors of networks and gateways.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::StatusCode;
use serde_json::json;

use crate::clock::Skew;
use crate::refusal::Refusal;
use crate::server::response::Response;

/// A fault to inject into a gateway.
///
/// By default, a fault affects the next request only; change this with [`times`](Self::times), [`every`](Self::every)
/// and [`always`](Self::always). Refused requests count as well. They stay refused: only faults of the clock and the
/// connection affect them.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), apigw_local::Error> {
/// use apigw_local::{Fault, LocalGateway};
///
/// let gateway = LocalGateway::builder().start().await?;
/// gateway.inject(Fault::Throttled.times(2));
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// 429 `TooManyRequestsException`. Clients can retry later.
    Throttled,
    /// 429 `LimitExceededException`. The quota is used up, so a retry fails as well.
    QuotaExceeded,
    /// 403 `ExpiredTokenException`, regardless of the credentials.
    ExpiredToken,
    /// The clock of the gateway is wrong. This affects `Date` and the expiry of signatures.
    ClockSkew(Skew),
    /// A 5xx status with a JSON message. 502 is a failed integration, 504 an integration timeout.
    ServerError(StatusCode),
    /// An HTML page with this status, as sent by proxies in front of a gateway.
    HtmlPage(StatusCode),
    /// The normal status and headers, but no body.
    EmptyBody,
    /// The normal response with another `Content-Type`.
    ContentType(String),
    /// This response instead of the normal one.
    Answer(Response),
    /// The normal response after a delay.
    Slow(Duration),
    /// The connection is closed in the middle of the response body.
    CutBody,
    /// The connection is reset after the request has been read, without a response.
    Reset,
}

impl Fault {
    /// Affects the next `count` requests.
    #[must_use]
    pub fn times(self, count: u64) -> FaultRule {
        FaultRule::new(self, Schedule::Next(count))
    }

    /// Affects every `n`th request from now on, starting with the `n`th. 0 is treated as 1.
    #[must_use]
    pub fn every(self, n: u64) -> FaultRule {
        FaultRule::new(
            self,
            Schedule::Every {
                n: n.max(1),
                seen: 0,
            },
        )
    }

    /// Affects every request until the faults are cleared.
    #[must_use]
    pub fn always(self) -> FaultRule {
        self.every(1)
    }

    /// Returns the clock skew of this fault.
    pub(crate) fn skew(&self) -> Option<Skew> {
        match self {
            Self::ClockSkew(skew) => Some(*skew),
            _ => None,
        }
    }

    /// Returns the refusal for a request that would otherwise be accepted.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Throttled => Some(Refusal::throttled()),
            Self::QuotaExceeded => Some(Refusal::quota_exceeded()),
            Self::ExpiredToken => Some(Refusal::expired_token()),
            _ => None,
        }
    }

    /// Replaces or changes the normal response.
    pub(crate) fn change(&self, mut response: Response) -> Response {
        match self {
            Self::ServerError(status) => {
                let message = match status.as_u16() {
                    503 => "Service Unavailable",
                    504 => "Endpoint request timed out",
                    _ => "Internal server error",
                };
                Response::json(*status, json!({ "message": message }))
            }
            Self::HtmlPage(status) => Response::bytes(
                *status,
                "text/html",
                format!(
                    "<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\n"
                ),
            ),
            Self::EmptyBody => {
                response.body.clear();
                response
            }
            Self::ContentType(content_type) => response.header("content-type", content_type),
            Self::Answer(other) => other.clone(),
            _ => response,
        }
    }

    pub(crate) fn delivery(&self) -> Delivery {
        match self {
            Self::Slow(delay) => Delivery::Delayed(*delay),
            Self::CutBody => Delivery::Cut,
            Self::Reset => Delivery::Reset,
            _ => Delivery::Normal,
        }
    }
}

/// How to send a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    Normal,
    Delayed(Duration),
    Cut,
    Reset,
}

/// A fault with the requests that it affects.
#[derive(Debug, Clone, PartialEq)]
pub struct FaultRule {
    fault: Fault,
    /// The route of the operation: `GET /orders`.
    operation: Option<String>,
    schedule: Schedule,
}

#[derive(Debug, Clone, PartialEq)]
enum Schedule {
    Next(u64),
    Every { n: u64, seen: u64 },
}

impl FaultRule {
    fn new(fault: Fault, schedule: Schedule) -> Self {
        Self {
            fault,
            operation: None,
            schedule,
        }
    }

    pub(crate) fn on(mut self, operation: String) -> Self {
        self.operation = Some(operation);
        self
    }

    /// Counts a request, and returns whether the fault affects it.
    fn count_request(&mut self) -> bool {
        match &mut self.schedule {
            Schedule::Next(left) => {
                let affected = *left > 0;
                *left = left.saturating_sub(1);
                affected
            }
            Schedule::Every { n, seen } => {
                *seen += 1;
                *seen % *n == 0
            }
        }
    }

    fn is_over(&self) -> bool {
        self.schedule == Schedule::Next(0)
    }
}

impl From<Fault> for FaultRule {
    fn from(fault: Fault) -> Self {
        fault.times(1)
    }
}

/// The active rules, in the order in which they were injected.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<FaultRule>>);

impl Faults {
    pub(crate) fn add(&self, rule: FaultRule) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(rule);
    }

    pub(crate) fn clear(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Counts a request to the operation with this route, and returns the fault of the first rule that affects it.
    pub(crate) fn next(&self, operation: Option<&str>) -> Option<Fault> {
        let mut rules = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fault = rules
            .iter_mut()
            .filter(|rule| rule.operation.is_none() || rule.operation.as_deref() == operation)
            .find_map(|rule| rule.count_request().then(|| rule.fault.clone()));
        rules.retain(|rule| !rule.is_over());
        fault
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next_faults(
        faults: &Faults,
        operation: Option<&str>,
        requests: usize,
    ) -> Vec<Option<Fault>> {
        (0..requests).map(|_| faults.next(operation)).collect()
    }

    #[test]
    fn by_default_a_fault_affects_one_request() {
        let faults = Faults::default();
        faults.add(Fault::Throttled.into());
        assert_eq!(
            next_faults(&faults, None, 2),
            [Some(Fault::Throttled), None]
        );
    }

    #[test]
    fn every_third_request_is_affected() {
        let faults = Faults::default();
        faults.add(Fault::Reset.every(3));
        let pattern: Vec<bool> = next_faults(&faults, None, 7)
            .iter()
            .map(Option::is_some)
            .collect();
        assert_eq!(pattern, [false, false, true, false, false, true, false]);
    }

    #[test]
    fn a_rule_for_one_operation_does_not_affect_others() {
        let faults = Faults::default();
        faults.add(Fault::CutBody.times(1).on("GET /7".to_owned()));
        assert_eq!(next_faults(&faults, Some("GET /8"), 1), [None]);
        assert_eq!(next_faults(&faults, None, 1), [None]);
        assert_eq!(
            next_faults(&faults, Some("GET /7"), 2),
            [Some(Fault::CutBody), None]
        );
    }

    #[test]
    fn rules_apply_in_the_order_of_injection() {
        let faults = Faults::default();
        faults.add(Fault::Throttled.times(1));
        faults.add(Fault::QuotaExceeded.times(1));
        assert_eq!(
            next_faults(&faults, None, 3),
            [Some(Fault::Throttled), Some(Fault::QuotaExceeded), None]
        );
    }

    #[test]
    fn cleared_faults_affect_no_request() {
        let faults = Faults::default();
        faults.add(Fault::Reset.always());
        faults.clear();
        assert_eq!(next_faults(&faults, None, 1), [None]);
    }
}
