//! The log of exchanges.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::server::request::Exchange;

/// A function that is called for every exchange.
pub(crate) type Listener = Arc<dyn Fn(&Exchange) + Send + Sync>;

/// The most recent exchanges, oldest first.
pub(crate) struct Log {
    exchanges: Mutex<VecDeque<Exchange>>,
    keep: usize,
    listener: Option<Listener>,
}

impl Log {
    pub(crate) fn new(keep: usize, listener: Option<Listener>) -> Self {
        Self {
            exchanges: Mutex::default(),
            keep,
            listener,
        }
    }

    pub(crate) fn add(&self, exchange: Exchange) {
        if let Some(listener) = &self.listener {
            listener(&exchange);
        }
        let mut exchanges = self
            .exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        exchanges.push_back(exchange);
        if exchanges.len() > self.keep {
            exchanges.pop_front();
        }
    }

    pub(crate) fn all(&self) -> Vec<Exchange> {
        let exchanges = self
            .exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        exchanges.iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        self.exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log")
            .field("keep", &self.keep)
            .finish_non_exhaustive()
    }
}
