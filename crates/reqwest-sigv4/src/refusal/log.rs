//! Refusals in the log: one event for each cause and minute.

use std::collections::HashMap;
use std::mem::Discriminant;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::{Refusal, RefusalReason};

/// The shortest time between two events of one cause.
const INTERVAL: Duration = Duration::from_secs(60);

/// The most causes that are remembered. Refusals of further hosts share one event for each reason.
const MOST: usize = 256;

/// The refusals that the clones of one signer have reported.
#[derive(Debug, Default)]
pub(crate) struct RefusalLog {
    causes: Mutex<HashMap<Cause, Reported>>,
}

/// What counts as one cause: a reason, at a host.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Cause {
    reason: Discriminant<RefusalReason>,
    host: String,
}

#[derive(Debug)]
struct Reported {
    at: SystemTime,
    /// How many were not reported since then.
    suppressed: u64,
}

impl RefusalLog {
    /// Emits an event, unless this cause was reported less than [`INTERVAL`] ago.
    pub(crate) fn add(&self, refusal: &Refusal, host: &str, now: SystemTime) {
        let Some(suppressed) = self.admit(refusal.reason(), host, now) else {
            return;
        };
        tracing::warn!(
            target: "reqwest_sigv4::refusal",
            host,
            status = refusal.status().as_u16(),
            suppressed,
            "the request was refused: {refusal}"
        );
    }

    /// Returns how many refusals of this cause were suppressed before this one, or `None` to suppress this one too.
    fn admit(&self, reason: &RefusalReason, host: &str, now: SystemTime) -> Option<u64> {
        // a clock that was set back does not silence the log
        let is_due = |at| {
            now.duration_since(at)
                .map_or(true, |since| since >= INTERVAL)
        };
        let mut cause = Cause {
            reason: std::mem::discriminant(reason),
            host: host.to_owned(),
        };
        let mut causes = self.causes.lock().unwrap_or_else(PoisonError::into_inner);
        if causes.len() >= MOST && !causes.contains_key(&cause) {
            causes.retain(|_, reported| !is_due(reported.at));
            if causes.len() >= MOST {
                cause.host.clear();
            }
        }
        match causes.get_mut(&cause) {
            Some(reported) if !is_due(reported.at) => {
                reported.suppressed += 1;
                None
            }
            _ => {
                let reported = Reported {
                    at: now,
                    suppressed: 0,
                };
                Some(
                    causes
                        .insert(cause, reported)
                        .map_or(0, |last| last.suppressed),
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_348_800)
    }

    #[test]
    fn a_cause_is_reported_once_a_minute_with_the_number_of_suppressed_ones() {
        let log = RefusalLog::default();
        let admit = |seconds| {
            log.admit(
                &RefusalReason::Forbidden,
                "a",
                noon() + Duration::from_secs(seconds),
            )
        };
        assert_eq!(admit(0), Some(0));
        assert_eq!(admit(1), None);
        assert_eq!(admit(59), None);
        assert_eq!(admit(60), Some(2));
        assert_eq!(admit(120), Some(0));
    }

    #[test]
    fn other_reasons_and_hosts_are_other_causes() {
        let log = RefusalLog::default();
        assert_eq!(log.admit(&RefusalReason::Forbidden, "a", noon()), Some(0));
        assert_eq!(log.admit(&RefusalReason::Throttled, "a", noon()), Some(0));
        assert_eq!(log.admit(&RefusalReason::Forbidden, "b", noon()), Some(0));
        assert_eq!(log.admit(&RefusalReason::Forbidden, "b", noon()), None);
    }

    #[test]
    fn details_of_a_reason_are_no_other_cause() {
        let log = RefusalLog::default();
        let expired = |time: &str| RefusalReason::SignatureExpired {
            server_time: Some(time.to_owned()),
        };
        assert_eq!(
            log.admit(&expired("20261122T120000Z"), "a", noon()),
            Some(0)
        );
        assert_eq!(log.admit(&expired("20261122T120001Z"), "a", noon()), None);
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_silence_the_log() {
        let log = RefusalLog::default();
        assert_eq!(log.admit(&RefusalReason::Forbidden, "a", noon()), Some(0));
        let earlier = noon() - Duration::from_secs(3600);
        assert_eq!(log.admit(&RefusalReason::Forbidden, "a", earlier), Some(0));
    }

    #[test]
    fn many_hosts_do_not_fill_the_memory_or_the_log() {
        let log = RefusalLog::default();
        let events = (0..10_000)
            .filter_map(|n| log.admit(&RefusalReason::Forbidden, &n.to_string(), noon()))
            .count();
        assert_eq!(events, MOST + 1);
        assert_eq!(log.causes.lock().unwrap().len(), MOST + 1);
        let later = noon() + INTERVAL;
        assert_eq!(log.admit(&RefusalReason::Forbidden, "new", later), Some(0));
        assert_eq!(log.causes.lock().unwrap().len(), 1);
    }
}
