//! Faults on demand: what real networks and real gateways do now and then.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::StatusCode;
use serde_json::json;

use crate::clock::Skew;
use crate::refusal::Refusal;
use crate::server::response::Response;

/// Something that goes wrong.
///
/// On its own a fault strikes the next request, once; [`times`](Self::times), [`every`](Self::every) and
/// [`always`](Self::always) say otherwise. A refused request counts, too, and stays refused: of the faults below, only
/// those of the clock and the connection show on it.
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
    /// 429 `TooManyRequestsException`: worth another try later.
    Throttled,
    /// 429 `LimitExceededException`: the quota is used up, and trying again does not help.
    QuotaExceeded,
    /// 403 `ExpiredTokenException`, whatever the credentials.
    ExpiredToken,
    /// The gateway's clock, and with it `Date` and the window for signatures, is off.
    ClockSkew(Skew),
    /// A 5xx status with a JSON message: 502 for a failed integration, 504 for one that timed out.
    ServerError(StatusCode),
    /// A page of HTML with this status, as proxies in front of a gateway send.
    HtmlPage(StatusCode),
    /// The right status and headers, but no body.
    EmptyBody,
    /// The right answer under another `Content-Type`.
    ContentType(String),
    /// This response, instead of the right one.
    Answer(Response),
    /// The right answer, after a while.
    Slow(Duration),
    /// The connection closes in the middle of the body.
    CutBody,
    /// The connection is reset after the request was read, before any answer.
    Reset,
}

impl Fault {
    /// Strikes the next `count` requests.
    #[must_use]
    pub fn times(self, count: u64) -> FaultRule {
        FaultRule::new(self, Schedule::Next(count))
    }

    /// Strikes every `n`th request from now on, beginning with the `n`th.
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

    /// Strikes every request until the faults are cleared.
    #[must_use]
    pub fn always(self) -> FaultRule {
        self.every(1)
    }

    /// The gateway's time while this fault lasts.
    pub(crate) fn skew(&self) -> Option<Skew> {
        match self {
            Self::ClockSkew(skew) => Some(*skew),
            _ => None,
        }
    }

    /// The refusal of a request that was otherwise in order.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Throttled => Some(Refusal::throttled()),
            Self::QuotaExceeded => Some(Refusal::quota_exceeded()),
            Self::ExpiredToken => Some(Refusal::expired_token()),
            _ => None,
        }
    }

    /// The response in place of the right one.
    pub(crate) fn distort(&self, mut response: Response) -> Response {
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
            Self::Slow(delay) => Delivery::Late(*delay),
            Self::CutBody => Delivery::Cut,
            Self::Reset => Delivery::Reset,
            _ => Delivery::Whole,
        }
    }
}

/// How a response goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    Whole,
    Late(Duration),
    Cut,
    Reset,
}

/// A fault and when it strikes.
#[derive(Debug, Clone, PartialEq)]
pub struct FaultRule {
    fault: Fault,
    operation: Option<usize>,
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

    pub(crate) fn on(mut self, operation: usize) -> Self {
        self.operation = Some(operation);
        self
    }

    /// Counts one request that the rule is for, and says whether the fault strikes it.
    fn strikes(&mut self) -> bool {
        match &mut self.schedule {
            Schedule::Next(left) => {
                let strikes = *left > 0;
                *left = left.saturating_sub(1);
                strikes
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

/// The rules in force, in the order they were injected.
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

    /// The fault that strikes a request for this operation: that of the first rule that strikes.
    pub(crate) fn next(&self, operation: Option<usize>) -> Option<Fault> {
        let mut rules = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fault = rules
            .iter_mut()
            .filter(|rule| rule.operation.is_none() || rule.operation == operation)
            .find_map(|rule| rule.strikes().then(|| rule.fault.clone()));
        rules.retain(|rule| !rule.is_over());
        fault
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn struck(faults: &Faults, operation: Option<usize>, requests: usize) -> Vec<Option<Fault>> {
        (0..requests).map(|_| faults.next(operation)).collect()
    }

    #[test]
    fn a_fault_on_its_own_strikes_once() {
        let faults = Faults::default();
        faults.add(Fault::Throttled.into());
        assert_eq!(struck(&faults, None, 2), [Some(Fault::Throttled), None]);
    }

    #[test]
    fn every_third_request_is_struck() {
        let faults = Faults::default();
        faults.add(Fault::Reset.every(3));
        let pattern: Vec<bool> = struck(&faults, None, 7)
            .iter()
            .map(Option::is_some)
            .collect();
        assert_eq!(pattern, [false, false, true, false, false, true, false]);
    }

    #[test]
    fn a_rule_for_one_operation_leaves_the_others_alone() {
        let faults = Faults::default();
        faults.add(Fault::CutBody.times(1).on(7));
        assert_eq!(struck(&faults, Some(8), 1), [None]);
        assert_eq!(struck(&faults, None, 1), [None]);
        assert_eq!(struck(&faults, Some(7), 2), [Some(Fault::CutBody), None]);
    }

    #[test]
    fn rules_strike_in_the_order_they_were_injected() {
        let faults = Faults::default();
        faults.add(Fault::Throttled.times(1));
        faults.add(Fault::QuotaExceeded.times(1));
        assert_eq!(
            struck(&faults, None, 3),
            [Some(Fault::Throttled), Some(Fault::QuotaExceeded), None]
        );
    }

    #[test]
    fn cleared_faults_strike_no_more() {
        let faults = Faults::default();
        faults.add(Fault::Reset.always());
        faults.clear();
        assert_eq!(struck(&faults, None, 1), [None]);
    }
}
