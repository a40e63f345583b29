//! The retry quota shared by all requests of a client.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use reqwest_sigv4::Transience;

const CAPACITY: u32 = 500;

/// The cost of a retry, in tokens.
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

/// A token bucket that stops retries when most requests fail. Atomic, so that requests do not wait for a lock.
#[derive(Debug)]
pub(super) struct Tokens(AtomicU32);

impl Tokens {
    pub(super) fn new() -> Self {
        Self(AtomicU32::new(CAPACITY))
    }

    /// Takes the cost of a retry. Returns `false` if there are not enough tokens.
    pub(super) fn pay(&self, Cost(cost): Cost) -> bool {
        let pay = |tokens: u32| tokens.checked_sub(cost);
        self.0.fetch_update(Relaxed, Relaxed, pay).is_ok()
    }

    /// Returns the tokens of a retry that succeeded.
    pub(super) fn refund(&self, Cost(cost): Cost) {
        self.add(cost);
    }

    /// Adds a token after a request that succeeded without retries.
    pub(super) fn reward(&self) {
        self.add(1);
    }

    fn add(&self, more: u32) {
        // does not write to a full bucket, which is the usual case
        let add = |tokens: u32| (tokens < CAPACITY).then(|| CAPACITY.min(tokens + more));
        let _full = self.0.fetch_update(Relaxed, Relaxed, add);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_stay_between_zero_and_the_capacity() {
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
