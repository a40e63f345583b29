//! The quota of retries that all calls of a client share.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use reqwest_sigv4::Transience;

const CAPACITY: u32 = 500;

/// What one repetition takes, in tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cost(u32);

impl Cost {
    pub(super) fn of(why: Transience) -> Self {
        Self(match why {
            Transience::Throttled => 5,
            Transience::NotSent | Transience::Unclear => 14,
        })
    }
}

/// A bucket of tokens: when most calls fail, it is empty and nobody retries; one number, so that nobody waits for a lock.
#[derive(Debug)]
pub(super) struct Tokens(AtomicU32);

impl Tokens {
    pub(super) fn new() -> Self {
        Self(AtomicU32::new(CAPACITY))
    }

    /// Takes what a repetition costs, unless there is too little.
    pub(super) fn pay(&self, Cost(cost): Cost) -> bool {
        let pay = |tokens: u32| tokens.checked_sub(cost);
        self.0.fetch_update(Relaxed, Relaxed, pay).is_ok()
    }

    /// After a repetition that succeeded.
    pub(super) fn refund(&self, Cost(cost): Cost) {
        self.add(cost);
    }

    /// After a call that succeeded at once.
    pub(super) fn reward(&self) {
        self.add(1);
    }

    fn add(&self, more: u32) {
        // a full bucket, the usual case, is only read
        let add = |tokens: u32| (tokens < CAPACITY).then(|| CAPACITY.min(tokens + more));
        let _full = self.0.fetch_update(Relaxed, Relaxed, add);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_taken_than_there_is_and_no_more_kept_than_fits() {
        let tokens = Tokens::new();
        let cost = Cost::of(Transience::Throttled);
        assert_eq!((0..200).filter(|_| tokens.pay(cost)).count(), 100);
        for _ in 0..1000 {
            tokens.reward();
        }
        tokens.refund(cost);
        assert_eq!((0..200).filter(|_| tokens.pay(cost)).count(), 100);
    }
}
